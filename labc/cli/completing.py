"""What a shell's completion offers: instances, the nodes and ports of one that runs, its cases, the codes of diagnostics.

Enters: click's context and the word begun. Leaves: words. Called by click while a user types, so everything here is quick, reads
only, and answers every trouble with nothing. All verbs load this module, so it loads nothing before a key is pressed. The plan is read as plain JSON: building it takes longer than a key press.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import click

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def _quietly(find: Callable[[click.Context, str], Iterable[str]]) -> Complete:
    @wraps(find)
    def complete(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
        try:
            return [word for word in find(ctx, begun) if word.startswith(begun)]
        except Exception:  # noqa: BLE001 - a key press is no place for a message
            return []

    return complete


@_quietly
def instances(_ctx: click.Context, _begun: str) -> Iterable[str]:
    from ..runtime.instance import instances as all_instances

    return all_instances()


@_quietly
def nodes(ctx: click.Context, _begun: str) -> Iterable[str]:
    """Of the instance that the words before name; nothing once a node is named."""
    lab, rest = _words(ctx)
    return () if rest else _names(_running(ctx, lab), "node")


@_quietly
def ports(ctx: click.Context, begun: str) -> Iterable[str]:
    """A node's name, and after its colon the ports."""
    lab, rest = _words(ctx)
    if rest:
        return ()
    plan = _running(ctx, lab)
    if ":" not in begun:
        return _names(plan, "node")
    return [f"{each['spec']['node'].removeprefix('node/')}:{each['spec']['name']}" for each in _of_kind(plan, "port")]


@_quietly
def cases(ctx: click.Context, _begun: str) -> Iterable[str]:
    return [str(case["id"]) for case in _running(ctx, ctx.params.get("lab"))["tests"]]


@_quietly
def codes(_ctx: click.Context, begun: str) -> Iterable[str]:
    from ..compiler.codes import all_codes

    return [begun + code[len(begun) :] for code in all_codes() if code.startswith(begun.upper())]


def _words(ctx: click.Context) -> tuple[str | None, tuple[str, ...]]:
    """The lab and the words that stand before the one begun."""
    from .running import split_lab

    return split_lab(tuple(ctx.params.get("words") or ()))


def _running(ctx: click.Context, lab: str | None) -> Any:  # Any: JSON
    """The plan that was applied last to the instance that is meant."""
    import sqlite3

    import orjson

    from ..runtime.instance import instance
    from .inputs import instance_name

    name = instance_name(ctx.params.get("instance") or os.environ.get("LABC_INSTANCE"), None if lab == "-" else lab)
    journal = instance(name).state / "journal.sqlite"
    database = sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True, timeout=0.1)
    try:
        return orjson.loads(database.execute("SELECT document FROM plan").fetchone()[0])
    finally:
        database.close()


def _of_kind(plan: Any, kind: str) -> list[Any]:
    return [each for each in plan["resources"] if each["kind"] == kind]


def _names(plan: Any, kind: str) -> list[str]:
    return [each["id"].partition("/")[2] for each in _of_kind(plan, kind)]
