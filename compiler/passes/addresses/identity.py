"""Identities: the names under which things hold what was assigned to them, and hashes of these.

Enters: a record. Leaves: its id, or the id that it had before a rename (`was`). Called by all files of this pass.
"""

from __future__ import annotations

from hashlib import blake2b

from ...ir.lab import Lab, Link, Port


def port_identity(port: Port, lab: Lab) -> str:
    """`port/web/eth0`; after `node www: … was web` still that."""
    node = lab.nodes[port.node]
    return f"port/{node.was or node.name}/{port.was or port.name}"


def link_identity(link: Link, lab: Lab) -> str:
    """A link without a name of its own is called by its ends, so a rename of a node renames it as well."""
    if link.was:
        return f"link/{link.was}"
    now = [_end(link, index, lab, was=False) for index in (0, 1)]
    if link.name != "--".join(now):
        return link.id
    return "link/" + "--".join(_end(link, index, lab, was=True) for index in (0, 1))


def _end(link: Link, index: int, lab: Lab, *, was: bool) -> str:
    port = lab.ports[link.ends[index]]
    node = lab.nodes[port.node]
    if was:
        return f"{node.was or node.name}:{port.was or port.name}"
    return f"{node.name}:{port.name}"


def number_of(*names: str) -> int:
    """Sixty-four bits that the names alone decide. The same on every machine and in every version: plans depend on it."""
    return int.from_bytes(blake2b("\n".join(names).encode(), digest_size=8).digest(), "big")
