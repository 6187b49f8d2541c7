"""Parameters: from the command line or by default, typed, within their ranges."""

from __future__ import annotations

import pytest

from .conftest import Elaborating


@pytest.mark.parametrize(
    ("declared", "given", "kept"),
    [
        ("p: int = 1", "7", 7),
        ("p: int = 1", "3 * 4", 12),
        ("p = 1", "7", 7),
        ("p: bool = false", "true", True),
        ('p: string = ""', "10.0.0.1", "10.0.0.1"),
        ('p: string = ""', "two words", "two words"),
        ('p: "a" | "b" = "a"', "b", "b"),
        ("p: duration = 1s", "250ms", "250ms"),
        ("p: prefix = 10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/16"),
        ("p: address = 10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("p: service = tcp/80", "udp/53", "udp/53"),
        ("p: list[int] = []", "[1, 2]", [1, 2]),
        ("p: map[int] = {}", "{ a: 1 }", {"a": 1}),
        ("p: float = 0.5", "1", 1),
    ],
)
def test_a_text_becomes_a_value(elaborated: Elaborating, declared: str, given: str, kept: object) -> None:
    """Strings as they are, all else as an expression; recorded as the plan has it."""
    assert elaborated.sound(f"param {declared}\n", parameters={"p": given}).parameters == {"p": kept}


def test_defaults_are_recorded(elaborated: Elaborating) -> None:
    """Parameters are part of the plan, whoever set them."""
    lab = elaborated.sound("param a: int = 2\nparam b = a * 10\nparam wait = 10ms\n")
    assert lab.parameters == {"a": 2, "b": 20, "wait": "10ms"}


@pytest.mark.parametrize(
    ("declared", "given", "code"),
    [
        ("p: int = 1", "x", "E0303"),
        ("p: int = 1", "1 +", "E0303"),
        ("p: int = 1", "", "E0303"),
        ("p: int = 1", "1 / 0", "E0307"),
        ("p: int in 1..9 = 1", "10", "E0304"),
        ("p: int in [1, 3] = 1", "2", "E0304"),
        ("p: duration in 1ms..1s = 1ms", "2s", "E0304"),
        ("p: duration in 1ms..1s = 1ms", "2", "E0303"),
        ('p: "a" | "b" = "a"', "c", "E0304"),
        ("p: prefix = 10.0.0.0/8", "10.0.0.1/8", "E0305"),
        ("p: list[int] = []", "[true]", "E0303"),
        ("q: int = 1", "7", "E0312"),
    ],
)
def test_a_wrong_text_is_shown_with_the_declaration(
    elaborated: Elaborating, declared: str, given: str, code: str
) -> None:
    """One diagnostic, whose span is the text given."""
    found = elaborated(
        f"param {declared}\nlet use = p\n" if declared[0] == "p" else f"param {declared}\n", parameters={"p": given}
    ).only
    assert found.code == code
    assert found.span is None or found.span.source.path == "-p p"


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("param p: int\nlet x = p + 1", [("E0313", "p")]),
        ("param p: int = true", [("E0303", "true")]),
        ("param p: int in 1..3 = 5", [("E0304", "5")]),
        ("param p: nope = 5", [("E0333", "nope")]),
        ("param p: int = p", [("E0315", "p")]),
        ("param p = 1\nparam p = 2", [("E0302", "p")]),
        ("param p = 1\nlet p = 2", [("E0302", "p")]),
    ],
)
def test_a_mistake_in_a_parameter(elaborated: Elaborating, text: str, spans: list[tuple[str, str]]) -> None:
    """Told once, where it stands."""
    assert elaborated(text + "\n").spans == spans


def test_a_lab_of_any_size_by_a_parameter(elaborated: Elaborating) -> None:
    """The point of it all."""
    text = "param n: int = 2\nfor i in 1..n { node pc[i] }\nif n > 2 { node many }\n"
    assert len(elaborated.sound(text).nodes) == 2
    assert len(elaborated.sound(text, parameters={"n": "5"}).nodes) == 6


def test_parameters_of_a_module_have_its_alias(elaborated: Elaborating) -> None:
    """Two parameters of one name are told apart on the command line and in the plan."""
    files = {"m.net": "param size: int = 1\n"}
    text = 'import "m.net" as m\nparam size: int = 2\nlet sum = size + m.size\n'
    lab = elaborated.sound(text, files=files, parameters={"m.size": "10"})
    assert lab.parameters == {"size": 2, "m.size": 10}


@pytest.mark.parametrize("given", ["3; node z", "3, 4", "3 }", "3 { a }"])
def test_nothing_behind_a_value_is_lost(elaborated: Elaborating, given: str) -> None:
    """`-p n='3; …'` is not 3."""
    assert elaborated("param n: int = 1\n", parameters={"n": given}).codes == ["E0303"]
