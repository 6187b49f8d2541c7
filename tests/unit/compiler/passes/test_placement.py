"""Placement and overlays on the way from text to plan: what holds for every lab and site."""

from __future__ import annotations

import random
from collections import Counter

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import labc
from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.ir.held import lock_of
from labc.compiler.ir.lab import HostId, Lab
from labc.compiler.lock import Lock, read_lock, write_lock
from labc.compiler.pipeline import Compiled, compile_lab
from labc.compiler.source import Source

GIB = 2**30
SITE = """site rack
host h1 { cpu = 8; memory = 16GiB; rack = "a"; kvm = true; nic eth0 { address = 192.0.2.1/24 } }
host h2 { cpu = 8; memory = 16GiB; rack = "a"; nic eth0 { address = 192.0.2.2/24 } }
host h3 { cpu = 8; memory = 16GiB; rack = "b"; nic eth0 { address = 192.0.2.3/24 } }
"""
HEAD = 'lab little\nimport std.linux\nimport "site.net"\n'
SEGMENTS = "segment a 10.0.0.0/24\nsegment b 10.0.1.0/24\nsegment c 10.0.2.0/24\n"


def build(statements: str, lock: Lock | None = None, site: str = SITE) -> Compiled:
    text = HEAD + SEGMENTS + statements
    return compile_lab(
        "lab.net", MemoryReader({"lab.net": text.encode(), "site.net": site.encode()}), lock=lock, verify=True
    )


def fitting(statements: str, lock: Lock | None = None, site: str = SITE) -> Lab:
    compiled = build(statements, lock, site)
    assert compiled.plan is not None, [each.summary for each in compiled.diagnostics]
    assert compiled.lab is not None
    return compiled.lab


def hosts(lab: Lab) -> dict[str, str]:
    return {node.name: node.host for node in lab.nodes.values()}


def locked(lab: Lab) -> Lock:
    """As it comes back from a file."""
    return read_lock(Source("lab.lock", write_lock(lock_of(lab, Lock()))), Diagnostics())


def node(name: str, segment: str = "a", more: str = "") -> str:
    return f"node {name}: linux.host {{ port eth0 on {segment}; {more} }}\n"


@st.composite
def labs(draw: st.DrawFn) -> list[str]:
    """Statements in no order: nodes with sizes and needs, and what is asked of pairs."""
    count = draw(st.integers(2, 9))
    found = []
    for at in range(count):
        needs = [f"needs memory = {draw(st.integers(1, 3))}GiB, cpu = {draw(st.integers(1, 2))}"]
        needs += draw(
            st.sampled_from([[], [], ["needs kvm"], ['needs rack = "b"'], ["on h1, h3"], ["prefers kvm weight 2"]])
        )
        found.append(node(f"n{at}", draw(st.sampled_from("abc")), "; ".join(needs)))
    if draw(st.booleans()):
        found.append(f"{draw(st.sampled_from(['apart', 'together', 'prefers apart', 'prefers together']))} n0, n1\n")
    return found


@settings(max_examples=25)
@given(labs())
def test_no_host_carries_more_than_it_has_and_every_need_is_met(statements: list[str]) -> None:
    """Of whatever fits: three hosts of eight processors and sixteen gigabytes."""
    compiled = build("".join(statements))
    if compiled.plan is None or compiled.lab is None:
        assert {each.code for each in compiled.diagnostics if each.severity == "error"} <= {"E0801", "E0802", "E0803"}
        return
    loads: Counter[str] = Counter()
    for each in compiled.lab.nodes.values():
        host = compiled.lab.site.hosts[HostId(f"host/{each.host}")].fields
        for demand in (demand for demand in each.demands if demand.weight is None):
            if demand.key == "memory":
                loads[each.host] += demand.value.amount  # type: ignore[attr-defined]
            elif demand.key != "cpu":
                assert host.get(demand.key) == demand.value
    assert all(load <= 16 * GIB for load in loads.values())


@settings(max_examples=15)
@given(labs(), st.randoms(use_true_random=False))
def test_the_order_of_statements_means_nothing(statements: list[str], dice: random.Random) -> None:
    """Shuffled, the plan has the same bytes; the hosts of the site may be shuffled too."""
    name, *rows = SITE.splitlines(keepends=True)
    shuffled, site = list(statements), list(rows)
    dice.shuffle(shuffled)
    dice.shuffle(site)
    assert build("".join(statements)).plan == build("".join(shuffled), site=name + "".join(site)).plan


