"""Expressions: values with units, prefixes, texts, lists, sets of nodes; and what they refuse."""

from __future__ import annotations

import pytest

from labc.compiler.addresses import Address, Interface, Prefix
from labc.compiler.elaborate import state
from labc.compiler.ir.lab import Secret
from labc.compiler.quantities import Quantity, Service

from .conftest import Elaborating

VALUES = {
    "1 + 2 * 3": 7,
    "(1 + 2) * 3": 9,
    "7 % 3": 1,
    "6 / 3": 2,
    "-3 + 1": -2,
    "-7 % 3": 2,
    "0.5 + 0.25": 0.75,
    "1s + 500ms": Quantity("duration", 1_500_000_000),
    "3 * 10ms": Quantity("duration", 30_000_000),
    "1Gbps / 4": Quantity("rate", 250_000_000),
    "1s / 10ms": 100,
    "1s == 1000ms": True,
    "256MiB < 1GiB": True,
    "10.0.0.0/8 subnet 24 at 3": Prefix.parse("10.0.3.0/24"),
    "10.0.0.0/8 subnet 24 at -1": Prefix.parse("10.255.255.0/24"),
    "2001:db8::/32 subnet 64 at 1": Prefix.parse("2001:db8:0:1::/64"),
    "10.0.0.0/24 host 5": Address.parse("10.0.0.5"),
    "10.0.0.0/24 host -1": Address.parse("10.0.0.255"),
    "10.0.0.0/8 subnet 24 at 1 host 1": Address.parse("10.0.1.1"),
    "10.0.0.1 + 9": Address.parse("10.0.0.10"),
    "10.0.0.9 - 10.0.0.1": 8,
    "10.0.0.1/24": Interface.parse("10.0.0.1/24"),
    "10.0.0.0/24": Prefix.parse("10.0.0.0/24"),
    "10.0.0.7 in 10.0.0.0/24": True,
    "10.1.0.0/16 in 10.0.0.0/8": True,
    "contains(10.0.0.0/8, 10.1.0.0/16)": True,
    "network(10.0.0.9/24)": Address.parse("10.0.0.0"),
    "broadcast(10.0.0.0/24)": Address.parse("10.0.0.255"),
    "length(10.0.0.0/24)": 24,
    "family(2001:db8::1)": 6,
    "hosts(10.0.0.0/30)": [Address.parse("10.0.0.1"), Address.parse("10.0.0.2")],
    "tcp(80)": Service("tcp", 80, 80),
    "tcp/8000..8100": Service("tcp", 8000, 8100),
    '"pc{1 + 1}"': "pc2",
    '"{10.0.0.1} {5ms} {true} {tcp/80}"': "10.0.0.1 5ms true tcp/80",
    '"a" + "b"': "ab",
    '"b" in "abc"': True,
    'upper("ab") + lower("CD")': "ABcd",
    'join([1, 2, 3], "-")': "1-2-3",
    'split("a.b", ".")': ["a", "b"],
    'replace("a.b", ".", "-")': "a-b",
    'int("42") + 1': 43,
    "string(10.0.0.1)": "10.0.0.1",
    "1..4": [1, 2, 3, 4],
    "1..0": [],
    "range(1, 9, 4)": [1, 5, 9],
    "range(3, 1, -1)": [3, 2, 1],
    "[x * 2 for x in 1..4 if x > 2]": [6, 8],
    "[a + b for a, b in zip([1, 2], [10, 20])]": [11, 22],
    "[k for k, v in m if v > 1]": ["b"],
    "[1, 2] + [3]": [1, 2, 3],
    "[10, 20, 30][1]": 20,
    "[10, 20, 30][-1]": 30,
    "[10, 20, 30][0..1]": [10, 20],
    "m.b": 2,
    'm["a"]': 1,
    "keys({ a: 1 }) + values({ b: 2 })": ["a", 2],
    "len([1, 2]) + len({ a: 1 }) + len(1..10)": 13,
    "min(3, 1, 2) + max([3, 1])": 4,
    "sum([1ms, 2ms])": Quantity("duration", 3_000_000),
    "abs(-3)": 3,
    "sorted([3, 1, 2])": [1, 2, 3],
    "reversed(1..3)": [3, 2, 1],
    "any([false, true]) and all([true, true])": True,
    "if 1 < 2 then 10 else 20": 10,
    "not (1 == 2) or 1 / 0 == 1": True,
    "false and 1 / 0 == 1": False,
    'secret("env:KEY")': Secret("env:KEY"),
    'secret("file:/run/key")': Secret("file:/run/key"),
    '"key={secret("env:KEY")}"': "key=\0secret:env:KEY\0",
}


