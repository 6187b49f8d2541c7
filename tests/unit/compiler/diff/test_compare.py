"""What differs between two plans, what of it must be made anew and why."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from labc.compiler.diff.changes import Change, FieldChange
from labc.compiler.diff.difference import differences
from labc.compiler.diff.forms.markdown import markdown
from labc.compiler.diff.forms.text import text
from labc.compiler.plan.model import Resource
from labc.compiler.style import Style
from tests.unit.compiler.diff.sides import between, by_hand
from tests.unit.runtime import plans

TWO = """\
lab two
import std.linux
segment lan 10.0.0.0/24
node a: linux.host { port eth0 on lan at 10.0.0.1; serve http }
node b: linux.host { port eth0 on lan at 10.0.0.2 }
policy p { a -> b allow tcp/80 }
"""


def changed(old: tuple[Resource, ...], new: tuple[Resource, ...], **members: Any) -> dict[str, Change]:
    found = differences(by_hand(*old), by_hand(*new, **members))
    return {change.id: change for change in found.changes}


def test_equal_sides_differ_in_nothing() -> None:
    """The same meaning, however it is spelt."""
    assert between(TWO, TWO.replace("lab two\n", "lab two  # with a comment\n\n")).is_empty


def test_what_is_new_gone_and_different_is_told_with_its_node() -> None:
    """A node's own things stand with it, a segment with the lab."""
    found = between(
        TWO,
        TWO.replace("node b", "segment far 10.9.0.0/24\nnode c").replace("a -> b", "a -> c").replace("serve http", ""),
    )
    signs = {change.id: (change.sign, change.node) for change in found.changes}
    assert signs["node/b"] == ("-", "node/b")
    assert signs["node/c"] == ("+", "node/c")
    assert signs["port/c/eth0"] == ("+", "node/c")
    assert signs["service/a/http"] == ("-", "node/a")
    assert signs["segment/far"] == ("+", None)
    assert found.summary.new == sum(sign == "+" for sign, _ in signs.values())


def test_tests_and_requirements_are_told_apart_from_resources() -> None:
    """New, gone, and touched: a case whose packets differ."""
    found = between(TWO, TWO.replace("at 10.0.0.2", "at 10.0.0.3").replace("allow tcp/80", "allow tcp/80 icmp"))
    assert {test.id: test.sign for test in found.tests} == {"allow/a/b/icmp": "+", "allow/a/b/tcp/80": "~"}
    touched = next(test for test in found.tests if test.sign == "~")
    assert "flow.address" in {field.path for field in touched.fields}
    assert [(each.sign, each.id) for each in found.requirements] == [("~", "policy/p/1")]


def test_the_parameters_are_compared() -> None:
    """A value that is new, gone, or another."""
    text = "lab x\nparam n: int = 1\n"
    found = between(text, text.replace("= 1", "= 2")).changes
    assert [(change.sign, change.id, change.fields[0].old, change.fields[0].new) for change in found] == [
        ("~", "parameter/n", 1, 2)
    ]


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (plans.port("a", "p", "s"), plans.port("a", "p", "s", interface="q"), "interface"),
        (plans.segment("s", direct=True, ends=[["node/a", "p"]]), plans.segment("s", direct=True, ends=[["node/b", "p"]]), "ends"),
        (plans.segment("s"), plans.segment("s", direct=True, ends=[["node/a", "p"]]), "direct"),
        (plans.port("a", "p", "s", form="port"), plans.port("a", "p", None, form="loopback"), "form"),
    ],
)  # fmt: skip
def test_what_cannot_change_in_place_is_made_anew_and_the_reason_names_the_field(
    before: Resource, after: Resource, field: str
) -> None:
    """`-/+`, as the backend will decide."""
    change = changed((before,), (after,))[before.id]
    assert change.sign == "-/+"
    assert change.reasons[0].startswith(f"{field} cannot be changed in place: ")


def test_what_can_change_in_place_has_no_reason() -> None:
    """An MTU, an address."""
    change = changed((plans.port("a", "p", "s"),), (plans.port("a", "p", "s", "10.0.0.1/24", mtu=1400),))["port/a/p"]
    assert (change.sign, change.reasons) == ("~", ())