@settings(max_examples=15)
@given(labs())
def test_with_its_own_lock_a_lab_is_built_to_the_same_bytes(statements: list[str]) -> None:
    """The way that found the hosts included."""
    compiled = build("".join(statements))
    if compiled.plan is not None and compiled.lab is not None:
        assert build("".join(statements), locked(compiled.lab)).plan == compiled.plan


def test_a_whole_lock_needs_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal bytes wherever labc is installed."""
    lab = fitting(node("x", more="needs kvm") + node("y", "b", "apart x"))
    monkeypatch.setitem(__import__("sys").modules, "numpy", None)
    assert hosts(fitting(node("x", more="needs kvm") + node("y", "b", "apart x"), locked(lab))) == hosts(lab)


def test_without_the_solvers_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never silently another placement."""
    for name in [
        name for name in __import__("sys").modules if ".solvers." in name or name.endswith("placement.arrays")
    ]:
        if not name.endswith("problem"):
            monkeypatch.delitem(__import__("sys").modules, name)
    monkeypatch.setitem(__import__("sys").modules, "numpy", None)
    told = list(build(node("x") + node("y", "b")).diagnostics)
    assert [each.code for each in told] == ["E0805"]
    assert "labc[placement]" in told[0].help


def test_what_is_added_moves_nobody() -> None:
    """Ten nodes, then one more in the midst, which goes where its segment is."""
    ten = "".join(node(f"n{at}", "abc"[at % 3], "needs memory = 3GiB") for at in range(10))
    before = fitting(ten)
    after = fitting(node("n55", "b", "needs memory = 1GiB") + ten, locked(before))
    assert hosts(before).items() <= hosts(after).items()
    assert hosts(after)["n55"] in {hosts(after)[f"n{at}"] for at in range(10) if at % 3 == 1}
    assert after.placed.path == "kept"


def test_when_a_host_goes_only_its_nodes_move_and_it_is_told() -> None:
    """With a note for each, and the way that it was found is no longer the old one."""
    ten = "".join(node(f"n{at}", "abc"[at % 3], "needs memory = 2GiB") for at in range(10))
    before = fitting(ten)
    gone = hosts(before)["n0"]
    site = "".join(line for line in SITE.splitlines(keepends=True) if not line.startswith(f"host {gone} "))
    compiled = build(ten, locked(before), site)
    assert compiled.lab is not None
    moved = {name for name, host in hosts(compiled.lab).items() if host != hosts(before)[name]}
    assert moved == {name for name, host in hosts(before).items() if host == gone}
    told = [each for each in compiled.diagnostics if each.code == "N0902"]
    assert len(told) == 1
    assert f"the site has no host {gone} any more" in told[0].reason
    assert all(name in told[0].summary for name in moved)


def test_why_a_node_does_not_stay_is_told() -> None:
    """A statement that keeps it away, or the room."""
    before = fitting(node("x", more="on h1; needs cpu = 5") + node("y", more="on h2"))
    reason = {}
    for name, more in {"kvm": 'needs rack = "b"', "room": "needs cpu = 5"}.items():
        extra = node("z", more="on h1; needs cpu = 5") if name == "room" else ""
        compiled = build(node("x", more=more) + node("y", more="on h2") + extra, locked(before))
        reason[name] = next(each.reason for each in compiled.diagnostics if each.code == "N0902")
    assert reason == {"kvm": 'it needs rack = "b"', "room": "h1 has no room for all that shall be there"}


def test_without_any_size_nodes_are_spread_by_number() -> None:
    """Four on three hosts."""
    found = hosts(fitting("place spread\n" + "".join(node(f"n{at}", "abc"[at % 3]) for at in range(4))))
    assert sorted(list(found.values()).count(host) for host in ("h1", "h2", "h3")) == [1, 1, 2]


def test_an_addition_keeps_to_the_strategy_and_off_precious_hosts() -> None:
    """As a placement from nothing would: on a host in use with `pack`, not on the one with kvm."""
    four = "place pack\n" + "".join(node(f"n{at}", more="needs cpu = 1") for at in range(4))
    before = fitting(four)
    after = fitting(four + node("c", "b", "needs cpu = 1"), locked(before))
    assert hosts(after)["c"] in set(hosts(before).values())
    three = (
        node("k", more="needs kvm, cpu = 1")
        + node("p", "b", "on h2; needs cpu = 4")
        + node("q", "c", "on h3; needs cpu = 4")
    )
    assert (
        hosts(fitting(three + node("z", "b", "needs cpu = 1") + node("y", "c", "on h3"), locked(fitting(three))))["z"]
        == "h2"
    )


