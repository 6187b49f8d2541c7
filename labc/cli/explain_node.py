"""Why a node is where it is and has the addresses that it has, in plain sentences.

Enters: a compiled lab and a node's name. Leaves: lines of text. Called by `labc build --explain`.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ..compiler.ir.lab import Lab, Node, NodeId, Port
from .exits import Exit
from .stop import Stop


def why_here(lab: Lab, name: str) -> list[str]:
    """The node's name and kind, and below it each thing that there is to say. Raises Stop when the lab has no such node."""
    node = lab.nodes.get(NodeId(f"node/{name.removeprefix('node/')}"))
    if node is None:
        near = get_close_matches(name, [each.name for each in lab.nodes.values()], 1)
        raise Stop(Exit.INPUT, f"the lab has no node {name}", help=f"did you mean {near[0]}?" if near else "")
    lines = [f"{node.name} ({node.kind}) {_made_by(node)}"]
    lines += [f"  {line}" for line in (*_device(lab, node), *_host(lab, node))]
    lines += [f"  {_port(lab, lab.ports[port])}" for port in node.ports]
    return lines


def _made_by(node: Node) -> str:
    steps = [f"{step.note} " * bool(step.note) + f"at {step.span}" for step in node.origin.chain()]
    return "is declared " + ", ".join(steps)


def _device(lab: Lab, node: Node) -> Iterator[str]:
    """Of real gear, which device it is and why no other."""
    if node.device is None:
        return
    from ..compiler.site.gear import unfit

    taken = {each.device: f"is {each.name}" for each in lab.nodes.values()}
    yield f"is {node.device.removeprefix('device/')}, {lab.site.devices[node.device].origin.span}"
    for device in sorted(lab.site.devices.values(), key=lambda device: device.name):
        if device.form == "device" and device.id != node.device:
            yield f"not {device.name}: {unfit(device, node) or taken.get(device.id, 'it would do as well')}"


def _host(lab: Lab, node: Node) -> Iterator[str]:
    if not lab.site.hosts:
        return iter(("host local: no site says that there are others",))
    if node.device is not None and not any(lab.ports[port].entry for port in node.ports):
        return iter(("on no host: no cable of its ports has to end at one",))
    from ..compiler.passes.placement.explain import why_here as why_host

    return why_host(lab, node)


def _port(lab: Lab, port: Port) -> str:
    places = [
        lab.segments[attachment.segment].name + (f" tag {attachment.tag}" if attachment.tag is not None else "")
        for attachment in port.attachments
        if attachment.segment in lab.segments
    ]
    words = [f"port {port.name}", f"on {', '.join(places)}" if places else "on nothing"]
    if port.addresses:
        how = "as stated" if port.wanted else "from the segment's prefix"
        words.append(f"has {', '.join(map(str, port.addresses))}, {how}")
    if port.socket:
        words[-1] += ","
        words.append(f"is {' – '.join([port.socket, *(':'.join(end) for end in port.path)])}")
    if port.dhcp:
        words.append("is addressed by dhcp")
    return " ".join(words)
