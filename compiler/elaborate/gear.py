"""Real gear and the patch fabric that leads to it: devices, switches, their ports and cables.

Enters: `device`, `switch` and their `port` statements. Leaves: records in `lab.site`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..ir.lab import Device, DeviceId, HostId, Socket
from ..source import Origin, Span
from ..syntax import tree
from . import site_values
from .blocks import Place, compile_block, header
from .evaluate import compile_expression
from .fields import SETTINGS
from .hosts import declared_twice
from .names import compile_element_name
from .scopes import Scope
from .site_values import compile_kept
from .state import State, suggest
from .texts import compile_name
from .values import POISON, Frame, Run, describe


def compile_device(statement: tree.DeviceDecl | tree.SwitchDecl, scope: Scope) -> Run:
    """Real gear, and the patch fabric that leads to it."""
    form = "device" if isinstance(statement, tree.DeviceDecl) else "switch"
    written = statement.kind if isinstance(statement, tree.DeviceDecl) else None
    kind = str(written) if written is not None else ""
    state, name_of = scope.state, compile_element_name(statement.name, scope, form)
    fits = site_values.DEVICE if form == "device" else site_values.SWITCH
    kept = compile_kept(_with_host_by_name(statement.body, scope), scope, fits, SETTINGS)
    body = compile_block(statement.body, scope, DEVICE)
    span, at = header(statement), statement.name.span

    def declare(frame: Frame) -> None:
        name = name_of(frame)
        if name is None or not state.once(frame, f"device/{name}", at, f"the {form} `{name}`"):
            return
        device = Device(DeviceId(f"device/{name}"), name, form, kind, kept(frame), {}, Origin(span, frame[0]))
        state.lab.site.devices[device.id] = device
        body([frame[0], device, *frame[2:]])

    return declare


def _with_host_by_name(body: Sequence[tree.Statement], scope: Scope) -> list[tree.Statement]:
    """`host = h1` names a host of the site, as `on h1` does, unless a variable is called so."""
    return [_host_by_name(statement, scope) if isinstance(statement, tree.Assign) else statement for statement in body]


def _host_by_name(setting: tree.Assign, scope: Scope) -> tree.Assign:
    value = setting.value
    if setting.name.plain != "host" or not isinstance(value, tree.Reference):
        return setting
    if scope.slot(value.name) is not None or scope.module.cell(value.name) is not None:
        return setting
    return tree.Assign(setting.span, setting.name, tree.Literal(value.span, value.name))


def _compile_socket(statement: tree.Socket, scope: Scope) -> Run:
    name_of = compile_element_name(statement.name, scope, "port", loose=True)
    cable_of = _compile_cable(statement.cable, scope) if statement.cable is not None else None
    kept, span = compile_kept(statement.body, scope, site_values.SOCKET), header(statement)

    def socket(frame: Frame) -> None:
        name = name_of(frame)
        device: Device = frame[1]
        if name is None:
            return
        if name in device.sockets:
            declared_twice(scope, frame, f"the port `{name}`", statement.name.span, device.sockets[name].origin)
            return
        cable = cable_of(frame) if cable_of is not None else None
        device.sockets[name] = Socket(name, cable, kept(frame), Origin(span, frame[0]))

    return socket


def _compile_bare_port(statement: tree.PortDecl, scope: Scope) -> Run:
    """`port eth0` without a cable."""
    return _compile_socket(tree.Socket(statement.span, statement.name, None, statement.body), scope)


def _compile_cable(cable: tree.Endpoint, scope: Scope) -> Callable[[Frame], tuple[str, str] | None]:
    """Where a cable leads; the other end is looked up when the whole site is known."""
    node_of, port_of, state = _compile_owner(cable.node, scope), compile_name(cable.port, scope), scope.state

    def lead(frame: Frame) -> tuple[str, str] | None:
        owner, port = node_of(frame), port_of(frame)
        if owner is None or port is None:
            return None
        state.cables.append((frame, owner, port, cable))
        return owner, port

    return lead


def _compile_owner(expression: tree.Expression, scope: Scope) -> Callable[[Frame], str | None]:
    if isinstance(expression, tree.Reference) and scope.slot(expression.name) is None:
        name = expression.name
        return lambda _: name
    if isinstance(expression, tree.Index) and isinstance(expression.base, tree.Reference) and expression.index:
        return compile_name(tree.Name(expression.span, (expression.base.name, expression.index)), scope)
    compute = compile_expression(expression, scope)

    def owner(frame: Frame) -> str | None:
        value = compute(frame)
        if type(value) is str:
            return value
        if value is not POISON:
            scope.state.error(frame, "E0303", f"expected a host or device, found {describe(value)}", expression.span)
        return None

    return owner


def check_gear(state: State) -> bool:
    """Report cables and hosts of devices that are not there. Whether all of them are."""
    before = len(state.diagnostics)
    _check_cables(state)
    _check_hosts(state)
    return len(state.diagnostics) == before


def _check_hosts(state: State) -> None:
    for frame, name, span in state.gear_hosts:
        if f"host/{name}" not in state.lab.site.hosts and not state.is_lost(name):
            known = state.names(("host",))
            near = suggest(name, known) or (f"there is {', '.join(known)}" if known else "the site has no host")
            state.error(frame, "E0301", f"no host is called `{name}`", span, help=near)


def _check_cables(state: State) -> None:
    site = state.lab.site
    for frame, owner, port, cable in state.cables:
        host, device = site.hosts.get(HostId(f"host/{owner}")), site.devices.get(DeviceId(f"device/{owner}"))
        if host is not None:
            _check_end(state, frame, owner, "NIC", port, host.nics, cable.port.span)
        elif device is not None:
            _check_end(state, frame, owner, "port", port, device.sockets, cable.port.span)
        elif not state.is_lost(owner):
            _unknown_owner(state, frame, owner, cable.node.span)


def _check_end(
    state: State, frame: Frame, owner: str, what: str, port: str, ports: Mapping[str, object], span: Span
) -> None:
    if port not in ports and not state.is_lost(port):
        state.error(frame, "E0326", f"`{owner}` has no {what} `{port}`", span, help=lambda: suggest(port, ports))


def _unknown_owner(state: State, frame: Frame, owner: str, span: Span) -> None:
    def near() -> str:
        return suggest(owner, state.names(("host", "device")))

    state.error(frame, "E0301", f"no host or device is called `{owner}`", span, help=near)


DEVICE = Place(
    "in a device", {tree.Socket: _compile_socket, tree.PortDecl: _compile_bare_port}, skipped=frozenset({tree.Assign})
)
