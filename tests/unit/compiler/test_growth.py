"""The compiler's work grows with the text, not with its square. Counted in executed lines, which no busy machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.passes.tests import denies
from labc.compiler.pipeline import compile_lab

HEAD = "lab growth\nimport std.linux, std.firewall\nsegment s 10.0.0.0/8\nsegment t 11.0.0.0/8\n"
ONE_HOST = "node a: linux.host { port e on s }\n"
FEW = 300


def steps(text: str, part: str) -> int:
    """The lines of a part of the compiler that one compilation executes; a turn of a comprehension counts as one."""
    count = 0
    reader = MemoryReader({"lab.net": text.encode(), "x.j2": b"x\n"})

    def enter(frame: FrameType, _event: str, _arg: Any) -> Callable[..., Any] | None:
        return trace if part in frame.f_code.co_filename else None

    def trace(_frame: FrameType, event: str, _arg: Any) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(enter)
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


def policies(count: int) -> str:
    """A firewall between many segments, each with one host and one rule."""
    numbers = range(count)
    lines = [
        f"segment s{n} 12.{n // 250}.{n % 250}.0/24\nnode n{n}: linux.host {{ port e on s{n}; gateway f }}"
        for n in numbers
    ]
    lines += ["node f: firewall.nftables {", *(f"port p{n} on s{n}" for n in numbers), "}"]
    lines += ["policy p {", *(f"s{n} -> s{n * 7 % count} allow tcp/{n + 1}" for n in numbers), "otherwise deny }"]
    return "\n".join(lines) + "\n"


def rules(count: int) -> str:
    """Many rules between two hosts."""
    lines = ["node f: firewall.nftables { port e on s; port g on t }", "node b: linux.host { port e on t; gateway f }"]
    lines += ["node c: linux.host { port e on s; gateway f }"]
    lines += ["policy p {", *(f"c -> b allow tcp/{number + 1}" for number in range(count)), "otherwise deny }"]
    return "\n".join(lines) + "\n"


ELABORATE, TESTS = "/compiler/elaborate/", "/compiler/passes/tests/"
GROWING = {
    "services": (
        ELABORATE,
        lambda count: at_top("service v{} on tcp/80")(count) + of_node("serve v{} on tcp/7")(count),
    ),
    "configurations": (ELABORATE, of_node('config "x.j2" to "/etc/x{}"')),
    "gateways": (ELABORATE, of_node("gateway a")),
    "logical ports": (ELABORATE, of_node("bond b{0} over p{0}")),
    "rules between two": (TESTS, rules),
    "addresses that cannot be read": (ELABORATE, of_node("port p{} at 10.0.0.300")),
    "families that are lost": (
        ELABORATE,
        lambda count: at_top('for i in nope{0} {{ node "a{0}x{{i}}" }}')(count) + at_top("zone z{0} = q{0}")(count),
    ),
}


@pytest.mark.parametrize(("part", "text"), GROWING.values(), ids=GROWING.keys())
def test_work_grows_with_the_text(part: str, text: Callable[[int], str]) -> None:
    """What the third part of a text adds is what its second part added."""
    steps(HEAD + text(1), part)  # loads what is loaded once
    one, two, three = (steps(HEAD + text(parts * FEW), part) for parts in (1, 2, 3))
    assert three - two < 1.15 * (two - one)


def test_a_kind_looks_once_for_what_is_missing() -> None:
    """Each node of a kind that refers to what nobody declared adds less than looking for it again."""
    kind = "kind k extends linux.host {\n" + "".join(f"port p{n} on u{n}\n" for n in range(50)) + "}\n"
    one, many = (
        steps(HEAD + kind + "".join(f"node n{n}: k\n" for n in range(count)), "/elaborate/targets") for count in (1, 21)
    )
    assert many - one < 20 * 50 * 10


def test_a_policy_is_proven_by_so_many_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the most pairs that a policy tries, three times the segments and rules are hardly more work."""
    monkeypatch.setattr(denies, "MOST_PAIRS", 200)
    monkeypatch.setattr(denies, "MOST_PACKETS", 20_000)
    one, three = (steps(HEAD + policies(count), TESTS) for count in (40, 120))
    assert three < 1.5 * one
