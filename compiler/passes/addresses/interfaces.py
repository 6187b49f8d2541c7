"""Names of ports in Linux: at most 15 bytes, without `/` and blanks (the kernel's dev_valid_name).

Enters: a lab. Leaves: `Port.interface`: the port's own name where Linux takes it, else a short one made from it.
Called by the pass.
"""

from __future__ import annotations

import re

from ...ir.lab import Lab, Node, Port
from .identity import number_of, port_identity

_FITS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}")
_WORD_AND_NUMBERS = re.compile(r"([A-Za-z]{2})[A-Za-z]*[ _-]*([0-9][0-9/.:_-]*)")
_RESERVED = {"all", "default", "lo"}  # /proc/sys/net/ipv4/conf has the first two, every namespace the third
_BRIDGE = "br0"


def name_interfaces(lab: Lab) -> None:
    for node in lab.nodes.values():
        refused = [port for name in node.ports if not _takes(port := lab.ports[name], node)]
        if refused:
            _name_others(refused, {lab.ports[name].interface for name in node.ports}, lab)


def _takes(port: Port, node: Node) -> bool:
    """Gives a port its own name where Linux would take it."""
    name = port.name
    reserved = (name in _RESERVED and port.form != "loopback") or (name == _BRIDGE and node.bridges)
    if reserved or not _FITS.fullmatch(name):
        return False
    port.interface = name
    return True


def _name_others(ports: list[Port], used: set[str], lab: Lab) -> None:
    for port in sorted(ports, key=lambda port: (len(port.id), port.id)):
        name = _abbreviated(port.name)
        if name is None or name in used:
            name = f"p{number_of(port_identity(port, lab)):016x}"[:11]
        used.add(name)
        port.interface = name


def _abbreviated(name: str) -> str | None:
    """As engineers write it.

    >>> _abbreviated("GigabitEthernet0/0/1")
    'Gi0-0-1'
    """
    found = _WORD_AND_NUMBERS.fullmatch(name)
    if found is None:
        return None
    short = found[1] + re.sub(r"[/:_]", "-", found[2])
    return short if _FITS.fullmatch(short) else None
