"""A lab as a networkx graph, for users who want to compute on it and for whoever draws it.

Enters: a lab after the pass `segments`. Leaves: a multigraph of nodes and segments; every port is an edge between them.
Nothing in a build calls it: networkx takes longer to import than a small lab to compile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lab import Lab

if TYPE_CHECKING:
    import networkx as nx


def network_of(lab: Lab) -> nx.MultiGraph[str]:
    """Nodes of the graph are ids; `what` tells `node` from `segment`. Edges have the port's id as their key.

    >>> import networkx as nx
    >>> nx.shortest_path(network_of(lab), "node/pc", "node/web")  # doctest: +SKIP
    ['node/pc', 'segment/inside', 'node/edge', 'segment/dmz', 'node/web']
    """
    import networkx as nx  # a quarter of a second

    graph: nx.MultiGraph[str] = nx.MultiGraph(name=lab.name)
    for node in sorted(lab.nodes.values(), key=lambda node: node.id):
        graph.add_node(node.id, what="node", kind=node.kind, forwards=node.forwards, bridges=node.bridges)
    for segment in sorted(lab.segments.values(), key=lambda segment: segment.id):
        prefixes = [str(prefix) for prefix in segment.prefixes]
        graph.add_node(segment.id, what="segment", domain=segment.domain, prefixes=prefixes, direct=segment.direct)
    for port in sorted(lab.ports.values(), key=lambda port: port.id):
        addresses = [str(interface) for interface in port.addresses]
        for attachment in port.attachments:
            key = port.id if attachment.tag is None else f"{port.id}#{attachment.tag}"
            graph.add_edge(port.node, attachment.segment, key=key, tag=attachment.tag, addresses=addresses)
    return graph
