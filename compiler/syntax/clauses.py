"""The clauses of a port, gathered into its record; they stand in any order, each once.

Enters: the clauses as build.py made them: keyword, span, content. Leaves: `PortDecl`, or `Socket` for a port of real
gear that has a cable. Called by `build.py`.
"""

from __future__ import annotations

from typing import Any

from ..diagnostics import Diagnostics, Label
from ..source import Span
from . import tree

Clause = tuple[str, Span, Any]
_REPEATED = ("on", "tagged", "untagged")


def port(
    span: Span, form: str, name: tree.Name, clauses: list[Clause], body: tuple[tree.Statement, ...], found: Diagnostics
) -> tree.Statement:
    """The record of `port`, `bond`, `svi` or `loopback`."""
    once = _once(clauses, found)
    cable = once.get("cable")
    if cable is not None:
        _refuse_beside_cable(clauses, found)
        return tree.Socket(span, name, cable, body)
    return tree.PortDecl(
        span,
        form,
        name,
        attachments=tuple(_attachments(clauses)),
        over=once.get("over", ()),
        vlan=once.get("vlan"),
        at=once.get("at", ()),
        mac=once.get("mac"),
        was=once.get("was"),
        body=body,
    )


def _once(clauses: list[Clause], found: Diagnostics) -> dict[str, Any]:
    """Content by keyword; a second clause of the same keyword is reported and the first one holds."""
    spans: dict[str, Span] = {}
    once: dict[str, Any] = {}
    for keyword, span, content in clauses:
        if keyword in once and keyword not in _REPEATED[1:]:
            found.error(
                "E0113",
                f"`{keyword}` stands twice in one statement",
                span,
                "again",
                labels=(Label(spans[keyword], "first here"),),
                help="write several values after one keyword, with commas" if keyword == "at" else "keep one of them",
            )
            continue
        once[keyword] = content
        spans[keyword] = span
    return once


def _attachments(clauses: list[Clause]) -> list[tree.Attachment]:
    made: list[tree.Attachment] = []
    for keyword, _, content in clauses:
        if keyword == "on":
            made.append(content)
        elif keyword in _REPEATED:
            made += content
    return made


def _refuse_beside_cable(clauses: list[Clause], found: Diagnostics) -> None:
    for keyword, span, _ in clauses:
        if keyword != "cable":
            found.error(
                "E0113",
                f"`{keyword}` does not go with `cable`",
                span,
                "not here",
                reason="`cable` says where a port of real gear is plugged in; its addresses are the lab's matter.",
            )