@pytest.mark.parametrize("expression", VALUES)
def test_an_expression_has_its_value(elaborated: Elaborating, expression: str) -> None:
    """Each line of the table is what the language's reference says."""
    assert elaborated.value(expression, "let m = { a: 1, b: 2 }") == VALUES[expression]


MISTAKES = {
    "1ms + 1Gbps": ("E0306", "1ms + 1Gbps"),
    "1ms + 1": ("E0306", "1ms + 1"),
    "1ms < 3": ("E0306", "1ms < 3"),
    '1 + "a"': ("E0303", '1 + "a"'),
    '1 == "1"': ("E0303", '1 == "1"'),
    "7 / 2": ("E0307", "7 / 2"),
    "7 / 0": ("E0307", "0"),
    "7 % 0": ("E0307", "0"),
    "255.255.255.255 + 1": ("E0307", "255.255.255.255 + 1"),
    "10.0.0.1/24 subnet 26 at 0": ("E0305", "10.0.0.1/24"),
    "10.0.0.0/24 subnet 16 at 0": ("E0328", "10.0.0.0/24 subnet 16 at 0"),
    "10.0.0.0/24 subnet 26 at 4": ("E0328", "10.0.0.0/24 subnet 26 at 4"),
    "10.0.0.0/24 host 256": ("E0328", "256"),
    "10.0.0.0/24 host true": ("E0303", "true"),
    "if 1 then 2 else 3": ("E0303", "1"),
    "not 3": ("E0303", "3"),
    "-true": ("E0303", "true"),
    "[1, 2][2]": ("E0322", "2"),
    "m.b": ("E0322", "m.b"),
    'm["b"]': ("E0322", '"b"'),
    "3[1]": ("E0322", "3"),
    "nosuch": ("E0301", "nosuch"),
    "nosuch(1)": ("E0318", "nosuch(1)"),
    "len()": ("E0319", "len()"),
    "len(1, 2)": ("E0319", "len(1, 2)"),
    "len(x = [1])": ("E0319", "len(x = [1])"),
    "len(3)": ("E0303", "3"),
    "max([])": ("E0319", "max([])"),
    'max([1, "a"])': ("E0303", 'max([1, "a"])'),
    "tcp(70000)": ("E0304", "tcp(70000)"),
    "zip([1], [1, 2])": ("E0319", "zip([1], [1, 2])"),
    "[x for x in 3]": ("E0303", "3"),
    "[x for x in 1..1000000000]": ("E0317", "1..1000000000"),
    "reversed(1..1000000000)": ("E0317", "reversed(1..1000000000)"),
    "hosts(10.0.0.0/8)": ("E0317", "hosts(10.0.0.0/8)"),
    '"{[1, 2]}"': ("E0303", "[1, 2]"),
    'secret("vault:x")': ("E0319", 'secret("vault:x")'),
    'len("{secret("env:KEY")}")': ("E0323", 'len("{secret("env:KEY")}")'),
    'upper("{secret("env:KEY")}")': ("E0323", 'upper("{secret("env:KEY")}")'),
    '"{secret("env:KEY")}" == "x"': ("E0323", '"{secret("env:KEY")}" == "x"'),
    "2 * 170141183460469231731687303715884105728 * 9": ("E0307", "2 * 170141183460469231731687303715884105728 * 9"),
    'kind([], "x", 3)': ("E0319", 'kind([], "x", 3)'),
    "pc[*]": ("E0301", "pc[*]"),
}


@pytest.mark.parametrize("expression", MISTAKES)
def test_a_wrong_expression_is_underlined_where_it_is_wrong(elaborated: Elaborating, expression: str) -> None:
    """One mistake, one diagnostic, at the operand or operator that is wrong."""
    made = elaborated(f"let m = {{ a: 1 }}\nkind k {{ field it: any = 0 }}\nnode n: k {{ it = {expression} }}\n")
    assert made.spans == [MISTAKES[expression]]


def test_a_remainder_is_told_with_a_way_out(elaborated: Elaborating) -> None:
    """`/` is exact: the message has the remainder and how to round on purpose."""
    found = elaborated("let half = 7 / 2\n").only
    assert found.label == "7 / 2 is 3 and 1 over"
    assert "x % 2" in found.help


def test_a_variable_may_be_used_before_it_is_declared(elaborated: Elaborating) -> None:
    """Declarations stand in any order."""
    assert elaborated.value("a", before="let a = b * 2\nlet b = 21") == 42


def test_a_circle_of_variables_is_told_once(elaborated: Elaborating) -> None:
    """`a` needs `b` needs `a`: one diagnostic, and none for those who use them."""
    assert elaborated("let a = b\nlet b = c\nlet c = a\nlet d = a + 1\n").codes == ["E0315"]


