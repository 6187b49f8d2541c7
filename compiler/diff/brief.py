"""What a resource is, in a few words: told of those that are new or gone.

Enters: a resource of a plan. Leaves: text, maybe empty. Called by `compare.py`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Record = dict[str, Any]  # Any: JSON, by kind


def brief(resource: Record) -> str:
    """`on segment/dmz, 10.10.0.1/24` of a port.

    >>> brief({"kind": "route", "spec": {"prefix": "0.0.0.0/0", "via": ["10.0.0.1"]}})
    'via 10.0.0.1'
    """
    tell = _TELL.get(resource["kind"])
    words = tell(resource["spec"]) if tell is not None else ""
    host = resource.get("host", "local")
    return ", ".join(part for part in (words, f"on host {host}" if host != "local" else "") if part)


def _port(spec: Record) -> str:
    segments = ", ".join(each["segment"].partition("/")[2] for each in spec["segments"])
    return ", ".join(part for part in (f"on {segments}" if segments else "", *spec["addresses"]) if part)


def _lines(spec: Record) -> str:
    count = len(spec["text"].splitlines())
    return f"{count} line{'s' * (count != 1)}"


def _tunnel(spec: Record) -> str:
    remotes = ", ".join(map(str, spec.get("remotes", ())))
    return f"VNI {spec.get('vni')}" + (f", to {remotes}" if remotes else "")


def _attachment(spec: Record) -> str:
    segments = ", ".join(each["segment"].partition("/")[2] for each in spec["segments"])
    return f"NIC {spec['nic']} on {segments}" + (f", VLAN {spec['vlan']} of the cabling" if spec["vlan"] else "")


def _patch(spec: Record) -> str:
    return f"VLAN {spec['vlan']} on {', '.join(each['name'] for each in spec['ports'])} of {spec['switch']}"


_TELL: dict[str, Callable[[Record], str]] = {
    "node": lambda spec: str(spec["kind"]),
    "segment": lambda spec: ("cable" if spec["direct"] else "bridge") + f", MTU {spec['mtu']}",
    "port": _port,
    "route": lambda spec: "via " + ", ".join(spec["via"]) if spec["via"] else "black hole",
    "ruleset": _lines,
    "file": _lines,
    "service": lambda spec: ", ".join(spec["listens"]),
    "tunnel": _tunnel,
    "attachment": _attachment,
    "patch": _patch,
}
