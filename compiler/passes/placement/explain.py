"""Why a node is where it is: what each other host lacks, or what it would cost.

Enters: a lab whose nodes have hosts, and one of them. Leaves: lines of text. Called by `labc build --explain`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ...ir.lab import Lab, Node
from ...site.hosts import RESOURCES
from ...solvers.problem import JOIN
from ...wording import listed
from .nets import Net, nets_of
from .question import Question, Statement
from .standing import has_room, is_met, loads_of
from .words import amount, takes

_MOST = 8  # other hosts that are told one by one
_FOUND = {
    "only": "no other will do, for any node",
    "kept": "kept by lab.lock, or added beside what it keeps",
    "exact": "the exact solver chose it",
    "quality": "the partitioner for quality chose it",
    "fast": "the fast partitioner chose it",
    "tight": "the repair of a tight site chose it",
}


def why_here(lab: Lab, node: Node) -> Iterator[str]:
    """First its own host, then the others, those that would do at the end."""
    question = Question(lab)
    numbers = {host.name: at for at, host in enumerate(question.hosts)}
    hosts = [numbers[each.host] for each in question.nodes]
    proven = ", proven to be best" if lab.placed.proven and lab.placed.path != "only" else ""
    found = _FOUND[lab.placed.path] if len(question.hosts) > 1 else "there is no other"
    yield f"host {node.host}: {found}{proven}"
    yield from (f"  {text}" for text in _asked(node, hosts, question))
    at = question.number[node.id]
    nets = [net for net in nets_of(question) if at in net.pins]
    yield from (f"  {line}" for line in _neighbours(at, nets, hosts, question))
    others = [host for host in range(len(question.hosts)) if host != hosts[at]]
    for host in others[:_MOST]:
        yield f"not {question.hosts[host].name}: {_why_not(at, host, nets, hosts, question)}"
    if len(others) > _MOST:
        yield f"and {len(others) - _MOST} hosts more"


def _asked(node: Node, hosts: list[int], question: Question) -> Iterator[str]:
    at = question.number[node.id]
    if any(question.demand[at]):
        yield takes(question, at)
    crowd: Counter[int | None] = Counter(hosts)
    for statement in question.statements:
        if at in statement.members:
            unmet = "" if is_met(statement, hosts, crowd) else ", which is not met"
            yield f"{statement.text}, {statement.origin.span}{unmet}"


def _neighbours(at: int, nets: list[Net], hosts: list[int], question: Question) -> Iterator[str]:
    for net in nets:
        others = [hosts[pin] for pin in net.pins if pin != at]
        parts = [f"{others.count(hosts[at])} of its other {len(others)} nodes are here"] if others else []
        parts += [f"real gear enters at {listed(_names(net.anchors, question))}"] if net.anchors else []
        away = _names({*others, *net.anchors} - {hosts[at]}, question)
        parts += [f"crosses to {listed(away)}"] if away else []
        yield f"{net.segment.removeprefix('segment/')}: {', '.join(parts)}"


def _names(hosts: Iterable[int], question: Question) -> list[str]:
    return [question.hosts[host].name for host in sorted(hosts)]


def _why_not(at: int, host: int, nets: list[Net], hosts: list[int], question: Question) -> str:
    """The first of: a statement, the room, the cost."""
    there = [*hosts[:at], host, *hosts[at + 1 :]]
    hard = [each.text for each in _broken(at, there, question) if each.weight is None]
    if hard and question.nodes[at].device:
        return "its ports, as they are bound, end elsewhere"
    if hard:
        return f"{question.nodes[at].name} {hard[0]}" if hard[0].startswith(("needs", "on")) else hard[0]
    loads, row, room = loads_of(question, hosts), question.demand[at], question.capacity[host]
    if not has_room(loads[host], row, room):
        return "no room: " + ", ".join(_short(loads[host], row, room))
    cost = _cost(at, host, nets, hosts) - _cost(at, hosts[at], nets, hosts)
    cost += _fees(at, there, question) - _fees(at, hosts, question)
    if cost == 0:
        return "it would do as well"
    joins = f"{abs(cost) / JOIN:g} join{'s' * (abs(cost) != JOIN)}"
    return f"it would cost {joins} more" if cost > 0 else f"alone it would cost {joins} less; the whole is what counts"


def _broken(at: int, hosts: list[int], question: Question) -> list[Statement]:
    crowd: Counter[int | None] = Counter(hosts)
    return [each for each in _of(at, question) if not is_met(each, hosts, crowd)]


def _fees(at: int, hosts: list[int], question: Question) -> int:
    """What wishes cost that are not met."""
    return sum(JOIN * each.weight for each in _broken(at, hosts, question) if each.weight is not None)


def _of(at: int, question: Question) -> list[Statement]:
    return [
        each for each in question.statements if at in each.members or (each.form == "exclusive" and each.weight is None)
    ]


def _short(load: list[int], row: tuple[int, ...], room: tuple[int | None, ...]) -> Iterator[str]:
    for at, (used, more, limit) in enumerate(zip(load, row, room, strict=True)):
        if limit is not None and used + more > limit:
            yield f"{amount(at, limit - used)} of {amount(at, limit)} {RESOURCES[at]} left, it takes {amount(at, more)}"


def _cost(at: int, host: int, nets: list[Net], hosts: list[int]) -> int:
    return sum(net.weight for net in nets if (places := _others(at, net, hosts)) and host not in places)


def _others(at: int, net: Net, hosts: list[int]) -> set[int]:
    return {hosts[pin] for pin in net.pins if pin != at} | set(net.anchors)
