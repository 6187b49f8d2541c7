"""Diagnostics as text, JSON and SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import process_time
from unicodedata import east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labc.compiler.codes import all_codes
from labc.compiler.diagnostics import Diagnostics, Fix, Label
from labc.compiler.render import render_json, render_sarif, render_text, summary
from labc.compiler.source import Origin, Source, Span

LAB = Source(
    "lab.net",
    "lab x\n"
    "segment dmz 10.10.0.0/24\n"
    "node web: linux.host {\n"
    "\tport eth0 on dmzz at 10.10.0.1  # 日本語\n"
    "}\n"
    "node ウェブ: linux.host { port eth0 on dnz }\n".encode()
    + b"let long = "
    + b'"x", ' * 60
    + b"bad, "
    + b'"y", ' * 30
    + b"\n",
)
SITE = Source("site.net", b"host h1 {\n  cpu = 1\n}\n")
KIND = Source("std/linux.net", b"kind host {\n  port eth0\n}\n")


def at(source: Source, text: str) -> Span:
    start = source.data.index(text.encode())
    return Span(source, start, start + len(text.encode()))


def columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


@pytest.fixture
def found() -> Diagnostics:
    """One of each sort: labels in two files, a kind's line, a long line, wide characters, no span."""
    diagnostics = Diagnostics()
    diagnostics.error(
        "E9901",
        "there is no segment `dmzz`",
        at(LAB, "dmzz"),
        "no segment has this name",
        labels=(Label(at(LAB, "dmz "), "a near one is declared here"), Label(at(SITE, "h1"), "the host")),
        reason="A port stands on a segment that the lab declares, so that its address can be compared with the segment's prefixes.",
        help="did you mean `dmz`?",
        fixes=(Fix(at(LAB, "dmzz"), "dmz", "use the near one"),),
    )
    diagnostics.error(
        "E9902", "wide characters", at(LAB, "dnz"), "here", labels=(Label(at(LAB, "ウェブ"), "this node"),)
    )
    diagnostics.warning(
        "W9901", "several lines", Span(LAB, LAB.data.index(b"node web"), LAB.data.index(b"}") + 1), "no gateway"
    )
    diagnostics.error("E9903", "a long line", at(LAB, "bad"), "look here")
    use = Span(LAB, LAB.data.index(b"node web"), LAB.data.index(b"}") + 1)
    diagnostics.error(
        "E9904",
        "in a kind",
        at(KIND, "eth0"),
        "no segment",
        origin=Origin(at(KIND, "eth0"), Origin(use, None, "in kind linux.host")),
    )
    diagnostics.note("N9901", "no place at all", None)
    return diagnostics


def test_text(found: Diagnostics, golden: Callable[[str, str], None]) -> None:
    """The whole face of the compiler, kept for review."""
    golden("diagnostics/all.txt", render_text(found, width=80))


def test_colours_change_no_character(found: Diagnostics) -> None:
    """What a terminal shows is what a file holds."""
    import re

    coloured = render_text(found, colour=True, width=80)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_text(found, width=80)


def test_nothing_found_prints_nothing() -> None:
    """No diagnostics, no text."""
    assert render_text(Diagnostics()) == ""
    assert json.loads(render_json(Diagnostics())) == []


def test_summary_counts() -> None:
    """Plural and singular, errors first."""
    diagnostics = Diagnostics()
    for name in "abc":
        diagnostics.error("E9910", name, None)
    diagnostics.warning("W9901", "x", None)
    assert summary(diagnostics) == "3 errors, 1 warning"


def test_lines_keep_to_the_width(found: Diagnostics) -> None:
    """Neither source lines nor reasons grow past the terminal, whatever its width."""
    for width in (60, 80, 120):
        for line in render_text(found, width=width).splitlines():
            assert columns(line) <= width, line


def underlined(text: str) -> str:
    """What stands above the carets of the first excerpt."""
    lines = text.splitlines()
    number = next(index for index, line in enumerate(lines) if "^" in line)
    cells = [
        part
        for character in lines[number - 1]
        for part in ([character] if columns(character) == 1 else [character, ""])
    ]
    start, end = lines[number].index("^"), lines[number].rindex("^") + 1
    return "".join(cells[start:end])


@pytest.mark.parametrize("text", ["dmzz", "10.10.0.1", "日本語", "port"])
def test_carets_stand_under_the_span(text: str) -> None:
    """After tabs and wide characters too."""
    diagnostics = Diagnostics()
    diagnostics.error("E9901", "x", at(LAB, text))
    assert underlined(render_text(diagnostics, width=80)) == text


def test_carets_stand_under_the_span_of_a_long_line() -> None:
    """A window of the line is shown, and the span in it."""
    diagnostics = Diagnostics()
    diagnostics.error("E9901", "x", at(LAB, "bad"))
    text = render_text(diagnostics, width=80)
    assert underlined(text) == "bad"
    assert "…" in text


def test_a_terminal_cannot_be_driven_by_a_lab() -> None:
    """Escape sequences and marks that turn text around are shown, not obeyed."""
    source = Source("lab.net", "lab \x1b[31mred \u202eevil\u202c \x07\n".encode())
    diagnostics = Diagnostics()
    evil = "a\x1b]0;x\x07 \u202e\x9b"
    diagnostics.error(
        "E9910", evil, at(source, "lab"), evil, reason=evil, help=evil, labels=(Label(at(source, "evil"), evil),)
    )
    text = render_text(diagnostics, width=80, shown=lambda path: path + evil)
    assert not set(text) & {"\x1b", "\u202e", "\x07", "\x9b"}


