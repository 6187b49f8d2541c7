"""Kinds: fields, what they take over from each other, bodies that run for every node."""

from __future__ import annotations

import pytest

from labc.compiler.ir.lab import Secret
from labc.compiler.quantities import Quantity

from .conftest import Elaborating


def test_a_node_has_all_fields_of_its_kinds(elaborated: Elaborating) -> None:
    """Fields of the whole chain, the nearest default, and what the node says over all of them."""
    text = """kind a { field x: int = 1; field y: int = 2; field z: int = 3 }
kind b extends a { y = 20; field w: duration = 10ms }
node n: b { z = 300 }
"""
    node = elaborated.sound(text).nodes["node/n"]
    assert node.kinds == ("b", "a", "node")
    assert {name: node.fields[name] for name in "xyzw"} == {
        "x": 1,
        "y": 20,
        "z": 300,
        "w": Quantity("duration", 10_000_000),
    }


def test_the_built_in_fields_fill_the_node(elaborated: Elaborating) -> None:
    """`forward`, `bridge`, `physical`, `probe`, `backend` are what the passes read."""
    text = 'kind k { forward = true; bridge = true; physical = true; probe = "beside"; backend = "lxd" }\nnode n: k\nnode m\n'
    lab = elaborated.sound(text)
    n, m = lab.nodes["node/n"], lab.nodes["node/m"]
    assert (n.forwards, n.bridges, n.physical, n.probe, n.backend) == (True, True, True, "beside", "lxd")
    assert (m.forwards, m.bridges, m.physical, m.probe, m.backend) == (False, False, False, "inside", "netns")


def test_defaults_may_depend_on_other_fields(elaborated: Elaborating) -> None:
    """Whatever their order, and whoever set them."""
    text = """kind k { field twice: int = size * 2; field size: int = 4; if size > 10 { forward = true } }
node small: k
node big: k { size = 20 }
"""
    lab = elaborated.sound(text)
    assert [lab.nodes[name].fields["twice"] for name in ("node/small", "node/big")] == [8, 40]
    assert [lab.nodes[name].forwards for name in ("node/small", "node/big")] == [False, True]


def test_a_body_runs_with_the_fields_of_its_node(elaborated: Elaborating) -> None:
    """Ports, services and demands of a kind follow the fields."""
    text = """kind k { field ports: int = 2; field page: string = "x"
  for i in 1..ports { port "e{i}" }
  if page != "" { serve http { page = "<{page}>" } }
  needs cpu = ports
}
node n: k { ports = 3; page = "hi" }
"""
    node = elaborated.sound(text).nodes["node/n"]
    assert [port.rpartition("/")[2] for port in node.ports] == ["e1", "e2", "e3"]
    assert node.services[0].fields == {"page": "<hi>"}
    assert node.demands[0].value == 3


def test_a_node_refines_a_port_of_its_kind(elaborated: Elaborating) -> None:
    """What it says wins, what it leaves out stays."""
    text = """segment s 10.0.0.0/24
segment t 10.1.0.0/24
kind k { port e on s { mtu = 1400 } ; port f on s }
node n: k { port e at 10.0.0.7; port f on t }
"""
    lab = elaborated.sound(text)
    e, f = lab.ports["port/n/e"], lab.ports["port/n/f"]
    assert (e.attachments[0].segment, e.mtu, str(e.wanted[0])) == ("segment/s", 1400, "10.0.0.7")
    assert f.attachments[0].segment == "segment/t"
    assert lab.nodes["node/n"].ports == ["port/n/e", "port/n/f"]


def test_a_node_refines_a_port_only_once(elaborated: Elaborating) -> None:
    """Two refinements in one body are a duplicate."""
    assert elaborated("kind k { port e }\nnode n: k { port e; port e }\n").spans == [("E0302", "e")]


def test_the_nodes_own_rule_set_replaces_its_kinds(elaborated: Elaborating) -> None:
    """So do its gateway and a service of the same name."""
    files = {"a.nft.j2": "a", "b.nft.j2": "b", "c.j2": "c"}
    text = """kind k { config "a.nft.j2"; config "c.j2" to "/c"; gateway 10.0.0.1; serve http }
node n: k { config "b.nft.j2"; gateway 10.0.0.2; serve http on tcp/8080 }
node m: k
"""
    lab = elaborated.sound(text, files=files)
    n, m = lab.nodes["node/n"], lab.nodes["node/m"]
    assert sorted(config.source for config in n.configs) == ["b", "c"]
    assert len(m.configs) == 2
    assert [str(hop) for route in n.routes for hop in route.via] == ["10.0.0.2"]
    assert [str(place) for place in n.services[0].listens] == ["tcp/8080"]


