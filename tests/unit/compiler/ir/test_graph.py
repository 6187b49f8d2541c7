"""The lab as a networkx graph."""

from __future__ import annotations

import subprocess
import sys

import networkx as nx

from labc.compiler.ir.graph import network_of
from tests.unit.compiler.building import Building, apply


def test_ports_are_edges_between_nodes_and_segments() -> None:
    """A path in the graph is a path in the lab."""
    lab = Building().segment("dmz", "10.0.0.0/24").router("r").node("a").node("b").lab
    build = Building()
    build.lab = lab
    build.port("a:eth0", "dmz").port("r:p", "dmz").link("r:q", "b:eth0")
    apply(lab, "segments", "addresses")
    path = nx.shortest_path(network_of(lab), "node/a", "node/b")
    assert path == ["node/a", "segment/dmz", "node/r", "segment/r:q--b:eth0", "node/b"]


def test_importing_the_compiler_does_not_import_networkx() -> None:
    """It would cost more than compiling a small lab."""
    code = "import sys, labc.compiler.pipeline, labc.compiler.ir.graph; print('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
