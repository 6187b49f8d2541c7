"""The refusal: a conflict of numbers in the lab's own words, each statement with its span.

Enters: a question that has no answer, its problem, and what the solvers found to be in conflict. Leaves: one diagnostic. Called by
`solve.py`. It names the smallest set that conflicts, since giving up any one of it is what the reader has to choose from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...diagnostics import Diagnostics, Label
from ...ir.lab import Host
from ...site.hosts import RESOURCES
from ...solvers.conflict.conflict import Conflict, conflict_of
from ...solvers.conflict.nearest import Nearest, Room
from ...solvers.conflict.reason import Contradiction, NoHostFor, Packing, Pigeonhole, Short, TooMuch
from ...solvers.problem import DoesNotFitError, Problem
from ...source import Origin
from ...wording import listed
from .question import Question, Statement
from .words import amount, size_origin, takes

_PARTS = 40  # places that are marked
_HOSTS = 4  # hosts of which it is told why each will not do


def refuse(question: Question, problem: Problem, error: DoesNotFitError, diagnostics: Diagnostics) -> None:
    conflict = conflict_of(problem)
    if conflict is None or not conflict.proven:
        _not_found(question, error, diagnostics)
        return
    _Refusal(question, conflict).say(diagnostics)


def _lacking(statement: Statement, host: Host) -> str:
    """What to say of a host that will not do: what it says of the label, or that it says nothing."""
    if statement.key is None:
        return "not where it shall run"
    if not statement.key:
        return "none of its cables ends there"
    value = host.fields.get(statement.key)
    if value is None:
        return f"without {statement.key}"
    return f"{statement.key} = " + (
        f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    )


def _said_of(names: list[str], text: str) -> str:
    """`x needs kvm`, `x and y take 1GiB each`, `x: on h1`."""
    verb, _, rest = text.partition(" ")
    if verb not in ("needs", "takes", "is"):
        return f"{listed(names)}: {text}"
    if len(names) == 1:
        return f"{names[0]} {text}"
    return f"{listed(names)} {verb.removesuffix('s')} {rest}" + " each" * (verb == "takes")


def _not_found(question: Question, error: DoesNotFitError, diagnostics: Diagnostics) -> None:
    hosts, nodes = len(question.hosts), len(question.nodes)
    proof = "the solvers proved that there is none" if error.proven else "this is no proof that there is none"
    diagnostics.error(
        "E0804",
        f"no placement of {nodes} nodes on {hosts} hosts was found",
        question.hosts[0].origin.span,
        "the site's first host",
        reason=f"{proof}; no smaller set of demands that conflicts was found within the solvers' budget",
        help="leave more room on the hosts, or ask for less",
    )


class _Refusal:
    """One conflict, as the parts of a diagnostic."""

    def __init__(self, question: Question, conflict: Conflict) -> None:
        self.question, self.conflict = question, conflict
        hard = [each for each in question.statements if each.weight is None]
        self.hard = hard
        self.statements = [hard[at] for at in conflict.claims]
        self.names = [node.name for node in question.nodes]

    def say(self, diagnostics: Diagnostics) -> None:
        code, summary, why = self._told()
        parts = list(self._parts())
        (origin, first), *rest = parts[:_PARTS] or [(self.question.hosts[0].origin, "this site")]
        diagnostics.error(
            code,
            summary,
            origin.span,
            first,
            labels=tuple(Label(other.span, text) for other, text in rest),
            reason=why
            + self._proof(len(parts))
            + (f"; {len(parts) - _PARTS} more are not marked" if len(parts) > _PARTS else ""),
            help=self._help(),
            origin=origin,
        )

    def _told(self) -> tuple[str, str, str]:
        """Code, summary and reason."""
        reason = self.conflict.reason
        match reason:
            case NoHostFor():
                return "E0801", f"no host can carry {self.names[reason.node]}", self._each_host(reason)
            case TooMuch():
                return "E0803", *self._too_much(reason)
            case Pigeonhole():
                return "E0802", *self._pigeonhole(reason)
            case Packing():
                summary = f"{self._count(reason.nodes)} do not go on {self._hosts(reason.hosts)}"
                return "E0802", summary, self._packing()
            case Contradiction():
                names = listed([self.names[node] for node in reason.nodes] or self._about())
                return "E0802", f"what is asked for {names} cannot be had together", self._contradiction()

    def _packing(self) -> str:
        if any(each.form != "allow" for each in self.statements):
            return "no way to share them out keeps what is marked here"
        return "together there is room for them, but none of them can be divided over two hosts"

    def _contradiction(self) -> str:
        if self._are_alone():
            return f"they would have {self._hosts(range(len(self.question.hosts)))} for themselves, and the other nodes nowhere to go"
        return "no choice of hosts satisfies all of it"

    def _amount(self, resource: int, number: int) -> str:
        """Of a number of the solvers."""
        return amount(resource, number << self.question.shift[resource])

    def _are_alone(self) -> bool:
        return {each.form for each in self.statements if each.form != "allow"} == {"exclusive"}

    def _each_host(self, reason: NoHostFor) -> str:
        """Hosts that lack the same are told together."""
        lacking: dict[str, list[str]] = {}
        for each in reason.hosts:
            host = self.question.hosts[each.host]
            lacking.setdefault(self._lacks(host, each.short, each.claims), []).append(host.name)
        lines = [f"{listed(names)}: {what}" for what, names in lacking.items()]
        more = len(lines) - _HOSTS
        return "; ".join(lines[:_HOSTS]) + (f"; and so on for {more} hosts more" if more > 0 else "")

    def _lacks(self, host: Host, short: Iterable[Short], claims: Iterable[int]) -> str:
        lacks = [_lacking(self.hard[claim], host) for claim in claims]
        lacks += [f"with {self._amount(each.resource, each.there)} of {RESOURCES[each.resource]}" for each in short]
        return " and ".join(lacks)

    def _too_much(self, reason: TooMuch) -> tuple[str, str]:
        name = RESOURCES[reason.resource]
        wanted, there = (self._amount(reason.resource, number) for number in (reason.wanted, reason.there))
        nodes = self.conflict.nodes
        return (
            f"{self._count(nodes)} {'take' if len(nodes) > 1 else 'takes'} {wanted} of {name}, and {self._hosts(reason.hosts)} ha{'ve' if len(reason.hosts) > 1 else 's'} {there}",
            "there is no other host for them"
            if len(reason.hosts) < len(self.question.hosts)
            else "that is all there is",
        )

    def _pigeonhole(self, reason: Pigeonhole) -> tuple[str, str]:
        if not reason.hosts:
            text = next((each.text for each in self.statements if each.places), "it")
            return f"no host is a place in the sense of `{text}`", "none of the site's hosts has that label"
        hosts, places = self._hosts(reason.hosts), f"{reason.places} place{'s' * (reason.places != 1)}"
        summary = f"{self._count(reason.nodes)} need a place each, and there {'is' if reason.places == 1 else 'are'} {reason.places}"
        if self._are_alone():
            return summary, "each that is exclusive takes a host for itself, and the other nodes need one too"
        if sum(reason.per_host) != reason.places:
            return summary, f"{hosts} are {places}"
        takes = sorted(set(reason.per_host))
        each = f"{takes[0]}" if len(takes) == 1 else f"{takes[0]} to {takes[-1]}"
        one = len(reason.hosts) == 1
        return summary, f"{hosts} take{'s' * one} {each} of them{' each' * (not one)}"

    def _proof(self, parts: int) -> str:
        more = self.conflict.more
        others = f"; {more} conflict{'s' * (more > 1)} more stand{'s' * (more == 1)} beside this one" if more else ""
        if parts < 2 or not self.conflict.minimal:
            return others
        return f"; without any one of what is marked here the rest of it would fit{others}"

    def _help(self) -> str:
        nearest = self.conflict.nearest
        return "; ".join(self._room(nearest.room) if nearest.room else (*self._fits(nearest), *self._drops(nearest)))

    def _room(self, room: Room) -> Iterator[str]:
        host = self.question.hosts[room.host].name
        short = [f"{self._amount(each.resource, each.wanted)} of {RESOURCES[each.resource]}" for each in room.short]
        yield f"nearest is {host}: with {listed(short)} it would do"

    def _fits(self, nearest: Nearest) -> Iterator[str]:
        if not nearest.fit or self._are_alone():
            return
        if nearest.of and self.conflict.nodes and self._are_alike():
            yield f"of {nearest.of} nodes like {self.names[self.conflict.nodes[0]]}, {nearest.fit} would fit"
        elif nearest.of and not self.conflict.nodes:
            yield f"{nearest.fit} of the {nearest.of} would fit"

    def _are_alike(self) -> bool:
        return len({self.question.demand[node] for node in self.conflict.nodes}) == 1

    def _drops(self, nearest: Nearest) -> Iterator[str]:
        ways = [self._whose(self.hard[claim]) for claim in nearest.claims if self.hard[claim].key != ""]
        ways += [self.names[node] for node in nearest.nodes]
        if ways:
            yield f"the lab fits without {listed(list(dict.fromkeys(ways)), 'or')}"

    def _whose(self, statement: Statement) -> str:
        owner = self._owner(statement)
        return f"`{statement.text}`" + (f" of {owner}" if owner else "")

    def _parts(self) -> Iterator[tuple[Origin, str]]:
        """Every statement and size in the conflict, those that stand in one place together."""
        told: dict[tuple[object, ...], tuple[Origin, list[str], str]] = {}
        for statement in self.statements:
            self._file(told, statement.origin, self._owner(statement), statement.text)
        for node in self.conflict.nodes:
            self._file(told, size_origin(self.question, node), self.names[node], self._takes(node))
        for origin, names, text in told.values():
            yield origin, _said_of(names, text) if names else text

    def _takes(self, node: int) -> str:
        """Of a conflict about one resource, how much of that; else of all."""
        reason = self.conflict.reason
        return takes(self.question, node, {reason.resource} if isinstance(reason, TooMuch) else None)

    def _file(
        self, told: dict[tuple[object, ...], tuple[Origin, list[str], str]], origin: Origin, name: str, text: str
    ) -> None:
        names = told.setdefault((origin.span, text), (origin, [], text))[1]
        if name and name not in names:
            names.append(name)

    def _owner(self, statement: Statement) -> str:
        """Whose statement it is; of those about several nodes the text itself says."""
        return self.names[statement.members[0]] if len(statement.members) == 1 else ""

    def _about(self) -> list[str]:
        return list(dict.fromkeys(self.names[member] for each in self.statements for member in each.members))

    def _count(self, nodes: Iterable[int]) -> str:
        names = [self.names[node] for node in nodes]
        return names[0] if len(names) == 1 else f"{len(names)} nodes"

    def _hosts(self, hosts: Iterable[int]) -> str:
        return listed([self.question.hosts[host].name for host in hosts])
