"""Resources as packets see them: what of a record can decide a packet's fate.

Enters: the JSON of resources. Leaves: `Thing`s, and of each what must be equal for packets to fare equally. Called by `world.py` and
`radius.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from ..sides import Side


def base_of(identity: str, host: str) -> str:
    """`segment/dmz` of `segment/dmz@h1`, the part of a segment that lies on the host h1."""
    return identity.removesuffix(f"@{host}")


class On(Struct, frozen=True, gc=False):
    segment: str
    tag: int | None = None


class Spec(Struct, frozen=True, gc=False):
    """The members of all kinds' specs that matter here."""

    node: str = ""
    forward: bool = False
    bridge: bool = False
    mtu: int = 0
    interface: str = ""
    form: str = ""
    segments: tuple[On, ...] = ()
    over: tuple[str, ...] = ()
    vlan: int | None = None
    rate: int | None = None
    addresses: tuple[str, ...] = ()
    dhcp: bool = False
    prefix: str = ""
    via: tuple[str, ...] = ()
    metric: int = 0
    text: str = ""
    path: str | tuple[Any, ...] = ""  # a file's, or the cables that lead to an attachment
    template: str = ""
    service: str = ""
    fields: Any = None
    direct: bool = False
    device: str | None = None  # the real gear that the node is
    socket: str | None = None  # of it, the one that the port is


class Thing(Struct, frozen=True, gc=False):
    id: str
    kind: str
    backend: str
    spec: Spec
    host: str = "local"

    @property
    def facts(self) -> tuple[object, ...]:
        """Empty for what no packet notices: names, hosts, hardware addresses, what a service serves."""
        spec = self.spec
        if self.kind == "node":
            return spec.forward, spec.bridge, self.backend, spec.device
        if self.kind == "segment":
            return (spec.mtu,)
        if self.kind == "port":
            segments = tuple((base_of(on.segment, self.host), on.tag) for on in spec.segments)
            carried = spec.form, segments, spec.over, spec.vlan, spec.interface
            return (*carried, spec.mtu, spec.rate, spec.addresses, spec.dhcp, spec.socket)
        if self.kind == "route":
            return spec.node, spec.prefix, spec.via, spec.metric
        if self.kind in ("ruleset", "file"):
            return spec.node, spec.path, spec.text
        if self.kind == "tunnel":
            return ("tunnel",)
        if self.kind == "attachment":  # by which NIC and cables it goes, no packet can tell
            return tuple((base_of(on.segment, self.host), on.tag) for on in spec.segments)
        if self.kind == "service" and spec.service == "dhcp":
            return "dhcp", msgspec.json.encode(spec.fields, order="sorted")
        return ()


class _Plan(Struct):
    resources: list[Thing]


_PLAN = msgspec.json.Decoder(_Plan)
_THING = msgspec.json.Decoder(Thing)


def things_of(old: Side, new: Side) -> tuple[list[Thing], list[Thing]]:
    """All of both sides; what is equal byte by byte is read once."""
    read = _PLAN.decode(old.data).resources
    known = dict(zip(old.resources, read, strict=True))
    return read, [known.get(raw) or _THING.decode(raw) for raw in new.resources]


def noticed(pairs: Iterable[tuple[Any, Any]]) -> list[tuple[Thing | None, Thing | None]]:
    """Of records that differ, those in which packets can tell the difference."""
    found = ((_thing(before), _thing(after)) for before, after in pairs)
    return [(was, now) for was, now in found if (was.facts if was else ()) != (now.facts if now else ())]


def _thing(record: Any) -> Thing | None:
    return None if record is None else msgspec.convert(record, Thing)
