"""Who holds an instance: one writer or one tester, and what either does wrong is its own affair."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from labc.runtime import instance as instances
from labc.runtime.errors import Held
from labc.runtime.instance import instance, refuse_while_written, writer

Holding = Callable[[], AbstractContextManager[object]]


def _write() -> AbstractContextManager[object]:
    return writer(instance("t"), "up")


def _test() -> AbstractContextManager[object]:
    return instances.tester(instance("t"))


@pytest.fixture
def there(folders: Path) -> None:
    """The instance has its folder."""
    with _write():
        pass


@pytest.mark.parametrize(("first", "verb"), [(_write, "up"), (_test, "test")])
@pytest.mark.parametrize("second", [_write, _test])
def test_nobody_writes_or_tests_beside_another(there: None, first: Holding, verb: str, second: Holding) -> None:
    """The second is told what the first does."""
    with first(), pytest.raises(Held, match=rf"\({verb}\)"), second():
        pass
    with second():
        pass


@pytest.mark.parametrize("holding", [_write, _test])
def test_what_is_refused_while_an_instance_is_held_is_no_second_holder(there: None, holding: Holding) -> None:
    """A file of somebody else's that would block is told as it is."""
    with pytest.raises(BlockingIOError), holding():
        raise BlockingIOError
    with _write():
        pass


def test_a_holder_that_lives_on_holds_no_longer(there: None) -> None:
    """Whoever looks later finds nobody, also where it is one process that did both."""
    with pytest.raises(Held), _write():
        refuse_while_written("t")
    refuse_while_written("t")
    assert [(instance("t").runtime / name).read_bytes() for name in ("writer", "tester")] == [b"", b""]
