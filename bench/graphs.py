"""Graphs and sites that placement is measured on: what enters is a size, what leaves is a `Problem`."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np

from labc.compiler.solvers.problem import JOIN, Allow, Apart, Claim, Nets, Problem

Edges = list[tuple[int, ...]]
FILL = 0.85


def families(nodes: int) -> Iterator[tuple[str, Edges, int]]:
    """Name, links and the true number of nodes of five graphs of about `nodes` nodes."""
    yield "fat-tree", *fat_tree({1_000: 14, 10_000: 32}[nodes])
    yield "leaf-spine", *leaf_spine(*{1_000: (96, 6, 9), 10_000: (480, 10, 20)}[nodes])
    yield "random", links(nx.random_regular_graph(4, nodes, seed=1)), nodes
    yield "scale-free", links(nx.barabasi_albert_graph(nodes, 2, seed=1)), nodes
    yield "geometric", links(nx.random_geometric_graph(nodes, (1.6 / nodes) ** 0.5, seed=1)), nodes


def links(graph: nx.Graph) -> Edges:
    return [(int(a), int(b)) for a, b in graph.edges]


def fat_tree(ports: int) -> tuple[Edges, int]:
    """Of switches with so many ports: cores, and a pod a port, each with aggregation, edge and machines."""
    half, name, found = ports // 2, dict[tuple[object, ...], int](), []

    def node(*what: object) -> int:
        return name.setdefault(what, len(name))

    for pod in range(ports):
        for switch in range(half):
            found += [(node("aggregation", pod, switch), node("core", switch, core)) for core in range(half)]
            found += [(node("aggregation", pod, switch), node("edge", pod, edge)) for edge in range(half)]
            found += [(node("edge", pod, switch), node("machine", pod, switch, number)) for number in range(half)]
    return found, len(name)


def leaf_spine(leaves: int, spines: int, machines: int) -> tuple[Edges, int]:
    found: Edges = []
    for leaf in range(leaves):
        found += [(spines + leaf, spine) for spine in range(spines)]
        first = spines + leaves + leaf * machines
        found += [(spines + leaf, machine) for machine in range(first, first + machines)]
    return found, spines + leaves * (1 + machines)


def segments(nodes: int, *, seed: int = 1) -> Edges:
    """Segments of 2 to 30 members, mostly neighbours in a row with some from afar."""
    rng = np.random.default_rng(seed)
    found: Edges = []
    for _ in range(nodes // 4):
        size = int(rng.integers(2, 31))
        near = (int(rng.integers(nodes)) + rng.integers(0, 3 * size, size)) % nodes
        far = rng.integers(0, nodes, size)
        found.append(tuple(dict.fromkeys(np.where(rng.random(size) < 0.9, near, far).tolist())))
    return found


def nets(rows: Edges) -> Nets:
    count = len(rows)
    return Nets(
        start=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        pins=np.array([pin for row in rows for pin in row], np.int32),
        weight=np.full(count, JOIN, np.int64),
        anchor_start=np.zeros(count + 1, np.int64),
        anchors=np.zeros(0, np.int32),
    )


def problem(rows: Edges, nodes: int, hosts: int, *, fill: float = FILL, claims: tuple[Claim, ...] = ()) -> Problem:
    """Nodes of mixed sizes in processors, memory and disk, on equal hosts that they fill to `fill`."""
    rng = np.random.default_rng(1)
    demand = np.stack(
        [
            rng.integers(1, 5, nodes) * 500,
            rng.choice([256, 512, 1024], nodes) * 2**20,
            rng.integers(1, 5, nodes) * 2**30,
        ],
        axis=1,
    ).astype(np.int64)
    capacity = np.tile(np.ceil(demand.sum(axis=0) / fill / hosts).astype(np.int64), (hosts, 1))
    return Problem(
        nodes=tuple(f"node/n{i:06}" for i in range(nodes)),
        hosts=tuple(f"h{i:04}" for i in range(hosts)),
        resources=("cpu", "memory", "disk"),
        demand=demand,
        capacity=capacity,
        nets=nets(rows),
        claims=claims,
    )


def constrained(nodes: int, hosts: int, fill: float, *, seed: int = 1) -> Problem:
    """Degree 4. A fifth of the nodes needs kvm, which half of the hosts have; a hundredth isdn, on a twentieth of them; a
    hundredth is pinned; a tenth stands in groups of five apart."""
    rng = np.random.default_rng(seed)
    kvm, isdn = rng.random(hosts) < 0.5, np.zeros(hosts, bool)
    kvm[:2] = True
    isdn[rng.choice(hosts, max(2, hosts // 20), replace=False)] = True
    order = rng.permutation(nodes)
    virtual, telephone, pinned, groups, _ = np.split(
        order, np.cumsum([nodes // 5, nodes // 100, nodes // 100, nodes // 10])
    )
    own = np.arange(hosts, dtype=np.int32)
    claims: list[Claim] = [Allow(tuple(virtual.tolist()), kvm), Allow(tuple(telephone.tolist()), isdn)]
    claims += [Allow((node,), own == rng.integers(hosts)) for node in pinned.tolist()]
    claims += [Apart(tuple(group.tolist()), own) for group in groups.reshape(-1, 5)]
    rows = links(nx.random_regular_graph(4, nodes, seed=seed))
    return problem(rows, nodes, hosts, fill=fill, claims=tuple(claims))
