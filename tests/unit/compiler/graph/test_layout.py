"""That a drawing can be read, by geometry: nothing lies on anything else, and the paper has a screen's shape."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import labc
from labc.compiler.graph import draw
from labc.compiler.graph.paper import Placed, Point, Rectangle, overlap
from labc.compiler.graph.picture import picture_of
from labc.compiler.graph.place import place
from labc.compiler.graph.sizes import pill_width
from labc.compiler.ir.lab import Lab

from .conftest import Drawn

EXAMPLES = Path(__file__).parents[4] / "examples"
AIR = 0.01


def example(name: str, **parameters: str) -> Lab:
    folder = EXAMPLES / name
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    lab = labc.compile(files, parameters=parameters).lab
    assert lab is not None
    return lab


def leaf_spine(leaves: int, spines: int, hosts: int) -> Lab:
    drawn = Drawn("leaf-spine")
    for spine in range(spines):
        drawn.node(f"spine{spine}", kind="linux.router")
    for leaf in range(leaves):
        drawn.segment(f"users{leaf}", f"10.20.{leaf}.0/24")
        gateways = [f"spine{spine}" for spine in range(spines)]
        port = ("lan", f"users{leaf}", f"10.20.{leaf}.1/24")
        drawn.node(f"leaf{leaf}", port, kind="linux.router", gateway=gateways)
        for spine in range(spines):
            drawn.link(f"leaf{leaf}", f"up{spine}", f"spine{spine}", f"down{leaf}", f"100.64.{leaf}.{spine * 2}/31")
        for host in range(hosts):
            address = f"10.20.{leaf}.{host + 2}/24"
            drawn.node(f"pc{leaf}-{host}", ("eth0", f"users{leaf}", address), gateway=[f"leaf{leaf}"])
    return drawn.lab


def flat(segments: int, hosts: int) -> Lab:
    """Hosts on a few segments around one router."""
    drawn = Drawn("flat")
    for segment in range(segments):
        drawn.segment(f"lan{segment}", f"10.{segment}.0.0/16")
    ports = [(f"lan{segment}", f"lan{segment}", f"10.{segment}.0.1/16") for segment in range(segments)]
    drawn.node("core", *ports, kind="linux.router")
    for host in range(hosts):
        segment, number = host % segments, host // segments + 2
        address = f"10.{segment}.{number // 250}.{number % 250}/16"
        drawn.node(f"pc{segment}-{number}", ("eth0", f"lan{segment}", address), gateway=["core"])
    return drawn.lab


def backbone(sites: int, hosts: int) -> Lab:
    """Routers on one segment, each with a segment of its own behind it."""
    drawn = Drawn("backbone")
    drawn.segment("backbone", "10.99.0.0/16")
    for site in range(sites):
        drawn.segment(f"lan{site}", f"10.1.{site}.0/24")
        ports = [("up", "backbone", f"10.99.1.{site}/16"), ("lan", f"lan{site}", f"10.1.{site}.1/24")]
        drawn.node(f"r{site}", *ports, kind="linux.router")
        for host in range(hosts):
            drawn.node(f"pc{site}-{host}", ("eth0", f"lan{site}", f"10.1.{site}.{host + 2}/24"), gateway=[f"r{site}"])
    return drawn.lab


def chain(length: int) -> Lab:
    drawn = Drawn("chain")
    for number in range(length):
        drawn.node(f"r{number}", kind="linux.router")
    for number in range(length - 1):
        drawn.link(f"r{number}", "b", f"r{number + 1}", "a", f"10.0.{number % 250}.0/31")
    return drawn.lab


def switches(count: int, hosts: int) -> Lab:
    """Hosts that hang by links on switches, which hang on one another."""
    drawn = Drawn("switches")
    for number in range(count):
        drawn.node(f"sw{number}", kind="linux.switch")
        if number:
            drawn.link(f"sw{number - 1}", "down", f"sw{number}", "up", "10.0.0.0/24")
        for host in range(hosts):
            drawn.node(f"pc{number}-{host}")
            drawn.link(f"sw{number}", f"p{host}", f"pc{number}-{host}", "eth0", "10.0.0.0/24")
    return drawn.lab


def management(hosts: int) -> Lab:
    """Hosts with two ports, one of them on a segment that all share."""
    drawn = Drawn("management")
    drawn.segment("mgmt", "10.9.0.0/16")
    drawn.node("fw", ("m", "mgmt", "10.9.0.1/16"), kind="linux.router")
    for lan in range(4):
        drawn.segment(f"lan{lan}", f"10.1.{lan}.0/24")
        drawn.port("fw", f"p{lan}", drawn.segment(f"lan{lan}"), f"10.1.{lan}.1/24")
    for host in range(hosts):
        ports = [("e", f"lan{host % 4}", f"10.1.{host % 4}.{host // 4 + 2}/24"), ("m", "mgmt", f"10.9.1.{host}/16")]
        drawn.node(f"h{host}", *ports, gateway=["fw"])
    return drawn.lab


SMALL = {
    "campus": lambda: example("campus"),
    "campus of 33": lambda: example("campus", leaves="6", spines="3", hosts="4"),
    "clay-demo": lambda: example("clay-demo"),
    "firewall-change": lambda: example("firewall-change"),
    "quickstart": lambda: example("quickstart"),
    "yoyodyne": lambda: example("yoyodyne"),
    "four leaves": lambda: leaf_spine(4, 2, 0),
    "seven leaves": lambda: leaf_spine(7, 4, 2),
}
BIG = {
    "campus of 304": lambda: example("campus", leaves="20", spines="4", hosts="14"),
    "120 on 4 segments": lambda: flat(4, 120),
    "300 on 1 segment": lambda: flat(1, 300),
    "300 behind 20 routers": lambda: backbone(20, 14),
    "a chain of 300": lambda: chain(300),
    "200 with two ports": lambda: management(200),
    "120 on switches": lambda: switches(6, 20),
}


@pytest.fixture(params=sorted(SMALL | BIG))
def placed(request: pytest.FixtureRequest) -> Placed:
    """The drawings of all examples and of labs of hundreds of nodes, in turn."""
    return place(picture_of((SMALL | BIG)[request.param]()))


def test_nothing_lies_on_anything_else(placed: Placed) -> None:
    """No label, box or pill overlaps another one."""
    assert overlapping(placed) == []


def test_no_wire_runs_under_what_it_does_not_end_at(placed: Placed) -> None:
    """Wires go around boxes and pills of others."""
    assert hidden(placed) == []


def test_no_wire_runs_through_the_words_of_another(placed: Placed) -> None:
    """A label belongs to one wire, and no other comes near."""
    assert struck(placed) == []


def test_all_lies_on_the_paper(placed: Placed) -> None:
    """The paper is as big as what is on it."""
    for left, top, right, bottom in things(placed):
        assert left >= 0
        assert top >= 0
        assert right <= placed.width
        assert bottom <= placed.height


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_small_lab_is_read_without_zooming(name: str) -> None:
    """It fits a full-size window of 1600 by 1000, about."""
    placed = place(picture_of(SMALL[name]()))
    assert placed.width <= 1600
    assert placed.height <= 1000


@pytest.mark.parametrize("name", sorted(BIG))
def test_a_big_lab_has_the_shape_of_a_screen(name: str) -> None:
    """Hundreds of nodes make neither a strip nor a tower."""
    placed = place(picture_of(BIG[name]()))
    assert 0.8 <= placed.width / placed.height <= 2.6


def test_a_hundred_hosts_are_seen_at_once() -> None:
    """120 nodes on a few segments need hardly more than one screen."""
    placed = place(picture_of(BIG["120 on 4 segments"]()))
    assert placed.width * placed.height <= 1600 * 1000


def test_the_words_of_a_pill_fit_in_it(placed: Placed) -> None:
    """However little room its neighbours leave."""
    for pill in placed.pills:
        assert pill.right - pill.left >= pill_width(pill.id.partition("/")[2], [], 0) - AIR


def test_ports_are_named_at_their_wires() -> None:
    """A leaf-spine's wires say at both ends which port they are."""
    labels = [label.text for label in place(picture_of(leaf_spine(4, 2, 0))).labels]
    wanted = ["lan", "up0", "up1"] * 4 + [f"down{leaf}" for leaf in range(4)] * 2
    assert sorted(labels) == sorted(wanted)