def test_a_poisoned_variable_is_reported_at_its_cause_only(elaborated: Elaborating) -> None:
    """Ten uses of a wrong variable are one mistake."""
    uses = "".join(f"let u{i} = bad + {i}\n" for i in range(10))
    assert elaborated("let bad = 1 / 0\n" + uses).codes == ["E0307"]


def test_a_chain_of_a_thousand_variables_is_no_traceback(elaborated: Elaborating) -> None:
    """Recursion past Python's own depth becomes a diagnostic."""
    text = "".join(f"let a{i} = a{i + 1}\n" for i in range(3000)) + "let a3000 = 1\n"
    assert elaborated(text).codes == ["E0324"]


@pytest.mark.parametrize("grown", ["A + A", "[A, A]", 'replace(A, "x", A)', "join([A, A])"])
def test_doubling_forty_times_stays_small(elaborated: Elaborating, grown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What doubles at each step is stopped by a diagnostic, not by the machine's memory."""
    monkeypatch.setattr(state, "LIMIT", 100_000)
    steps = "".join(f"let a{i + 1} = {grown.replace('A', f'a{i}')}\n" for i in range(40))
    text = 'let a0 = "xxxxxxxxxxxxxxxx"\n' + steps + "kind k { field it: any = 0 }\nnode n: k { it = a40 }\n"
    made = elaborated(text)
    assert set(made.codes) <= {"E0307", "E0317"}
    assert made.codes


# --- Sets of elements --------------------------------------------------------------------------------------

FAMILY = """
kind leafy { }
node leaf1: leafy
node leaf2: leafy
node leaf10: leafy
node spine1
group all = leaf[*], spine1
kind k { field it: any = 0 }
"""


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("leaf[*]", ["leaf1", "leaf2", "leaf10"]),
        ("leaf[1..2]", ["leaf1", "leaf2"]),
        ("[leaf[2]]", ["leaf2"]),
        ('nodes("*1")', ["leaf1", "spine1"]),
        ('kind(nodes("*"), "leafy")', ["leaf1", "leaf10", "leaf2"]),
        ('kind(all, "leafy")', ["leaf1", "leaf2", "leaf10"]),
    ],
)
def test_a_set_of_nodes(elaborated: Elaborating, expression: str, names: list[str]) -> None:
    """Families by number, globs by name, kinds of a set."""
    lab = elaborated.sound(FAMILY + f"node n: k {{ it = {expression} }}\n")
    assert lab.nodes["node/n"].fields["it"] == [f"node/{name}" for name in names]


def test_a_family_beside_a_variable_of_its_name(elaborated: Elaborating) -> None:
    """`users[1]` is the segment `users1` also where `users` is a prefix."""
    lab = elaborated.sound(
        "let users = 10.0.0.0/16\nsegment users1 users subnet 24 at 1\nnode n { port p on users[1] }\n"
    )
    assert lab.ports["port/n/p"].attachments[0].segment == "segment/users1"


def test_fields_of_other_nodes_can_be_read(elaborated: Elaborating) -> None:
    """`web.size` is the field's value, also of a node declared later."""
    text = "kind k { field size: int = 1 }\nnode a: k { size = web.size + 1 }\nnode web: k { size = 41 }\n"
    assert elaborated.sound(text).nodes["node/a"].fields["size"] == 42


def test_unlike_elements_are_told_apart_by_their_place(elaborated: Elaborating) -> None:
    """A segment and a node of one name: `on` means the segment, `gateway` the node."""
    lab = elaborated.sound("segment x 10.0.0.0/24\nnode x { port p on x }\nnode y { port p on x; gateway x }\n")
    assert lab.nodes["node/y"].routes[0].via_node == "node/x"


def test_a_name_too_early_says_why(elaborated: Elaborating) -> None:
    """Which nodes exist cannot hang on nodes."""
    made = elaborated('node a1\nif len(a[*]) > 1 { node b }\nfor x in nodes("*") { node c }\n')
    assert made.codes == ["E0316", "E0316"]


def test_lists_that_hold_each_other_twice_are_not_walked_without_end(
    elaborated: Elaborating, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small to keep, endless to compare: the lab expands too far, said before Python begins."""
    grown = "".join(f"let {name}{i} = [{name}{i - 1}, {name}{i - 1}]\n" for name in "st" for i in range(1, 60))
    monkeypatch.setattr(state, "LIMIT", 100_000)
    for question in ("s59 == t59", "s59 != t59", "s59 in [t59]"):
        found = elaborated(f"let s0 = 1\nlet t0 = 1\n{grown}param p: bool = {question}\n")
        assert found.codes == ["E0317"]
