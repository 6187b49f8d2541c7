"""What `labc graph` draws."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from labc.compiler.graph import FORMS, draw
from labc.compiler.graph.layers import layers_of
from labc.compiler.graph.picture import counting, picture_of
from labc.compiler.graph.place import place
from labc.compiler.ir.lab import Lab, NodeId

from .conftest import Drawn

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=["quickstart", "firewall", "fabric"])
def lab(request: pytest.FixtureRequest) -> Lab:
    """Each of the labs in turn."""
    drawn: Lab = request.getfixturevalue(request.param)
    return drawn


def test_forms_are_the_files_of_the_folder() -> None:
    """A new form is a new file."""
    assert FORMS == ("dot", "html", "mermaid", "svg")


@pytest.mark.parametrize("form", FORMS)
def test_one_lab_one_drawing(lab: Lab, form: str) -> None:
    """Drawing twice gives the same bytes."""
    assert draw(lab, form) == draw(lab, form)


@pytest.mark.parametrize("form", FORMS)
def test_order_of_declaration_does_not_matter(firewall: Lab, form: str) -> None:
    """A lab whose statements were moved looks the same."""
    before = draw(firewall, form)
    firewall.nodes = dict(reversed(firewall.nodes.items()))
    firewall.segments = dict(reversed(firewall.segments.items()))
    firewall.ports = dict(reversed(firewall.ports.items()))
    assert draw(firewall, form) == before


@pytest.mark.parametrize("form", FORMS)
def test_every_name_prefix_and_address_is_there(firewall: Lab, form: str) -> None:
    """Nothing that the lab says about addresses is left out."""
    drawing = draw(firewall, form)
    for node in firewall.nodes.values():
        assert node.name in drawing
    for segment in firewall.segments.values():
        assert str(segment.prefixes[0]) in drawing
    for port in firewall.ports.values():
        assert str(port.addresses[0]) in drawing


def test_default_routes_point_upwards(fabric: Lab) -> None:
    """Spines over leaves over hosts."""
    rows = layers_of(picture_of(fabric)).rows
    assert rows[0] == ["node/spine1", "node/spine2"]
    assert {node.rstrip("0123456789") for node in rows[1]} == {"node/leaf"}
    assert len(rows[2]) == 21


def test_siblings_stand_in_the_order_of_their_numbers(fabric: Lab) -> None:
    """leaf1 to leaf7 from left to right, each over its own hosts."""
    x = {place.box.name: place.x for place in place(picture_of(fabric)).boxes}
    leaves = [f"leaf{number}" for number in range(1, 8)]
    assert sorted(leaves, key=lambda name: x[name]) == leaves
    for leaf in range(1, 7):
        assert max(x[f"pc{leaf}-{host}"] for host in range(1, 4)) < min(
            x[f"pc{leaf + 1}-{host}"] for host in range(1, 4)
        )


def test_nodes_of_one_segment_stand_side_by_side() -> None:
    """Hosts of two segments under one firewall are not mixed, whatever their names."""
    drawn = Drawn("x")
    drawn.segment("a", "10.0.0.0/24")
    drawn.segment("b", "10.0.1.0/24")
    drawn.node("fw", ("a", "a", ""), ("b", "b", ""), kind="linux.router")
    for name, segment in zip("abcdef", "abbaba", strict=True):
        drawn.node(f"h{name}", ("eth0", segment, ""), gateway=["fw"])
    hosts = sorted(place(picture_of(drawn.lab)).boxes, key=lambda box: box.x)
    assert "".join(box.box.name[1:] for box in hosts if box.box.name != "fw") == "adfbce"


def test_a_backbone_stands_above_its_routers() -> None:
    """A segment that joins three nodes of the top is the top."""
    drawn = Drawn("x")
    drawn.segment("backbone", "10.0.0.0/24")
    for name in "abc":
        drawn.segment(name)
        drawn.node(f"r{name}", ("up", "backbone", ""), ("lan", name, ""), kind="linux.router")
        drawn.node(f"h{name}", ("eth0", name, ""), gateway=[f"r{name}"])
    placed = place(picture_of(drawn.lab))
    top = next(pill for pill in placed.pills if pill.id == "segment/backbone")
    assert all(top.y < box.top for box in placed.boxes)


def test_without_default_routes_the_busiest_router_is_on_top() -> None:
    """A lab that says nothing of gateways has a top all the same."""
    drawn = Drawn("x")
    drawn.segment("a", "10.0.0.0/24")
    drawn.segment("b", "10.0.1.0/24")
    drawn.node("h1", ("e", "a", ""))
    drawn.node("mid", ("x", "a", ""), ("y", "b", ""), kind="linux.router")
    drawn.node("h2", ("e", "b", ""))
    assert layers_of(picture_of(drawn.lab)).rows[0] == ["node/mid"]


def test_names_count_as_people_do() -> None:
    """pc2 stands before pc10."""
    assert sorted(["pc10", "pc2", "pc1"], key=counting) == ["pc1", "pc2", "pc10"]


def test_svg_is_xml_with_a_box_a_node(lab: Lab) -> None:
    """Any SVG reader can take it."""
    root = ET.fromstring(draw(lab, "svg"))
    ids = {element.get("data-id") for element in root.iter(f"{SVG}g")}
    assert set(lab.nodes) <= ids


def test_physical_is_blue_and_virtual_red(firewall: Lab) -> None:
    """The colours that network people know."""
    root = ET.fromstring(draw(firewall, "svg"))
    classes = {element.get("data-id"): element.get("class") for element in root.iter(f"{SVG}g")}
    assert classes["node/web"] == "node physical"
    assert classes["node/edge"] == "node virtual"
    assert ".virtual .body{fill:#fff;stroke:#c62828}" in draw(firewall, "svg")


def test_zones_are_marked_and_told(firewall: Lab) -> None:
    """A zone's members carry its colour, the legend its name."""
    drawing = draw(firewall, "svg")
    assert drawing.count("<title>zone world</title>") == 2
    assert ">zone world</text>" in drawing