def test_a_prefix_is_written_on_a_link_that_no_box_tells_it_of() -> None:
    """Two switches have no addresses, so the prefix stands on the wire; two routers have, so it does not."""
    drawn = Drawn("x")
    drawn.node("a", kind="linux.switch")
    drawn.node("b", kind="linux.switch")
    drawn.link("a", "x", "b", "y", "10.0.0.0/31")
    assert "10.0.0.0/31" not in {label.text for label in place(picture_of(drawn.lab)).labels}
    for port in drawn.lab.ports.values():
        port.addresses = ()
    assert "10.0.0.0/31" in {label.text for label in place(picture_of(drawn.lab)).labels}


@st.composite
def labs(draw_: st.DrawFn) -> Lab:
    """Labs that nobody would build: any ports on any segments, any links, any gateways."""
    drawn = Drawn("random")
    names = [f"n{number}" for number in range(draw_(st.integers(1, 24)))]
    lans = [f"lan{number}" for number in range(draw_(st.integers(1, 6)))]
    for number, lan in enumerate(lans):
        drawn.segment(lan, f"10.{number}.0.0/16")
    for number, name in enumerate(names):
        ports = [
            (f"eth{index}", lan, f"10.{lans.index(lan)}.{index}.{number + 1}/16")
            for index, lan in enumerate(draw_(st.lists(st.sampled_from(lans), max_size=3)))
        ]
        gateway = draw_(st.lists(st.sampled_from(names), max_size=1))
        drawn.node(name, *ports, gateway=gateway, kind=draw_(st.sampled_from(["linux.host", "linux.router"])))
    pairs = draw_(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=12))
    for number, (one, other) in enumerate(pairs):
        drawn.link(one, f"x{number}", other, f"y{number}", f"172.16.{number}.0/31")
    for port in draw_(st.lists(st.sampled_from(sorted(drawn.lab.ports)), max_size=6)) if drawn.lab.ports else []:
        drawn.lab.ports[port].addresses = ()
    return drawn.lab


