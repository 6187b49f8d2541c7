"""A node that says `was` is compared with the node of that name: one rename, and whatever else changed."""

from __future__ import annotations

from labc.compiler.diff.difference import differences
from tests.unit.compiler.diff.sides import between, compiled

OLD = """\
lab shop
import std.linux, std.firewall
segment office 10.1.0.0/24
segment shop   10.2.0.0/24
node fw: firewall.nftables { port in on office at 10.1.0.1; port out on shop at 10.2.0.1 }
node pc: linux.host { port eth0 on office at 10.1.0.10; gateway fw }
node web: linux.host { port eth0 on shop at 10.2.0.80 mac 02:00:00:00:00:80; gateway fw; serve http }
policy front { office -> web allow tcp/80; otherwise deny }
"""
NEW = OLD.replace("node web:", "node www was web:").replace("-> web", "-> www")


def test_a_rename_alone_is_one_change() -> None:
    """Its ports, routes, services, tests and statements follow the name, and no packet notices."""
    found = between(OLD, NEW)
    (change,) = found.changes
    assert (change.sign, change.id, change.reasons) == ("-/+", "node/www", ("web is called www now",))
    assert (found.tests, found.requirements, found.radius) == ((), (), ())


def test_what_else_changed_is_told_of_the_new_name() -> None:
    """As if it had always been called so."""
    found = between(OLD, NEW.replace("allow tcp/80", "allow tcp/80 tcp/443").replace("10.2.0.80", "10.2.0.81"))
    assert {(change.sign, change.id) for change in found.changes} >= {("-/+", "node/www"), ("~", "port/www/eth0")}
    ids = [*(c.id for c in found.changes), *(t.id for t in found.tests), *(r.id for r in found.requirements)]
    assert not any("web" in identity for identity in ids)
    assert [(each.sources, each.targets, each.services, each.new) for each in found.radius] == [
        (("office",), ("www",), ("tcp/443",), "allowed")
    ]


def test_a_rename_that_both_sides_have_is_none() -> None:
    """`was` may stay in a lab; and a node that came in the place of a name is no rename."""
    assert between(NEW, NEW.replace("10.1.0.10", "10.1.0.11")).changes[0].node == "node/pc"
    again = NEW + "node web: linux.host { port eth0 on shop }\n"
    assert {change.sign for change in between(OLD, again).changes if change.id == "node/www"} == {"+"}


def test_a_plan_against_a_lab_knows_the_lab_s_renames_and_two_plans_know_none() -> None:
    """Plans do not say what was."""
    (old, _), (new, lab) = compiled(OLD), compiled(NEW)
    assert len(differences(old, new, (None, lab)).changes) == 1
    assert {change.sign for change in differences(old, new).changes} == {"+", "-"}


def test_rendered_texts_keep_their_words() -> None:
    """They are what packets meet: a node called accept does not turn rules around."""
    rules = "table inet own { chain f { type filter hook forward priority filter; policy accept; tcp dport 80 %s } }\n"
    old = (
        OLD.replace("node web", "node accept")
        .replace("-> web", "-> accept")
        .replace("port in on", 'config "own.nft.j2"; port in on')
    )
    new = old.replace("node accept", "node drop was accept").replace("-> accept", "-> drop")
    found = between(old, new, files=({"own.nft_j2": rules % "accept"}, {"own.nft_j2": rules % "drop"}))
    assert any(change.lines for change in found.changes)
    assert any(each.services == ("tcp/80",) and each.new == "denied" for each in found.radius)


def test_a_text_that_looks_like_an_id_is_a_text() -> None:
    """What a file holds was not renamed unless it was."""
    old = OLD.replace("port eth0 on shop", 'config "id.j2" to "/etc/id"; port eth0 on shop')
    new = old.replace("node web:", "node www was web:").replace("-> web", "-> www")
    found = between(old, new, files=({"id.j2": "node/web"}, {"id.j2": "node/web"}))
    assert [change.id for change in found.changes] == ["node/www"]