def test_html_needs_nothing_else(firewall: Lab) -> None:
    """No address of any other file or host stands in the page."""
    page = draw(firewall, "html")
    page = page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?://|src=|@import|url\(|<link", page)
    assert "default-src 'none'" in page


HOSTILE = '</script><script>alert("1")</script>'


@pytest.mark.parametrize("form", ["html", "mermaid", "svg"])
def test_a_hostile_name_stays_a_name(form: str) -> None:
    """A lab's names are texts of other people: they never become markup."""
    drawn = Drawn("x")
    drawn.segment("a", "10.0.0.0/24")
    drawn.node(HOSTILE, ("e", "a", ""))
    drawn.node('b"\\', ("e", "a", ""))
    drawing = draw(drawn.lab, form)
    assert "<script>alert" not in drawing
    assert drawing.count("</script>") == (2 if form == "html" else 0)


def test_dot_escapes_quotes_and_backslashes() -> None:
    """A quote in a name does not end dot's string."""
    drawn = Drawn("x")
    drawn.node('b"\\')
    assert '"node/b\\"\\\\" [shape=box' in draw(drawn.lab, "dot")


def test_an_empty_lab_draws(request: pytest.FixtureRequest) -> None:
    """Nothing to draw is no mistake."""
    for form in FORMS:
        assert draw(Drawn("empty").lab, form)


def test_links_join_boxes_edge_to_edge(fabric: Lab) -> None:
    """A link starts below its upper node and ends above its lower one."""
    placed = place(picture_of(fabric))
    boxes = {box.box.id: box for box in placed.boxes}
    for line in placed.lines:
        if line.wire is None or not line.wire.is_link:
            continue
        ends = {round(boxes[line.wire.node].top, 1), round(boxes[NodeId(line.wire.to)].bottom, 1)}
        assert {round(line.points[0][1], 1), round(line.points[-1][1], 1)} == ends


def test_hosts_in_one_line_still_tell_everything() -> None:
    """What a line has no room for, its tooltip says."""
    drawn = Drawn("wide")
    drawn.segment("lan", "10.0.0.0/16")
    for number in range(60):
        drawn.node(f"pc{number}", ("eth0", "lan", f"10.0.{number}.1/16"))
    drawing = draw(drawn.lab, "svg")
    assert "<title>pc7 (linux.host)\neth0 10.0.7.1/16</title>" in drawing
    assert ">10.0.7.1/16</text>" in drawing


def test_dot_and_mermaid_read_well(firewall: Lab, golden: Callable[[str, str], None]) -> None:
    """The texts that people paste into other tools, kept for review."""
    golden("graph/firewall.dot", draw(firewall, "dot"))
    golden("graph/firewall.mmd", draw(firewall, "mermaid"))


def test_svg_looks_as_it_did(firewall: Lab, golden: Callable[[str, str], None]) -> None:
    """A drawing kept for review: open it when it changes."""
    golden("graph/firewall.svg", draw(firewall, "svg"))
