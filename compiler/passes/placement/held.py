"""What the lock says of hosts: where nodes stood, and which way that was found.

Enters: a question, whose lab carries what `lab.lock` holds. Leaves: the number of each node's host, or None; the way that decided.
Called by the pass. A host that the site no longer has holds nothing: its nodes are placed anew, with a note.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from ...diagnostics import Diagnostics
from ...ir.lab import Lab, Node, Placed
from ...wording import listed
from .nets import Net
from .question import Question, Statement

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
    """A note for each host that nodes leave and each reason why, with where they go."""
    if not question.lab.held:
        return
    left: dict[tuple[str, str], list[tuple[Node, str]]] = {}
    for at, (node, host) in enumerate(zip(question.nodes, hosts, strict=True)):
        was, now = _held(node, question.lab), question.hosts[host].name
        if was and was != now:
            left.setdefault((was, _why(at, was, question)), []).append((node, now))
    for (was, why), moved in sorted(left.items(), key=lambda each: each[0]):
        names = listed([node.name for node, _ in moved])
        node = moved[0][0]
        diagnostics.note(
            "N0902",
            f"{names} {'leave' if len(moved) > 1 else 'leaves'} {was}, where lab.lock had {'them' if len(moved) > 1 else 'it'}",
            node.origin.span,
            "the first of them" if len(moved) > 1 else f"to {moved[0][1]}",
            reason=why,
            help=_where(moved) if len(moved) > 1 else "",
            origin=node.origin,
        )


def _where(moved: list[tuple[Node, str]]) -> str:
    return listed([f"{node.name} is on {now}" for node, now in moved]) + "; `labc diff` shows all that changes"


def _why(at: int, was: str, question: Question) -> str:
    """Why a node does not stay: the host is gone, a statement keeps it away, or others need the room."""
    number = next((number for number, host in enumerate(question.hosts) if host.name == was), None)
    if number is None:
        return f"the site has no host {was} any more"
    about = [each for each in question.statements if at in each.members and each.weight is None]
    for each in about:
        if each.form == "allow" and number not in each.hosts:
            return f"it {each.text}" if each.text.startswith(("needs", "is")) else f"`{each.text}`"
    others = [f"`{each.text}`" for each in about if each.form != "allow"]
    return (
        f"{listed(others, 'or')} or the room there asks for it"
        if others
        else f"{was} has no room for all that shall be there"
    )


def remembered(question: Question, nets: list[Net], hosts: Sequence[int]) -> Placed:
    """A whole lock that answers the very question that it was made for, as it was answered, also says which way found that."""
    digest = question_digest(question, nets, hosts)
    path, *proven = question.lab.held.get((f"placement/{digest}", "path"), ("kept",))
    if path not in _SOLVED:
        return Placed("kept", proven=False, question=digest)
    return Placed(path, "proven" in proven, digest)


def question_digest(question: Question, nets: list[Net], answer: Sequence[int]) -> str:
    """Sixteen hexadecimal digits of what was asked and answered, by names: equal wherever and in whatever order it is asked, and another
    one as soon as somebody moves a node by hand."""
    names = [node.id for node in question.nodes]
    hosts = [host.name for host in question.hosts]
    parts = (
        f"{question.lab.strategy}",
        *(f"{name} {row}" for name, row in zip(names, question.demand, strict=True)),
        *(f"{name} {row}" for name, row in zip(hosts, question.capacity, strict=True)),
        *(_line(each) for each in question.statements),
        str(list(answer)),
        *(f"{net.segment} {net.pins} {net.anchors} {net.weight}" for net in nets),
    )
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _line(each: Statement) -> str:
    return f"{each.form} {each.members} {sorted(each.hosts)} {each.places} {each.weight}"