def test_a_line_of_megabytes_with_a_hundred_mistakes_is_printed_soon() -> None:
    """What is far from the marks is not laid out; the marks stand where they stood."""
    source = Source("lab.net", b"x" * 300_000 + b"bad" + b"x" * 300_000)
    diagnostics = Diagnostics()
    diagnostics.error("E9901", "x", at(source, "bad"), labels=(Label(Span(source, 0, 1), "far"),))
    assert underlined(render_text(diagnostics, width=80)) == "bad"
    for number in range(100):
        diagnostics.error("E9901", f"{number}", Span(source, number, number + 1))
    began = process_time()
    render_text(diagnostics, width=80)
    assert process_time() - began < 3


def test_empty_span_at_the_end_has_a_caret() -> None:
    """`expected }` at the end of the file points somewhere."""
    source = Source("lab.net", b"node a {")
    diagnostics = Diagnostics()
    diagnostics.error("E9910", "expected `}`", Span(source, 8, 8), "here")
    assert "        ^ here" in render_text(diagnostics)


@given(st.binary(max_size=80), st.integers(0, 90), st.integers(0, 30), st.integers(20, 100))
def test_any_bytes_and_any_span_render(data: bytes, start: int, length: int, width: int) -> None:
    """No input, however broken, stops the printing of what is wrong with it."""
    source = Source("lab.net", data)
    diagnostics = Diagnostics()
    diagnostics.error("E9910", "x", Span(source, start, start + length), "y", labels=(Label(Span(source, 0, 1), "z"),))
    assert render_text(diagnostics, width=width)
    json.loads(render_json(diagnostics))
    json.loads(render_sarif(diagnostics))


def test_order_is_by_place() -> None:
    """A reader goes through the file once, whichever pass spoke first."""
    diagnostics = Diagnostics()
    diagnostics.error("E9902", "second", at(LAB, "web"))
    diagnostics.error("E9901", "first", at(LAB, "segment"))
    text = render_text(diagnostics)
    assert text.index("first") < text.index("second")


def test_json_spans_count_bytes_characters_and_utf16(found: Diagnostics) -> None:
    """An editor can use either."""
    wide = next(each for each in json.loads(render_json(found)) if each["code"] == "E9902")
    start = wide["span"]["start"]
    assert start["offset"] == LAB.data.index(b"dnz")
    assert (start["line"], start["column"], start["utf16"]) == (6, 37, 36)


def test_json_says_all(found: Diagnostics, golden: Callable[[str, str], None]) -> None:
    """Labels, reasons, fixes and the way through kinds."""
    golden("diagnostics/all.json", render_json(found))


def test_paths_are_shown_as_the_user_gave_them(found: Diagnostics) -> None:
    """The compiler counts paths from the lab's folder; people stand elsewhere."""
    shown = render_text(found, shown=lambda path: f"labs/{path}")
    assert " --> labs/lab.net:4:15" in shown


def test_sarif(found: Diagnostics, golden: Callable[[str, str], None]) -> None:
    """What code scanners read, kept for review."""
    golden("diagnostics/all.sarif", render_sarif(found))


def test_sarif_regions_are_valid(found: Diagnostics) -> None:
    """SARIF counts from 1 and wants URIs without blanks (§3.30, §3.4)."""
    run = json.loads(render_sarif(found, shown=lambda path: f"my labs/{path}"))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for each in run["results"]:
        assert rules[each["ruleIndex"]] == each["ruleId"]
        assert each["level"] in ("error", "warning", "note")
        for location in [*each["locations"], *each.get("relatedLocations", [])]:
            place = location["physicalLocation"]
            assert " " not in place["artifactLocation"]["uri"]
            assert min(place["region"][key] for key in ("startLine", "startColumn", "endLine", "endColumn")) >= 1


def test_sarif_rules_tell_the_story_of_known_codes() -> None:
    """A code scanner shows what `labc explain` says."""
    code = next(iter(all_codes().values()))
    diagnostics = Diagnostics()
    diagnostics.error(code.code, "x", at(LAB, "dmzz"))
    rule = json.loads(render_sarif(diagnostics))["runs"][0]["tool"]["driver"]["rules"][0]
    assert rule["fullDescription"]["text"] == code.story


def test_a_flood_of_one_code_is_cut_in_text_alone() -> None:
    """The first twenty of a code stand for the rest, whose number is said; the other codes and JSON have all."""
    source = Source("lab.net", b"x\n" * 50)
    found = Diagnostics()
    for line in range(50):
        found.error("E0301", f"number {line}", Span(source, 2 * line, 2 * line + 1))
    found.error("E0302", "the last", Span(source, 98, 99))
    text = render_text(found)
    assert text.count("error[E0301]") == 20
    assert "… and 30 more of E0301" in text
    assert "error[E0302]: the last" in text
    assert "51 errors" in text
    assert len(json.loads(render_json(found))) == 51


def test_marks_far_apart_in_a_long_line_are_each_seen() -> None:
    """The line is shown once for each, and every mark stands under its text."""
    line = b"node x { on h1; " + b"port a on lan; " * 12 + b"together y }\n"
    source = Source("long.net", line)
    diagnostics = Diagnostics()
    at = line.index(b"together")
    label = Label(Span(source, at, at + 10), "second")
    diagnostics.error("E0802", "two", Span(source, 9, 14), "first", labels=(label,))
    told = render_text(diagnostics, colour=False, width=60).splitlines()
    assert max(map(len, told)) <= 60
    shown = [number for number, text in enumerate(told) if text.startswith("1 | ")]
    assert len(shown) == 2
    for number, (word, mark) in zip(
        shown, (("on h1", "^^^^^ first"), ("together y", "---------- second")), strict=True
    ):
        assert told[number].index(word) == told[number + 1].index(mark)
