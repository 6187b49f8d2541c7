"""What pairs are called: a set's name says that every node of the set fares so, and every node that fares so is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labc import compile as compile_lab
from labc.compiler.addresses import Address
from labc.compiler.diff.changes import Difference, Reach, verdicts
from labc.compiler.diff.difference import differences
from labc.compiler.diff.forms.markdown import markdown
from labc.compiler.diff.forms.words import counts
from labc.compiler.diff.radius import cells
from labc.compiler.diff.sides import read_side
from labc.compiler.ir.lab import Lab
from tests.real.radius_labs import edited, random_lab, sources
from tests.unit.compiler.diff.sides import between

SHOP = """\
lab shop
import std.linux, std.firewall
segment office 10.1.0.0/24
segment shop   10.2.0.0/24
segment world  203.0.113.0/24
node fw: firewall.nftables {
  port in on office at 10.1.0.1; port out on shop at 10.2.0.1; port wan on world at 203.0.113.1
  nat 203.0.113.80 <-> web; napt office to 203.0.113.2
}
for i in 1..3 { node pc[i]: linux.host { port eth0 on office; gateway fw } }
node web: linux.host { port eth0 on shop at 10.2.0.80; gateway fw; serve http }
node peer: linux.host { port eth0 on world at 203.0.113.50; gateway fw }
policy front {
  office -> web allow tcp/80
  office -> world allow tcp/443 udp/53
  world -> web allow tcp/80
  otherwise deny
}
"""
Verdict = tuple[str, str, str, str, str]  # source, target, service, old, new


def told(found: Difference) -> set[str]:
    """Without the services, those lines that need no special packets."""
    return {
        f"{', '.join(each.sources)} → {', '.join(each.targets)}: {each.old} → {each.new}"
        for each in found.radius
        if not each.why
    }


def test_a_set_is_named_only_when_all_of_it_fares_so() -> None:
    """A new client concerns its own pairs; that the firewall has a leg on a segment makes it no member of it."""
    rows = told(between(SHOP, SHOP.replace("1..3", "1..4")))
    assert "fw, office → pc4: unreachable → allowed" in rows
    assert "web, world → pc4: unreachable → denied" in rows
    assert not any("→ office: unreachable → denied" in row for row in rows)
    gone = told(between(SHOP, SHOP.replace("1..3", "1..2")))
    assert "pc3 → web: allowed → unreachable" in gone
    assert not any(row.startswith("office → web") for row in gone)


def test_members_are_listed_where_some_of_a_set_keep_what_they_had() -> None:
    """pc1 keeps its way out, so it is not all of the office that loses it."""
    rows = told(between(SHOP, SHOP.replace("office -> world", "pc1 -> world")))
    assert {row for row in rows if row.endswith("allowed → denied")} == {
        "pc2, pc3, 10.1.0.249 → fw, world: allowed → denied"
    }


def test_one_pair_within_a_set_is_not_the_set_among_itself() -> None:
    """One neighbour of web's sends to its outside address; web does not."""
    near = SHOP.replace(
        "policy front {",
        "node db: linux.host { port eth0 on shop; gateway fw }\npolicy front {\n  shop -> web allow tcp/80",
    )
    rows = between(near, near.replace("nat 203.0.113.80 <-> web;", "")).radius
    assert any(each.sources == ("db",) and each.targets == ("web",) for each in rows)
    assert not any("shop" in each.sources and "shop" in each.targets for each in rows)


def test_a_pair_has_one_verdict_or_says_of_which_address_it_speaks() -> None:
    """A host between two routers' segments reaches each by its own side; a firewall's addresses may fare differently."""
    one = "lab z\nimport std.linux\nsegment l 10.0.0.0/24\nnode a: linux.host { port e on l }\nnode b: linux.host { port e on l }\n"
    two = "segment m 10.1.0.0/24\nnode c: linux.host { port e on l; port f on m }\nnode d: linux.host { port e on m }\n"
    assert told(between(one, one + two)) == {
        "a, b, d → c: unreachable → allowed", "c → a, b, d: unreachable → allowed"
    }  # fmt: skip
    for count in "24":
        found = between(SHOP, SHOP.replace("1..3", f"1..{count}"), named=False).radius
        plain = [verdict[:3] for each in found if not each.why for verdict in _expanded(each, {}, ("icmp",))]
        assert len(plain) == len({*plain})
    assert any(each.why == "to 203.0.113.1" and each.targets == ("fw",) for each in found)


