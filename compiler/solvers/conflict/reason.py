"""What a minimal conflict is about, as a record that the pass turns into a sentence.

Enters: a `Shape` and minimal `Demands` that do not fit. Leaves: a `Reason`. Called by `conflict`.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from ..problem import Apart, Together
from .arithmetic import eligible, loners
from .demands import Demands, Shape, domains_of


class Short(Struct, frozen=True):
    """`resource` (its index) of a host is `there`, and `wanted` is more. In the resource's unit."""

    resource: int
    wanted: int
    there: int


class Host(Struct, frozen=True):
    """Why a node cannot run on this host even alone: what is short there, and which claims of the conflict leave it out."""

    host: int
    short: tuple[Short, ...]
    claims: tuple[int, ...]


class NoHostFor(Struct, frozen=True):
    """No host takes `node`, were it alone; `hosts` has a line for each host of the site."""

    node: int
    hosts: tuple[Host, ...]


class TooMuch(Struct, frozen=True):
    """The conflict's nodes want `wanted` of a resource, and `hosts`, the only ones where they may run, have `there` in all. With a
    `Together` in the conflict: `hosts` are the domain that has the most of it."""

    resource: int
    wanted: int
    there: int
    hosts: tuple[int, ...]


class Pigeonhole(Struct, frozen=True):
    """`nodes` are more than `places`. `hosts`: those that count. `per_host`: for each of them how many it takes."""

    nodes: tuple[int, ...]
    hosts: tuple[int, ...]
    per_host: tuple[int, ...]
    places: int


class Packing(Struct, frozen=True):
    """Every sum is in order, yet no way to share the conflict's nodes out over `hosts` was found (proven when the conflict is)."""

    nodes: tuple[int, ...]
    hosts: tuple[int, ...]


class Contradiction(Struct, frozen=True):
    """The conflict's claims contradict each other, whatever the sizes. `nodes`: those that at least two of the claims are about."""

    claims: tuple[int, ...]
    nodes: tuple[int, ...]


Reason = NoHostFor | TooMuch | Pigeonhole | Packing | Contradiction


def reason_of(shape: Shape, demands: Demands) -> Reason:
    for reason in (_one_node, _apart, _alone, _together, _claims_only):
        found = reason(shape, demands)
        if found is not None:
            return found
    return _sizes(shape, demands)


def _one_node(shape: Shape, demands: Demands) -> NoHostFor | None:
    """Demands that one node makes alone: its size and Allow claims."""
    if len(demands.nodes) > 1 or not all(claim in shape.flag_of for claim in demands.claims):
        return None
    shared = [set(shape.problem.claims[claim].nodes) for claim in demands.claims]
    about = set(demands.nodes or shared[0] if demands.nodes or shared else ()).intersection(*shared)
    if not about:
        return None
    node = min(about)
    return NoHostFor(node, tuple(_host(shape, demands, node, host) for host in range(len(shape.problem.hosts))))


def _host(shape: Shape, demands: Demands, node: int, host: int) -> Host:
    return Host(
        host,
        tuple(_shorts(shape, node, host)) if node in demands.nodes else (),
        tuple(claim for claim in sorted(demands.claims) if not shape.flags[shape.flag_of[claim]].tolist()[host]),
    )


def _shorts(shape: Shape, node: int, host: int) -> list[Short]:
    wanted, there = shape.problem.demand[node].tolist(), shape.problem.capacity[host].tolist()
    return [Short(r, want, have) for r, (want, have) in enumerate(zip(wanted, there, strict=True)) if want > have]


def _apart(shape: Shape, demands: Demands) -> Pigeonhole | None:
    """One `Apart` with more nodes than domains where they may run."""
    spread = [claim for claim in sorted(demands.claims) if claim not in shape.flag_of]
    if len(spread) != 1:
        return None
    claim = shape.problem.claims[spread[0]]
    if not isinstance(claim, Apart):
        return None
    hosts = eligible(shape, demands)
    asking = {
        node for index in demands.claims - {spread[0]} for node in shape.problem.claims[index].nodes
    } | demands.nodes
    nodes = [node for node in claim.nodes if node in asking] if asking else list(claim.nodes)
    area = set(np.flatnonzero(hosts[nodes].any(axis=0)).tolist())
    places = [[host for host in group if host in area] for _, group in domains_of(claim)]
    count = sum(1 for group in places if group)
    if count >= len(nodes):
        return None
    counting = tuple(host for group in places for host in group)
    return Pigeonhole(tuple(nodes), counting, tuple(1 for _ in counting), count)


def _alone(shape: Shape, demands: Demands) -> Pigeonhole | None:
    """`Exclusive` claims that share no node, and who is of none of them: more than the hosts that they may have."""
    strict = [claim for claim in demands.claims if claim not in shape.flag_of]
    hosts = eligible(shape, demands)
    claims, nodes = loners(shape, demands, hosts)
    area = np.flatnonzero(hosts[nodes].any(axis=0)).tolist()
    if not claims or len(claims) < len(strict) or len(nodes) <= len(area):
        return None
    return Pigeonhole(tuple(nodes), tuple(area), (1,) * len(area), len(area))


def _claims_only(shape: Shape, demands: Demands) -> Contradiction | None:
    if demands.nodes:
        return None
    claims = tuple(sorted(demands.claims))
    seen: dict[int, int] = {}
    for claim in claims:
        for node in shape.problem.claims[claim].nodes:
            seen[node] = seen.get(node, 0) + 1
    return Contradiction(claims, tuple(sorted(node for node, times in seen.items() if times > 1)))


def _together(shape: Shape, demands: Demands) -> TooMuch | None:
    """Nodes of one `Together` that are too much for the roomiest of its domains."""
    strict = [claim for claim in demands.claims if claim not in shape.flag_of]
    claim = shape.problem.claims[strict[0]] if len(strict) == 1 else None
    if not isinstance(claim, Together) or not demands.nodes.issubset(claim.nodes):
        return None
    problem = shape.problem
    wanted = problem.demand[sorted(demands.nodes)].sum(axis=0).tolist()
    rooms = [(problem.capacity[group].sum(axis=0).tolist(), group) for _, group in domains_of(claim)]
    for resource, want in enumerate(wanted):
        most, group = max(((room[resource], group) for room, group in rooms), key=lambda room: room[0], default=(0, []))
        if want > most:
            return TooMuch(resource, want, most, tuple(group))
    return None


def _sizes(shape: Shape, demands: Demands) -> TooMuch | Pigeonhole | Packing:
    problem = shape.problem
    nodes = sorted(demands.nodes)
    area = np.flatnonzero(eligible(shape, demands)[nodes].any(axis=0))
    hosts = tuple(area.tolist())
    wanted, there = problem.demand[nodes].sum(axis=0), problem.capacity[area].sum(axis=0)
    over = np.flatnonzero(wanted > there)
    if over.size:
        worst = int(over[np.argmax((wanted[over] - there[over]) / there[over].clip(min=1))])
        return TooMuch(worst, int(wanted[worst]), int(there[worst]), hosts)
    least = problem.demand[nodes].min(axis=0)
    asked = least > 0
    if asked.any() and hosts:
        per_host = (problem.capacity[area][:, asked] // least[asked]).min(axis=1)
        if per_host.sum() < len(nodes):
            return Pigeonhole(tuple(nodes), hosts, tuple(per_host.tolist()), int(per_host.sum()))
    return Packing(tuple(nodes), hosts)
