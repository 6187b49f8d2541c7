"""No input, however broken, brings an exception; the tree's spans lie in the source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source, Span
from labc.compiler.syntax.lexer import lexicon
from labc.compiler.syntax.parse import parse, parse_part
from labc.compiler.syntax.tables import STARTS
from labc.compiler.syntax.tree import File

SAMPLES = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.net"))]
ALPHABET = [
    *lexicon().literals,
    *(
        "\n",
        " ",
        "web",
        "edge",
        '"pc{i}"',
        '"',
        "{i",
        "10.0.0.1",
        "10.0.0.0/24",
        "fe80::1",
        "::",
        "5ms",
        "5%",
        "7",
        "1.5",
    ),
    *(
        "02:00:00:00:00:01",
        "tcp/80",
        "udp/5000..5010",
        "# note",
        "é",
        "\x00",
        "\t",
        "\r\n",
        "\\",
        "icmp",
        "leaf[*]",
        "=>",
    ),
]


def spans(value: Any) -> list[Span]:
    """Every span in a tree."""
    if isinstance(value, Span):
        return [value]
    if isinstance(value, tuple):
        return [span for item in value for span in spans(item)]
    if isinstance(value, Struct):
        return [span for field in value.__struct_fields__ for span in spans(getattr(value, field))]
    return []


def check(data: bytes) -> tuple[File, Diagnostics]:
    """Parse; hold what must hold for every input."""
    source, found = Source("lab.net", data), Diagnostics()
    file = parse(source, found)
    assert isinstance(file, File)
    said = [diagnostic.span for diagnostic in found] + [label.span for d in found for label in d.labels]
    for span in [*spans((file.body, file.comments)), *(span for span in said if span)]:
        assert 0 <= span.start <= span.end <= len(data)
    return file, found


@settings(max_examples=400)
@given(st.lists(st.sampled_from(ALPHABET), max_size=40), st.sampled_from(["", " "]))
def test_words_in_any_order(words: list[str], between: str) -> None:
    """Words of the language in any order."""
    check(between.join(words).encode())


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_bytes(data: bytes) -> None:
    """Bytes that are no text at all."""
    check(data)


@settings(max_examples=400)
@given(st.data())
def test_labs_with_something_cut_out_or_put_in(data: st.DataObject) -> None:
    """A sound lab in which a part was taken away, doubled, or replaced by a word."""
    text = data.draw(st.sampled_from(SAMPLES))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        put = data.draw(st.sampled_from([*ALPHABET, text[start:end].decode("utf-8", "replace") * 2]))
        text = text[:start] + put.encode() + text[end:]
    check(text)


@settings(max_examples=200)
@given(st.sampled_from(STARTS[1:]), st.lists(st.sampled_from(ALPHABET), max_size=8))
def test_fragments(start: str, words: list[str]) -> None:
    """The fragments that YAML's strings hold."""
    data = " ".join(words).encode()
    parse_part(start, Source("lab.yaml", data), 0, len(data), Diagnostics())


@pytest.mark.parametrize(
    "text",
    [
        "let x = " + "(" * 5000,
        "let x = " + "[" * 5000 + "]" * 5000,
        "node a { " * 5000,
        "let x = " + "not " * 5000 + "y",
        "let x = " + "- " * 5000 + "y",
        "let x = " + "1 + " * 5000 + "1",
        "let x = a" + ".b" * 5000,
        "let x = a" + "[1]" * 5000,
        "let x = " + "if a then b else " * 5000 + "c",
        "let x = " + '"{' * 5000,
        "if a {} " + "else if b {} " * 3000,
    ],
)
def test_deep_nesting_is_a_diagnostic(text: str) -> None:
    """What nests deeper than a walk by recursion bears is reported, once."""
    _, found = check(text.encode())
    assert len([d for d in found if d.code == "E0111"]) == (0 if text.startswith("if a") else 1)


def test_long_numbers_are_a_diagnostic() -> None:
    """Python refuses to read an integer of 5,000 digits; the parser says so first."""
    for text in (
        "9" * 5000,
        "9" * 5000 + "ms",
        "9" * 5000 + "." + "9" * 5000,
        "tcp/" + "9" * 5000,
        "1.1.1." + "9" * 5000,
    ):
        assert [d.code for d in check(f"let x = {text}".encode())[1]] == ["E0108"]


def test_garbage_ends_after_a_hundred_mistakes() -> None:
    """A megabyte of what is no lab gives a bounded list."""
    _, found = check(b'a b c ] ) } { x = = 3 port port 10.0.0 " %% \n' * 25_000)
    assert len(found) < 1000