def test_what_the_lock_holds_does_not_stay_where_there_is_no_room_for_it() -> None:
    """Three nodes on one host, of which one grows: with all hosts held, someone has to leave."""
    three = [node(f"n{at}", more="needs memory = 4GiB") for at in range(3)]
    before = fitting("".join(three))
    assert len(set(hosts(before).values())) == 1
    after = fitting(three[0] + three[1] + node("n2", more="needs memory = 12GiB"), locked(before))
    there = [name for name, host in hosts(after).items() if host == hosts(after)["n2"]]
    assert len(there) <= 2
    assert sum(host != hosts(before)[name] for name, host in hosts(after).items()) == 1


def test_a_proof_is_not_believed_of_an_answer_that_was_changed_by_hand() -> None:
    """The way is then `kept`, and nothing is proven."""
    four = "".join(node(f"n{at}", more="needs cpu = 2") for at in range(4))
    before = fitting(four)
    other = {"h1": "h2", "h2": "h3", "h3": "h1"}[hosts(before)["n0"]]
    text = (
        write_lock(lock_of(before, Lock()))
        .decode()
        .replace(f"node/n0 host {hosts(before)['n0']}", f"node/n0 host {other}")
    )
    after = fitting(four, read_lock(Source("lab.lock", text.encode()), Diagnostics()))
    assert hosts(after)["n0"] == other
    assert (after.placed.path, after.placed.proven) == ("kept", False)


def test_what_is_only_wished_refuses_nothing() -> None:
    """Two wishes that contradict each other, and one that no host meets: the heavier one is met."""
    wishes = "prefers on h1 weight {}; prefers on h2 weight {}; prefers isdn weight 9"
    assert hosts(fitting(node("x", more=wishes.format(2, 5))))["x"] == "h2"
    assert hosts(fitting(node("x", more=wishes.format(5, 2))))["x"] == "h1"


def test_of_several_amounts_the_greatest_holds() -> None:
    """A kind says what its nodes need at least."""
    kind = "kind big extends linux.host {{ needs cpu = {} }}\n"
    for least, own in ((6, 1), (1, 6)):
        text = kind.format(least) + "".join(
            f"node n{at}: big {{ port e on a; needs cpu = {own} }}\n" for at in range(3)
        )
        assert len(set(hosts(fitting(text)).values())) == 3


def test_labels_that_are_equal_are_one_place() -> None:
    """`1` and `1.0`."""
    site = (
        SITE.replace('rack = "a"', "rack = 1", 1).replace('rack = "a"', "rack = 1.0").replace('rack = "b"', "rack = 2")
    )
    assert [
        each.code
        for each in build(
            "".join(node(f"n{at}") for at in range(3)) + "apart n0, n1, n2 by rack\n", site=site
        ).diagnostics
    ] == ["E0802"]


def test_a_proof_is_not_believed_of_another_question() -> None:
    """The same hosts may be best without a strategy, and not with one."""
    four = "".join(node(f"n{at}", more="needs cpu = 2") for at in range(4))
    before = fitting(four)
    assert (before.placed.path, before.placed.proven) == ("exact", True)
    after = fitting("place spread\n" + four, locked(before))
    assert (after.placed.path, after.placed.proven) == ("kept", False)


def test_two_segments_never_share_a_vni_because_of_a_rename() -> None:
    """When the old name is used again."""
    site = SITE
    text = HEAD + "segment c was a 10.1.0.0/24\nsegment a 10.2.0.0/24\n"
    text += "".join(f"node n{at}: linux.host {{ port e on c; port f on a; on h{at} }}\n" for at in (1, 2))
    made = compile_lab("lab.net", MemoryReader({"lab.net": text.encode(), "site.net": site.encode()}))
    assert made.lab is not None
    vnis = [segment.vni for segment in made.lab.segments.values()]
    assert len(set(vnis)) == 2


@pytest.mark.parametrize("host", ["h1", "h2", "h3"])
def test_a_renamed_node_keeps_its_host(host: str) -> None:
    """`was` leads to what the lock holds, on whichever host that was, though nothing else speaks for it."""
    before = fitting(node("x", more=f"on {host}") + node("y", "b", "on h3"))
    after = fitting(node("z was x") + node("y", "b", "on h3"), locked(before))
    assert hosts(after)["z"] == host


