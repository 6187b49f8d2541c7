"""Work in a child: its answer, its death, its bound, and what it leaves behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from labc.compiler.solvers.placing import cycles
from labc.compiler.solvers.placing.forked import forked
from labc.compiler.solvers.placing.place import place
from labc.compiler.solvers.problem import Problem
from tests.unit.compiler.solvers.problems import Net, problem

_ROOT = Path(__file__).parents[5]


def _ring() -> Problem:
    return problem([[1]] * 200, [[60]] * 4, [((i, (i + 1) % 200), ()) for i in range(200)])


def _crash() -> bytes:
    return ctypes.string_at(0)


def _spin() -> bytes:
    while True:
        pass


def _fail() -> bytes:
    raise RuntimeError


def test_what_the_work_returns_comes_back_whole() -> None:
    """More than a pipe holds at once."""
    assert forked(lambda: bytes(range(256)) * 4096, 10) == bytes(range(256)) * 4096


@pytest.mark.parametrize("work", [_crash, _fail])
def test_who_dies_gives_nothing_and_says_nothing(work: object, capfd: pytest.CaptureFixture[str]) -> None:
    """A segmentation fault or an error within the child is no answer, and no noise."""
    assert forked(work, 10) is None  # type: ignore[arg-type]  # one of two functions
    assert capfd.readouterr() == ("", "")


def test_work_without_end_is_ended_by_its_processor_time() -> None:
    """A second of work, whatever the clock says."""
    assert forked(_spin, 1) is None


def test_neither_child_nor_descriptor_is_left() -> None:
    """After answers and deaths this process is as it was."""
    before = sorted(Path("/proc/self/fd").iterdir())
    for work in (lambda: b"x", _crash, _fail):
        forked(work, 10)
    assert sorted(Path("/proc/self/fd").iterdir()) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_an_interruption_ends_the_child() -> None:
    """Ctrl-C while the child works: KeyboardInterrupt here, and no child any more."""
    parent = os.getpid()

    def interrupting() -> bytes:
        os.kill(parent, signal.SIGINT)
        return _spin()

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # OR-Tools leaves another behind
    try:
        with pytest.raises(KeyboardInterrupt):
            forked(interrupting, 10)
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_crash_of_the_library_leaves_the_first_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """METIS's partition, repaired, stands, and the path says so."""
    assert place(_ring()).path == "quality"
    monkeypatch.setattr(cycles, "_candidates", lambda *_: _crash())
    assert place(_ring()).path == "fast"


def test_the_library_never_starts_in_the_process_that_asks() -> None:
    """What it does with threads and signals stays in the child."""
    program = (
        "from tests.unit.compiler.solvers.placing.test_forked import _ring\n"
        "from labc.compiler.solvers.placing.place import place\n"
        "assert place(_ring()).path == 'quality'\n"
        "from labc.compiler.solvers.placing.partition_kahypar import _library\n"
        "assert _library.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=_ROOT, env={**os.environ, "PYTHONPATH": str(_ROOT)})


@pytest.mark.parametrize("node", [(9, 1), (0, 0)])
def test_the_library_is_not_asked_what_it_does_not_end(node: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit heavier than a host's bound while real gear fixes others; and labs so small that a proof follows."""
    monkeypatch.setattr(cycles, "cycling", lambda *_: pytest.fail("asked"))
    heavy, anchor = node
    count = 70 if heavy else 60
    rows: list[Net] = [((i,), (anchor,)) for i in range(count)]
    place(problem([[heavy], *[[1]] * (count - 1)] if heavy else [[1]] * count, [[8]] + [[30]] * 3, rows))
