"""One rule of a chain: its matches, then what it does.

Enters: the words of a rule. Leaves: a `Rule`; from the first word that is not known on, it is unclear. Called by `parse.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...addresses import Address
from .rules import Act, Match, Rule
from .tokens import Block, Quoted, Statement, Unclear, Word
from .values import Names, Sets, addresses, names, ports, split

_ICMP = frozenset({"icmp"})
_ICMPV6 = frozenset({"icmpv6"})
_BOTH = frozenset({"tcp", "udp"})
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "ipv6-icmp": "icmpv6"}
_FINAL = ("accept", "drop", "return")
# Words that may change a packet, send it elsewhere or keep it from being tracked, in a rule that is not understood.
_ALTERING = frozenset(
    (
        "dnat",
        "snat",
        "masquerade",
        "redirect",
        "set",
        "tproxy",
        "fwd",
        "dup",
        "queue",
        "notrack",
        "flow",
        "synproxy",
        "vmap",
    )
)


class _Words:
    """A rule's words, read from left to right."""

    def __init__(self, words: Statement) -> None:
        self.words = words
        self.at = 0

    def peek(self) -> Word | None:
        return self.words[self.at] if self.at < len(self.words) else None

    def take(self) -> Word:
        word = self.peek()
        if word is None:
            raise Unclear("a rule that ends early")
        self.at += 1
        return word

    def took(self, *known: str) -> bool:
        found = self.peek()
        if isinstance(found, str) and not isinstance(found, Quoted) and found in known:
            self.at += 1
            return True
        return False

    def key_of_map(self) -> bool:
        """Whether the next words are what a verdict map looks up: `ct state vmap`, `iifname vmap`."""
        return "vmap" in [
            word for word in self.words[self.at + 1 : self.at + 3] if not isinstance(word, Quoted | Block)
        ]

    def operand(self) -> tuple[Word, bool]:
        """What is compared with, and whether it must be something else."""
        self.took("==", "eq")
        negated = self.took("!=", "ne")
        return self.take(), negated


def rule_of(line: Statement, sets: Sets) -> Rule:
    words, matches = _Words(line), list[Match]()
    try:
        while words.peek() is not None:
            if (act := _act(words)) is not None:
                _rest(words)
                return Rule(tuple(matches), act)
            if _says_nothing(words):
                continue
            if words.key_of_map():
                return Rule(tuple(matches), None, tuple(_choices(words, sets)))
            matches.append(_match(words, sets))
    except Unclear:
        alters = not _ALTERING.isdisjoint(str(word) for word in line if not isinstance(word, Block))
        return Rule(tuple(matches), Act("unclear", alters=alters))
    return Rule(tuple(matches), None)


def _act(words: _Words) -> Act | None:
    for verb in _FINAL:
        if words.took(verb):
            return Act(verb)
    if words.took("continue"):
        return None
    if words.took("reject"):
        words.at = len(words.words)  # with what answer does not matter: it does not pass
        return Act("drop")
    for verb in ("jump", "goto"):
        if words.took(verb):
            return Act(verb, str(words.take()))
    if words.took("masquerade"):
        return Act("masquerade")
    for verb in ("dnat", "snat"):
        if words.took(verb):
            words.took("ip", "ip6")
            words.took("to")
            return _translation(verb, words.take())
    return None


def _translation(verb: str, to: Word) -> Act:
    if isinstance(to, Block) or to.startswith("@"):
        raise Unclear("a translation that depends")
    text, port = to, ""
    if text.count(":") == 1:
        text, _, port = text.partition(":")
    try:
        return Act(verb, address=Address.parse(text.strip("[]")), port=int(port) if port else None)
    except ValueError:
        raise Unclear(text) from None


def _rest(words: _Words) -> None:
    """Behind a verdict only remarks may stand."""
    while words.peek() is not None:
        if not _says_nothing(words):
            raise Unclear("words behind the verdict")


