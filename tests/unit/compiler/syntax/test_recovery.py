"""What the parser says about broken labs, and what it keeps of them."""

from __future__ import annotations

import pytest

from labc.compiler.diagnostics import Diagnostic, Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax import tree
from labc.compiler.syntax.parse import parse
from labc.compiler.syntax.tree import File


def read(text: str) -> tuple[File, list[Diagnostic]]:
    found = Diagnostics()
    return parse(Source("lab.net", text.encode()), found), found.found


def said(text: str) -> list[tuple[str, str]]:
    """Code and underlined text of each diagnostic."""
    return [(diagnostic.code, diagnostic.span.shown if diagnostic.span else "") for diagnostic in read(text)[1]]


_ON = (
    "it stands in a node or a kind; here `together NODE, NODE` and `apart NODE, NODE` say how nodes stand to each other"
)


@pytest.mark.parametrize(
    ("text", "code", "underlined", "help"),
    [
        ("nod web: linux.host", "E0102", "nod", "did you mean `node`?"),
        ("Node web: linux.host", "E0102", "Node", "did you mean `node`?"),
        ("node web linux.host { port p }", "E0101", "linux", "write `:` before `linux`"),
        ("node a { port p onn lan }", "E0101", "onn", "did you mean `on`?"),
        ("node a { route ::/0 vai edge }", "E0101", "vai", "did you mean `via`?"),
        ("node a { mtu == 1400 }", "E0101", "==", "write `=`"),
        ("if a = 1 { let b = 2 }", "E0101", "=", "write `==`"),
        ("segment s 10.0.0.0/24 { mtu 1400 }", "E0101", "1400", "write `=` before `1400`"),
        ("link a:p - b:q", "E0101", "-", "write `--`"),
        ("link a:p -> b:q", "E0101", "->", "write `--`"),
        ("zone w outside, inside", "E0101", "outside", "write `=` before `outside`"),
        ("let y = [1, 2 3]", "E0101", "3", "write `,` before `3`"),
        ("policy p { a => b allow }", "E0101", "=>", "write `->`"),
        ("policy p { a -> b alow tcp/80 }", "E0101", "alow", "did you mean `allow`?"),
        ("policy p { a -> b permit tcp/80 }", "E0101", "permit", "did you mean `allow`?"),
        ("node a: k { interface p on lan }", "E0102", "interface", "did you mean `port`?"),
        ("node a: k { port p on lan 10.0.0.5 }", "E0101", "10.0.0.5", "write `at` before `10.0.0.5`"),
        (
            "node web-1: k { port p }",
            "E0101",
            "-",
            'a name in which a number follows `-` stands in quotes: `"web-1"`',
        ),
        ("let x = 10m", "E0108", "m", "did you mean `min`?"),
        ("let x = 10Gps", "E0108", "Gps", "did you mean `Gbps`?"),
        ("node a { port p on lan at 10.0.0.300 }", "E0108", "10.0.0.300", ""),
        ("segment s 10.0.0.0/33", "E0108", "10.0.0.0/33", ""),
        ("let x = udp/70000", "E0108", "udp/70000", "a range is `tcp/LOW..HIGH`"),
        ('let x = "abc', "E0103", '"abc', ""),
        ('node "web: linux.host {\n  port p\n}', "E0103", '"web: linux.host', ""),
        ('let x = "a\\qb"', "E0109", "\\q", ""),
        ("port p", "E0110", "port", "it stands in a node, a kind, a device or a switch"),
        ("node a { node b }", "E0110", "node", "it stands at the top of a file"),
        ("mtu = 3", "E0110", "mtu = 3", ""),
        ("on h1", "E0110", "on", _ON),
        ("prefers on h2 weight 5", "E0110", "prefers", _ON),
        ("for i in 1..2 { import std.linux }", "E0110", "import", ""),
        ("node a: k { port p on at lan }", "E0101", "lan", ""),
        ("let a = (1, 2", "E0101", ",", ""),
        ("let büro = 1", "E0106", "ü", 'a name with such letters is written in quotes: `"…"`'),
    ],
)
def test_one_mistake_brings_one_message(text: str, code: str, underlined: str, help: str) -> None:
    """The code, the exact place, and the way out."""
    found = read(f"lab x\n{text}\nlet after = 1\n")[1]
    if text == "let a = (1, 2":
        assert found
        return
    assert [(d.code, d.span.shown if d.span else "") for d in found] == [(code, underlined)]
    assert not help or found[0].help == help


def test_five_mistakes_in_five_statements() -> None:
    """Each has its message, and the sound statements between them are in the tree."""
    file, found = read(
        "lab x\nnode a linux.host\nlet one = 1\nsegmnt s 10.0.0.0/24\nlet two = ]2\nlink a:p b:q\n"
        "let three = 3\nzone z = = a\ngroup g = a\n"
    )
    assert [d.code for d in found] == ["E0101", "E0102", "E0105", "E0101", "E0101"]
    assert [type(s).__name__ for s in file.body if not isinstance(s, tree.Broken)].count("Let") == 2
    assert isinstance(file.body[-1], tree.GroupDecl)


