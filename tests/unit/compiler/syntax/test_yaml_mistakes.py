"""Mistakes in YAML are diagnostics with exact spans, all in one run, and never a traceback."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax import read, tree
from labc.compiler.syntax.yaml import FILE
from labc.compiler.syntax.yaml_lab import KIND, SERVICE
from labc.compiler.syntax.yaml_site import GEAR, HOST, NIC

EXAMPLE = Path(__file__).parents[3] / "golden" / "yaml" / "everything.yaml"


def mistakes(text: str | bytes) -> list[tuple[str, str]]:
    """Code and underlined text of each mistake."""
    _, found = tried(text)
    return [(said.code, said.span.shown if said.span else "") for said in found]


def tried(text: str | bytes) -> tuple[tree.File, Diagnostics]:
    diagnostics = Diagnostics()
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return read(Source("lab.yaml", data), diagnostics), diagnostics


@pytest.mark.parametrize(
    ("text", "code", "underlined"),
    [
        ("nods: {a: }", "E0151", "nods"),
        ("nodes: {a: {gatway: b}}", "E0151", "gatway"),
        ("tests: [{title: t, steps: [{snd: a -> b icmp}]}]", "E0151", "{snd: a -> b icmp}"),
        ("tests: [{title: t, steps: [{send: a -> b icmp, after: 1s}]}]", "E0151", "after"),
        ("nodes: 3", "E0152", "3"),
        ("segments: {a: {prefixes: [10.0.0.0/24], was: [b]}}", "E0152", "[b]"),
        ("policies: {p: {otherwise: maybe}}", "E0152", "maybe"),
        ("links: [a:b]", "E0152", "a:b"),
        ("links: ['a:b -- c']", "E0152", "c"),
        ("tests: [{title: t, steps: [{send: a b}]}]", "E0152", "a"),
        ("nodes: {a: {needs: [isdn >> 1]}}", "E0152", ">"),
        ("- a", "E0152", "- a"),
        ("policies: {p: [otherlow]}", "E0152", ""),
        ("nodes: {a: {kind: 'x y'}}", "E0152", "'x y'"),
        ("nodes: {a: {ports: {e: {at: {x: y}}}}}", "E0152", "{x: y}"),
        ("import: [std linux]", "E0152", "std linux"),
        ("import: [{module: std linux}]", "E0152", "std linux"),
        ("groups: {g: []}", "E0159", "[]"),
        ("pools: {g: [], h: 1..2}", "E0159", "[]"),
        ("policies: {p: [{from: [], to: b, allow: any}]}", "E0159", "[]"),
        ("for: {each: a b, in: 1..2}", "E0152", "a b"),
        ("nodes: {a: {set: {a b: 1}}}", "E0152", "a b"),
        ("nodes: {a: {needs: {a b: 1}}}", "E0152", "a b"),
        ("import: {path: a.net, as: a b}", "E0152", "a b"),
        ("instances: {use: {a b: 1..2}}", "E0152", "a b"),
        ("together: {of: [a, b], buy: rack}", "E0151", "buy"),
        ("together: {by: rack}", "E0154", "{by: rack}"),
        ("apart: {of: [a, b], by: a b}", "E0152", "a b"),
        ("prefers: [{together: [a, b], apart: [c, d]}]", "E0152", "[c, d]"),
        ("prefers: [{weight: 3}]", "E0154", "{weight: 3}"),
        ("prefers: [{apart: [a, b], on: h1}]", "E0151", "on"),
        ("nodes: {a: {prefers: [{weight: 3}]}}", "E0154", "{weight: 3}"),
        ("pools: {vni: {except: 3}}", "E0154", "{except: 3}"),
        ("tests: [{title: t, steps: [{ping: a -> b, as: p 1}]}]", "E0152", "p 1"),
        ("nodes: {a: , a: }", "E0153", "a"),
        ("nodes: {a: {routes: [{via: b}]}}", "E0154", "{via: b}"),
        ("nodes: {a: {routes: [{prefix: 10.0.0.0/8}]}}", "E0154", "{prefix: 10.0.0.0/8}"),
        ("policies: {p: [{from: a, to: b}]}", "E0154", "{from: a, to: b}"),
        ("for: {each: i, nodes: {a: }}", "E0154", "{each: i, nodes: {a: }}"),
        ("nodes: {a: !foo b}", "E0155", "!foo b"),
        ("nodes: *x", "E0156", "*x"),
        ("nodes: &x {a: *x}", "E0156", "*x"),
        ("lab: x\n---\nlab: y", "E0157", "---"),
        ("nodes: {'a{b': }", "E0158", "{"),
        ("let: {a: }", "E0159", ""),
        ("lab:\n\t- x", "E0150", "\t"),
        (b"lab: \xff", "E0150", "\ufffd"),
        ("lab: \x00", "E0150", "\x00"),
        ("let: {a: hello world}", "E0101", "world"),
        ("segments: {a: 10.0.0.300/8}", "E0108", "10.0.0.300/8"),
        ("let: {a: '3; node z'}", "E0101", ";"),
        ("let: {a: '3, 4'}", "E0101", ","),
    ],
)
def test_a_mistake_is_underlined(text: str | bytes, code: str, underlined: str) -> None:
    """One code and the exact bytes for one mistake."""
    assert mistakes(text) == [(code, underlined)]


def test_all_mistakes_of_a_file_come_out_in_one_run() -> None:
    """Each in its own statement, and the sound ones are in the tree."""
    text = """
lab: x
nods: {}
segments: {a: {prefixes: 10.0.0.300/8, mtuu: 3}, b: 10.1.0.0/24}
nodes:
  n: {kind: linux.host, ports: {e: {at: '('}, f: b}}
  m: {gateway: '1 +', routes: [{via: q}]}