def test_of_two_cables_the_one_that_carries_less_is_cut() -> None:
    """A join costs more the more the segment is said to carry."""
    for fast, other in (("y", "z"), ("z", "y")):
        links = "".join(
            f"link x:{name} -- {name}:p {{ rate = {'10Gbps' if name == fast else '10Mbps'} }}\n" for name in "yz"
        )
        nodes = "".join(f"node {name}: linux.host {{ needs memory = 8GiB }}\n" for name in "xyz")
        found = hosts(fitting(nodes + links))
        assert found["x"] == found[fast] != found[other]


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        (node("x", more="needs isdn"), "E0801"),
        (node("x", more="needs memory = 20GiB"), "E0801"),
        ("".join(node(f"n{at}", more="needs memory = 9GiB") for at in range(4)), "E0802"),
        ("".join(node(f"n{at}", more="needs memory = 5GiB") for at in range(10)), "E0803"),
        ("".join(node(f"n{at}") for at in range(4)) + "apart n0, n1, n2, n3\n", "E0802"),
        (node("x", more="needs kvm") + node("y", more="needs kvm") + "apart x, y\n", "E0802"),
        (node("x", more="on h1") + node("y", more="on h2") + "together x, y\n", "E0802"),
        (node("x") + node("y") + "apart x, y by rack\ntogether x, y by rack\n", "E0420"),
    ],
)
def test_what_does_not_fit_is_refused_as_a_whole(statements: str, code: str) -> None:
    """One conflict is told, and there is no plan."""
    compiled = build(statements)
    assert compiled.plan is None
    assert [each.code for each in compiled.diagnostics if each.severity == "error"] == [code]


_HUGE = "host h1 {{ memory = {0}TiB; nic eth0 {{ address = 192.0.2.1/24 }} }}\nhost h2 {{ memory = {0}TiB; nic eth0 {{ address = 192.0.2.2/24 }} }}\n"


@pytest.mark.parametrize(("room", "used"), [(90_000_000_000, 1), (9_000_000, 2)])
def test_amounts_beyond_64_bits_are_placed(room: int, used: int) -> None:
    """Two nodes of nine million terabytes: on one host of ten thousand times as much, or on two that they fill to the byte."""
    statements = "".join(node(name, more="needs memory = 9000000TiB") for name in "xy")
    lab = fitting(statements, site="site rack\n" + _HUGE.format(room))
    assert len(set(hosts(lab).values())) == used


def test_amounts_beyond_64_bits_are_refused_in_their_own_unit() -> None:
    """What the solvers count in larger pieces is told as it was written."""
    statements = "".join(node(name, more="needs memory = 9000000TiB") for name in "xyz")
    said = list(build(statements, site="site rack\n" + _HUGE.format(10_000_000)).diagnostics)
    assert any("27000000TiB" in each.summary and "20000000TiB" in each.summary for each in said)


def test_a_segment_that_crosses_hosts_has_a_part_and_a_tunnel_on_each() -> None:
    """And all parts share one VNI; the flood list of each is the others' addresses."""
    compiled = build(node("x", more="on h1") + node("y", more="on h2") + node("z", more="on h3"))
    assert compiled.plan is not None
    resources = {each["id"]: each for each in orjson.loads(compiled.plan)["resources"]}
    tunnels = {host: resources[f"tunnel/a@{host}"]["spec"] for host in ("h1", "h2", "h3")}
    assert len({spec["vni"] for spec in tunnels.values()}) == 1
    assert tunnels["h2"]["local"] == "192.0.2.2"
    assert tunnels["h2"]["remotes"] == ["192.0.2.1", "192.0.2.3"]
    assert resources["port/x/eth0"]["spec"]["mtu"] == 1450
    assert "segment/a@h1" in resources["port/x/eth0"]["needs"]


def test_over_ipv6_a_tunnel_leaves_twenty_bytes_less() -> None:
    """RFC 7348: 70 bytes, where IPv4 takes 50."""
    site = SITE.replace("192.0.2.", "2001:db8::").replace("/24", "/64")
    lab = fitting(node("x", more="on h1") + node("y", more="on h2"), site=site)
    assert {segment.room for segment in lab.segments.values() if segment.vni is not None} == {1430}


def test_what_is_left_holds_for_all_that_hear_each_other() -> None:
    """A segment on one host, joined by a switch to one that crosses: what it sent whole would vanish on the way."""
    text = "node sw: linux.switch { port p on a; port q on b; on h1 }\n"
    text += node("x", more="on h2") + node("y", "b", "on h1")
    compiled = build(text)
    assert compiled.plan is not None
    resources = {each["id"]: each for each in orjson.loads(compiled.plan)["resources"]}
    assert resources["port/y/eth0"]["spec"]["mtu"] == 1450


def test_a_vni_stays_when_a_segment_is_added() -> None:
    """Whatever its name sorts before."""
    two = node("x", more="on h1") + node("y", more="on h2")
    before = fitting(two)
    after = fitting(two + node("v", "b", "on h1") + node("w", "b", "on h2"), locked(before))
    assert after.segments["segment/a"].vni == before.segments["segment/a"].vni  # type: ignore[index]


