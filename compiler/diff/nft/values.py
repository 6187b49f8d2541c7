"""What a match of a rule compares with: intervals of addresses and ports, names of interfaces, states.

Enters: words. Leaves: `Numbers` or `Names`. Called by `parse.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ...addresses import BITS, Address, Interface
from .tokens import Block, Quoted, Statement, Unclear, Word

_PORTS = {
    "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "http": 80,
    "kerberos": 88, "pop3": 110, "sunrpc": 111, "ntp": 123, "imap": 143, "snmp": 161, "bgp": 179, "ldap": 389, "https": 443, "isakmp": 500,
    "syslog": 514, "submission": 587, "imaps": 993, "pop3s": 995,
}  # fmt: skip


class Numbers(Struct, frozen=True):
    """Intervals, ends included, of ports or of one family's addresses."""

    intervals: tuple[tuple[int, int], ...]
    negated: bool = False

    def holds(self, value: int | None) -> bool | None:
        """None: the value is not known, and the answer depends on it."""
        if value is None:
            return None
        for low, high in self.intervals:  # millions of times: a loop takes a third of what any() takes
            if low <= value <= high:
                return not self.negated
        return self.negated


class Names(Struct, frozen=True):
    """Names; of interfaces they may end in `*`, `starts` is what stands before it."""

    names: frozenset[str]
    negated: bool = False
    starts: tuple[str, ...] = ()

    def holds(self, value: str | None) -> bool | None:
        if value is None:
            return None
        return (value in self.names or value.startswith(self.starts)) != self.negated


Sets = dict[str, tuple[Word, ...]]


def ports(value: Word, sets: Sets, *, negated: bool) -> Numbers:
    return Numbers(tuple(_port(text) for text in _texts(value, sets)), negated)


def addresses(value: Word, family: int, sets: Sets, *, negated: bool) -> Numbers:
    return Numbers(tuple(_address(text, family) for text in _texts(value, sets)), negated)


def names(value: Word, sets: Sets, *, negated: bool) -> Names:
    found = frozenset(_texts(value, sets))
    return Names(found, negated, tuple(sorted(name[:-1] for name in found if name.endswith("*"))))


def _texts(value: Word, sets: Sets) -> Iterator[str]:
    """A single word, the items of a set, or the elements of a named one."""
    if isinstance(value, Block):
        yield from (_only(item) for statement in value for item in split(statement))
    elif value.startswith("@") and not isinstance(value, Quoted):
        if value[1:] not in sets:
            raise Unclear(value)
        yield from map(str, sets[value[1:]])
    elif value.startswith(("$", "<", ">", "&", "|")):
        raise Unclear(value)
    else:
        yield value


def split(words: Iterable[Word]) -> list[Statement]:
    """Words between commas."""
    items: list[Statement] = [[]]
    for word in words:
        if word == "," and not isinstance(word, Quoted):
            items.append([])
        else:
            items[-1].append(word)
    return [item for item in items if item]


def _only(item: Statement) -> str:
    if len(item) != 1 or isinstance(item[0], Block):
        raise Unclear("a set of more than plain items")
    return item[0]


def _port(text: str) -> tuple[int, int]:
    low, dash, high = text.partition("-") if text not in _PORTS else (text, "", "")
    first = _PORTS.get(low, -1) if not low.isdecimal() else int(low)
    last = first if not dash else int(high) if high.isdecimal() else -1
    if not 0 <= first <= last <= 65535:
        raise Unclear(text)
    return first, last


def _address(text: str, family: int) -> tuple[int, int]:
    try:
        if "/" in text:
            prefix = Interface.parse(text).prefix
            first, last = prefix.network, prefix.last
        else:
            low, dash, high = text.partition("-")
            first = Address.parse(low)
            last = Address.parse(high) if dash else first
    except ValueError:
        raise Unclear(text) from None
    if {first.family, last.family} != {family} or family not in BITS:
        raise Unclear(text)
    return first.value, last.value