def _says_nothing(words: _Words) -> bool:
    if words.took("comment"):
        words.take()
        return True
    if words.took("counter"):
        while words.took("packets", "bytes"):
            words.take()
        return True
    if words.took("log"):
        while words.took("prefix", "level", "flags", "group", "snaplen"):
            words.take()
        return True
    return False


def _match(words: _Words, sets: Sets) -> Match:
    first = str(words.take())
    if first == "meta":
        first = str(words.take())
    if first in ("ip", "ip6"):
        return _network(first, words, sets)
    if first in ("tcp", "udp", "th"):
        return _ports(first, words, sets)
    if first in ("icmp", "icmpv6") and words.took("type"):
        family, protocol = (4, _ICMP) if first == "icmp" else (6, _ICMPV6)
        return Match("kind", _names(words, sets), family, protocol)
    if first == "ct":
        return _connection(words, sets)
    if first in ("iifname", "iif", "oifname", "oif"):
        return Match("entered" if first[0] == "i" else "leaving", _names(words, sets))
    if first == "l4proto":
        return _protocol(words, sets)
    if first == "nfproto":
        return Match("family", _names(words, sets))
    raise Unclear(first)


def _names(words: _Words, sets: Sets) -> Names:
    value, negated = words.operand()
    return names(value, sets, negated=negated)


def _ports(protocol: str, words: _Words, sets: Sets) -> Match:
    side = "dport" if words.took("dport") else "sport" if words.took("sport") else ""
    if not side:
        raise Unclear(f"{protocol} {words.peek()}")
    value, negated = words.operand()
    protocols = _BOTH if protocol == "th" else frozenset({protocol})
    return Match(side, ports(value, sets, negated=negated), 0, protocols)


def _addresses(side: str, family: int, words: _Words, sets: Sets) -> Match:
    value, negated = words.operand()
    return Match(side, addresses(value, family, sets, negated=negated), family)


def _network(table: str, words: _Words, sets: Sets) -> Match:
    family = 4 if table == "ip" else 6
    if words.took("saddr"):
        return _addresses("source", family, words, sets)
    if words.took("daddr"):
        return _addresses("target", family, words, sets)
    if words.took("protocol", "nexthdr"):
        return _protocol(words, sets, family)
    raise Unclear(f"{table} {words.peek()}")


def _protocol(words: _Words, sets: Sets, family: int = 0) -> Match:
    value = _names(words, sets)
    return Match(
        "protocol", Names(frozenset(_PROTOCOLS.get(name, name) for name in value.names), value.negated), family
    )


def _connection(words: _Words, sets: Sets) -> Match:
    """`ct state new,established`, `ct original ip daddr ADDRESS`."""
    if words.took("state"):
        first, negated = words.operand()
        found = set(names(first, sets, negated=False).names)
        while words.took(","):
            found.add(str(words.take()))
        return Match("state", Names(frozenset(found), negated))
    if words.took("original") and words.took("ip", "ip6"):
        family = 4 if words.words[words.at - 1] == "ip" else 6
        side = "original" if words.took("daddr") else "opener" if words.took("saddr") else ""
        if side:
            return _addresses(side, family, words, sets)
    raise Unclear("ct")


def _choices(words: _Words, sets: Sets) -> Iterator[tuple[Match, Act]]:
    """`ct state vmap { established : accept, invalid : drop }`."""
    key: Statement = []
    while not words.took("vmap"):
        key.append(words.take())
    block = words.take()
    if not isinstance(block, Block):
        raise Unclear("a map elsewhere")
    for item in (item for line in block for item in split(line)):
        colon = item.index(":") if ":" in item else -1
        if colon != 1:
            raise Unclear("a map of more than plain items")
        act = _act(_Words(item[colon + 1 :]))
        if act is None:
            raise Unclear("a map to something else")
        yield _match(_Words([*key, item[0]]), sets), act
    _rest(words)
