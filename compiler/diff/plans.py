"""What differs between two plans, resource by resource and test by test.

Enters: two plans. Leaves: changes, sorted by id. Called by `labc diff`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from ..plan.changed import leaves
from ..plan.model import Plan, as_json

Sign = Literal["+", "-", "~"]


class FieldChange(Struct, frozen=True):
    """One field that differs: its path in the record, and what it was and is. None: it is not there."""

    path: str
    old: Any
    new: Any


class Change(Struct, frozen=True):
    """A resource, a test or a parameter that is new (+), gone (-) or different (~)."""

    sign: Sign
    id: str
    node: str | None
    fields: tuple[FieldChange, ...] = ()


def differences(old: Plan, new: Plan) -> list[Change]:
    """Everything in which the plans differ; no change when both mean the same."""
    return _compare(_records(old), _records(new))


def _records(plan: Plan) -> dict[str, dict[str, Any]]:
    records: dict[str, dict[str, Any]] = {
        f"parameter/{name}": {"value": value} for name, value in plan.parameters.items()
    }
    for resource in plan.resources:
        records[resource.id] = as_json(resource)
    for case in plan.tests:
        records[f"test {case['id']}"] = dict(case)
    for requirement in plan.requirements:
        records[f"requirement {requirement.id}"] = as_json(requirement)
    return records


def _compare(old: Mapping[str, dict[str, Any]], new: Mapping[str, dict[str, Any]]) -> list[Change]:
    changes = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        sign: Sign = "+" if before is None else "-" if after is None else "~"
        fields = tuple(_fields(before, after)) if before is not None and after is not None else ()
        changes.append(Change(sign, name, _node(after or before or {}), fields))
    return changes


def _node(record: Mapping[str, Any]) -> str | None:
    if record.get("kind") == "node":
        return str(record["id"])
    spec = record.get("spec")
    node = spec.get("node") if isinstance(spec, dict) else None
    return node if isinstance(node, str) else None


def _fields(old: Any, new: Any) -> list[FieldChange]:
    return [FieldChange(path, was, now) for path, was, now in leaves(old, new)]
