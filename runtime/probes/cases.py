"""Test cases as the plan writes them (docs/plan.md), read into light records. Called by the probes' process.

Enters: a case's JSON. Raises CaseError for one that this version cannot read: it is reported as "could not run".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from .packets import Flags

Protocol = Literal["tcp", "udp", "icmp"]
Json = Mapping[str, Any]  # Any: JSON


class CaseError(Exception):
    """A case that cannot be run; its text is for people."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a probe stands. `node` bare (`web`), `port` the whole id, `place`: inside or beside."""

    node: str
    port: str
    interface: str
    address: str
    place: str

    def __str__(self) -> str:
        return f"{self.node} ({self.address})" if self.place == "inside" else f"beside {self.node} ({self.address})"


@dataclass(frozen=True, slots=True)
class Handed:
    """Whom a packet is handed to whatever the sender's routes say: the port it leaves by, and the neighbour's MAC."""

    interface: str
    mac: str


@dataclass(frozen=True, slots=True)
class Packet:
    """What is sent. `source_port` 0: a fresh ephemeral one; an echo's is its identifier. `address`: the destination as sent.
    `handed` None: routed. `flags` None: of TCP a SYN, else what belongs to no connection.
    """

    protocol: Protocol
    source_port: int
    port: int
    address: str
    handed: Handed | None = None
    flags: Flags | None = None

    @property
    def family(self) -> int:
        return 6 if ":" in self.address else 4

    def __str__(self) -> str:
        ports = "" if self.protocol == "icmp" else f"/{self.port}"
        source = f" from source port {self.source_port}" if self.source_port else ""
        return f"{self.protocol}{ports}{self.claim} to {self.address}{source}"

    @property
    def claim(self) -> str:
        """What a packet of no connection says of itself, for people; else empty."""
        return f" {self.flags.upper().replace('-', '+')} of no connection" if self.flags else ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A packet's way. `service`: the lab's service id that answers there; `application`: http, dns, …"""

    source: End
    target: End | None
    packet: Packet
    service: str | None = None
    application: str | None = None

    def __str__(self) -> str:
        return f"{self.source.node} → {self.target.node if self.target else self.packet.address}: {self.packet}"


def end(said: Json) -> End:
    if said.get("place") == "agent":
        raise CaseError(f"{said.get('node')} wants an agent inside a virtual machine, which this backend has not")
    return End(
        node=str(said["node"]).removeprefix("node/"),
        port=str(said.get("port") or ""),
        interface=str(said.get("interface") or ""),
        address=str(said["address"]).partition("/")[0],
        place=str(said.get("place") or "inside"),
    )


def packet(said: Json) -> Packet:
    if said["protocol"] not in ("tcp", "udp", "icmp"):
        raise CaseError(f"no probe speaks {said['protocol']!r}")
    flags = said.get("flags")
    if flags not in (None, "ack", "syn-ack"):
        raise CaseError(f"no probe sends tcp with {flags!r}")
    source_port, port = int(said.get("source_port") or 0), int(said.get("port") or 0)
    return Packet(said["protocol"], source_port, port, str(said["address"]), flags=flags)


def flow(said: Json, default_target: End | None = None) -> Flow:
    """A flow, a control, or an allow case: all spell it alike.

    A service answers in its node: where one is named, the receiver is the node, never a probe in its place.
    """
    target = end(said["to"]) if said.get("to") else default_target
    if target is not None and said.get("service"):
        target = replace(target, place="inside")
    return Flow(
        source=end(said["from"]),
        target=target,
        packet=packet(said["flow"]),
        service=said.get("service"),
        application=said.get("application"),
    )


def ends_in(said: object, *, answering: bool = True) -> Iterator[Json]:
    """All ENDs in a case, wherever they stand; without `answering`, only where a probe stands: no receiver whose node answers."""
    if isinstance(said, dict):
        if "place" in said and "node" in said:
            yield said
            return
        for key, value in said.items():
            if key != "packets" and (answering or key != "to" or not said.get("service")):
                yield from ends_in(value, answering=answering)
    elif isinstance(said, list):
        for value in said:
            yield from ends_in(value, answering=answering)
