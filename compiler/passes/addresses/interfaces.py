"""Names of ports in Linux: at most 15 bytes, without `/` and blanks (the kernel's dev_valid_name).

Enters: a lab. Leaves: `Port.interface`: the port's own name where Linux takes it, else a short one made from it.
Called by the pass.
"""

from __future__ import annotations

import re

from ...ir.identity import port_identity
from ...ir.lab import Lab, Node, Port
from ...slots import number_of

_FITS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}")
_WORD_AND_NUMBERS = re.compile(r"([A-Za-z]{2})[A-Za-z]*[ _-]*([0-9][0-9/.:_-]*)")
_RESERVED = {"all", "default", "lo"}  # /proc/sys/net/ipv4/conf has the first two, every namespace the third
_BRIDGE = "br0"


def name_interfaces(lab: Lab) -> None:
    for node in lab.nodes.values():
        refused = []
        for name in node.ports:
            port = lab.ports[name]
            if _linux_takes(port.name, port, node):
                port.interface = port.name
            else:
                refused.append(port)
        if refused:
            _name_others(refused, node, lab)


def _linux_takes(name: str, port: Port, node: Node) -> bool:
    """Whether Linux takes the name, and a new namespace has not got it already."""
    reserved = (name in _RESERVED and port.form != "loopback") or (name == _BRIDGE and node.bridges)
    return not reserved and _FITS.fullmatch(name) is not None


def _name_others(ports: list[Port], node: Node, lab: Lab) -> None:
    used = {lab.ports[name].interface for name in node.ports}
    for port in sorted(ports, key=lambda port: (len(port.id), port.id)):
        name = _abbreviated(port.name)
        if name is None or name in used or not _linux_takes(name, port, node):
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
    return found[1] + re.sub(r"[/:_]", "-", found[2])
