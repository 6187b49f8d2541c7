"""The conservative static walk: where a packet goes by a lab's segments, routes and address translation.

Enters: a lab after the pass `addresses`. Leaves: `Network`, which answers lookups, and `walk`, the way of one packet.
Called by the passes `configs` and `tests`, and by `diff` for the blast radius. Filters are not looked at: the walk says
which way a packet would go if nobody dropped it.
"""

from .ends import Members, members_of
from .network import Network, enforces, filters_its_own, outer_ports
from .way import Way, walk

__all__ = ["Members", "Network", "Way", "enforces", "filters_its_own", "members_of", "outer_ports", "walk"]
