"""A difference as a terminal, a tool and a reviewer see it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

from labc.compiler.diff.changes import Change, Difference, FieldChange, Reach, TestChange, difference
from labc.compiler.diff.difference import differences
from labc.compiler.diff.forms.markdown import markdown
from labc.compiler.diff.forms.text import text
from labc.compiler.diff.sides import read_side
from labc.compiler.elaborate.reader import FileReader
from labc.compiler.pipeline import compile_lab
from labc.compiler.style import Style
from tests.conftest import Golden
from tests.unit.compiler.diff.sides import by_hand
from tests.unit.runtime import plans

EXAMPLE = Path(__file__).resolve().parents[4] / "examples/firewall-change"


@pytest.fixture(scope="module")
def requested() -> Difference:
    """What the change request of the example does."""
    made = [compile_lab("lab.net", FileReader(EXAMPLE), {"change": change}) for change in ("production", "requested")]
    sides = [
        read_side(each.plan, name) for each, name in zip(made, ("main:lab.net", "lab.net"), strict=True) if each.plan
    ]
    return differences(sides[0], sides[1], (made[0].lab, made[1].lab))


@pytest.fixture(scope="module")
def everything() -> Difference:
    """One of each thing that a comparison can tell, with characters that every form must keep from meaning something."""
    old = by_hand(
        plans.node("gone"), plans.node("moved"), plans.segment("lan"), plans.port("moved", "e|0", "lan", "10.0.0.1/24"),
        plans.file("moved", "f", "/etc/f", "a\n```\n<b>\n" + "same\n" * 9 + "key \0secret:env:OLD\0\n"),
    )  # fmt: skip
    moved = [
        plans.node("moved"), plans.segment("lan", mtu=1400), plans.port("moved", "e|0", "lan", "10.0.0.2/24", interface="x"),
        plans.file("moved", "f", "/etc/f", "a\n```\n<i>\n" + "same\n" * 9 + "key \0secret:env:NEW\0\n"),
        plans.route("moved", "0.0.0.0/0", "10.0.0.254"),
    ]  # fmt: skip
    on = [msgspec.structs.replace(each, host="h2") if each.id == "node/moved" else each for each in moved]
    return differences(old, by_hand(*on, parameters={"n": "*x*"}))


def test_text(requested: Difference, everything: Difference, golden: Golden) -> None:
    """As a terminal of 80 columns shows it, without its colours."""
    golden("diff/requested.txt", "\n".join(text(requested, Style(colour=False))) + "\n")
    golden("diff/everything.txt", "\n".join(text(everything, Style(colour=False))) + "\n")


def test_json(requested: Difference, everything: Difference, golden: Golden) -> None:
    """Every line, in the schema that `labc schema diff` publishes."""
    schema = Draft202012Validator(msgspec.json.schema(Difference))
    for name, found in (("requested", requested), ("everything", everything)):
        data = msgspec.json.format(msgspec.json.encode(found), indent=2)
        schema.validate(msgspec.json.decode(data))
        golden(f"diff/{name}.json", data.decode() + "\n")


def test_markdown(requested: Difference, everything: Difference, golden: Golden) -> None:
    """A table first, long texts folded."""
    golden("diff/requested.md", markdown(requested))
    golden("diff/everything.md", markdown(everything))


def test_no_value_ends_a_fence_or_a_cell(everything: Difference) -> None:
    """A fence is longer than any in it; a bar is escaped; a tag is text."""
    said = markdown(everything)
    assert "````diff" in said
    assert "e|0" not in [cell for line in said.splitlines() if line.startswith("|") for cell in line.split("|")]
    outside = said.partition("````diff")[0] + said.rpartition("````")[2]
    assert "<b>" not in outside


def test_a_comment_stays_far_below_what_a_forge_takes() -> None:
    """GitHub takes 65,536 characters; what is left out is counted."""
    lines = tuple(f"+line {number} of a long configuration with many words in it" for number in range(5_000))
    changes = tuple(
        Change("~", f"file/n{node}/f{file}", "file", f"node/n{node}", (FieldChange("spec.mode", 1, 2),), (), lines)
        for node in range(60)
        for file in range(30)
    )
    radius = tuple(Reach((f"a{n}",), ("b",), ("icmp",), "denied", "allowed") for n in range(500))
    said = markdown(difference("a", "b", changes, radius=radius))
    assert len(said) < 60_000
    assert "… 480 more rows" in said
    assert "more changes" in said


def test_no_difference_is_said() -> None:
    """A comment without a table."""
    assert "No difference." in markdown(difference("a", "b"))
    assert list(text(difference("a", "b"), Style(colour=False))) == []


def test_a_secret_is_its_place_in_every_form(everything: Difference) -> None:
    """No mark of the plan's own leaves."""
    for said in (
        markdown(everything),
        "\n".join(text(everything, Style(colour=True))),
        msgspec.json.encode(everything).decode(),
    ):
        assert "\0" not in said
        assert "‹secret env:NEW›" in said


def test_a_plan_from_elsewhere_paints_no_terminal_and_mentions_nobody() -> None:
    """Names may hold anything: control characters are shown, not sent."""
    change = Change("+", "node/a\x1b[31m", "node", "node/a\x1b[31m", brief="x\x1b]0;title\x07")
    test = TestChange("+", "t\x1b[2J @octocat", "thanks @octocat")
    found = difference("a", "b", (change,), (test,))
    shown = "\n".join(text(found, Style(colour=False)))
    assert "\x1b" not in shown
    told = markdown(found)
    assert "\x1b" not in told
    assert "@octocat" not in told.replace("`t\u241b[2J @octocat`", "")  # in code nobody is mentioned
