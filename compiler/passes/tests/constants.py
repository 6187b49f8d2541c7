"""Constants of rendered configurations: the ports, addresses and prefixes at which a filter's mistakes lie.

Enters: the text of a configuration. Leaves: `Constants`. Called by `policies.py`. In rule sets of nftables the side of
a port is known (`sport`, `dport`); in any other text every number that may be a port counts as a destination's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from msgspec import Struct, field

from ...addresses import BITS, Address, Interface, Prefix
from ...ir.lab import Node

_PORTS = re.compile(r"\b(sport|dport)\s+(?:[!=<>]=?\s*)?(\{[^}]*\}|[\w-]+)")
_NUMBERS = re.compile(r"(\d+)(?:-(\d+))?|([a-z][\w-]*)")
_ADDRESS = re.compile(
    r"(?<![\w.:])((?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?|[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:/\d{1,3})?)"
)
_ANY_PORT = re.compile(r"(?<![\w.:/-])(\d{1,5})(?![\w.:/])")
_COMMENT = re.compile(r'#[^\n]*|\bcomment\s+"[^"]*"')
# Names that nftables takes from the system's services; a table of our own keeps builds equal on all machines.
_NAMED = {
    "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "http": 80,
    "pop3": 110, "ntp": 123, "imap": 143, "snmp": 161, "bgp": 179, "https": 443, "imaps": 993, "pop3s": 995,
}  # fmt: skip


class Constants(Struct):
    """`senders` and `receivers`: ports by the side on which they stand. `prefixes`: addresses are prefixes of full length."""

    senders: set[int] = field(default_factory=set)
    receivers: set[int] = field(default_factory=set)
    prefixes: set[Prefix] = field(default_factory=set)

    def add(self, other: Constants) -> None:
        self.senders |= other.senders
        self.receivers |= other.receivers
        self.prefixes |= other.prefixes


def constants_of(node: Node) -> Constants:
    found = Constants()
    for config in node.configs:
        found.add(constants_in(config.text, config.loader))
    return found


@cache
def constants_in(text: str, loader: str) -> Constants:
    said = _COMMENT.sub("", text)
    found = Constants(prefixes=set(_prefixes(said)))
    if loader != "nft":
        found.receivers.update(int(number) for number in _ANY_PORT.findall(said) if 1 <= int(number) <= 65535)
        return found
    for side, ports in _PORTS.findall(said):
        (found.senders if side == "sport" else found.receivers).update(_around(ports))
    return found


def _around(ports: str) -> Iterator[int]:
    """The ports of a set; of a range its edges and what lies just outside."""
    for low, high, name in _NUMBERS.findall(ports):
        if name:
            yield from (_NAMED[name],) if name in _NAMED else ()
            continue
        edges = (int(low),) if not high else (int(low) - 1, int(low), int(high), int(high) + 1)
        yield from (port for port in edges if 1 <= port <= 65535)


def _prefixes(text: str) -> Iterator[Prefix]:
    for word in _ADDRESS.findall(text):
        try:
            if "/" in word:
                yield Interface.parse(word).prefix
            else:
                address = Address.parse(word)
                yield Prefix(address.family, address.value, BITS[address.family])
        except ValueError:
            continue


def edges_of(prefixes: Iterable[Prefix]) -> dict[Address, set[Prefix]]:
    """Each edge of the prefixes and its neighbours on both sides, with the prefixes whose edge it is."""
    found: dict[Address, set[Prefix]] = {}
    for prefix in prefixes:
        for edge in (prefix.network, prefix.last):
            for value in (edge.value - 1, edge.value, edge.value + 1):
                if 0 <= value < 1 << BITS[prefix.family]:
                    found.setdefault(Address(prefix.family, value), set()).add(prefix)
    return found
