"""What is refused before any solver: too many that no host may share."""

from __future__ import annotations

import numpy as np
import pytest

from labc.compiler.solvers.placing import exact, strategies
from labc.compiler.solvers.placing.place import place
from labc.compiler.solvers.problem import Apart, Claim, DoesNotFitError, Exclusive
from tests.unit.compiler.solvers.problems import own, problem

_EACH = tuple(Exclusive((node,)) for node in range(400))
_RACKS = np.arange(100, dtype=np.int32) // 2


@pytest.mark.parametrize(
    ("nodes", "hosts", "claims"),
    [
        (400, 300, _EACH),
        (101, 100, _EACH[:100]),
        (500, 400, (Apart(tuple(range(500)), own(400)),)),
        (51, 100, (Apart(tuple(range(51)), _RACKS),)),
    ],
)
def test_too_many_that_share_no_place_need_no_solver(
    nodes: int, hosts: int, claims: tuple[Claim, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exclusive nodes, a stranger beside them, nodes apart by host and by rack: a matching refuses them, with proof."""
    monkeypatch.setattr(exact, "exact", lambda *_: pytest.fail("a solver was asked"))
    monkeypatch.setattr(strategies, "by_strategy", lambda *_: pytest.fail("a heuristic was asked"))
    with pytest.raises(DoesNotFitError) as refused:
        place(problem([[1]] * nodes, [[9]] * hosts, claims=claims))
    assert refused.value.proven


def test_as_many_as_there_are_places_are_placed() -> None:
    """The matching refuses nobody who fits, and fewer hosts than these need are not tried."""
    answer = place(problem([[1]] * 200, [[60]] * 160, claims=_EACH[:159]))
    assert len(set(answer.hosts[:159].tolist())) == 159
    assert set(answer.hosts[159:].tolist()).isdisjoint(answer.hosts[:159].tolist())
