"""What a machine has: processors, memory, disk, KVM, NICs.

Enters: the lines that `script.py` prints on a host, or what `local.py` reads here. Leaves: `Facts`. Called by `labc site probe`.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field

HEADER, END = "labc-host 1", "end"


class Card(Struct):
    """A NIC. `speed` in bits a second, None where it is not known (no cable, or none of its own); `mtu` in bytes; `addresses` with
    their lengths, those that others can send to, IPv4 first. `physical`: a card of the machine or a bond of such."""

    name: str
    speed: int | None
    mtu: int
    physical: bool
    addresses: list[str] = field(default_factory=list)


class Facts(Struct):
    """`memory` and `disk` in bytes; the disk is the whole of the file system on which labc keeps its state. `kvm`: /dev/kvm can be
    used by whoever looked. `addressed`: addresses could be read."""

    cpu: int
    memory: int
    disk: int
    kvm: bool
    cards: list[Card]
    addressed: bool = True


class UnreadableError(ValueError):
    """An answer that is not the script's, or not all of it."""


def parse(text: str) -> Facts:
    """The facts in the script's output; what a login shell says before it is passed over. Raises UnreadableError."""
    lines = text.splitlines()
    if HEADER not in lines or END not in lines:
        raise UnreadableError("the answer broke off" if HEADER in lines else "the answer is not that of labc's script")
    facts = Facts(0, 0, 0, False, [])
    for line in lines[lines.index(HEADER) + 1 : lines.index(END)]:
        word, _, rest = line.partition(" ")
        try:
            _WORDS[word](facts, *rest.split())
        except (ValueError, KeyError, TypeError):
            raise UnreadableError(f"the line {line!r} is not understood") from None
    if not (facts.cpu > 0 and facts.memory > 0 and facts.disk > 0):
        raise UnreadableError("the answer lacks processors, memory or disk")
    return sorted_facts(facts)


def sorted_facts(facts: Facts) -> Facts:
    """Cards by name, their IPv4 addresses first: what a machine lists in any order."""
    facts.cards.sort(key=lambda card: card.name)
    for card in facts.cards:
        card.addresses.sort(key=lambda address: ":" in address)
    return facts


def bits_a_second(megabits: int) -> int | None:
    """The kernel says -1 or 0, of a virtual card also 4294967295, where it knows no speed."""
    return megabits * 10**6 if 0 < megabits < 2**32 - 1 else None


def _cpu(facts: Facts, count: str) -> None:
    facts.cpu = int(count)


def _memory(facts: Facts, kibibytes: str) -> None:
    facts.memory = int(kibibytes) * 1024


def _disk(facts: Facts, kibibytes: str) -> None:
    facts.disk = int(kibibytes) * 1024


def _kvm(facts: Facts, word: str) -> None:
    facts.kvm = {"yes": True, "no": False}[word]


def _nic(facts: Facts, name: str, megabits: str, mtu: str, form: str) -> None:
    physical = {"physical": True, "virtual": False}[form]
    facts.cards.append(Card(name, bits_a_second(int(megabits)), int(mtu), physical))


def _address(facts: Facts, name: str, address: str) -> None:
    """Of a card that was not listed (a tunnel's other namespace, say) nothing is kept."""
    card = next((card for card in facts.cards if card.name == name), None)
    if card is not None and "/" in address:  # one without a length is the near end of a point-to-point link
        card.addresses.append(address)


def _missing(facts: Facts, program: str) -> None:
    if program == "ip":
        facts.addressed = False


_WORDS: dict[str, Callable[..., None]] = {
    "cpu": _cpu,
    "memory": _memory,
    "disk": _disk,
    "kvm": _kvm,
    "nic": _nic,
    "address": _address,
    "missing": _missing,
}