def test_elements_and_secrets_as_fields(elaborated: Elaborating) -> None:
    """Nodes and segments are kept as ids; a secret stays a secret."""
    text = """segment s 10.0.0.0/24
kind k { field peer: node; field where: segment = s; field key: string = secret("env:KEY") }
node a: k { peer = b }
node b
"""
    fields = elaborated.sound(text).nodes["node/a"].fields
    assert (fields["peer"], fields["where"], fields["key"]) == ("node/b", "segment/s", Secret("env:KEY"))


def test_a_body_names_elements_by_fields(elaborated: Elaborating) -> None:
    """A field that holds a segment or a node stands wherever one may stand."""
    text = """segment s 10.0.0.0/24
kind k { field lan: segment; field hop: node; field all: list[node] = [hop]
  port e on lan
  gateway hop
  for n in all { route 10.9.0.0/16 via n }
  if hop.name == "gate" { serve echo }
}
node n: k { lan = s; hop = gate }
node gate { port e on s }
"""
    lab = elaborated.sound(text)
    node = lab.nodes["node/n"]
    assert lab.ports["port/n/e"].attachments[0].segment == "segment/s"
    assert [route.via_node for route in node.routes] == ["node/gate", "node/gate"]
    assert (node.fields["lan"], node.fields["all"], len(node.services)) == ("segment/s", ["node/gate"], 1)


def test_the_standard_kinds(elaborated: Elaborating) -> None:
    """Host, router, switch and firewall, as their documentation says."""
    text = "import std.linux, std.firewall as fw\nnode h: linux.host\nnode r: linux.router\nnode s: linux.switch\nnode f: fw.nftables\n"
    lab = elaborated.sound(text)
    roles = {node.name: (node.kind, node.forwards, node.bridges) for node in lab.nodes.values()}
    assert roles == {
        "h": ("linux.host", False, False),
        "r": ("linux.router", True, False),
        "s": ("linux.switch", False, True),
        "f": ("firewall.nftables", True, False),
    }
    assert [config.template for config in lab.nodes["node/f"].configs] == ["std/templates/policy.nft.j2"]


MISTAKES = {
    "kind a extends b { }\nkind b extends a { }\nnode n: a": [("E0309", "a")],
    "kind a extends nope { }\nnode n: a": [("E0308", "nope")],
    "kind a { field x: int }\nnode n: a": [("E0311", "n")],
    "kind a { field x: int in 1..5 = 2 }\nnode n: a { x = 9 }": [("E0304", "9")],
    "kind a { field x: int in 1..5 = 9 }\nnode n: a": [("E0304", "9")],
    'kind a { field x: "u" | "v" = "u" }\nnode n: a { x = "w" }': [("E0304", '"w"')],
    'kind a { field x: list[int] = [1] }\nnode n: a { x = ["w"] }': [("E0303", '["w"]')],
    'kind a { field x: map[int] = {} }\nnode n: a { x = { k: "w" } }': [("E0303", '{ k: "w" }')],
    "kind a { field x: node }\nnode n: a { x = nope }": [("E0301", "nope")],
    "kind a { field x: int = 1; field x: int = 2 }": [("E0302", "x")],
    "kind a { field x: int = 1 }\nkind b extends a { field x: int = 2 }": [("E0302", "x")],
    "kind a { nope = 1 }": [("E0310", "nope")],
    "kind a { field x: int = y; field y: int = x }\nnode n: a": [("E0315", "y")],
    "kind a { port e on nope }\nnode n: a\nnode m: a": [("E0301", "nope")],
    "kind a { port e on nope }": [],
    "kind a { field x: int = 1 / 0 }": [("E0307", "0")],
    "kind a { }\nkind a { }": [("E0302", "a")],
    "kind a { port e; port e }\nnode n: a": [("E0302", "e")],
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_a_kind(elaborated: Elaborating, text: str) -> None:
    """Each is told once, where it stands, however many nodes use the kind."""
    assert elaborated(text + "\n").spans == MISTAKES[text]


def test_a_mistake_in_a_kind_shows_the_way_that_led_there(elaborated: Elaborating) -> None:
    """The line of the kind, the line that extends it, the node, the turn of the loop."""
    text = "kind a { port e on nope }\nkind b extends a { }\nfor i in 3..4 { node n[i]: b }\n"
    chain = elaborated(text).only.origin
    assert chain is not None
    said = [(step.note, step.span.shown) for step in chain.chain()]
    assert said == [("in kind a", "a"), ("in kind b", "node n[i]: b"), ("with i = 3", "for i in 3..4")]
