"""Writing what a build made: the plan and its map, the lab's text, its drawing, the rendered configurations.

Enters: a `Compiled` and where to. Leaves: files, or standard output. Called by `labc build`. Files are written beside the
plan's: lab.plan.json, lab.map.json, lab.ir.txt, lab.svg, and the folder lab.configs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from .replacing import replace_file
from .talk import say

if TYPE_CHECKING:
    from ..compiler.pipeline import Compiled


class Target(Struct, frozen=True):
    """Where to write: the plan's file, or None for standard output."""

    plan: Path | None

    def beside(self, ending: str) -> Path:
        assert self.plan is not None
        name = self.plan.name.removesuffix(".json").removesuffix(".plan")
        return self.plan.with_name(name + ending)

    def write(self, ending: str, data: bytes) -> None:
        if self.plan is None:
            sys.stdout.buffer.write(data)
            return
        path = self.plan if ending == ".plan.json" else self.beside(ending)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # /dev/null, a pipe
            path.write_bytes(data)
        else:
            replace_file(path, data, durable=False)
        say(f"wrote {path}")


def emit(compiled: Compiled, kinds: Iterable[str], target: Target) -> None:
    """Write each kind asked for."""
    for kind in kinds:
        EMITTERS[kind](compiled, target)


def _plan(compiled: Compiled, target: Target) -> None:
    if compiled.plan is None or compiled.map is None:
        return
    target.write(".plan.json", compiled.plan)
    if target.plan is not None and target.plan.is_file():  # nothing belongs beside /dev/null or a pipe
        target.write(".map.json", compiled.map)


def _ir(compiled: Compiled, target: Target) -> None:
    from ..compiler.ir.text import lab_text

    assert compiled.lab is not None
    target.write(".ir.txt", lab_text(compiled.lab).encode())


def _graph(compiled: Compiled, target: Target) -> None:
    from ..compiler.graph import draw

    assert compiled.lab is not None
    target.write(".svg", draw(compiled.lab, "svg").encode())


def _configs(compiled: Compiled, target: Target) -> None:
    assert compiled.lab is not None
    folder = target.beside(".configs")
    count = 0
    for node in compiled.lab.nodes.values():
        for config in node.configs:
            path = folder / node.name.replace("/", "_") / config.name.replace("/", "_")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(config.text.encode())
            count += 1
    say(f"wrote {count} configuration{'s' * (count != 1)} to {folder}" if count else "no node has a configuration")


EMITTERS: dict[str, Callable[[Compiled, Target], None]] = {
    "plan": _plan,
    "ir": _ir,
    "graph": _graph,
    "configs": _configs,
}
