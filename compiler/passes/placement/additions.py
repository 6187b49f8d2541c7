"""A few new nodes beside many that the lock keeps: each goes where it costs least, and nothing else moves.

Enters: a question, its nets, and for each node the host that the lock holds, or None. Leaves: a host for every node; None when the
new ones do not fit this way, which is the solvers' turn. Called by the pass; plain Python, since a build after an edit should not
load the solvers.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from msgspec import Struct, field

from ...solvers.problem import JOIN
from .nets import Net
from .question import Question, Statement
from .standing import has_room, is_met, loads_of, stands

MOST = 500  # new nodes; more are an edit that deserves the solvers
_ROUNDS = 3


class _Board(Struct):
    """Who stands where, and what that means for those who still look for a place."""

    question: Question
    hosts: list[int | None]
    new: list[int]
    loads: list[list[int]]
    crowd: Counter[int | None]
    nets: dict[int, list[Net]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[int, list[Statement]] = field(default_factory=lambda: defaultdict(list))
    guarded: list[Statement] = field(default_factory=list)  # exclusive: what any node may break by coming
    precious: list[tuple[set[int], frozenset[int]]] = field(default_factory=list)  # hosts singled out, and who by


def add(question: Question, nets: list[Net], kept: list[int | None]) -> list[int] | None:
    """Every new node finds the cheapest host, then reconsiders when its neighbours have theirs."""
    board = _board(question, nets, kept)
    for _ in range(_ROUNDS):
        before = list(board.hosts)
        for node in sorted(board.new, key=lambda at: _rank(at, board)):
            _settle(node, board)
            if board.hosts[node] is None:
                return None
        if board.hosts == before:
            break
    found = [host for host in board.hosts if host is not None]
    return found if stands(question, found) else None


def _board(question: Question, nets: list[Net], kept: list[int | None]) -> _Board:
    new = [at for at, host in enumerate(kept) if host is None]
    board = _Board(
        question, list(kept), new, loads_of(question, kept), Counter(host for host in kept if host is not None)
    )
    wanted = set(new)
    for net in nets:
        for pin in wanted.intersection(net.pins):
            board.nets[pin].append(net)
    for statement in question.statements:
        for member in wanted.intersection(statement.members):
            board.asked[member].append(statement)
        if statement.form == "exclusive" and statement.weight is None:
            board.guarded.append(statement)
    board.precious = _precious(question)
    return board


def _precious(question: Question) -> list[tuple[set[int], frozenset[int]]]:
    """Hosts that statements single out, and the nodes that these are of."""
    found: dict[frozenset[int], set[int]] = defaultdict(set)
    for statement in question.statements:
        if statement.form == "allow" and statement.weight is None and len(statement.hosts) < len(question.hosts):
            found[statement.hosts].update(statement.members)
    return [(members, hosts) for hosts, members in found.items()]


def _rank(node: int, board: _Board) -> tuple[int, int]:
    """Those with settled neighbours first: what they know, others can build on."""
    known = sum(board.hosts[pin] is not None for net in board.nets[node] for pin in net.pins)
    return -known, node


def _settle(node: int, board: _Board) -> None:
    """Takes the node from where it is, and puts it where it costs least."""
    _move(node, None, board)
    fitting = (host for host in range(len(board.loads)) if _may(node, host, board))
    costs = [(_rating(node, host, board), host) for host in fitting]
    if costs:
        _move(node, min(costs)[1], board)


def _rating(node: int, host: int, board: _Board) -> tuple[int, int, int, int]:
    """In the order of `solvers.problem.Cost`: strategy, cut, waste; of equal hosts the emptier one."""
    strategy, fill = board.question.lab.strategy, _fill(host, board)
    first = fill if strategy == "spread" else int(strategy == "pack" and not board.crowd[host])
    precious = any(host in hosts and node not in members for members, hosts in board.precious)
    return first, _cost(node, host, board), int(precious), fill


def _move(node: int, host: int | None, board: _Board) -> None:
    for place, sign in ((board.hosts[node], -1), (host, 1)):
        if place is not None:
            board.crowd[place] += sign
            board.loads[place] = [
                a + sign * b for a, b in zip(board.loads[place], board.question.demand[node], strict=True)
            ]
    board.hosts[node] = host


def _may(node: int, host: int, board: _Board) -> bool:
    if not has_room(board.loads[host], board.question.demand[node], board.question.capacity[host]):
        return False
    statements = [each for each in board.asked[node] if each.weight is None and each.form != "balance"]
    if any(each.form == "allow" and host not in each.hosts for each in statements):
        return False
    statements += board.guarded
    if not statements:
        return True
    _move(node, host, board)
    sound = all(is_met(each, board.hosts, board.crowd) for each in statements)
    _move(node, None, board)
    return sound


def _cost(node: int, host: int, board: _Board) -> int:
    """Joins that this host would add, and wishes that it would leave unmet."""
    cost = 0
    for net in board.nets[node]:
        there = {board.hosts[pin] for pin in net.pins if pin != node} | set(net.anchors)
        there.discard(None)
        cost += net.weight if there and host not in there else 0
    return cost + _unmet(node, host, board)


def _unmet(node: int, host: int, board: _Board) -> int:
    wishes = [each for each in board.asked[node] if each.weight is not None]
    if not wishes:
        return 0
    _move(node, host, board)
    cost = sum((each.weight or 0) * JOIN for each in wishes if not is_met(each, board.hosts, board.crowd))
    _move(node, None, board)
    return cost


def _fill(host: int, board: _Board) -> int:
    """Thousandths of the fullest resource: of equal hosts, the emptier one."""
    rows = zip(board.loads[host], board.question.capacity[host], strict=True)
    return max((taken * 1000 // limit for taken, limit in rows if limit), default=board.crowd[host])
