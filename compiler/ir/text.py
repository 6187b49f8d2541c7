"""A lab as text: stable, one record a line, sorted by id.

Enters: a lab after any pass. Leaves: its text, for `--print-after` and golden tests, and its fingerprint, by which the
pass manager sees what a pass wrote. Fields that hold their default are left out; origins are not shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct

from ..source import Origin
from .lab import Lab, Site

_NO_DEFAULT = object()
_NO_RECORDS = ("parameters", "held")


def lab_text(lab: Lab) -> str:
    """For example `port/web/eth0 node=node/web name=eth0 attachments=[(segment=segment/dmz)] addresses=[10.0.0.1/24]`."""
    lines = [f"lab/{lab.name}{_shown(lab.parameters, ' parameters=')}{_shown(lab.strategy, ' strategy=')}"]
    for name, value in _collections(lab):
        records = value.values() if isinstance(value, dict) else value
        printed = [_line(record, name) for record in records]
        lines += sorted(printed)
    return "\n".join(lines) + "\n"


def fingerprint(lab: Lab) -> dict[str, int]:
    """A number for each field of each collection, `ports.addresses`; equal numbers mean that nothing changed."""
    found: dict[str, int] = {}
    for name, value in _collections(lab):
        records = list(value.values()) if isinstance(value, dict) else list(value)
        found[name] = hash(tuple(str(getattr(record, "id", "")) for record in records))
        for field_name, _ in _fields_of(records[0]) if records else ():
            found[f"{name}.{field_name}"] = hash(tuple(_value(getattr(record, field_name)) for record in records))
    return found


def _collections(lab: Lab) -> Iterator[tuple[str, Any]]:  # Any: dicts and lists of records of any type
    for field in lab.__struct_fields__:
        value = getattr(lab, field)
        if isinstance(value, (dict, list)) and field not in _NO_RECORDS:
            yield field, value
    site: Site = lab.site
    yield "hosts", site.hosts
    yield "devices", site.devices
    yield "pools", site.pools


def _fields_of(record: object) -> tuple[tuple[str, Any], ...]:
    kind: Any = type(record)
    return _fields(kind)


@cache
def _fields(record: Any) -> tuple[tuple[str, Any], ...]:
    """Names and defaults of the fields that are shown."""
    names = record.__struct_fields__
    defaults = record.__struct_defaults__
    stated = [_NO_DEFAULT] * (len(names) - len(defaults))
    made = [default.factory() if hasattr(default, "factory") else default for default in defaults]
    shown = zip(names, [*stated, *made], strict=True)
    return tuple((name, default) for name, default in shown if name != "origin" and not name.endswith("_origin"))


def _line(record: Any, collection: str) -> str:
    name = getattr(record, "id", None) or collection
    return name + _members(record, skip="id", lead=" ")


def _members(record: Any, *, skip: str = "", lead: str = "") -> str:
    parts = []
    for name, default in _fields_of(record):
        value = getattr(record, name)
        if name == skip or (default is not _NO_DEFAULT and value == default):
            continue
        parts.append(f"{name}={_value(value)}")
    return lead + " ".join(parts) if parts else ""


def _shown(value: object, lead: str) -> str:
    return f"{lead}{_value(value)}" if value else ""


def _value(value: object) -> str:
    if isinstance(value, str):
        return repr(value) if not value or not value.isprintable() or " " in value else value
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, Origin):
        return ""
    if isinstance(value, Struct) and type(value).__str__ is object.__str__:
        return f"({_members(value)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_value(key)}: {_value(value[key])}" for key in sorted(value, key=str)) + "}"
    if type(value) in (list, tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"  # type: ignore[attr-defined]
    return str(value)