def test_a_broken_header_keeps_its_block() -> None:
    """What is wrong inside the block of a broken header is said too, and nothing is said twice."""
    assert said("node web: linux.host on the roof {\n  port eth0\n  gatway edge\n}\nlet a = 1") == [
        ("E0101", "on"),
        ("E0102", "gatway"),
    ]


def test_a_repaired_statement_is_in_the_tree() -> None:
    """What refers to it is not reported as missing later."""
    file, _ = read("nod web: linux.host { port eth0 }")
    assert isinstance(file.body[0], tree.NodeDecl)
    assert file.body[0].name.plain == "web"
    assert len(file.body[0].body) == 1


def test_a_missing_brace_is_found_by_the_indentation() -> None:
    """The message shows where `}` was missed and where the block was opened; both nodes are in the tree."""
    file, found = read("node a: k {\n  port p\n\nnode b: k {\n  port q\n}\n")
    assert [d.code for d in found] == ["E0104"]
    assert found[0].span is not None
    assert (found[0].span.start, found[0].span.shown) == (22, "node")
    assert found[0].labels[0].span.start == 10
    assert [s.name.plain for s in file.body if isinstance(s, tree.NodeDecl)] == ["a", "b"]


def test_a_missing_brace_is_found_among_blocks_of_one_line() -> None:
    """A block that opens and closes on its line says nothing about the indentation; every other statement is whole."""
    file, found = read(
        "segment s 10.0.0.0/24 {\nnode a: k { port p { mtu = 3 } }\npolicy q { a -> b allow\n otherwise deny }\n"
    )
    assert [d.code for d in found] == ["E0104"]
    assert found[0].span is not None
    assert found[0].span.shown == "node"
    assert [type(s).__name__ for s in file.body] == ["SegmentDecl", "NodeDecl", "PolicyDecl"]


def test_a_missing_brace_at_the_end() -> None:
    """With nothing behind it, the end of the file is the place."""
    file, found = read("node a: k {\n  port p {\n    mtu = 3\n")
    assert [d.code for d in found] == ["E0104", "E0104"]
    assert isinstance(file.body[0], tree.NodeDecl)


def test_a_stray_brace() -> None:
    """One brace too many says so once."""
    assert said("node a: k {\n  port p\n}\n}\nlet x = 1\n") == [("E0105", "}")]


def test_an_open_parenthesis_does_not_swallow_the_file() -> None:
    """A statement that starts in the next line ends it."""
    file, found = read("let a = len([1, 2]\nnode b: k { port p }\nlet c = 1")
    assert [d.code for d in found] == ["E0104"]
    assert isinstance(file.body[1], tree.NodeDecl)


def test_a_statement_cut_off_behind_an_operator() -> None:
    """The next line is its own statement."""
    file, found = read("let a = 10 +\nlet b = 1")
    assert [d.code for d in found] == ["E0101"]
    assert isinstance(file.body[1], tree.Let)


@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("blank", ["\t", " "])
def test_marks_tabs_and_line_ends_of_other_systems(mark: str, end: str, blank: str) -> None:
    """A byte order mark, CRLF and tabs mean nothing."""
    text = f"{mark}lab{blank}x # c{end}node a: k {{{end}{blank}port p{end}}}{end}"
    file, found = read(text)
    assert not found
    assert len(file.body) == 2
    assert file.comments[0].span.shown == "# c"


def test_what_is_no_text() -> None:
    """Bytes that are not UTF-8, and NUL, are shown where they stand."""
    found = Diagnostics()
    parse(Source("lab.net", b'lab x\nlet a = "\xff"\nlet b = "\x00"\n# \xc3(\n'), found)
    assert [(d.code, d.span.start if d.span else -1) for d in found] == [("E0107", 15), ("E0107", 27), ("E0107", 32)]


def test_keywords_are_names_where_the_grammar_wants_names() -> None:
    """A node may be called `test`, a port `in`, a field `host`."""
    file, found = read(
        "node test: k { port in; host = 3; port = 4; gateway on }\nlink test:in -- on:at\ngroup node = test, port, zone\n"
        "policy p { test -> node allow tcp/80; port, zone -> if allow; for -> in deny }\n"
        "zone zone = zone\nlet let = link.node[test]\nlet x = node\n"
    )
    assert not found
    assert isinstance(file.body[0], tree.NodeDecl)
    assert [type(s).__name__ for s in file.body[0].body] == ["PortDecl", "Assign", "Assign", "Gateway"]


def test_the_tables_belong_to_the_grammar() -> None:
    """tables.json was made from grammar.lark as it is; `python -m labc.compiler.syntax` makes it anew."""
    import json

    from labc.compiler.syntax.tables import GRAMMAR, TABLES, build

    assert json.loads(TABLES.read_bytes()) == build(GRAMMAR.read_bytes())


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    """LALR(1) without a choice that lark would make in silence."""
    import logging

    from lark import logger

    from labc.compiler.syntax.tables import GRAMMAR, build

    logger.addHandler(caplog.handler)
    logger.setLevel(logging.DEBUG)
    try:
        build(GRAMMAR.read_bytes())
    finally:
        logger.removeHandler(caplog.handler)
        logger.setLevel(logging.CRITICAL)
    assert [record.getMessage() for record in caplog.records if "conflict" in record.getMessage()] == []
