"""The pass manager: runs passes in order, times them, prints the lab after them, and verifies it when asked.

Enters: names of passes, a lab. Leaves: the lab that the last one made. Called by `pipeline.py`.

A pass is one file (or folder) of this folder with one public function of the same name, which says by `@register` what
it reads and writes: `"ports.addresses"` is the field `addresses` of every record of `lab.ports`. A pass module is
imported only when its turn comes, so that a design with mistakes never pays for the template engine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from importlib import import_module
from time import perf_counter

from msgspec import Struct, field

from ..diagnostics import Diagnostics
from ..ir.lab import Lab

Apply = Callable[[Lab, Diagnostics], Lab]
Observer = Callable[[str, Lab, float], None]  # a step's name, the lab after it, the seconds it took


class Pass(Struct, frozen=True):
    """A step of the compiler from a lab to a lab, and what it declares to read and write."""

    name: str
    apply: Apply
    reads: tuple[str, ...]
    writes: tuple[str, ...]


_registered: dict[str, Pass] = {}


def register(*, reads: Iterable[str], writes: Iterable[str]) -> Callable[[Apply], Apply]:
    """Declares a pass; its name is the function's.

    >>> @register(reads=["links"], writes=["segments"])
    ... def segments(lab, diagnostics): ...
    """

    def keep(apply: Apply) -> Apply:
        _registered[apply.__name__] = Pass(apply.__name__, apply, tuple(reads), tuple(writes))
        return apply

    return keep


def find(name: str) -> Pass:
    """The pass of that name. Raises LookupError when its file does not declare it: a bug of ours."""
    import_module(f".{name}", __package__)
    if name not in _registered:
        raise LookupError(f"compiler/passes/{name} declares no pass `{name}` by @register")
    return _registered[name]


class Run(Struct):
    """One run of the compiler: what to do after each step, and what came of it.

    `timings`: seconds by step. `printed`: the lab's text after each step named in `print_after`.
    """

    verify: bool = False
    print_after: Collection[str] = ()
    observer: Observer | None = None
    timings: dict[str, float] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)

    def apply(self, name: str, lab: Lab, diagnostics: Diagnostics) -> Lab:
        """Runs one pass, and under `verify` proves that it wrote only what it declares and left the lab valid."""
        step = find(name)
        before = _fingerprint(lab) if self.verify else {}
        started = perf_counter()
        lab = step.apply(lab, diagnostics)
        self.done(name, lab, started)
        if self.verify:
            _hold_to_declaration(step, before, _fingerprint(lab))
        return lab

    def done(self, name: str, lab: Lab, started: float) -> None:
        """Called after each step, also those that are no passes from lab to lab."""
        seconds = perf_counter() - started
        self.timings[name] = seconds
        if name in self.print_after:
            self.printed[name] = _text(lab)
        if self.observer is not None:
            self.observer(name, lab, seconds)
        if self.verify:
            _verify(name, lab)


class BrokenPassError(AssertionError):
    """A pass left a lab that breaks the IR's contract, or wrote what it did not declare: a bug of ours, never of a user."""


def _verify(name: str, lab: Lab) -> None:
    from ..ir.verify import verify  # only under --verify

    if broken := verify(lab, after=name):
        raise BrokenPassError(f"after `{name}`:\n" + "\n".join(broken[:20]))


def _text(lab: Lab) -> str:
    from ..ir.text import lab_text  # only under --print-after

    return lab_text(lab)


def _fingerprint(lab: Lab) -> dict[str, int]:
    from ..ir.text import fingerprint

    return fingerprint(lab)


def _hold_to_declaration(step: Pass, before: dict[str, int], after: dict[str, int]) -> None:
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    undeclared = [name for name in changed if not any(_within(name, written) for written in step.writes)]
    if undeclared:
        raise BrokenPassError(f"`{step.name}` wrote {', '.join(undeclared)}, which it does not declare")


def _within(name: str, written: str) -> bool:
    """Whether a field is declared: `ports` declares `ports.addresses`; `nodes.routes.via` declares `nodes.routes`, in part."""
    return name == written or name.startswith(written + ".") or written.startswith(name + ".")
