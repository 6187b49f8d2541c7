"""Where nodes shall stand: among each other, on hosts, and what they take of them."""

from __future__ import annotations

import pytest

from .conftest import Elaborating

NODES = "host h1\nhost h2\nnode a\nnode b\nnode c\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("together a, b", ("together", ("node/a", "node/b"), None, None)),
        ("apart a, b by rack", ("apart", ("node/a", "node/b"), "rack", None)),
        ("balance a, b, c by rack", ("balance", ("node/a", "node/b", "node/c"), "rack", None)),
        ("exclusive a", ("exclusive", ("node/a",), None, None)),
        ("prefers together a, b by rack weight 5", ("together", ("node/a", "node/b"), "rack", 5)),
        ("prefers apart a, b", ("apart", ("node/a", "node/b"), None, 1)),
        ("prefers exclusive a, b weight 2 * 3", ("exclusive", ("node/a", "node/b"), None, 6)),
        ("group g = a, b\nprefers balance g, c weight 2", ("balance", ("node/a", "node/b", "node/c"), None, 2)),
        ("node n { exclusive }", ("exclusive", ("node/n",), None, None)),
        ("node n { exclusive a }", ("exclusive", ("node/n", "node/a"), None, None)),
        ("node n { prefers exclusive weight 9 }", ("exclusive", ("node/n",), None, 9)),
        ("node n { balance a, b by rack }", ("balance", ("node/n", "node/a", "node/b"), "rack", None)),
        ("node n { on h1, h2, h1 }", ("on", ("node/n", "h1", "h2"), None, None)),
        ("node n { prefers on h2 weight 3 }", ("on", ("node/n", "h2"), None, 3)),
    ],
)
def test_each_form_is_kept_with_its_label_and_weight(elaborated: Elaborating, text: str, said: object) -> None:
    """In a node the node itself comes first; soft ones have a weight, 1 where none is stated."""
    (wish,) = elaborated.sound(NODES + text + "\n").affinities
    assert (wish.form, wish.members, wish.by, wish.weight) == said


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1 { node pc[i] }\ntogether pc[*]",
        "for i in 1..1 { node pc[i] }\nbalance pc[1..1]",
        "group g = a\napart g",
        "group g = a\nprefers balance g weight 3",
    ],
)
def test_a_set_of_one_is_near_and_far_from_nobody(elaborated: Elaborating, text: str) -> None:
    """It is no mistake: it grows with a parameter."""
    assert elaborated.sound(NODES + text + "\n").affinities == []


@pytest.mark.parametrize(
    "text", ["apart a", "apart a, a", "balance a", "together b, b", "prefers apart a", "node n { together n }"]
)
def test_one_node_by_its_name_is_told(elaborated: Elaborating, text: str) -> None:
    """Nothing is asked, which nobody writes down on purpose."""
    made = elaborated(NODES + text + "\n")
    assert made.only.code == "W0363"
    assert made.lab is not None
    assert made.lab.affinities == []


def test_a_second_strategy_is_no_matter_of_names(elaborated: Elaborating) -> None:
    """One of the lines has to go."""
    told = elaborated("place pack\nplace spread\n").only
    assert (told.code, told.help) == ("E0302", "a lab has one strategy: keep one of the two lines")


@pytest.mark.parametrize(("file", "text"), [("net", '"a"'), ("yaml", "'\"a\"'")])
def test_a_label_that_is_called_as_a_node_wants_quotes(elaborated: Elaborating, file: str, text: str) -> None:
    """In the quotes of the spelling."""
    site = {"net": "host h { rack = a }\n", "yaml": "hosts: {h: {set: {rack: a}}}\n"}[file]
    told = elaborated(f'import "site.{file}"\nnode a\n', files={f"site.{file}": site}).only
    assert told.code == "E0316"
    assert told.help.endswith(f"; if a text is meant, put it in quotes: {text}")


