"""The site's cables as ways: from where a socket's lead ends, over which lanes, to which end.

Enters: a `Site`. Leaves: a `Fabric`, asked for the ways behind a socket. Used by `options.py`.

Cables between the same two switches, or from one switch to one host, that carry one wire each are one *lane* of several members: nothing
tells them apart until a path is written down. Of trunks beside each other the first is enough: it carries any number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from .records import NOWHERE, Lead, Site, ToNic, ToSocket, ToSwitch

Key = tuple[str, int, int]
ENTER: Key = ("enter", 0, 0)
LOOSE: Key = ("loose", 0, 0)


class Lane(Struct, frozen=True):
    """`members`: the leads of each of its cables. `single`: each member carries one wire. `start`, `to`: switches, NOWHERE for a host
    or a socket. `host`: where it ends, if at a host. `cables`: equal for the two directions of the same cables, whose members
    stand in one order."""

    cables: int
    members: tuple[tuple[Lead, ...], ...]
    single: bool
    start: int
    to: int
    host: int


class Way(Struct, frozen=True):
    """`key`: how a wire is carried that goes this way: "enter", "patch" with its switch, "cable" with its two sockets, "loose". All
    ports of a wire go by one key. `end`: towards what its lanes carry. `cuts`: it can be cut on the way."""

    lanes: tuple[int, ...]
    key: Key
    end: Key
    cuts: bool
    host: int
    hops: int


Root = tuple[str, int, int]


class Fabric:
    """`leads`: each cable from both of its ends. `lanes`: all there are."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.leads: dict[Lead, Lead] = {}
        for index, socket in enumerate(site.sockets):
            self._cable(ToSocket(index), socket.lead)
        for index, port in enumerate(site.switch_ports):
            self._cable(ToSwitch(index), port.lead)
        self.users = Counter(self.leads.values())
        self.lanes: list[Lane] = []
        self.of_switch: list[list[int]] = [[] for _ in site.switches]
        self._lay()
        self._ways: dict[Root, list[Way]] = {}

    def _cable(self, end: Lead, other: Lead | None) -> None:
        if other is not None:
            self.leads[end] = other
            self.leads.setdefault(other, end)

    def _alone(self, lead: Lead) -> bool:
        if isinstance(lead, ToNic):
            return not self.site.nics[lead.nic].trunk
        return isinstance(lead, ToSwitch) and not self.site.switch_ports[lead.port].trunk

    def _lay(self) -> None:
        found: dict[tuple[int, int, int, bool], list[tuple[Lead, ...]]] = {}
        for index, port in enumerate(self.site.switch_ports):
            out, far = ToSwitch(index), self.leads.get(ToSwitch(index))
            if far is None or isinstance(far, ToSocket):
                continue
            to = self.site.switch_ports[far.port].switch if isinstance(far, ToSwitch) else NOWHERE
            host = self.site.nics[far.nic].host if isinstance(far, ToNic) else NOWHERE
            found.setdefault((port.switch, to, host, self._alone(out) or self._alone(far)), []).append((out, far))
        for (start, to, host, single), members in found.items():
            self.of_switch[start].append(len(self.lanes))
            if NOWHERE < to < start:
                members.sort(key=_far)
            cables = next((lane.cables for lane in self.lanes if _back(lane, start, to, single)), len(self.lanes))
            self.lanes.append(Lane(cables, tuple(members), single, start, to, host))

    def root(self, socket: int) -> Root:
        """Equal for sockets from which the same ways go on: at one switch, or each at a NIC of its own at one host."""
        lead = self.leads.get(ToSocket(socket))
        if isinstance(lead, ToSwitch):
            return "switch", self.site.switch_ports[lead.port].switch, 0
        if isinstance(lead, ToSocket):
            return "cable", *_sorted(socket, lead.socket)
        if isinstance(lead, ToNic):
            own = self.users[lead] == 1 or not self._alone(lead)
            return ("host", self.site.nics[lead.nic].host, 0) if own else ("nic", lead.nic, 0)
        return "none", 0, 0

    def ways(self, root: Root) -> list[Way]:
        if root not in self._ways:
            self._ways[root] = list(self._from(root))
        return self._ways[root]

    def _from(self, root: Root) -> Iterator[Way]:
        what, first, _ = root
        if what == "switch":
            yield from self._walk(first, (), (first,))
        elif what == "cable":
            yield Way((), root, root, cuts=False, host=NOWHERE, hops=1)
        elif what == "host":
            yield Way((), ENTER, ENTER, cuts=True, host=first, hops=1)
        elif what == "nic":
            # Several sockets are said to be cabled to one NIC: at most one of them can have it.
            lane = Lane(len(self.lanes), ((),), single=True, start=NOWHERE, to=NOWHERE, host=self.site.nics[first].host)
            self.lanes.append(lane)
            yield Way((len(self.lanes) - 1,), ENTER, ("nic", first, 0), cuts=True, host=lane.host, hops=1)

    def _walk(self, switch: int, lanes: tuple[int, ...], seen: tuple[int, ...]) -> Iterator[Way]:
        """To this switch itself, to the hosts behind it, and on to switches where the way has not been."""
        cuts = any(self.site.switches[index].cuts for index in seen)
        patch = ("patch", switch, 0)
        yield Way(lanes, patch, patch, cuts, NOWHERE, hops=1 + 2 * len(lanes))
        for index in self.of_switch[switch]:
            lane = self.lanes[index]
            on = (*lanes, index)
            if lane.host != NOWHERE:
                yield Way(on, ENTER, ("lane", index, 0), cuts=True, host=lane.host, hops=1 + 2 * len(on))
            elif lane.to not in seen:
                yield from self._walk(lane.to, on, (*seen, lane.to))


def _sorted(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _far(member: tuple[Lead, ...]) -> int:
    far = member[1]
    assert isinstance(far, ToSwitch)  # of a cable between two switches
    return far.port


def _back(lane: Lane, start: int, to: int, single: bool) -> bool:
    return to != NOWHERE and (lane.start, lane.to, lane.single) == (to, start, single)