def test_of_two_segments_that_hold_one_vni_the_greater_gives_way() -> None:
    """As after a merge of two branches."""
    four = "".join(node(f"n{at}", "ab"[at // 2], f"on h{at % 2 + 1}") for at in range(4))
    text = write_lock(lock_of(fitting(four), Lock())).decode()
    lines = [line if " vni " not in line else line.rpartition(" ")[0] + " 5000" for line in text.splitlines()]
    compiled = build(four, read_lock(Source("lab.lock", "\n".join(lines).encode()), Diagnostics()))
    assert compiled.lab is not None
    assert {each.name: each.vni for each in compiled.lab.segments.values() if each.vni}["a"] == 5000
    assert {each.name: each.vni for each in compiled.lab.segments.values() if each.vni}["b"] != 5000
    assert "N0901" in {each.code for each in compiled.diagnostics}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("segment/a vni 99999999", "E0905"),
        ("segment/a vni ten", "E0905"),
        ("segment/a vni 4096,5000", "E0905"),
        ("port/x/eth0 mac 02:00", "E0905"),
        ("port/x/eth0 mac 01:00:5e:00:00:01", "E0905"),
        ("node/x host banana", "E0905"),
        ("port/x/eth0 address 10.0.0.300/24", "E0905"),
        ("lab/other version 1", "E0906"),
    ],
)
def test_a_lock_that_cannot_be_is_refused(line: str, code: str) -> None:
    """With its line, and nothing is built."""
    lock = read_lock(Source("lab.lock", f"{line}\n".encode()), Diagnostics())
    compiled = build(node("x"), lock)
    assert [each.code for each in compiled.diagnostics] == [code]
    assert compiled.diagnostics.found[0].span is not None
    assert compiled.plan is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("port/x/eth0 address 10.9.9.9/24", "segment a does not have"),
        ("segment/a vni 17", "one that this lab may have"),
    ],
)
def test_what_the_lock_holds_out_of_bounds_is_drawn_anew(line: str, said: str) -> None:
    """With a note: a prefix or a range was changed, or the lock by hand."""
    lock = read_lock(Source("lab.lock", f"{line}\n".encode()), Diagnostics())
    compiled = build(node("x", more="on h1") + node("y", more="on h2"), lock, SITE + "pool vni 5000..5999\n")
    assert compiled.plan is not None
    told = [each.summary for each in compiled.diagnostics if each.code == "N0903"]
    assert len(told) == 1
    assert said in told[0]


@pytest.mark.parametrize(
    ("site", "reach"),
    [
        ("site s\nhost h1\n", {}),
        ('site s\nhost h1 { reach = "local" }\n', {"h1": "local"}),
        ("site s\nhost h1\nhost h2\n", {"h1": ""}),
        ('site s\nhost h1 { reach = "ssh://h1" }\nhost h2\n', {"h1": "ssh://h1"}),
    ],
)
def test_the_plan_says_how_the_hosts_in_use_are_reached(site: str, reach: dict[str, str]) -> None:
    """Empty for one of several that says nothing: it is not known to be the machine at hand."""
    compiled = build(node("x", more="on h1"), site=site)
    assert orjson.loads(compiled.plan or b"{}")["reach"] == reach


def test_without_a_site_everything_is_on_the_one_host() -> None:
    """And the plan says nothing of placement."""
    plan = orjson.loads(
        labc.compile({"lab.net": f"lab x\nimport std.linux\n{SEGMENTS}{node('a')}".encode()}).plan or b""
    )
    assert plan["hosts"] == ["local"]
    assert "placement" not in plan


def test_no_segment_crosses_between_addresses_of_two_families() -> None:
    """A tunnel has ends of one family; a lab that stays on hosts of one is built."""
    site = (
        "site s\nhost h1 { nic e { address = 192.0.2.1/24 } }\nhost h2 { nic e { address = 192.0.2.2/24 } }\n"
        "host h3 { nic e { address = 2001:db8::3/64 } }\n"
    )
    refused = build(node("x", more="on h1") + node("y", more="on h3"), None, site)
    (told,) = (found for found in refused.diagnostics if found.severity == "error")
    assert told.code == "E0815"
    assert {label.span.shown for label in told.labels} == {
        "nic e { address = 192.0.2.1/24 }",
        "nic e { address = 2001:db8::3/64 }",
    }
    assert build(node("x", more="on h1") + node("y", more="on h2"), None, site).plan is not None
