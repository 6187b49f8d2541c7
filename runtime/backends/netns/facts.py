"""Facts: what the kernel says of an instance, read with one raw socket per namespace.

Runs inside. Leaves JSON; `observed.py` in the client gives it the plan's names. Nothing here knows a plan.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from . import kernel, namespaces, neighbours, netlink, nft, queueing, records, routing_rules, settings
from .addresses import ROUTELESS, Address, addresses
from .links import BRIDGE, LOOPBACK, Link, links
from .routes import Routes, routes

_MANY = 200  # nodes from which on a second process pays
_SHARE = 0.55  # of the nodes that it looks at; the first one has the fabric as well
_PIPE = 1 << 20  # bytes on their way between two processes: what the kernel allows everybody


class Sight(NamedTuple):
    """One look: the fabric's links, and the nodes by name, in parts that each process wrote as JSON."""

    fabric: list[dict[str, Any]]  # Any: JSON
    nodes: tuple[bytes, ...]


@dataclass(slots=True)
class Known:
    """Indexes and names as of the last look, kept up by what is made since."""

    fabric: dict[str, int] = field(default_factory=dict)
    nodes: dict[str, dict[str, int]] = field(default_factory=dict)
    highest: int = 63  # fallback devices of a new namespace (tunl0, sit0) take the first

    @classmethod
    def of(cls, sight: Sight) -> Known:
        known = cls()
        known.fabric = known._saw(sight.fabric)
        for part in sight.nodes:
            for name, node in orjson.loads(part).items():
                if node is not None:
                    known.nodes[name] = known._saw(node["links"])
        return known

    def next_index(self, count: int = 1) -> int:
        first = self.highest + 1
        self.highest += count
        return first

    def _saw(self, found: Iterable[Mapping[str, Any]]) -> dict[str, int]:
        indexes = {link["name"]: link["index"] for link in found}
        self.highest = max([self.highest, *indexes.values()])
        return indexes


def look() -> Sight:
    """Everything that there is now."""
    names = namespaces.nodes()
    share = int(len(names) * _SHARE) if len(names) >= _MANY and len(os.sched_getaffinity(0)) > 1 else 0
    other = _begun(names[:share]) if share else None
    with netlink.Socket() as fabric:
        found = [_link(link) for link in links(fabric, in_node=False) if link.index != LOOPBACK]
    ours = _looked(names[share:])
    return Sight(found, (_ended(other), ours) if other else (ours,))


def _begun(names: Sequence[str]) -> tuple[int, int]:
    """Look at these in a child, on another processor. Leaves its pid and where its answer is to be read."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, _PIPE)
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    status = 1
    try:
        with open(writer, "wb") as answer:
            answer.write(_looked(names))
        status = 0
    finally:
        os._exit(status)


def _ended(begun: tuple[int, int]) -> bytes:
    child, reader = begun
    with open(reader, "rb") as answer:
        data = answer.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise OSError("a process that looked at some of the nodes died")
    return data


def _looked(names: Sequence[str]) -> bytes:
    home = os.open(namespaces.FABRIC, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return orjson.dumps({name: _node(name) for name in names})
    finally:
        kernel.setns(home, kernel.CLONE_NEWNET)
        os.close(home)


def _node(name: str) -> dict[str, Any] | None:
    """None for a pin that pins nothing: its maker was killed, or somebody unmounted it."""
    there = namespaces.open_network(name)
    try:
        kernel.setns(there, kernel.CLONE_NEWNET)
        network = os.fstat(there).st_ino
    except OSError:
        return None
    finally:
        os.close(there)
    live = records.is_live(name)  # before that nobody can have added rules, neighbours and tables, nor written to files
    with netlink.Socket() as routing:
        found = links(routing)
        loopback = next(link for link in found if link.index == LOOPBACK)
        six = loopback.ipv6
        off = six and any(not link.ipv6 and (link.ours or link.name == BRIDGE) for link in found)
        ways = routes(routing, families(six=six))
        facts: dict[str, Any] = {
            "label": loopback.alias if loopback.up else "",
            "ipv6": settings.IN_PART if off else six,
            **settings.look(routing, families(six=six)),
            "bridge": any(link.name == BRIDGE and link.kind == "bridge" and link.up for link in found),
            "links": [_link(link) for link in found if link.index != LOOPBACK],
            "addresses": [[each.interface, _stated(each, ways), each.usable] for each in addresses(routing)],
            "routes": [[each.prefix, list(each.via), each.metric] for each in ways.told],
            "rules": routing_rules.look(routing, families(six=six)) if live else routing_rules.SOUND,
            "neighbours": neighbours.look(routing) if live else [],
            "rates": _rates(routing) if any(link.queueing == "tbf" for link in found) else {},
        }
    facts["network"] = network
    record = records.read(name)
    files = records.now(name, record)
    facts["etc"] = records.etc(files)
    called, written = records.called(name), facts["etc"]["hostname"]
    if called not in {None, written}:
        facts["etc"]["hostname"] = f"{called}, and {written} in its file"
    facts["files"] = {
        held["id"]: _file(path, files[path]) for path, held in record["files"].items() if held["id"] != f"node/{name}"
    }
    facts["rulesets"], facts["tables"] = nft.look(record["rulesets"], live=live)
    return facts


def _file(path: str, found: records.Record | None) -> dict[str, Any]:
    if found is None:
        return {"path": None}
    return {"path": path, "mode": f"{found['mode']:04o}", "text": records.keyed(found["text"])}


def _stated(address: Address, ways: Routes) -> str:
    return address.text if address.interface == LOOPBACK or ways.carry(address) else address.text + ROUTELESS


def _rates(routing: netlink.Socket) -> dict[str, int]:
    return {str(index): rate for index, rate in queueing.rates(routing).items()}


def families(*, six: bool) -> list[int]:
    return [socket.AF_INET, socket.AF_INET6] if six else [socket.AF_INET]


def _link(link: Link) -> dict[str, Any]:
    return link._asdict()
