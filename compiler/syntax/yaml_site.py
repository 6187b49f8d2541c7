"""The sections of a site file in YAML: hosts, devices, switches, pools, and who draws from them.

Enters: keys and values that `yaml_walk.py` hands over. Leaves: statements of the syntax tree. Called through the table `SITE`.
"""

from __future__ import annotations

from collections.abc import Iterable

from .tree import (
    Assign,
    DeviceDecl,
    HostDecl,
    Literal,
    Name,
    Nic,
    Pool,
    Reference,
    SiteHeader,
    Socket,
    Statement,
    SwitchDecl,
    Uses,
)
from .yaml_lab import _set, assign, assign_text, endpoint, loops, section
from .yaml_nodes import Node, Scalar
from .yaml_walk import WORD, Table, Walk


def _site(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
    return [SiteHeader(walk.span(key, value), walk.name(value, "the site's name"))]


def _host(walk: Walk, name: Scalar, item: Node) -> Statement:
    _, body = walk.parts(item, "a host", (), HOST)
    return HostDecl(walk.span(name, item), walk.name(name), body)


def _nic(walk: Walk, name: Scalar, item: Node) -> Statement:
    _, body = walk.parts(item, "a NIC", (), NIC)
    return Nic(walk.span(name, item), walk.name(name), body)


def _device(walk: Walk, name: Scalar, item: Node) -> Statement:
    has, body = walk.parts(item, "a device", ("kind",), GEAR, short="kind")
    return DeviceDecl(walk.span(name, item), walk.name(name), walk.dotted(has.get("kind")), body)


def _switch(walk: Walk, name: Scalar, item: Node) -> Statement:
    _, body = walk.parts(item, "a switch", (), GEAR)
    return SwitchDecl(walk.span(name, item), walk.name(name), body)


def _socket(walk: Walk, name: Scalar, item: Node) -> Statement:
    has, body = walk.parts(item, "a port", ("cable",), SOCKET, short="cable")
    cable = endpoint(walk, has["cable"]) if "cable" in has else None
    return Socket(walk.span(name, item), walk.name(name), cable, body)


def _pool(walk: Walk, name: Scalar, item: Node) -> Statement:
    """`10000..19999`, or `{ranges: 10000..19999, except: 10100..10199}`."""
    has, _ = walk.parts(item, "a pool", ("ranges", "except"), {}, short="ranges")
    ranges = walk.some(walk.required(has, "ranges", item, "a pool"), "a pool")
    return Pool(walk.span(name, item), walk.name(name), ranges, walk.expressions(has.get("except")))


def _labs(walk: Walk, _key: Scalar, value: Node) -> Iterable[Statement]:
    """`labs: {firewall-change: {uses: {vni: 10000..10255}}}`."""
    for name, item in walk.named(value, "labs"):
        has, _ = walk.parts(item, "a lab's share", ("uses",), {})
        yield from _uses(walk, walk.name(name), walk.required(has, "uses", item, "a lab's share"))


def _instances(walk: Walk, _key: Scalar, value: Node) -> Iterable[Statement]:
    """`instances: {use: {vni: 20000..29999}}`."""
    has, _ = walk.parts(value, "`instances`", ("use",), {})
    yield from _uses(walk, None, walk.required(has, "use", value, "`instances`"))


def _uses(walk: Walk, lab: Name | None, node: Node) -> Iterable[Statement]:
    for pool, ranges in walk.named(node, "pools"):
        yield Uses(walk.span(pool, ranges), lab, walk.word(pool, "a pool"), walk.some(ranges, "a share"))


def _assign_host(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
    """`host: h1`: a name, as in .net."""
    name = walk.string(value)
    if isinstance(name, Literal) and isinstance(name.value, str) and WORD.fullmatch(name.value):
        return [Assign(walk.span(key, value), walk.name(key), Reference(name.span, name.value))]
    return [Assign(walk.span(key, value), walk.name(key), name)]


_VALUES: Table = {"set": section(_set, "values")}
_CAPACITY = ("cpu", "memory", "disk", "kvm")
NIC = loops({**dict.fromkeys(("speed", "address", "mtu", "overlay", "trunk"), assign), **_VALUES})
SOCKET = loops({**dict.fromkeys(("speed", "mtu", "trunk"), assign), **_VALUES})
HOST = loops({**dict.fromkeys(_CAPACITY, assign), "reach": assign_text, "nics": section(_nic, "NICs"), **_VALUES})
GEAR = loops(
    {
        **dict.fromkeys(("model", "driver", "reach"), assign_text),
        "host": _assign_host,
        "cuts": assign,
        "ports": section(_socket, "ports"),
        **_VALUES,
    }
)

SITE: Table = {
    "site": _site,
    "hosts": section(_host, "hosts"),
    "devices": section(_device, "devices"),
    "switches": section(_switch, "switches"),
    "pools": section(_pool, "pools"),
    "labs": _labs,
    "instances": _instances,
}
