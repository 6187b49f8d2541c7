"""Constants of rendered configurations: the ports, addresses and prefixes at which a filter's mistakes lie.

Enters: the text of a configuration. Leaves: `Constants`. Called by `policies.py`. In rule sets of nftables the side of
a port is known (`sport`, `dport`), but for what a rule has from elsewhere: the elements of named sets and maps, definitions, and
concatenations may be ports of either side. In any other text every number that may be a port counts as a destination's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from msgspec import Struct, field

from ...addresses import BITS, Address, Interface, Prefix
from ...ir.lab import Node

_PORTS = re.compile(r"\b(sport|dport)\s+([!=<>]=?\s*|(?:eq|ne|lt|gt|le|ge)\s+)?(?:v?map\s*)?(\{[^}]*\}|[\w-]+)")
_ELSEWHERE = re.compile(
    r"\belements\s*=\s*(\{[^}]*\})|\bdefine\s+\w+\s*=\s*(\{[^}]*\}|[^\n;]*)|\.\s[^{;\n]*(\{[^}]*\})"
)
_NUMBERS = re.compile(r"(0x[0-9a-f]+|\d+)(?:\s*-\s*(\d+))?|([a-z][\w-]*)")
_SET = re.compile(r"(?:=|\b[sd]addr|\b[sd]port|\bmap|\bvmap)\s*\{[^{}]*\}")
_ADDRESS = re.compile(
    r"(?<![\w.:])((?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?|[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:/\d{1,3})?)"
)
_ANY_PORT = re.compile(r"(?<![\w.:/-])(\d{1,5})(?![\w.:/])")
_COMMENT = re.compile(r'#[^\n]*|\bcomment\s+"[^"]*"')
# Names that nftables takes from the system's services; a table of our own keeps builds equal on all machines.
_NAMED = {
    "echo": 7, "discard": 9, "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "time": 37, "tacacs": 49,
    "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "finger": 79, "http": 80, "kerberos": 88, "pop3": 110, "sunrpc": 111,
    "ntp": 123, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "imap": 143, "imap2": 143, "snmp": 161,
    "snmp-trap": 162, "bgp": 179, "irc": 194, "ldap": 389, "https": 443, "microsoft-ds": 445, "isakmp": 500, "syslog": 514,
    "submission": 587, "ldaps": 636, "rsync": 873, "ftps": 990, "imaps": 993, "pop3s": 995, "socks": 1080, "openvpn": 1194,
    "ms-sql-s": 1433, "l2f": 1701, "l2tp": 1701, "radius": 1812, "radius-acct": 1813, "nfs": 2049, "mysql": 3306,
    "ms-wbt-server": 3389, "ipsec-nat-t": 4500, "sip": 5060, "sip-tls": 5061, "mdns": 5353, "postgresql": 5432, "vnc": 5900,
    "x11": 6000, "http-alt": 8080, "git": 9418, "zabbix-agent": 10050,
}  # fmt: skip


class Constants(Struct):
    """`senders` and `receivers`: ports by the side on which they stand. `prefixes`: addresses are prefixes of full length.
    `together`: the prefixes of each statement, such as a rule or a set's elements."""

    senders: set[int] = field(default_factory=set)
    receivers: set[int] = field(default_factory=set)
    prefixes: set[Prefix] = field(default_factory=set)
    together: list[frozenset[Prefix]] = field(default_factory=list)

    def add(self, other: Constants) -> None:
        self.senders |= other.senders
        self.receivers |= other.receivers
        self.prefixes |= other.prefixes
        self.together += other.together


def constants_of(node: Node) -> Constants:
    found = Constants()
    for config in node.configs:
        found.add(constants_in(config.text, config.loader))
    return found


@cache
def constants_in(text: str, loader: str) -> Constants:
    said = _COMMENT.sub("", text).replace("\\\n", " ")
    together = [frozenset(_prefixes(statement)) for statement in _statements(said)]
    found = Constants(prefixes=set().union(*together), together=[each for each in together if each])
    if loader != "nft":
        found.receivers.update(int(number) for number in _ANY_PORT.findall(said) if 1 <= int(number) <= 65535)
        return found
    for side, operator, ports in _PORTS.findall(said):
        (found.senders if side == "sport" else found.receivers).update(_around(ports, compared=bool(operator)))
    for elements in map(" ".join, _ELSEWHERE.findall(said)):
        ports = set(_around(_ADDRESS.sub(" ", elements)))
        found.senders |= ports
        found.receivers |= ports
    return found


def _statements(text: str) -> list[str]:
    """Line by line; a set whose elements stand in several lines is one."""
    return _SET.sub(lambda found: found[0].replace("\n", " "), text).splitlines()


def _around(ports: str, *, compared: bool = False) -> Iterator[int]:
    """The ports of a set; of a range, and where a port is `compared` with one, the edges and what lies just outside."""
    for low, high, name in _NUMBERS.findall(ports):
        if name:
            yield from (_NAMED[name],) if name in _NAMED else ()
            continue
        first, last = int(low, 0), int(high or low, 0)
        edges = (first - 1, first, last, last + 1) if high or compared else (first,)
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
