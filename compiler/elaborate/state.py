"""What one elaboration knows while it runs: the lab so far, its phase, what is left to do.

Enters: made by `elaborate`. Statements and expressions ask it for elements and report mistakes through it.

Phases: 1 declares what has a name (`DECLARE`), 2 builds the bodies of nodes (`BUILD`), 3 joins them by links (`JOIN`),
4 reads policies, tests and affinities (`JUDGE`). A statement met before its phase waits in a queue with its frame.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from ..diagnostics import Diagnostic, Diagnostics, Fix, Label
from ..ir.lab import GroupId, Lab, Node, NodeId
from ..nearest import closest
from ..source import Origin, Span
from ..syntax import tree
from .unread import Unread
from .values import POISON, Element, Frame, Poison, Run

if TYPE_CHECKING:
    from .kinds import Shape
    from .reader import Reader
    from .scopes import Scope

DECLARE, BUILD, JOIN, JUDGE = 1, 2, 3, 4
LIMIT = 5_000_000  # turns of loops and list items that one lab may take; what is kept longer counts more:
NODE_COST, LINK_COST, PORT_COST, STEP_COST = 4, 2, 2, 20
_ADVICE = 200  # mistakes of one lab that get a suggestion
SORTS = ("node", "segment", "zone", "group", "link", "host", "device")
_FAMILY = re.compile(r"(.*?)(0|[1-9][0-9]*)\Z", re.DOTALL)


Help = str | Callable[[], str]  # a function where the text takes work that most reports are spared


class Build(Protocol):
    """A node that was declared; `nodes` makes these."""

    node: Node

    def fields(self) -> dict[str, object]: ...

    def body(self) -> None: ...


class TooLargeError(Exception):
    """The lab grew past the limit; it was reported. Ends the elaboration, as all that follows would."""


class State:
    """The lab being made and everything that its making shares."""

    def __init__(self, lab: Lab, reader: Reader, diagnostics: Diagnostics) -> None:
        self.lab = lab
        self.reader = reader
        self.diagnostics = diagnostics
        self.phase = DECLARE
        self.limit = LIMIT
        self.spent = 0
        self.queues: dict[int, list[tuple[Run, Frame]]] = {BUILD: [], JOIN: [], JUDGE: []}
        self.undecided: list[tuple[Scope, str, Span, Frame]] = []  # names met before all elements were declared
        self.first: dict[str, Span] = {}  # the name of an element where it was declared, by id
        self.lost: set[str] = set()  # names whose declaration failed: asking for them is no second mistake
        self.lost_families: set[str] = set()  # beginnings of names with numbers behind them
        self.lost_spans: set[Span] = set()
        self.builds: list[Build] = []  # nodes declared, whose bodies are still to be run
        self.unresolved: dict[str, Callable[[], None]] = {}  # groups and zones whose members are not known yet
        self.overs: list[tuple[Frame, Node, list[tuple[str, Span]]]] = []  # ports that logical ports stand on
        self.cables: list[tuple[Frame, str, str, tree.Endpoint]] = []  # of the site, whose far ends are not known yet
        self.gear_hosts: list[tuple[Frame, str, Span]] = []  # of devices, the hosts that reach them
        self.templates: dict[str, str | None] = {}
        self.plain_shape: Shape | None = None  # of the built-in kind `node`
        self.too_deep = False
        self._told: set[tuple[str, Span | None]] = set()
        self._unread = Unread()  # what the parser reported
        self._looked_at = 0
        self._advised = 0
        self._by_name: dict[str, Build] | None = None
        self._beside: dict[tuple[int, str], tuple[Node, dict[Any, Any]]] = {}
        self.tables: dict[str, dict[Any, Any]] = {
            "node": lab.nodes,
            "segment": lab.segments,
            "zone": lab.zones,
            "group": lab.groups,
            "link": lab.links,
            "host": lab.site.hosts,
            "device": lab.site.devices,
        }
        self._families: dict[str, dict[str, list[int]]] = {}

    # --- Mistakes ----------------------------------------------------------------------------------------

    def error(
        self,
        frame: Frame | None,
        code: str,
        summary: str,
        span: Span | None,
        label: str = "",
        *,
        labels: tuple[Label, ...] = (),
        reason: str = "",
        help: Help = "",
        fixes: tuple[Fix, ...] = (),
    ) -> Poison:
        """Report a mistake with the chain of kinds and loops that the frame came through. One place is told of one
        mistake once, however many turns of a loop come by: the first turn stands for all."""
        if span is not None and ((code, span) in self._told or self._garbled(span)):
            return POISON
        self._told.add((code, span))
        origin: Origin | None = frame[0] if frame else None
        said = help if isinstance(help, str) else self._advise(help)
        self.diagnostics.add(Diagnostic(code, summary, span, label, labels, reason, said, fixes, "error", origin))
        return POISON

    def _advise(self, help: Callable[[], str]) -> str:
        """A suggestion; looking for one costs milliseconds, so that only the first mistakes get theirs."""
        self._advised += 1
        return help() if self._advised <= _ADVICE else ""

    def _garbled(self, span: Span) -> bool:
        """Whether the text there could not be read, or stopped making sense right behind: that was reported."""
        for known in self.diagnostics.found[self._looked_at :]:
            if known.span is not None and known.code.startswith("E01"):
                self._unread.add(known.span)
        self._looked_at = len(self.diagnostics.found)
        return self._unread.spoils(span)

    def is_lost(self, name: str, span: Span | None = None) -> bool:
        """Whether the declaration of a name could not be read; `pc7` is lost where `"pc{i}"` is.

        `span`: where it is asked for; what is missing there is no second mistake either.
        """
        lost = name in self.lost or self._in_lost_family(name)
        if lost and span is not None:
            self.diagnostics.followed.append(span)
        return lost

    def _in_lost_family(self, name: str) -> bool:
        families = self.lost_families
        if len(families) < len(name):
            return any(name.startswith(family) for family in families)
        return any(name[:length] in families for length in range(len(name) + 1))

    def refuse_outside(self, importer: str, path: str, frame: Frame, span: Span) -> bool:
        """Whether a file of a module from git names one outside of it, which is reported."""
        place = importer.partition("/")[0]
        if place not in getattr(self.reader, "modules", ()) or path.startswith(f"{place}/"):
            return False
        self.error(
            frame,
            "E0203",
            "a module from git cannot name files outside of it",
            span,
            f"means `{path}`",
            reason="whoever wrote the module must not read files of whoever uses it",
        )
        return True

    def spend(self, count: int, frame: Frame | None, span: Span) -> None:
        """Count what an expansion makes; raises TooLargeError, reported, past the limit."""
        self.spent += count
        if self.spent <= self.limit:
            return
        self.error(
            frame,
            "E0317",
            "the lab expands too far",
            span,
            f"past {self.limit:,} turns of loops here; a node counts as {NODE_COST} of them",
            reason="a lab of that size cannot be built; most often a range has a digit too many",
            help="shorten the range",
        )
        raise TooLargeError

    # --- Elements by name --------------------------------------------------------------------------------

    def find(self, name: str, sorts: Iterable[str]) -> list[str]:
        """The sorts, of those asked for, in which an element of that name exists."""
        return [sort for sort in sorts if f"{sort}/{name}" in self.tables[sort]]

    def exists(self, name: str) -> bool:
        return bool(self.find(name, SORTS))

    def names(self, sorts: Iterable[str]) -> list[str]:
        """All names of elements of some sorts, for suggestions: only where one is wanted, as they may be many."""
        return [key[len(sort) + 1 :] for sort in sorts for key in self.tables[sort]]

    def family(self, base: str, sorts: Iterable[str] = ("node", "segment", "zone", "group")) -> list[Element]:
        """The elements called `base` and a number, by rising number: `leaf[*]`. Of the first sort that has any."""
        for sort in sorts:
            numbers = self._family_of(sort).get(base)
            if numbers:
                return [Element(f"{base}{number}", sort) for number in numbers]
        return []

    def fields_of(self, name: str) -> dict[str, object]:
        """The fields of a node, computed now where they are not yet; none for what is no node."""
        node = self.lab.nodes.get(NodeId(f"node/{name}"))
        if node is None:
            return {}
        if node.fields:
            return node.fields
        if self._by_name is None:
            self._by_name = {build.node.name: build for build in self.builds}
        return self._by_name[name].fields()

    def members(self, group: GroupId) -> tuple[NodeId, ...]:
        """The nodes of a group, resolved now where they are not yet; none for what is no group."""
        if group not in self.lab.groups:
            return ()
        if group in self.unresolved:
            self.unresolved[group]()
        return self.lab.groups[group].members

    def table(self, node: Node, what: str) -> dict[Any, Any]:
        """A table beside a node, in which the statements of its body look up what earlier ones said: nodes have thousands
        of services and configurations at times. Any: each kind of statement has its own."""
        key = (
            id(node),
            what,
        )  # by identity, as nodes whose header could not be read have one name; held, so that it stays
        found = self._beside.get(key)
        if found is None:
            found = self._beside[key] = (node, {})
        return found[1]

    def _family_of(self, sort: str) -> dict[str, list[int]]:
        if sort in self._families:
            return self._families[sort]
        families: dict[str, list[int]] = {}
        for key in self.tables[sort]:
            match = _FAMILY.match(key.partition("/")[2])
            if match and len(match[2]) < 20:
                families.setdefault(match[1], []).append(int(match[2]))
        for numbers in families.values():
            numbers.sort()
        if self.phase > DECLARE:  # nothing is added after the first phase
            self._families[sort] = families
        return families

    def once(self, frame: Frame, key: str, span: Span, what: str, help: str = "give one of them another name") -> bool:
        """Whether this is the first declaration of an id; the second is reported with a label at the first."""
        first = self.first.get(key)
        if first is None:
            self.first[key] = span
            return True
        self.error(
            frame,
            "E0302",
            f"{what} is declared twice",
            span,
            "again here",
            labels=(Label(first, "first declared here"),),
            help=help,
        )
        return False


def suggest(name: str, candidates: Iterable[str]) -> str:
    """`did you mean …?` for a name that is close to one of the candidates, else nothing."""
    close = closest(name, candidates)
    return f"did you mean `{close}`?" if close else ""