def test_every_form_counts_verdicts_alike() -> None:
    """A pair of ends and a service is one; an end and itself is none."""
    found = between(SHOP, SHOP.replace("1..3", "1..4"))
    assert found.summary.radius == verdicts(found.radius) > len(found.radius)
    assert f"{found.summary.radius} verdicts that may differ" in [*counts(found)]
    assert f" | {found.summary.radius} |" in markdown(found)
    a, b = ("a", "b", "c"), ("b", "c")
    assert verdicts([Reach(a, b, ("icmp", "tcp/80"), "allowed", "denied")]) == 8


def _expanded(reach: Reach, sets: dict[str, set[str]], services: tuple[str, ...]) -> Iterator[Verdict]:
    """Each pair of nodes that a line speaks of."""
    ends = (
        {node for name in names for node in sets.get(name, {name}) if not _is_address(node)}
        for names in (reach.sources, reach.targets)
    )
    for source, target in product(*ends):
        for service in services if reach.services == ("any",) else reach.services:
            if source != target:
                yield source, target, service, reach.old, reach.new


def _is_address(text: str) -> bool:
    try:
        Address.parse(text)
    except ValueError:
        return False
    return True


def _sets(*labs: Lab) -> dict[str, set[str]]:
    """The hosts of segments and of the one prefix that these labs' policies name."""
    found: dict[str, set[str]] = {}
    for lab in labs:
        for port in lab.ports.values():
            node = lab.nodes[port.node]
            if not node.forwards:
                for on in port.attachments:
                    found.setdefault(lab.segments[on.segment].name, set()).add(node.name)
                if any(
                    str(each.address).startswith("10.1.0.") and 64 <= each.address.value % 256 < 128
                    for each in port.addresses
                ):
                    found.setdefault("10.1.0.64/26", set()).add(node.name)
        if "zone/mixed" in lab.zones:
            found.setdefault("mixed", {"fw"}).update(found["lan"])
    return found


def _with_zone(files: dict[str, bytes]) -> dict[str, bytes]:
    """A segment's hosts and the firewall under one name, beside the segment itself."""
    text = files["lab.net"].replace(b"policy p {", b"zone mixed = lan, fw\npolicy p {\n  mixed -> srv1 allow udp/53")
    return {**files, "lab.net": text}


@settings(max_examples=25)
@given(seed=st.integers(0, 100_000))
def test_every_line_says_of_its_nodes_what_was_found_of_each(seed: int) -> None:
    """Lines, sets opened and written out pair by pair, are the verdicts of the nodes: none too many, none left out."""
    random = Random(seed)
    lab = random_lab(random)
    made = [compile_lab(_with_zone(sources(each))) for each in (lab, edited(lab, random))]
    if made[0].plan is None or made[1].plan is None or made[0].lab is None or made[1].lab is None:
        return
    seen: list[cells.Judged] = []

    class Recorded(cells.Table):
        def __init__(self, judged: list[cells.Judged], *rest: object) -> None:
            seen.extend(judged)
            super().__init__(judged, *rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["labc.compiler.diff.radius.radius"], "Table", Recorded)
        found = differences(read_side(made[0].plan), read_side(made[1].plan), (made[0].lab, made[1].lab))
    services = tuple({service for each in seen for service in (each.finding.service,)} - {"any"})
    single = {
        verdict
        for each in seen
        if each.source.segment is None and each.target.segment is None
        for verdict in _expanded(
            Reach(
                tuple(node.partition("/")[2] for node in each.source.members),
                tuple(node.partition("/")[2] for node in each.target.members),
                (each.finding.service,), each.finding.old, each.finding.new,
            ), {}, services,
        )
    }  # fmt: skip
    sets = _sets(made[0].lab, made[1].lab)
    lines = {verdict for each in found.radius for verdict in _expanded(each, sets, services)}
    assert lines == single