@pytest.mark.parametrize("word", ["pack", "spread"])
def test_the_strategy_is_the_labs(elaborated: Elaborating, word: str) -> None:
    """From whichever file it comes."""
    assert elaborated.sound(f"place {word}\n").strategy == word
    assert elaborated.sound('import "site.net"\n', files={"site.net": f"place {word}\n"}).strategy == word
    assert elaborated.sound("node place\n").strategy == ""


def test_new_words_are_words_only_where_they_are_wanted(elaborated: Elaborating) -> None:
    """Nodes, kinds, fields, labels and variables keep their names."""
    lab = elaborated.sound(
        "kind exclusive { field place: int = 1; field balance: int = 2; field by: int = 3; field except: int = 4 }\n"
        "let together = 5\n"
        "node balance: exclusive { place = together; exclusive }\n"
        "node by: exclusive { balance = 7; needs exclusive = 1, place; prefers balance > 3 weight 2 }\n"
        "node exclusive: exclusive { except = 8; together by }\n"
        "node except\nnode place\n"
        "apart balance, by, except by place\n"
        "policy p { balance -> by allow any; place, except -> exclusive deny icmp }\n"
    )
    assert sorted(lab.nodes) == ["node/balance", "node/by", "node/except", "node/exclusive", "node/place"]
    assert lab.nodes["node/by"].fields["balance"] == 7
    assert [(demand.key, demand.operator, demand.weight) for demand in lab.nodes["node/by"].demands] == [
        ("exclusive", "==", None),
        ("place", "==", None),
        ("balance", ">", 2),
    ]
    assert {wish.form: wish.by for wish in lab.affinities} == {"exclusive": None, "together": None, "apart": "place"}


MISTAKES = {
    "place best": ("E0304", "best"),
    "place pack\nplace spread": ("E0302", "spread"),
    "exclusive": ("E0110", "exclusive"),
    "prefers exclusive": ("E0110", "prefers exclusive"),
    "on h1": ("E0110", "on"),
    "prefers kvm": ("E0110", "prefers"),
    "prefers apart a, b weight 0": ("E0304", "0"),
    'prefers apart a, b weight "x"': ("E0303", '"x"'),
    "balance a, d": ("E0301", "d"),
    "node n { on h1, h3 }": ("E0301", "h3"),
    "node n { prefers on h3 weight 2 }": ("E0301", "h3"),
    "node n { needs memory = 5 }": ("E0303", "5"),
    'node n { needs cpu = "x" }': ("E0303", '"x"'),
    "node n { needs cpu = true }": ("E0303", "true"),
    "node n { needs disk = 10Mbps }": ("E0303", "10Mbps"),
    "node n { needs cpu = -1 }": ("E0304", "-1"),
    "node n { needs cpu < 4 }": ("E0350", "cpu < 4"),
    "node n { needs memory }": ("E0350", "memory"),
    "node n { needs cpu in 1..4 }": ("E0350", "cpu in 1..4"),
    "node n { prefers memory > 5 }": ("E0303", "5"),
    "kind k { needs cpu != 4 }\nnode n: k": ("E0350", "cpu != 4"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake(elaborated: Elaborating, text: str) -> None:
    """One mistake, one diagnostic, at what is wrong."""
    assert elaborated(NODES + text + "\n").spans == [MISTAKES[text]]


@pytest.mark.parametrize(
    "text",
    ["needs cpu = 0", "needs cpu >= 0.5", "needs memory = 0B, disk >= 1GB", "needs cpu = 1, kvm, isdn in [1, 2]"],
)
def test_a_share_of_a_host_is_an_amount(elaborated: Elaborating, text: str) -> None:
    """`=` and `>=` say the same; other keys are compared with whatever they like."""
    elaborated.sound(f"node n {{ {text} }}\n")


def test_alone_at_the_top_of_a_yaml_file_is_nobody(elaborated: Elaborating) -> None:
    """`exclusive: true` means the node around it, and there is none."""
    assert elaborated('import "more.yaml"\n', files={"more.yaml": "exclusive: true\n"}).spans == [("E0303", "true")]
