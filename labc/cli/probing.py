"""What a host has beside what its site says of it: the differences, and the edits that settle them.

Enters: a `Host` of a site and the `Facts` of the machine. Leaves: `Finding`s. Called by `labc site probe`. Pure.

What the site does not say is filled in. Where it says more than there is, the machine is right, and the finding says so. Where it
says less, somebody keeps the rest for other things: it stays. An address is written only where there is no choice of one.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ..compiler.addresses import Interface
from ..compiler.ir.lab import Host, Nic
from ..compiler.quantities import Quantity
from ..compiler.site.hosts import MTU, capacity_of, mtu_of
from ..compiler.source import Source, Span
from ..compiler.syntax.edit import Add, Change, SetValue
from ..compiler.syntax.expression_text import name_text
from ..compiler.syntax.tree import Name
from ..runtime.hosts.facts import Card, Facts

_STEPS = {"memory": ("MiB", 2**20), "disk": ("GB", 10**9)}  # what is left over is not worth a digit


class Finding(Struct, frozen=True):
    """`text` for people; `change` settles it. `wrong`: the site says what is not so, whether or not it can be settled."""

    text: str
    change: Change | None = None
    wrong: bool = False


def findings(host: Host, facts: Facts) -> list[Finding]:
    """In the order of the language's reference; none where the site says what is so."""
    return [*_capacities(host, facts), *_kvm(host, facts), *_nics(host, facts)]


def _capacities(host: Host, facts: Facts) -> Iterator[Finding]:
    real = {"cpu": facts.cpu * 1000, "memory": facts.memory, "disk": facts.disk}
    stated = capacity_of(host)
    for key, amount in real.items():
        shown = str(facts.cpu) if key == "cpu" else _rounded(key, amount)
        yield from _limited(
            f"host/{host.name}#{key}",
            f"{host.name}: {key}",
            stated[key],
            amount,
            (str(host.fields.get(key)), shown),
        )


def _limited(path: str, what: str, stated: int | None, real: int, texts: tuple[str, str]) -> Iterator[Finding]:
    """Something that a site may state lower than it is, never higher. `texts`: as stated, and as it is."""
    as_stated, shown = texts
    if stated is None:
        yield Finding(f"{what} = {shown}", SetValue(path, shown))
    elif stated > real:
        text = f"{what} = {as_stated} is more than there is: {shown}"
        yield Finding(text, SetValue(path, shown), wrong=True)


def _rounded(key: str, amount: int) -> str:
    """Down to a whole unit, of which a machine has thousands or tens; below that exactly."""
    unit, step = _STEPS[key]
    return f"{amount // step}{unit}" if amount >= step else str(Quantity("size", amount))


def _kvm(host: Host, facts: Facts) -> Iterator[Finding]:
    stated, path = host.fields.get("kvm"), f"host/{host.name}#kvm"
    if stated is None and facts.kvm:
        yield Finding(f"{host.name}: kvm = true", SetValue(path, "true"))
    elif stated is True and not facts.kvm:
        yield Finding(
            f"{host.name}: kvm = true, but /dev/kvm cannot be used there", SetValue(path, "false"), wrong=True
        )


# --- NICs --------------------------------------------------------------------------------------------------


def _nics(host: Host, facts: Facts) -> Iterator[Finding]:
    cards = {card.name: card for card in facts.cards}
    chosen = _with_address(host, facts)
    for name, nic in sorted(host.nics.items()):
        if name in cards:
            yield from _nic(host, nic, cards[name], chosen)
        else:
            there = ", ".join(card.name for card in facts.cards if card.physical) or "none"
            yield Finding(f"{host.name}: there is no NIC {name}; there is {there}", wrong=True)
    for card in facts.cards:
        if card.physical and card.name not in host.nics:
            yield _new(host, card, chosen)
    if not facts.addressed:
        yield Finding(f"{host.name}: addresses were not read: `ip` (iproute2) is not installed there")
    elif chosen is None and not _states_address(host):
        yield from _choice(host, facts)


def _nic(host: Host, nic: Nic, card: Card, chosen: str | None) -> Iterator[Finding]:
    path, what = f"nic/{host.name}/{nic.name}", f"{host.name}: {nic.name}"
    speed = nic.fields.get("speed")
    if card.speed is not None:
        real = Quantity("rate", card.speed)
        stated = speed.amount if isinstance(speed, Quantity) else None
        yield from _limited(f"{path}#speed", f"{what}: speed", stated, real.amount, (str(speed), str(real)))
    if card.mtu != MTU or "mtu" in nic.fields:
        stated = mtu_of(nic) if "mtu" in nic.fields else None
        yield from _limited(f"{path}#mtu", f"{what}: mtu", stated, card.mtu, (str(stated), str(card.mtu)))
    yield from _address(path, what, nic, card, chosen)


def _address(path: str, what: str, nic: Nic, card: Card, chosen: str | None) -> Iterator[Finding]:
    stated = nic.fields.get("address")
    has = _interfaces(card)
    if stated is None and card.name == chosen:
        yield Finding(f"{what}: address = {has[0]}", SetValue(f"{path}#address", str(has[0])))
    elif isinstance(stated, Interface) and card.addresses and stated not in has:
        yield Finding(f"{what}: address = {stated}, but it has {', '.join(map(str, has))}", wrong=True)


def _new(host: Host, card: Card, chosen: str | None) -> Finding:
    said = [f"speed = {Quantity('rate', card.speed)}"] if card.speed is not None else []
    said += [f"mtu = {card.mtu}"] if card.mtu != MTU else []
    said += [f"address = {_interfaces(card)[0]}"] if card.name == chosen else []
    text = f"nic {_word(card.name)}" + (f" {{ {'; '.join(said)} }}" if said else "")
    return Finding(f"{host.name}: {text}", Add(f"host/{host.name}", text))


def _with_address(host: Host, facts: Facts) -> str | None:
    """The NIC whose address is written: the one that is to carry overlays, else the only one that could."""
    marked = [nic.name for nic in host.nics.values() if nic.fields.get("overlay") is True]
    if _states_address(host) and not marked:
        return None
    possible = [card.name for card in _addressed(host, facts) if not marked or card.name in marked]
    return possible[0] if len(possible) == 1 else None


def _states_address(host: Host) -> bool:
    return any("address" in nic.fields for nic in host.nics.values())


def _addressed(host: Host, facts: Facts) -> list[Card]:
    return [card for card in facts.cards if (card.physical or card.name in host.nics) and _interfaces(card)]


def _choice(host: Host, facts: Facts) -> Iterator[Finding]:
    cards = _addressed(host, facts)
    if len(cards) > 1:
        listed = ", ".join(f"{card.name} has {_interfaces(card)[0]}" for card in cards)
        help = "write `overlay = true` in the NIC that carries the segments that cross hosts"
        yield Finding(f"{host.name}: several NICs have an address ({listed}), so none is written; {help}")


def _interfaces(card: Card) -> list[Interface]:
    """What a host says is no more than a text: what is no address is left out."""
    found = []
    for text in card.addresses:
        try:
            found.append(Interface.parse(text))
        except ValueError:
            continue
    return found


def _word(name: str) -> str:
    """A name as `.net` writes it, in quotes where it is no word."""
    return name_text(Name(Span(Source("", b""), 0, 0), (name,)))
