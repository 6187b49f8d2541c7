"""What real gear competes for, in the lab's own words.

Enters: what was asked and the clash that the solvers found. Leaves: one diagnostic. Called by `binding.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostics, Label
from ...ir.lab import Device, Node
from ...nearest import closest
from ...plan.defaults import port_rate
from ...site.gear import Asked, is_of_kind, unfit, unmet
from ...solvers.gear.clash import Clash, Misfit
from ...wording import listed

_MOST = 6


def refuse(asked: Asked, clash: Clash, diagnostics: Diagnostics) -> None:
    nodes = [asked.nodes[at] for at in clash.nodes]
    devices = [asked.devices[at] for at in clash.devices]
    if not devices:
        _no_device(asked, nodes[0], diagnostics)
    elif len(nodes) == 1:
        _no_way(asked, nodes[0], clash, devices, diagnostics)
    else:
        _compete(asked, clash, nodes, devices, diagnostics)


def _no_device(asked: Asked, node: Node, diagnostics: Diagnostics) -> None:
    able = [device for device in asked.devices if is_of_kind(device, node)]
    if not able:
        _no_kind(asked, node, diagnostics)
        return
    lacks = [f"{device.name} {unfit(device, node)}" for device in asked.devices]
    demand = next(demand for device in able for demand in unmet(device, node))
    diagnostics.error(
        "E0807",
        f"no device of the site can be {node.name}",
        demand.origin.span,
        f"{node.name} needs {demand.origin.span.shown}",
        reason=_few(lacks),
        help="plug such a device in and say so in the site, or let the node be virtual: `physical = false`",
        origin=demand.origin,
    )


def _no_kind(asked: Asked, node: Node, diagnostics: Diagnostics) -> None:
    """Whatever the node needs: the devices are of other kinds. Either side may have misspelt one."""
    near = [(device, name) for device in asked.devices if (name := _meant(device.kind, node)) is not None]
    help = "plug such a device in and say so in the site; one without a kind, `device NAME`, stands for any node"
    if near:
        help = f"did you mean `device {near[0][0].name}: {near[0][1]}`? Or {help}"
    diagnostics.error(
        "E0807",
        f"no device of the site is of the kind of {node.name}",
        node.origin.span,
        f"{node.name} is real gear of the kind {_kind(node)}",
        labels=tuple(Label(device.origin.span, f"this is of the kind {device.kind}") for device, _ in near[:1]),
        reason=_few([f"{device.name} is of the kind {device.kind}" for device in asked.devices]),
        help=help,
        origin=node.origin,
    )


def _meant(kind: str, node: Node) -> str | None:
    """What a site may have meant to call the node's kind, with the module that it put before it."""
    module = kind.rpartition(".")[0] or "*"
    names = [name.replace("*", module) for name in node.called]
    return closest(kind, [name for name in names if "*" not in name])


def _few(lines: list[str]) -> str:
    return "; ".join(lines[:_MOST]) + (f"; and {len(lines) - _MOST} more" if len(lines) > _MOST else "")


def _kind(node: Node) -> str:
    """As the lab writes it."""
    return node.called[0] if node.called else node.kind


def _no_way(asked: Asked, node: Node, clash: Clash, devices: list[Device], diagnostics: Diagnostics) -> None:
    whys = [_misfit(asked, clash.nodes[0], each) for each in clash.misfits]
    ports = [asked.ports[at][place] for at, place in clash.ports]
    names = ", ".join(port.name for port in ports)
    diagnostics.error(
        "E0808",
        f"no device has the ports and cables that {node.name} asks for",
        node.origin.span,
        f"it may be {listed([device.name for device in devices], 'or')}",
        labels=tuple(Label(port.origin.span, "this port finds none") for port in ports),
        reason="; ".join([*whys, *_conditions(asked, clash)])
        or f"the ports {names} find no cables that lead where their segments are",
        help="cable more ports of the device to hosts or to the patch fabric, and say so in the site",
        origin=node.origin,
    )


def _misfit(asked: Asked, node: int, misfit: Misfit) -> str:
    device = asked.devices[misfit.device].name
    ports = [asked.ports[node][place].name for place in misfit.ports]
    if not ports:
        return f"{device} has the ports, but no cables that lead where the segments are"
    sockets = [asked.sockets[at][1].name for at in misfit.sockets]
    there = f"only {listed(sockets)} would do" if sockets else "none would do"
    return f"on {device} {there} for {listed(ports)}"


def _conditions(asked: Asked, clash: Clash) -> Iterator[str]:
    """What ports ask of their way beyond that there is one."""
    all_ports = [(node, place) for node in clash.nodes for place in range(len(asked.ports[node]))]
    for at, place in clash.ports or all_ports:
        port = asked.ports[at][place]
        name = f"{asked.nodes[at].name}:{port.name}"
        if asked.request.nodes[at].ports[place].cut:
            yield f"a test cuts {name}, so it must lead to a host or over a switch that says `cuts = true`"
        if (rate := port_rate(port, asked.lab)) is not None:
            yield f"{name} is to carry {rate}"


def _compete(asked: Asked, clash: Clash, nodes: list[Node], devices: list[Device], diagnostics: Diagnostics) -> None:
    names = listed([node.name for node in nodes])
    first, *rest = nodes
    only = "the only device" if len(devices) == 1 else f"the only {len(devices)} devices"
    what = listed([device.name for device in devices])
    enough = len(devices) >= len(nodes)
    reason = (
        f"{only} for them: {what}"
        if not enough
        else f"{what} would do one by one, but not their ports and cables together"
    )
    diagnostics.error(
        "E0808",
        f"{names} compete for {what}"
        if not enough
        else f"{names} cannot all have the ports and cables that they ask for",
        first.origin.span,
        _said(first),
        labels=tuple(Label(node.origin.span, _said(node)) for node in rest)
        + tuple(
            Label(device.origin.span, f"{device.name} is one device")
            for device in devices[: _MOST if not enough else 0]
        ),
        reason="; ".join([reason, *(_conditions(asked, clash) if enough else ())]),
        help="plug another such device in and say so in the site, or let one of them be virtual: `physical = false`",
        origin=first.origin,
    )


def _said(node: Node) -> str:
    demands = list(_asked(node))
    return f"{node.name} needs {listed(demands)}" if demands else f"{node.name} is real gear of the kind {_kind(node)}"


def _asked(node: Node) -> Iterator[str]:
    return (demand.origin.span.shown for demand in node.demands if demand.weight is None)


def not_found(asked: Asked, diagnostics: Diagnostics) -> None:
    node = asked.nodes[0]
    diagnostics.error(
        "E0804",
        f"no devices and cables were found for the {len(asked.nodes)} nodes that are real gear",
        node.origin.span,
        "the first of them",
        reason="the solvers' budget of work ran out; this is no proof that there are none",
        help='say which device a node is: `needs name = "DEVICE"`',
        origin=node.origin,
    )
