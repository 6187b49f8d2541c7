"""Stray packets: TCP that claims to belong to a connection which nobody opened.

Enters: a pair and what is denied it. Leaves: a few packets with ACK, and with SYN and ACK. Called by `denies.py`. A rule such as
`tcp flags ack accept`, which is how stateless routers spell "established", lets them in, and no SYN would ever show it.

Only where a SYN is denied: to Linux a bare ACK may open a connection (nf_conntrack_tcp_loose), so it passes where that is allowed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from .one_policy import OnePolicy
from .talk import Json, packet
from .verdicts import UNLISTED, Pair, Shot

FLAGS = ("ack", "syn-ack")
MOST = 2  # ports of each side that are tried, beside an unlisted one and an ephemeral one


def strays(one: OnePolicy, pair: Pair, denied: Iterable[Shot], senders: Collection[int]) -> Iterator[Json]:
    """`senders`: source ports that rule sets on the way name."""
    ports = {shot.port for shot in denied if shot.protocol == "tcp"}
    sent = [(0, port) for port in _receivers(one, pair, ports)]
    if UNLISTED in ports:
        sent += [(source_port, UNLISTED) for source_port in (0, *_answerers(one, pair, senders))]
    for flags in FLAGS:
        for source_port, port in sent:
            yield packet(Shot("tcp", port), pair.sent_to, source_port, flags=flags)


def _receivers(one: OnePolicy, pair: Pair, ports: set[int]) -> list[int]:
    """Those first that rules about one of the ends name."""
    near = one.verdicts.ports_near(pair)
    return sorted(ports - {UNLISTED}, key=lambda port: (port not in near, port))[:MOST]


def _answerers(one: OnePolicy, pair: Pair, senders: Collection[int]) -> list[int]:
    """The ports that the receiver may ask the sender at: from there come what looks like answers."""
    back = one.talk.pairs(pair.target, pair.source)[0]
    asked = {shot.port for shot in one.may(back) if shot.protocol == "tcp"}
    return [*sorted(asked), *sorted({*senders} - asked)][:MOST]
