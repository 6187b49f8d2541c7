"""Identities: the names under which things hold what was assigned to them.

Enters: a record. Leaves: its id, or the id that it had before a rename (`was`). Called by all files of this pass.
"""

from __future__ import annotations

from ...ir.lab import Lab, Link, Port


def port_identity(port: Port, lab: Lab) -> str:
    """`port/web/eth0`; after `node www: … was web` still that."""
    node = lab.nodes[port.node]
    if node.was is None and port.was is None:
        return port.id
    return f"port/{node.was or node.name}/{port.was or port.name}"


def link_identity(link: Link, lab: Lab) -> str:
    """A link without a name of its own is called by its ends, so a rename of a node renames it as well."""
    if link.was:
        return f"link/{link.was}"
    names = [port_identity(lab.ports[end], lab) for end in link.ends]
    if names == list(link.ends) or link.name != "--".join(map(_as_end, link.ends)):
        return link.id
    return "link/" + "--".join(map(_as_end, names))


def _as_end(port: str) -> str:
    """`port/web/eth0` as a link writes it: `web:eth0`."""
    return port.removeprefix("port/").replace("/", ":", 1)
