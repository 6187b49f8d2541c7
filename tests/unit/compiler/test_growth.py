"""The compiler's work grows with the text, not with its square. Counted in executed lines, which no busy machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.pipeline import compile_lab

HEAD = "lab growth\nimport std.linux, std.firewall\nsegment s 10.0.0.0/8\nsegment t 11.0.0.0/8\n"
ONE_HOST = "node a: linux.host { port e on s }\n"
FEW = 300


def steps(text: str) -> int:
    """The lines of the compiler that one compilation executes; a turn of a comprehension counts as one."""
    count = 0
    reader = MemoryReader({"lab.net": text.encode(), "x.j2": b"x\n"})

    def trace(_frame: FrameType, event: str, _arg: Any) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        compile_lab("lab.net", reader, stop_after="tests")
    finally:
        sys.settrace(before)
    return count


def of_node(line: str, kind: str = "linux.router") -> Callable[[int], str]:
    return lambda count: (
        f"node n: {kind} {{\n" + "".join(line.format(number) + "\n" for number in range(count)) + "}\n" + ONE_HOST
    )


def at_top(line: str) -> Callable[[int], str]:
    return lambda count: ONE_HOST + "".join(line.format(number) + "\n" for number in range(count))


GROWING = {
    "services": lambda count: at_top("service v{} on tcp/80")(count) + of_node("serve v{} on tcp/7")(count),
    "configurations": of_node('config "x.j2" to "/etc/x{}"'),
    "gateways": of_node("gateway a"),
    "logical ports": of_node("bond b{0} over p{0}"),
}


@pytest.mark.parametrize("text", GROWING.values(), ids=GROWING.keys())
def test_work_grows_with_the_text(text: Callable[[int], str]) -> None:
    """What the third part of a text adds is what its second part added."""
    steps(HEAD + text(1))  # loads what is loaded once
    one, two, three = (steps(HEAD + text(parts * FEW)) for parts in (1, 2, 3))
    assert three - two < 1.15 * (two - one)
