"""All mistakes in one run, each once, with the way that led there; and no text that brings a traceback."""

from __future__ import annotations

import string
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate import elaborate
from labc.compiler.elaborate.imports import Module
from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.elaborate.state import State
from labc.compiler.source import Span

from .conftest import Elaborating

TEN = """segment inside 10.0.0.0/24
segment out side 10.1.0.0/24
node web linux.host {
  port eth0 on insde
}
node pc { port eth0 on inside at 10.0.0.1; gateway wbe }
node a { port eth0 inside }
node b { port eth0 on inside; serve htpp }
let x = 1 +
let y = 1ms + 1
node c: nope { port eth0 on inside }
zone z =
"""


def test_five_of_syntax_and_five_of_meaning(elaborated: Elaborating) -> None:
    """All ten come out in one run, and nothing beside: what could not be read is not judged."""
    codes = elaborated(TEN).codes
    assert len([code for code in codes if code.startswith("E01")]) == 5
    assert sorted(code for code in codes if not code.startswith("E01")) == ["E0301", "E0301", "E0306", "E0308", "E0314"]


def test_a_loop_tells_its_mistake_once(elaborated: Elaborating) -> None:
    """A thousand turns, one diagnostic, for the first of them."""
    found = elaborated('for i in 1..1000 { node "pc{i}" { gateway r[i] } }\n').only
    assert found.origin is not None
    assert [step.note for step in found.origin.chain()] == ["with i = 1"]


def test_turns_of_nested_loops_are_told(elaborated: Elaborating) -> None:
    """Innermost first, with the value of each."""
    found = elaborated("for a, b in zip([1], [10.0.0.1]) { for c in [tcp/80] { node n { port e on nope } } }\n").only
    assert found.origin is not None
    assert [step.note for step in found.origin.chain()] == ["with c = tcp/80", "with a = 1, b = 10.0.0.1"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("let x{} = y{}", "E0301"),
        ("zone z{} = q{}", "E0301"),
        ("node n{}: kind{}", "E0308"),
        ("node n{} {{ on nowhere{} }}", "E0301"),
    ],
)
def test_names_are_listed_for_the_suggestions_only(
    elaborated: Elaborating, monkeypatch: pytest.MonkeyPatch, line: str, code: str
) -> None:
    """Of many mistakes only the first get one, so that listing all names does not cost mistakes times names."""
    listed = Counter[str]()

    def counted(owner: type, method: str) -> None:
        list_names = getattr(owner, method)

        def count(*given: Any) -> Any:
            listed[method] += 1
            return list_names(*given)

        monkeypatch.setattr(owner, method, count)

    for owner, method in ((Module, "variables"), (Module, "kind_names"), (State, "names")):
        counted(owner, method)
    made = elaborated("".join(f"{line.format(number, number)}\n" for number in range(1000)))
    assert Counter(made.codes)[code] == 1000
    assert listed
    assert max(listed.values()) <= 200


def test_a_secret_is_in_no_message(elaborated: Elaborating) -> None:
    """Where it lies may be said, never more; a name cannot hold it."""
    made = elaborated('let key = secret("env:KEY")\nfor k in ["{key}"] { node "n{k}"; segment s 10.0.0.1/24 }\n')
    assert made.codes == ["E0323", "E0305"]
    assert made.diagnostics.found[1].origin is not None
    assert "with k = a secret" in [step.note for step in made.diagnostics.found[1].origin.chain()]


def test_too_large_a_lab_is_refused_in_time(elaborated: Elaborating) -> None:
    """A digit too many stops with a diagnostic, not with the machine's memory."""
    assert elaborated("for i in 1..1000000000 { node pc[i] }\n").codes == ["E0317"]
    assert elaborated("for i in 1..100000 { for j in 1..100000 { node a[i] } }\n").codes == ["E0317"]


def test_a_triangle_of_turns_is_counted_as_it_is(elaborated: Elaborating) -> None:
    """The product of the longest turns would be too much, the lab is not."""
    text = "for i in 1..2000 { for j in 1..(if i < 2000 then 1 else 20000) { } }\nfor i in 1..5000 { for j in i..5000 { } }\n"
    assert elaborated(text.replace("5000", "1500")).codes == []


def test_a_local_variable_may_come_after_its_use(elaborated: Elaborating) -> None:
    """In any block; it is computed once for each turn."""
    text = 'for i in 1..2 { node "n{name}"; let name = "{i}{twice}"; let twice = i * 2 }\n'
    assert list(elaborated.sound(text).nodes) == ["node/n12", "node/n24"]


def test_local_variables_have_mistakes_too(elaborated: Elaborating) -> None:
    """Declared twice, depending on themselves."""
    assert elaborated("if true { let a = 1; let a = 2 }\n").codes == ["E0302"]
    assert elaborated('if true { let a = b; let b = a; node "n{a}" }\n').codes == ["E0315"]


WORDS = [
    "lab",
    "node",
    "segment",
    "link",
    "port",
    "on",
    "at",
    "tagged",
    "over",
    "gateway",
    "route",
    "via",
    "nat",
    "napt",
    "to",
    "zone",
    "group",
    "policy",
    "test",
    "for",
    "in",
    "if",
    "else",
    "let",
    "param",
    "kind",
    "field",
    "extends",
    "import",
    "std.linux",
    "serve",
    "http",
    "config",
    "needs",
    "expect",
    "send",
    "ping",
    "stream",
    "cut",
    "repeat",
    "within",
    "after",
    "as",
    "was",
    "a",
    "b",
    "pc1",
    "10.0.0.0/24",
    "10.0.0.1",
    "2001:db8::1",
    "tcp/80",
    "10ms",
    "1Gbps",
    "3",
    "-1",
    '"x{a}"',
    '"s"',
    "true",
    "=",
    "==",
    "+",
    "-",
    "*",
    "/",
    "%",
    "..",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    ":",
    "--",
    "->",
    "<->",
    ".",
    "|",
    "\n",
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_no_words_bring_a_traceback(words: list[str]) -> None:
    """Whatever stands there, there is a lab or a diagnostic, and every span lies in its text."""
    text = "lab x\n" + " ".join(words)
    diagnostics = Diagnostics()
    elaborate("lab.net", MemoryReader({"lab.net": text.encode()}), {}, diagnostics)
    for found in diagnostics:
        assert found.code
        assert found.summary
        assert found.span is None or _inside(found.span)


def _inside(span: Span) -> bool:
    return 0 <= span.start <= span.end <= len(span.source.data)


@settings(max_examples=200)
@given(st.text(alphabet=string.printable, max_size=80))
def test_no_parameter_brings_a_traceback(text: str) -> None:
    """Whatever stands behind `-p n=`."""
    for declared in ("n: int = 1", "n: list[prefix] = []", "n = 10ms", 'n: "a" | "b" = "a"'):
        source = f"lab x\nparam {declared}\nlet y = n\n".encode()
        elaborate("lab.net", MemoryReader({"lab.net": source}), {"n": text}, Diagnostics())