tests: [{title: t, steps: [{snd: x}, {expect: a -> b icmp}]}]
"""
    file, found = tried(text)
    assert sorted(said.code for said in found) == ["E0101", "E0104", "E0108", "E0151", "E0151", "E0151", "E0154"]
    nodes = [statement for statement in file.body if isinstance(statement, tree.NodeDecl)]
    assert [node.name.plain for node in nodes] == ["n", "m"]
    assert [port.name.plain for port in nodes[0].body if isinstance(port, tree.PortDecl)] == ["e", "f"]


def test_what_stands_before_a_mistake_of_yaml_is_kept_and_checked() -> None:
    """The parser cannot go on, but what it read counts."""
    file, found = tried("lab: x\nsegmnts: {}\nnodes:\n  a: linux.host\n  b: {kind: linux.host\nlinks: [\n")
    assert [said.code for said in found] == ["E0150", "E0151"]
    (node,) = [statement for statement in file.body if isinstance(statement, tree.NodeDecl)]
    assert node.name.plain == "a"


def test_a_label_beside_the_keys_of_a_host_is_told_where_to_stand() -> None:
    """Under `set`, and not to be another key that is not very like it."""
    _, found = tried("hosts: {h1: {rack: 3}}")
    (said,) = found
    assert (said.code, said.fixes) == ("E0151", ())
    assert said.help.endswith("stand under `set`: `set: {rack: …}`")


def test_an_unknown_key_gets_a_suggestion_that_an_editor_can_apply() -> None:
    """`did you mean`, and the replacement."""
    _, found = tried("nodes: {a: {gatway: b}}")
    (said,) = found
    assert said.help == "did you mean `gateway`?"
    assert [(fix.span.shown, fix.text) for fix in said.fixes] == [("gatway", "gateway")]


def test_a_text_without_its_own_quotes_is_told_how_to_write_it() -> None:
    """YAML's quotes do not make a text."""
    _, found = tried("let: {a: 'hello world'}")
    (said,) = found
    assert said.help.endswith("if a text is meant, put it in quotes of its own: '\"hello world\"'")


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("hello pc{i} there", '"hello pc{i} there"'),
        ("hello {clients + 1} there", '"hello {clients + 1} there"'),
        ("hello { there", r'"hello \{ there"'),
        ("hello {} there", r'"hello \{} there"'),
    ],
)
def test_the_suggested_quotes_keep_what_a_text_means(text: str, suggested: str) -> None:
    """An expression in braces stays one, and a lone brace is a letter."""
    _, found = tried(f"let: {{a: '{text}'}}")
    assert next(iter(found)).help.endswith(f"put it in quotes of its own: '{suggested}'")
    _, after = tried(f"let: {{a: '{suggested}'}}")
    assert list(after) == []


def test_a_second_key_shows_the_first_one() -> None:
    """Both lines are shown."""
    _, found = tried("nodes:\n  a: x.y\n  a: x.z\n")
    (said,) = found
    assert said.span is not None
    assert (str(said.span), str(said.labels[0].span)) == ("lab.yaml:3:3", "lab.yaml:2:3")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "x: " + "{a: " * 50_000,
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(20)),
        "let: {a: '" + "(" * 50_000 + "'}",
        "nodes: {'" + "{" * 50_000 + "': }",
    ],
    ids=["brackets", "braces", "billion laughs", "parentheses", "braces in a name"],
)
def test_a_file_made_to_hurt_is_refused_quickly(text: str) -> None:
    """Depth and unfolding are bounded."""
    begun = time.process_time()
    assert mistakes(text)
    assert time.process_time() - begun < 5


@given(st.data())
@settings(max_examples=200)
def test_no_damage_to_a_lab_gives_a_traceback(data: st.DataObject) -> None:
    """Bytes cut out, doubled or replaced: there is always a tree, and spans lie in the source."""
    lab = EXAMPLE.read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(lab)))
        end = min(len(lab), start + data.draw(st.integers(0, 30)))
        piece = data.draw(
            st.sampled_from(
                [b"", b"{", b"]", b": ", b"\n  ", b"\t", b"'", b'"', b"*x", b"&x ", b"- ", b"\xc3", lab[start:end] * 2]
            )
        )
        lab = lab[:start] + piece + lab[end:]
    file, found = tried(lab)
    assert isinstance(file, tree.File)
    for said in found:
        assert said.span is not None
        assert 0 <= said.span.start <= said.span.end <= len(lab)


KEYS = sorted(
    {
        *FILE,
        *KIND,
        *SERVICE,
        *HOST,
        *GEAR,
        *NIC,
        "kind",
        "each",
        "in",
        "when",
        "else",
        "steps",
        "title",
        "rules",
        "ends",
        "git",
        "from",
        "to",
        "allow",
        "expect",
        "check",
        "uses",
        "use",
        "prefix",
        "via",
        "extends",
        "a",
        "b{i}",
    }
)
SHAPES = st.recursive(
    st.text(max_size=5) | st.integers() | st.none() | st.sampled_from(["a -> b icmp", "a:b", "1..2"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(sorted(FILE)), SHAPES, max_size=4))
@settings(max_examples=400)
def test_no_shape_of_data_gives_a_traceback(value: object) -> None:
    """Any JSON is YAML."""
    file, _ = tried(json.dumps(value))
    assert isinstance(file, tree.File)


@pytest.mark.parametrize(
    "text", ["let:\n  a: hello\n   world: 3\n", "let:\n  a: hello there\n  - x\n", "let:\n  a: [1, 2 3\n  b: 4\n"]
)
def test_what_yaml_misread_before_its_mistake_is_no_second_one(text: str) -> None:
    """The value right before it is left out."""
    assert [code for code, _ in mistakes(text)] == ["E0150"]
