"""Controls: the packet that must arrive while the denied ones must not, or a deny proves nothing.

Enters: a denied pair. Leaves: the control of its case as JSON, None where there can be none. Called by `denies.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from ...ir.lab import NodeId, PortId, SegmentId
from .endpoints import Endpoint, borrowed, free_address
from .one_policy import OnePolicy
from .talk import Json, packet
from .verdicts import PING, Pair, Shot

_Key = tuple[Endpoint, frozenset[NodeId], PortId]


class Controls(Struct):
    """The controls of one policy, each found once for a receiver, its firewalls and the port where packets come in."""

    one: OnePolicy
    _found: dict[_Key, Json | None] = field(default_factory=dict)
    _standing: dict[SegmentId, list[Endpoint]] = field(default_factory=dict)

    def find(self, denied: Pair, first: Json) -> Json | None:
        """An allowed flow to the same receiver through the same firewalls, of the same sender if it has one; else the
        first denied packet, sent from the receiver's own segment."""
        firewalls = frozenset(self.one.talk.firewalls(denied)) - {denied.target.node}
        key = (denied.target, firewalls, self.one.talk.arrival(denied))
        own = self._allowed([denied.source], key)
        if own is not None:
            return own
        if key not in self._found:
            self._found[key] = self._allowed(self._allowed_to(denied.target), key) or self._nearby(denied, key, first)
        return self._found[key]

    def _allowed(self, sources: Iterable[Endpoint], key: _Key) -> Json | None:
        """The first sender whose allowed packets pass the firewalls; one that passes none of them does when nobody else can."""
        firewalls = key[1]
        second = None
        for pair in (pair for source in sources for pair in self._pairs(source, key)):
            shot = self._shot(pair)
            if shot is None or self.one.talk.share_segment(pair):
                continue
            if firewalls <= set(self.one.talk.firewalls(pair)):
                return self._control(pair, shot, same_path=True)
            second = second or (pair, shot)
        return self._control(*second, same_path=False) if second else None

    def _allowed_to(self, target: Endpoint) -> list[Endpoint]:
        """Whoever a rule allows to send anything to the receiver; of others it need not be asked."""
        able = self.one.senders(self.one.verdicts.may_send(target))
        return [each.one for each in able if each.one.family == target.family]

    def _pairs(self, source: Endpoint, key: _Key) -> list[Pair]:
        """How a sender reaches the receiver where the capture stands: at that port, or for a firewall anywhere."""
        target, _, port = key
        if source.node == target.node or source.leased or source.foreign:
            return []
        talk = self.one.talk
        pairs = [pair for pair in talk.pairs(source, target) if talk.reaches(pair) or talk.share_segment(pair)]
        return [pair for pair in pairs if target.enforces or talk.arrival(pair) == port]

    def _shot(self, pair: Pair) -> Shot | None:
        """What may pass: an echo request, else what a service of the lab answers, else anything."""
        shots = self.one.may(pair)
        return min(
            shots, key=lambda s: (s != PING, self.one.talk.answering(pair.target, s)[0] is None, s), default=None
        )

    def _nearby(self, denied: Pair, key: _Key, first: Json) -> Json | None:
        """From the receiver's own segment. A firewall would drop it there as well."""
        target, _, port = key
        if target.enforces:
            return None
        shot = Shot(str(first["protocol"]), int(str(first["port"])))
        for neighbour in self._neighbours(denied, port):
            pair = Pair(neighbour, target, target.address)
            if target.borrowed or self.one.talk.arrival(pair) == port:
                return self._control(pair, shot, same_path=False)
        return None

    def _neighbours(self, denied: Pair, port: PortId) -> Iterator[Endpoint]:
        """Who stands where the packet comes in, hosts before routers; where nobody does, a probe beside the receiver."""
        target = denied.target
        segments = {attachment.segment for attachment in self.one.lab.ports[port].attachments}
        near = list(dict.fromkeys(each for segment in segments for each in self._on(segment)))
        near.sort(key=lambda endpoint: (endpoint.forwards, endpoint.enforces, endpoint.order))
        for endpoint in near:
            if endpoint.family == target.family and (endpoint.node != target.node or target.borrowed):
                yield endpoint
        for segment in (self.one.lab.segments[each] for each in sorted(segments)):
            address = free_address(target.family, segment, self.one.talk.network)
            if address is not None and not target.borrowed:
                yield borrowed(address, segment, [target])

    def _on(self, segment: SegmentId) -> list[Endpoint]:
        """Who stands on a segment at an address that is known."""
        if not self._standing:
            for each in self.one.endpoints:
                for name in each.segments if not each.leased else ():
                    self._standing.setdefault(name, []).append(each)
        return self._standing.get(segment, [])

    def _control(self, pair: Pair, shot: Shot, *, same_path: bool) -> Json:
        return {
            "from": self.one.talk.sender(pair.source),
            "flow": packet(shot, pair.sent_to),
            "service": self.one.talk.answering(pair.target, shot)[0],
            "same_path": same_path,
        }
