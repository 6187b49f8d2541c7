"""The formatter: the same tree, the same comments, and nothing to do the second time."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source, Span
from labc.compiler.syntax import read
from labc.compiler.syntax.format import WIDTH, format_net
from labc.compiler.syntax.parse import parse
from labc.compiler.syntax.tree import File
from labc.compiler.syntax.yaml_out import format_yaml

HERE = Path(__file__).parent
LABS = sorted([*HERE.glob("*.net"), *HERE.parents[3].glob("examples/*/*.net"), *HERE.parents[3].glob("stdlib/*.net")])
TEXTS = [path.read_bytes() for path in LABS]


def parsed(data: bytes) -> File:
    """The tree of a text without mistakes."""
    found = Diagnostics()
    file = parse(Source("lab.net", data), found)
    assert not found.found, (found.found[0], data.decode())
    return file


def meaning(value: Any) -> Any:
    """A tree without its spans; names that are spelt in two ways are one."""
    if isinstance(value, tuple | list) and not isinstance(value, Span):
        return [meaning(item) for item in value]
    if isinstance(value, Struct):
        names = [field for field in value.__struct_fields__ if field != "span"]
        return [type(value).__name__, *(meaning(getattr(value, name)) for name in names)]
    return value


def remarks(file: File) -> list[str]:
    return [comment.span.shown.strip() for comment in file.comments]


def hold(data: bytes) -> bytes:
    """Format; hold what must hold for every text."""
    before = parsed(data)
    once = format_net(before)
    after = parsed(once)
    assert meaning(after.body) == meaning(before.body)
    assert remarks(after) == remarks(before)
    assert format_net(after) == once
    return once


@pytest.mark.parametrize("path", LABS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_labs_keep_their_tree_and_their_comments(path: Path) -> None:
    """Every lab of the repository means the same afterwards, and formatting it again changes nothing."""
    hold(path.read_bytes())


@settings(max_examples=150)
@given(st.sampled_from(TEXTS), st.randoms(use_true_random=False))
def test_comments_and_blanks_anywhere(text: bytes, chance: random.Random) -> None:
    """Comments, blank lines, blanks and broken lines wherever the language allows them."""
    lines = []
    for number, written in enumerate(text.decode().split("\n")):
        line = written
        if "#" not in line and '"' not in line:
            line = re.sub(" ", lambda _: chance.choice([" ", " ", "   ", "\t"]), line)
            line = re.sub(r",", lambda _: chance.choice([",", ",", ", # in between\n", ",\n\n"]), line)
            line = re.sub(
                r"(?<=\S)\{(?= )|(?<= )\{(?= )", lambda _: chance.choice(["{", "{", "{ # opened\n", "{\n\n"]), line
            )
            line += chance.choice(["", "", f" # end {number}", ";", "\n\n\n", f"\n    # own {number}"])
        lines.append(line)
    hold("\n".join(lines).encode())


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("lab   x   # why\n\n\n\nlet a=1", "lab x  # why\n\nlet a = 1\n"),
        ("node a:linux.host{port p;gateway b}", "node a: linux.host { port p; gateway b }\n"),
        ("node a {\n\n  port p\n\n\n  gateway b # up\n\n}", "node a {\n  port p\n\n  gateway b  # up\n}\n"),
        ("if a {\nlet b=1\n}\nelse\n{\nlet c=2 }", "if a {\n  let b = 1\n} else {\n  let c = 2\n}\n"),
        ("let x=(1+2)*3-(4)", "let x = (1 + 2) * 3 - 4\n"),
        ("node\ta\n{ # two\n# three\nport p # four\n# five\n} # six\n# seven",
         "node a {  # two\n  # three\n  port p  # four\n  # five\n}  # six\n# seven\n"),
        ("policy p {}\nfor i in 1..2 {}", "policy p {}\nfor i in 1..2 {}\n"),
        ("", ""),
        ("# only a remark", "# only a remark\n"),
    ],
)  # fmt: skip
def test_the_canonical_form(given: str, wanted: str) -> None:
    """Blanks, blank lines, blocks and remarks each have one place."""
    assert hold(given.encode()).decode() == wanted


def test_long_lists_are_broken_behind_commas() -> None:
    """No line with commas is longer than the page."""
    names = ", ".join(f"server-number-{index}" for index in "abcdefghijklmnop")
    text = hold(f"group all = {names}\nlet list = [{names}]\nlet map = {{ {names.replace(',', ': 1,')}: 1 }}".encode())
    assert max(map(len, text.decode().split("\n"))) <= WIDTH


ATOMS = st.sampled_from(
    [
        "a",
        "b-c",
        "3",
        "1.5",
        "10ms",
        "5%",
        '"t"',
        "10.0.0.0/8",
        "::1",
        "tcp/80",
        "true",
        "leaf[*]",
        "host",
        "node",
        "[]",
        "f()",
    ]
)
BINARY = st.sampled_from(
    ["or", "and", "==", "!=", "<", "in", "..", "+", "-", "*", "/", "%", "host", "subnet 24 at"]
)  # fmt: skip


def wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, BINARY, inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
        inner.map(lambda text: f"-({text})"),
        inner.map(lambda text: f"not ({text})"),
        inner.map(lambda text: f"({text}).name"),
        inner.map(lambda text: f"({text})[{text}]"),
        inner.map(lambda text: f'"x{{{text}}}y"'),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, max_size=2).map(lambda items: f"f({', '.join(items)})"),
        st.tuples(inner, inner, inner).map(lambda parts: "(if {} then {} else {})".format(*parts)),
        st.tuples(inner, inner).map(lambda parts: "[{} for x in ({}) if x]".format(*parts)),
    )


@settings(max_examples=300)
@given(st.recursive(ATOMS, wider, max_leaves=8))
def test_parentheses_stay_where_they_mean_something(text: str) -> None:
    """Any expression means the same with the parentheses that the formatter leaves."""
    hold(f"let x = {text}\nnode a {{ port p at ({text}) }}\n".encode())


@pytest.mark.parametrize("path", LABS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_tree_that_came_from_yaml(path: Path) -> None:
    """Statements and remarks of the YAML spelling come out as `.net` that means the same."""
    found = Diagnostics()
    there = read(Source("lab.yaml", format_yaml(parsed(path.read_bytes()))), found)
    text = format_net(there)
    assert not found.found
    back = parsed(text)
    assert meaning(back.body) == meaning(there.body)
    assert remarks(back) == remarks(there)
    assert format_net(back) == text