def test_what_moves_to_another_host_is_made_anew_there() -> None:
    """The words say from where to where."""
    node = plans.node("a")
    change = changed((replace(node, host="h1"),), (replace(node, host="h2"),))["node/a"]
    assert (change.sign, change.reasons) == ("-/+", ("moves from h1 to h2",))


def test_a_port_on_a_segment_that_becomes_a_cable_is_made_anew_with_it() -> None:
    """Though the port itself says the same."""
    port = plans.port("a", "p", "s")
    cable = plans.segment("s", direct=True, ends=[["node/a", "p"], ["node/b", "p"]])
    found = changed((plans.segment("s"), port), (cable, port))
    assert found["port/a/p"].sign == "-/+"
    assert "segment/s becomes a cable" in found["port/a/p"].reasons[0]


def test_a_tunnel_stands_below_the_segment_that_it_carries() -> None:
    """Also of a kind that this labc does not know."""
    tunnel = {"vni": 7, "local": "192.0.2.1", "remotes": ["192.0.2.2"]}
    resources = [Resource(f"tunnel/{name}@h1", "tunnel", "h1", "overlay", tunnel, ()) for name in ("a", "b")]
    old, new = by_hand(), by_hand(*resources, plans.segment("a@h1"), plans.segment("b@h1"), plans.node("z"))
    found = differences(old, new)
    assert [change.id for change in found.changes] == [
        "segment/a@h1",
        "tunnel/a@h1",
        "segment/b@h1",
        "tunnel/b@h1",
        "node/z",
    ]
    assert "VNI 7, to 192.0.2.2" in found.changes[1].brief


def test_how_hosts_were_found_is_compared() -> None:
    """The member `placement`, where a plan has one."""
    found = differences(
        by_hand(placement={"solver": "a", "proven": False}), by_hand(placement={"solver": "b", "proven": False})
    )
    assert [(change.id, change.fields[0].path) for change in found.changes] == [("placement", "solver")]


def test_which_way_a_solver_went_is_told_where_nothing_else_is() -> None:
    """JSON has it always; who reads of a new node does not ask for it."""
    ways = ({"path": "exact", "proven": True}, {"path": "kept", "proven": False})
    alone = differences(by_hand(placement=ways[0]), by_hand(placement=ways[1]))
    beside = differences(by_hand(placement=ways[0]), by_hand(plans.node("a"), placement=ways[1]))
    for shown, found in ((True, alone), (False, beside)):
        assert "placement" in {change.id for change in found.changes}
        assert ("placement" in "\n".join(text(found, Style(colour=False)))) is shown
        assert ("placement" in markdown(found)) is shown
        assert found.summary.changed == shown


def test_how_hosts_are_reached_is_compared() -> None:
    """It stands beside the resources, and says on which machine they are made."""
    found = differences(
        by_hand(reach={"h1": "ssh://a", "h2": "ssh://b"}), by_hand(reach={"h1": "ssh://c", "h2": "ssh://b"})
    )
    (change,) = found.changes
    assert (change.sign, change.id, change.fields) == ("~", "host/h1", (FieldChange("reach", "ssh://a", "ssh://c"),))
    assert not found.is_empty


def test_rendered_texts_are_compared_line_by_line_with_secrets_as_their_places() -> None:
    """All lines, with context; nothing of a secret but its reference."""
    lines = [f"line {number}" for number in range(9)]
    text = "\n".join(lines) + "\nkey \0secret:env:KEY\0\n"
    old, new = (
        plans.file("a", "f", "/etc/f", text),
        plans.file("a", "f", "/etc/f", text.replace("line 8", "line eight")),
    )
    found = changed((old,), (new,))["file/a/f"]
    assert found.lines == (
        "@@ -6,5 +6,5 @@",
        " line 5",
        " line 6",
        " line 7",
        "-line 8",
        "+line eight",
        " key ‹secret env:KEY›",
    )
    assert "\0" not in repr(found)


def test_a_new_text_is_told_whole() -> None:
    """Every line with its sign."""
    assert changed((), (plans.file("a", "f", "/etc/f", "x\ny\n"),))["file/a/f"].lines == ("+x", "+y")
