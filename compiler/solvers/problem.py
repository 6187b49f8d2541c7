"""A placement as arithmetic: things of a size, hosts with room, what must hold, what is wished, and what a cut costs.

Enters: from the pass `placement`, which turns a lab and its site into a `Problem`. Leaves: an `Answer`. Read by every
solver of this folder.

Nodes stand sorted by id and hosts by name, so that the answer depends on no order of declaration. All numbers are
whole: thousandths of a processor, bytes, and costs in the unit of `JOIN`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from numpy import bool_, int32, int64
    from numpy.typing import NDArray

    Numbers = NDArray[int64]
    Indices = NDArray[int32]
    Flags = NDArray[bool_]

JOIN = (
    10  # the cost of one more host on a segment without a stated rate; each Gbps of its rate adds 1, at most JOIN more
)
UNPLACED = -1
Strategy = Literal["", "pack", "spread"]
Path = Literal["only", "kept", "exact", "quality", "fast", "tight"]


class Allow(Struct, frozen=True):
    """Each of `nodes` runs on one of the hosts whose flag is set: `needs kvm`, `on h1`. Many claims share one array of flags."""

    nodes: tuple[int, ...]
    hosts: Flags


class Together(Struct, frozen=True):
    """All of `nodes` run in one domain. `domains`: a number for each host, its own for plain `together`; a rack's for `by rack`.
    A host with domain -1 has none (no such label): nodes of the claim do not run there."""

    nodes: tuple[int, ...]
    domains: Indices


class Apart(Struct, frozen=True):
    """No two of `nodes` run in one domain, and none on a host without one, as for `Together`."""

    nodes: tuple[int, ...]
    domains: Indices


class Balance(Struct, frozen=True):
    """The domains' numbers of `nodes` differ by one at most; every domain of the site counts. None runs on a host without one."""

    nodes: tuple[int, ...]
    domains: Indices


class Exclusive(Struct, frozen=True):
    """Whatever host one of `nodes` runs on carries no other node than these."""

    nodes: tuple[int, ...]


Claim = Allow | Together | Apart | Balance | Exclusive


class Wish(Struct, frozen=True):
    """A claim that may go unmet: it then costs `weight` joins (`weight * JOIN`), once a claim; of an `Allow` once a node."""

    claim: Claim
    weight: int


class Nets(Struct, frozen=True):
    """Segments as hyperedges, in rows: net i joins the nodes `pins[start[i]:start[i + 1]]` and, through real gear, the hosts
    `anchors[anchor_start[i]:anchor_start[i + 1]]`. A net on k hosts, anchors counted, costs `(k - 1) * weight[i]`."""

    start: Numbers
    pins: Indices
    weight: Numbers
    anchor_start: Numbers
    anchors: Indices


class Problem(Struct, frozen=True):
    """`demand`: nodes × resources, `capacity`: hosts × resources. `claims` must hold, `wishes` are paid for when they do not.
    `kept`: the host that the lock holds for a node, UNPLACED for a new one; None without a lock."""

    nodes: tuple[str, ...]
    hosts: tuple[str, ...]
    resources: tuple[str, ...]
    demand: Numbers
    capacity: Numbers
    nets: Nets
    claims: tuple[Claim, ...] = ()
    wishes: tuple[Wish, ...] = ()
    kept: Indices | None = None
    strategy: Strategy = ""


class Cost(Struct, frozen=True, order=True):
    """What an answer costs; compared member by member, after feasibility.

    `moves`: nodes that left the host that the lock held. `strategy`: with `pack` the hosts in use, with `spread` the imbalance, else 0.
    `cut`: joins of nets and wishes that are not met, in the unit of JOIN.
    `waste`: nodes on a host that some `Allow` among the claims singles out (it allows this host and not all), without being
    of such a claim. `imbalance`: of the fullest host's fullest resource over the emptiest host's, in thousandths of the
    capacity, each rounded down.
    """

    moves: int
    strategy: int
    cut: int
    waste: int
    imbalance: int


class Answer(Struct, frozen=True):
    """`hosts`: for each node its host. `path`: which way decided. `proven`: no feasible answer has a lesser `(moves, strategy, cut)`."""

    hosts: Indices
    path: Path
    proven: bool
    cost: Cost


class DoesNotFitError(Exception):
    """No placement was found. `proven`: there is none; else the solvers' budget, counted in work, ran out first."""

    def __init__(self, proven: bool) -> None:
        super().__init__("no placement exists" if proven else "no placement was found")
        self.proven = proven


class MissingSolverError(Exception):
    """The problem needs a library that is not installed. `package`: its name on PyPI."""

    def __init__(self, package: str) -> None:
        super().__init__(f"{package} is not installed")
        self.package = package