@settings(max_examples=100)
@given(labs())
def test_random_labs_can_be_read_too(lab: Lab) -> None:
    """The promises above hold for any lab, and drawing it twice gives the same bytes."""
    placed = place(picture_of(lab))
    assert overlapping(placed) == []
    assert hidden(placed) == []
    assert struck(placed) == []
    assert draw(lab, "svg") == draw(lab, "svg")


# --- geometry ----------------------------------------------------------------------------------------------------


def things(placed: Placed) -> list[Rectangle]:
    """Labels, boxes and pills."""
    return [thing.rectangle for kind in (placed.labels, placed.boxes, placed.pills) for thing in kind]


def overlapping(placed: Placed) -> list[tuple[Rectangle, Rectangle]]:
    """Pairs that share room, found along x."""
    found = []
    ordered = sorted(map(shrunk, things(placed)))
    open_: list[Rectangle] = []
    for one in ordered:
        open_ = [other for other in open_ if other[2] > one[0]]
        found += [(other, one) for other in open_ if overlap(one, other)]
        open_.append(one)
    return found


def hidden(placed: Placed) -> list[tuple[str, str]]:
    """(wire, thing) wherever a wire runs under a box or a pill; its own are touched at the edge only."""
    named = [(str(box.box.id), shrunk(box.rectangle)) for box in placed.boxes]
    named += [(pill.id, shrunk(pill.rectangle)) for pill in placed.pills]
    return [(line, name) for name, room in named for line in crossing(placed, room)]


def struck(placed: Placed) -> list[tuple[str, str]]:
    """(wire, label) wherever a wire runs through words that are not its own."""
    found = []
    for label in placed.labels:
        lines = list(crossing(placed, shrunk(label.rectangle)))
        found += [(line, label.text) for line in lines if label.about == "port" or label.text not in line]
    return found


def crossing(placed: Placed, room: Rectangle) -> Iterable[str]:
    for line in placed.lines:
        if any(enters(one, other, room) for one, other in pairwise(line.points)):
            yield f"{line.wire.node}:{line.wire.port} {line.to} {line.wire.words}" if line.wire else line.to


def shrunk(room: Rectangle) -> Rectangle:
    """What touches by an edge does not overlap."""
    left, top, right, bottom = room
    return left + AIR, top + AIR, right - AIR, bottom - AIR


def enters(one: Point, other: Point, room: Rectangle) -> bool:
    """Whether a straight line has a point in a rectangle."""
    left, top, right, bottom = room
    if max(one[0], other[0]) < left or min(one[0], other[0]) > right:
        return False
    if max(one[1], other[1]) < top or min(one[1], other[1]) > bottom:
        return False
    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    sides = [(other[0] - one[0]) * (y - one[1]) - (other[1] - one[1]) * (x - one[0]) for x, y in corners]
    return not (all(side > 0 for side in sides) or all(side < 0 for side in sides))


def test_the_geometry_of_these_tests_sees_what_it_should() -> None:
    """A line through, beside and across the corner of a square."""
    square = (0.0, 0.0, 10.0, 10.0)
    assert enters((-5, 5), (15, 5), square)
    assert not enters((-5, 11), (15, 11), square)
    assert not enters((-5, 8), (8, 21), square)
    assert [
        one
        for one, other in combinations([square, (5.0, 5.0, 20.0, 20.0), (10.0, 0.0, 20.0, 4.0)], 2)
        if overlap(one, other)
    ] == [square]
