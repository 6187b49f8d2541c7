"""Two sides for tests of comparisons: labs in the language, or resources by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from labc import compile as compile_lab
from labc.compiler.diff.changes import Difference
from labc.compiler.diff.difference import differences
from labc.compiler.diff.sides import Side, read_side
from labc.compiler.plan.canonical import canonical, digest
from labc.compiler.plan.model import Resource


def written(document: dict[str, Any]) -> bytes:
    """As `build` writes it: with the digest of all that follows."""
    body = canonical({name: value for name, value in document.items() if name != "digest"})
    return b'{"digest":"%s",' % digest(body).encode() + body[1:]


def by_hand(*resources: Resource, **members: Any) -> Side:
    records = sorted((msgspec.to_builtins(each) for each in resources), key=lambda each: each["id"])
    nothing = {"lab": "sha256:0", "site": "sha256:0", "parameters": "sha256:0"}
    document = {
        "format": "1.1", "lab": "t", "digests": nothing, "parameters": {}, "hosts": ["local"], "resources": records, "tests": [],
        "requirements": [],
    }  # fmt: skip
    return read_side(written(document | members), "by hand")


def compiled(text: str, where: str = "lab.net", **files: str) -> tuple[Side, Any]:
    sources = {"lab.net": text.encode(), **{name.replace("_", "."): each.encode() for name, each in files.items()}}
    made = compile_lab(sources)
    assert made.plan is not None, [each.summary for each in made.diagnostics]
    return read_side(made.plan, where), made.lab


def between(
    old: str, new: str, *, named: bool = True, files: tuple[dict[str, str], dict[str, str]] = ({}, {})
) -> Difference:
    """Of two labs. Not `named`: as of two plans, of which nobody knows the zones."""
    sides = compiled(old, "old.net", **files[0]), compiled(new, "new.net", **files[1])
    labs = (sides[0][1], sides[1][1]) if named else (None, None)
    return differences(sides[0][0], sides[1][0], labs)


def plan_of(text: str) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(compiled(text)[0].data)
    return document
