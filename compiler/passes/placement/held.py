"""What the lock says of hosts: where nodes stood, and which way that was found.

Enters: a question, whose lab carries what `lab.lock` holds. Leaves: the number of each node's host, or None; the way that decided.
Called by the pass. A host that the site no longer has holds nothing: its nodes are placed anew, with a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from ...diagnostics import Diagnostics
from ...ir.lab import Lab, Node, Placed
from .nets import Net
from .question import Question, Statement

_MOST = 5  # moves that are told one by one
_SOLVED = ("only", "exact", "quality", "fast", "tight")


def held_hosts(question: Question) -> list[int | None]:
    """Real gear that is cabled elsewhere now does not stand where the lock had it."""
    numbers = {host.name: at for at, host in enumerate(question.hosts)}
    return [numbers.get(_standing(node, question) or "") for node in question.nodes]


def _standing(node: Node, question: Question) -> str | None:
    held = _held(node, question.lab)
    if node.device is None or not (homes := question.homes_of(node)):
        return held
    return held if held in homes else None


def _held(node: Node, lab: Lab) -> str | None:
    values = lab.held.get((node.id, "host"))
    if values is None and node.was:
        values = lab.held.get((f"node/{node.was}", "host"))
    return values[0] if values else None


def tell_moves(question: Question, hosts: Sequence[int], diagnostics: Diagnostics) -> None:
    """A note for each node that does not stay where the lock had it."""
    if not question.lab.held:
        return
    moved = [
        (node, was, now)
        for node, host in zip(question.nodes, hosts, strict=True)
        if (was := _held(node, question.lab)) and was != (now := question.hosts[host].name)
    ]
    names = {host.name for host in question.hosts}
    for node, was, now in moved[:_MOST]:
        why = (
            "the site has no such host" if was not in names else "what is asked of its place no longer allows it there"
        )
        diagnostics.note(
            "N0902",
            f"{node.name} moves from {was} to {now}",
            node.origin.span,
            f"it was on {was}",
            reason=why,
            origin=node.origin,
        )
    if len(moved) > _MOST:
        summary = f"{len(moved) - _MOST} more nodes move away from where the lock had them"
        node, was, _ = moved[_MOST]
        label = f"{node.name} was on {was}"
        diagnostics.note(
            "N0902", summary, node.origin.span, label, help="`labc diff` shows them all", origin=node.origin
        )


def remembered(question: Question, nets: list[Net]) -> Placed:
    """A whole lock that answers the very question that it was made for also says which way found the answer."""
    digest = question_digest(question, nets)
    path, *proven = question.lab.held.get((f"placement/{digest}", "path"), ("kept",))
    if path not in _SOLVED:
        return Placed("kept", proven=False, question=digest)
    return Placed(path, "proven" in proven, digest)


def question_digest(question: Question, nets: list[Net]) -> str:
    """Sixteen hexadecimal digits of what was asked, by names: equal wherever and in whatever order it is asked."""
    names = [node.id for node in question.nodes]
    hosts = [host.name for host in question.hosts]
    parts = (
        f"{question.lab.strategy}",
        *(f"{name} {row}" for name, row in zip(names, question.demand, strict=True)),
        *(f"{name} {row}" for name, row in zip(hosts, question.capacity, strict=True)),
        *(_line(each) for each in question.statements),
        *(f"{net.segment} {net.pins} {net.anchors} {net.weight}" for net in nets),
    )
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _line(each: Statement) -> str:
    return f"{each.form} {each.members} {sorted(each.hosts)} {each.places} {each.weight}"
