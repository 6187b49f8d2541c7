"""What differs between two plans: resources, parameters, tests and requirements, each with what changed in it.

Enters: two sides. Leaves: changes, sorted by node and id. Called by `difference.py`. Pure. Records that are equal byte for byte are
never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from ..plan.changed import leaves
from ..plan.replaced import WHY, final, moves, stated
from .brief import brief
from .changes import Change, FieldChange, RequirementChange, Sign, TestChange
from .sides import Side, record
from .texts import opened, unified, whole

Record = dict[str, Any]  # Any: JSON
Pair = tuple[Record | None, Record | None]
_TEXTS = {"ruleset": "text", "file": "text"}
_OF_LAB = ("parameter", "host", "segment", "tunnel")  # in this order, what belongs to no node


def differing(old: Iterable[bytes], new: Iterable[bytes]) -> dict[str, Pair]:
    """By id, the records that are not equal on both sides."""
    before, after = set(old), set(new)
    was = {each["id"]: each for each in map(record, before - after)}
    now = {each["id"]: each for each in map(record, after - before)}
    return {name: (was.get(name), now.get(name)) for name in sorted(was.keys() | now.keys())}


def changes(
    old: Side, new: Side, resources: Mapping[str, Pair], names: Mapping[str, str] = MappingProxyType({})
) -> tuple[Change, ...]:
    """Of resources and of what stands beside them in a plan. `names`: from the old names of nodes to the new ones, which both sides have."""
    found = [each for name, pair in resources.items() if not _is_order(each := _resource(name, pair, old, new))]
    found = _renamed(found, names)
    found += _rewired(new, resources)
    found += _others(old, new)
    return tuple(sorted(found, key=_place))


def tests(old: Side, new: Side) -> tuple[TestChange, ...]:
    found = differing(old.tests, new.tests)
    return tuple(
        TestChange(_sign(pair), name, _latest(pair)["title"], tuple(_fields(*pair))) for name, pair in found.items()
    )


def requirements(old: Side, new: Side) -> tuple[RequirementChange, ...]:
    found = differing(old.requirements, new.requirements)
    return tuple(
        RequirementChange(_sign(pair), name, _latest(pair)["text"], tuple(_fields(*pair)))
        for name, pair in found.items()
    )


def _resource(name: str, pair: Pair, old: Side, new: Side) -> Change:
    latest = _latest(pair)
    kind = latest["kind"]
    node = name if kind == "node" else latest["spec"].get("node")
    lines = _lines(kind, *pair)
    if pair[0] is None or pair[1] is None:
        return Change(_sign(pair), name, kind, node, lines=lines, brief=brief(latest))
    reasons = tuple(_reasons(kind, *pair, old, new))
    text = f"spec.{_TEXTS[kind]}" if lines else ""
    fields = tuple(each for each in _fields(*pair) if each.path != text)
    return Change("-/+" if reasons else "~", name, kind, node, fields, reasons, lines)


def _is_order(change: Change) -> bool:
    """What has to be there first is no difference to what runs."""
    return change.sign == "~" and not change.lines and all(field.path == "needs" for field in change.fields)


def _renamed(found: list[Change], names: Mapping[str, str]) -> list[Change]:
    """With each renamed node as one that is made anew, as all that it has is: what runs, runs under the old name."""
    new = {f"node/{name}": f"{was} is called {name} now" for was, name in names.items()}
    known = {change.id: change for change in found if change.id in new}
    anew = [
        replace(
            known.get(node, Change("-/+", node, "node", node)), sign="-/+", reasons=(why, *_reasons_of(known, node))
        )
        for node, why in new.items()
    ]
    return [change for change in found if change.id not in new] + anew


def _reasons_of(known: Mapping[str, Change], node: str) -> tuple[str, ...]:
    return known[node].reasons if node in known else ()


def _reasons(kind: str, before: Record | None, after: Record | None, old: Side, new: Side) -> Iterator[str]:
    """Why a resource cannot become the other while it runs."""
    assert before is not None
    assert after is not None
    if moves(before, after):
        yield f"moves from {before['host']} to {after['host']}"
    if before["backend"] != after["backend"]:
        yield f"made by {after['backend']} instead of {before['backend']}"
    if before["kind"] != kind:
        return
    was, now = stated(kind, before["spec"], old.is_cable), stated(kind, after["spec"], new.is_cable)
    for name in sorted(final(kind, was, now)):
        yield f"{name} cannot be changed in place: {WHY[name]}"


def _rewired(new: Side, resources: Mapping[str, Pair]) -> Iterator[Change]:
    """Ports that say the same on a segment that became a cable, or ceased to be one: they are made anew with it."""
    segments = {
        name: "a cable" if after["spec"]["direct"] else "a bridge"
        for name, (before, after) in resources.items()
        if before is not None and after is not None and before["kind"] == after["kind"] == "segment"
        if before["spec"]["direct"] != after["spec"]["direct"]
    }
    for port in new.on_segments(segments) if segments else ():
        if port["id"] not in resources and port["spec"]["form"] == "port":
            segment = port["spec"]["segments"][0]["segment"]
            reasons = (f"{segment} becomes {segments[segment]}: {WHY['direct']}",)
            yield Change("-/+", port["id"], "port", port["spec"]["node"], (), reasons)


def _others(old: Side, new: Side) -> Iterator[Change]:
    before, after = old.document, new.document
    if before.lab != after.lab:
        reason = "without --as, a lab runs under its name: this one is made beside the other"
        yield Change("-/+", "lab", "lab", None, (FieldChange("name", before.lab, after.lab),), (reason,))
    for name in sorted(before.parameters.keys() | after.parameters.keys()):
        pair = before.parameters.get(name), after.parameters.get(name)
        if pair[0] != pair[1]:
            absent = name not in before.parameters, name not in after.parameters
            sign: Sign = "+" if absent[0] else "-" if absent[1] else "~"
            yield Change(sign, f"parameter/{name}", "parameter", None, (FieldChange("value", *map(_open, pair)),))
    for name in sorted(before.reach.keys() | after.reach.keys()):
        was, now = before.reach.get(name), after.reach.get(name)
        if was != now:
            yield Change("~", f"host/{name}", "host", None, (FieldChange("reach", was, now),))
    yield from _placement(before.placement, after.placement)


def _placement(before: Any, after: Any) -> Iterator[Change]:
    """How hosts were found; where things lie stands with them."""
    fields = tuple(FieldChange(*leaf) for leaf in leaves(before or {}, after or {}))
    if fields:
        sign: Sign = "+" if before is None else "-" if after is None else "~"
        yield Change(sign, "placement", "placement", None, fields)


def _lines(kind: str, before: Record | None, after: Record | None) -> tuple[str, ...]:
    member = _TEXTS.get(kind)
    if member is None:
        return ()
    was, now = (each["spec"].get(member, "") if each is not None else None for each in (before, after))
    if was is None or now is None:
        return whole(now or was or "", "+" if was is None else "-")
    return unified(was, now)


def _fields(old: Any, new: Any) -> Iterator[FieldChange]:
    if old is not None and new is not None:
        for path, was, now in leaves(old, new):
            yield FieldChange(path, _open(was), _open(now))


def _open(value: Any) -> Any:
    """JSON in which secrets' places are readable marks."""
    if isinstance(value, str):
        return opened(value) if "\0" in value else value
    if isinstance(value, dict):
        return {name: _open(item) for name, item in value.items()}
    return list(map(_open, value)) if isinstance(value, list) else value


def _sign(pair: Pair) -> Sign:
    return "+" if pair[0] is None else "-" if pair[1] is None else "~"


def _latest(pair: Pair) -> Record:
    found = pair[1] or pair[0]
    assert found is not None
    return found


def _place(change: Change) -> tuple[str, int, str, bool, str]:
    """The lab's own first, then node by node; a tunnel below the segment that it carries."""
    if change.node is not None:
        return change.node, 0, "", change.kind != "node", change.id
    rank = 2 if change.kind in ("segment", "tunnel") else 1 if change.kind in _OF_LAB else 0
    below = change.id.partition("/")[2].partition("@")[0] if rank == 2 else ""
    return "", rank, below, change.kind == "tunnel", change.id
