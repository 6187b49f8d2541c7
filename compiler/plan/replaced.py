"""Which fields of a running resource cannot be changed in place: the one rule for who decides and for who reviews.

Enters: two records of one resource, as a backend compares them or as a plan states them. Leaves: the names of the fields that
force it to be made anew. Called by the netns backend (`replaces`), and by `labc diff`, which has no running lab to ask. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

Fields = Mapping[str, Any]  # Any: JSON, by kind

# A veth pair is made with its names and both its ends in one request; a bridge cannot become a cable; a socket is opened
# inside one node. Everything else the kernel, nft or a file takes while it runs.
_FINAL: dict[str, tuple[str, ...]] = {
    "port": ("form", "interface", "node", "direct"),
    "segment": ("direct", "ends"),
    "service": ("node",),
}
_MOVED = "host"
WHY = {
    "form": "a port of one form cannot become one of another",
    "interface": "an interface keeps the name that it was made with",
    "node": "it cannot be handed to another node",
    "direct": "a cable and a bridge are made differently",
    "ends": "a cable keeps the two ends that it was made with",
    "segment": "a cable's end cannot be plugged elsewhere",
}


def final(kind: str, before: Fields, after: Fields) -> Collection[str]:
    """The fields that differ and cannot be changed in place, of those that `after` has.

    >>> sorted(final("port", {"interface": "a", "mtu": 1}, {"interface": "b", "mtu": 2}))
    ['interface']
    """
    names = _FINAL.get(kind, ())
    if kind == "port" and after.get("direct"):
        names = (*names, "segment")
    return {name for name in names if name in after and before.get(name) != after[name]}


def stated(kind: str, spec: Fields, is_cable: Callable[[str | None], bool] = lambda _: False) -> Fields:
    """The fields of a plan's spec under the names of `final`. `is_cable`: whether a segment of the plan is one cable.

    >>> stated("segment", {"direct": False, "mtu": 1500, "ends": []})
    {'direct': False}
    """
    if kind == "port" and spec["form"] == "port":
        segment = spec["segments"][0]["segment"] if spec["segments"] else None
        return {name: spec[name] for name in ("form", "interface", "node")} | {
            "segment": segment,
            "direct": is_cable(segment),
        }
    if kind == "segment":
        ends = sorted(map(tuple, spec["ends"]))
        return {"direct": True, "ends": ends} if spec["direct"] else {"direct": False}
    if kind == "port":
        return {name: spec[name] for name in ("form", "node")}
    return {name: spec[name] for name in _FINAL.get(kind, ()) if name in spec}


def moves(before: Fields, after: Fields) -> bool:
    """Whether two records of one resource lie on different hosts: nothing that runs moves to another host."""
    return bool(before.get(_MOVED) != after.get(_MOVED))
