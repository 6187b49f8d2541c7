"""Large problems: nothing is broken, the answer repeats, whatever the threads, and a lock is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from msgspec import structs

from labc.compiler.solvers.cost import cost_of, violations
from labc.compiler.solvers.placing.place import place
from labc.compiler.solvers.problem import (
    UNPLACED,
    Allow,
    Apart,
    Balance,
    Claim,
    DoesNotFitError,
    Exclusive,
    Problem,
    Together,
    Wish,
)
from tests.unit.compiler.solvers.problems import Net, flags, large_problems, own, problem

_ROOT = Path(__file__).parents[5]


def _ring(nodes: int, hosts: int, *, fill: float = 0.85, claims: tuple[Claim, ...] = ()) -> Problem:
    """A ring with chords, nodes of mixed sizes, equal hosts."""
    rng = np.random.default_rng(7)
    demand = rng.integers(1, 9, (nodes, 2))
    room = np.ceil(demand.sum(axis=0) / fill / hosts).astype(int).tolist()
    rows: list[Net] = [((i, (i + 1) % nodes), ()) for i in range(nodes)]
    rows += [((i, int(rng.integers(nodes))), ()) for i in range(0, nodes, 5)]
    return problem(demand.tolist(), [room] * hosts, rows, claims=claims)


def _claims(hosts: int) -> tuple[Claim, ...]:
    racks = np.arange(hosts, dtype=np.int32) // 2
    return (
        Allow(tuple(range(40)), np.arange(hosts) < 2),
        Together((50, 90, 130), own(hosts)),
        Together((60, 100, 140), racks),
        Apart(tuple(range(200, 199 + hosts)), own(hosts)),
        Balance(tuple(range(210, 230)), racks),
        Exclusive((290, 291)),
    )


@given(large_problems())
@settings(max_examples=5)
def test_whatever_is_answered_breaks_nothing_and_repeats(asked: Problem) -> None:
    """Random claims, wishes, locks and strategies: a sound answer, twice the same, or a refusal."""
    with suppress(DoesNotFitError):
        answer = place(asked)
        assert violations(asked, answer.hosts) == []
        assert answer.cost == cost_of(asked, answer.hosts)
        assert (place(asked).hosts == answer.hosts).all()


@pytest.mark.parametrize("hosts", [4, 8])
def test_every_kind_of_claim_holds_in_a_large_lab(hosts: int) -> None:
    """Three hundred nodes under one claim of each kind, at little slack."""
    asked = _ring(300, hosts, fill=0.65, claims=_claims(hosts))
    assert violations(asked, place(asked).hosts) == []


def test_a_tight_lab_is_placed_where_greed_fails() -> None:
    """Nodes of 5 and 3 fill hosts of 8 to the brim: only exact pairs fit."""
    asked = problem([[5], [3]] * 100, [[8]] * 100, [((i, i + 1), ()) for i in range(199)])
    answer = place(asked)
    assert violations(asked, answer.hosts) == []


def test_what_cannot_fit_is_proven_by_sums() -> None:
    """The arithmetic of all hosts together needs no solver."""
    with pytest.raises(DoesNotFitError) as refused:
        place(problem([[2]] * 200, [[99]] * 4))
    assert refused.value.proven


def test_real_gear_draws_its_segments_to_its_host() -> None:
    """Nodes without other ties come to the hosts that their gear is cabled to."""
    rows: list[Net] = [((i,), (i % 4,)) for i in range(200)]
    answer = place(problem([[1]] * 200, [[60]] * 4, rows))
    assert answer.cost.cut == 0


def test_an_edit_moves_no_kept_node() -> None:
    """Ten new nodes of a thousand: all others keep their hosts, and the cut stays near that of placing anew."""
    asked = _ring(1000, 10, claims=(Apart((1, 2, 3), own(10)),))
    anew = place(asked)
    kept = anew.hosts.copy()
    kept[::100] = UNPLACED
    answer = place(structs.replace(asked, kept=kept))
    assert answer.path == "kept"
    assert answer.cost.moves == 0
    assert (answer.hosts == kept)[kept != UNPLACED].all()
    assert answer.cost.cut <= 1.03 * anew.cost.cut
    assert violations(asked, answer.hosts) == []


def test_few_nodes_move_when_a_host_shrinks() -> None:
    """The lock cannot be held: what must leave the host leaves it, and nothing else moves."""
    asked = _ring(400, 8, fill=0.7)
    kept = place(asked).hosts
    capacity = asked.capacity.copy()
    capacity[0] = capacity[0] * 9 // 10
    answer = place(structs.replace(asked, kept=kept, capacity=capacity))
    assert violations(structs.replace(asked, capacity=capacity), answer.hosts) == []
    assert answer.cost.moves == (kept != answer.hosts).sum()
    assert set(kept[kept != answer.hosts].tolist()) <= {0}
    assert answer.cost.moves <= 10


def test_pack_uses_few_hosts_and_spread_fills_evenly() -> None:
    """A lab that half of the hosts can carry: packed it uses little more than half, spread it fills all alike."""
    asked = _ring(400, 8, fill=0.45)
    packed = place(structs.replace(asked, strategy="pack"))
    spread = place(structs.replace(asked, strategy="spread"))
    assert packed.cost.strategy <= 5
    assert spread.cost.strategy <= 20
    assert violations(asked, packed.hosts) == violations(asked, spread.hosts) == []


def test_wishes_are_met_where_they_are_worth_it() -> None:
    """Nodes of no other tie stand where they like, and a wish against all ties is paid for."""
    liked = Wish(Allow(tuple(range(0, 200, 2)), flags(1, 0, 0, 0)), 1)
    dear = Wish(Apart((1, 3), own(4)), 1)
    rows: list[Net] = [((1, 3), ()) for _ in range(5)]
    answer = place(structs.replace(problem([[1]] * 200, [[120]] * 4, rows), wishes=(liked, dear)))
    assert (answer.hosts[::2] == 0).all()
    assert answer.hosts[1] == answer.hosts[3]


def test_a_host_without_bound_takes_all() -> None:
    """A capacity that stands for "unlimited" overflows nothing."""
    answer = place(problem([[10**15, 3]] * 300, [[2**62, 2**62]] * 3, [((i, i + 1), ()) for i in range(299)]))
    assert answer.cost.cut == 0


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_answer_is_the_same_on_any_number_of_threads(threads: str) -> None:
    """A process that is held to one processor decides as this one does."""
    program = (
        "from tests.unit.compiler.solvers.placing.test_large import _ring, _claims\n"
        "from labc.compiler.solvers.placing.place import place\n"
        "print(place(_ring(300, 8, fill=0.65, claims=_claims(8))).hosts.tolist())"
    )
    pinned = f"import os\nos.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:{threads}])\n{program}"
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "PYTHONPATH": str(_ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", pinned], capture_output=True, text=True, check=True, env=environment, cwd=_ROOT
    )
    assert ran.stdout.strip() == str(place(_ring(300, 8, fill=0.65, claims=_claims(8))).hosts.tolist())
