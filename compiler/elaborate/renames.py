"""Former names (`was`) that lead nowhere: something still has the name, or two things claim it.

Enters: a lab whose elements are all declared. Leaves: these without their `was`, and warnings. Called by `elaborate`.

What was assigned to a name is one thing's. Whatever has the name now keeps it, so that no two things get one MAC, address or number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..ir.lab import Link, Node, Port, Segment, Zone
from .state import State

Renamed = Node | Segment | Link | Zone | Port


def check_renames(state: State) -> None:
    lab = state.lab
    _check("node", lab.nodes.values(), state)
    _check("zone", lab.zones.values(), state)
    # A link is a segment as well, and neither may be called as the other.
    _check("segment", [*lab.segments.values(), *lab.links.values()], state)
    for node in dict.fromkeys(port.node for port in lab.ports.values() if port.was):
        _check("port", [lab.ports[name] for name in lab.nodes[node].ports], state)


def _check(what: str, things: Iterable[Renamed], state: State) -> None:
    renamed = [thing for thing in things if thing.was]
    if not renamed:
        return
    names = {thing.name for thing in things}
    claims = Counter(thing.was for thing in renamed)
    for thing in renamed:
        if thing.was in names or claims[thing.was] > 1:
            _tell(what, thing, state, used=thing.was in names)
            thing.was = None


def _tell(what: str, thing: Renamed, state: State, *, used: bool) -> None:
    kind = "link" if isinstance(thing, Link) else what
    why = f"there is a {what} `{thing.was}`" if used else f"another {what} says so as well"
    state.diagnostics.warning(
        "W0334",
        f"`was {thing.was}` leads nowhere: {why}",
        thing.origin.span,
        f"nothing is kept for this {kind}",
        reason=f"what was assigned to `{thing.was}` stays with whatever has the name now"
        if used
        else "what was assigned to one name cannot be kept for two",
        help=f"take `was {thing.was}` out; once the lock holds the new name, it is needed no more",
        origin=thing.origin,
    )
