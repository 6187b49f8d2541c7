"""The site file: hosts, real gear, patch fabric, pools.

Enters: `host`, `device`, `switch`, `pool` and `uses` statements. Leaves: records in `lab.site`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..addresses import Prefix
from ..diagnostics import Label
from ..ir.lab import Device, DeviceId, Host, HostId, Nic, Pool, Socket
from ..source import Origin, Span
from ..syntax import tree
from . import operators
from .blocks import Place, compile_block, header
from .evaluate import compile_expression
from .fields import ONLY_SETTINGS, SETTINGS, Settings, compile_settings
from .names import compile_element_name
from .scopes import Scope
from .state import State, suggest
from .texts import compile_name
from .types import ANY, fitted, stored
from .values import POISON, Frame, Run, describe, shown

_POOLS = {"vni": range(1, 1 << 24), "vlan": range(1, 4095)}  # RFC 7348; IEEE 802.1Q


def _kept(scope: Scope, frame: Frame, settings: Settings) -> dict[str, object]:
    """Settings of any name, in the form in which fields keep values."""
    found = {
        name: fitted(scope.state, frame, ANY, value, span, f"`{name}`") for name, (value, span, _) in settings.items()
    }
    return {name: stored(value) for name, value in found.items() if value is not POISON}


Kept = Callable[[Frame], dict[str, object]]


def _compile_kept(body: Sequence[tree.Statement], scope: Scope, place: Place = ONLY_SETTINGS) -> Kept:
    settings = compile_settings(body, scope, place) if body else None
    return lambda frame: _kept(scope, frame, settings(frame)) if settings is not None else {}


def compile_host(statement: tree.HostDecl, scope: Scope) -> Run:
    state, name_of = scope.state, compile_element_name(statement.name, scope, "host")
    kept, body = _compile_kept(statement.body, scope, SETTINGS), compile_block(statement.body, scope, HOST)
    span, at = header(statement), statement.name.span

    def declare(frame: Frame) -> None:
        name = name_of(frame)
        if name is None or not state.once(frame, f"host/{name}", at, f"the host `{name}`"):
            return
        host = Host(HostId(f"host/{name}"), name, kept(frame), {}, Origin(span, frame[0]))
        state.lab.site.hosts[host.id] = host
        body([frame[0], host, *frame[2:]])

    return declare


def _compile_nic(statement: tree.Nic, scope: Scope) -> Run:
    name_of = compile_element_name(statement.name, scope, "NIC", loose=True)
    kept, span = _compile_kept(statement.body, scope), header(statement)

    def nic(frame: Frame) -> None:
        name = name_of(frame)
        host: Host = frame[1]
        if name is None:
            return
        if name in host.nics:
            _twice(scope, frame, f"the NIC `{name}`", statement.name.span, host.nics[name].origin)
            return
        host.nics[name] = Nic(name, kept(frame), Origin(span, frame[0]))

    return nic


def _twice(scope: Scope, frame: Frame, what: str, span: Span, first: Origin) -> None:
    scope.state.error(
        frame, "E0302", f"{what} is declared twice", span, labels=(Label(first.span, "first declared here"),)
    )


def compile_device(statement: tree.DeviceDecl | tree.SwitchDecl, scope: Scope) -> Run:
    """Real gear, and the patch fabric that leads to it."""
    form = "device" if isinstance(statement, tree.DeviceDecl) else "switch"
    written = statement.kind if isinstance(statement, tree.DeviceDecl) else None
    kind = str(written) if written is not None else ""
    state, name_of = scope.state, compile_element_name(statement.name, scope, form)
    kept, body = _compile_kept(statement.body, scope, SETTINGS), compile_block(statement.body, scope, DEVICE)
    span, at = header(statement), statement.name.span

    def declare(frame: Frame) -> None:
        name = name_of(frame)
        if name is None or not state.once(frame, f"device/{name}", at, f"the {form} `{name}`"):
            return
        device = Device(DeviceId(f"device/{name}"), name, form, kind, kept(frame), {}, Origin(span, frame[0]))
        state.lab.site.devices[device.id] = device
        body([frame[0], device, *frame[2:]])

    return declare


def _compile_socket(statement: tree.Socket, scope: Scope) -> Run:
    name_of = compile_element_name(statement.name, scope, "port", loose=True)
    cable_of = _compile_cable(statement.cable, scope) if statement.cable is not None else None
    kept, span = _compile_kept(statement.body, scope), header(statement)

    def socket(frame: Frame) -> None:
        name = name_of(frame)
        device: Device = frame[1]
        if name is None:
            return
        if name in device.sockets:
            _twice(scope, frame, f"the port `{name}`", statement.name.span, device.sockets[name].origin)
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


def check_cables(state: State) -> None:
    """Report cables that lead to nothing."""
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


# --- Pools -------------------------------------------------------------------------------------------------


def compile_pool(statement: tree.Pool, scope: Scope) -> Run:
    name_of = compile_name(statement.name, scope)
    plain = statement.name.plain or ""
    ranges, span = _compile_ranges(plain, statement.ranges, scope), header(statement)

    def pool(frame: Frame) -> None:
        name = name_of(frame)
        if name is not None:
            scope.state.lab.site.pools.append(Pool(name, ranges(frame), Origin(span, frame[0])))

    return pool


def compile_uses(statement: tree.Uses, scope: Scope) -> Run:
    lab_of = compile_name(statement.lab, scope) if statement.lab is not None else None
    ranges, span = _compile_ranges(statement.pool, statement.ranges, scope), header(statement)

    def uses(frame: Frame) -> None:
        lab = lab_of(frame) if lab_of is not None else None
        pool = Pool(statement.pool, ranges(frame), Origin(span, frame[0]), lab, instances=lab_of is None)
        scope.state.lab.site.pools.append(pool)

    return uses


Ranges = Callable[[Frame], tuple[tuple[int, int] | Prefix, ...]]


def _compile_ranges(pool: str, expressions: Sequence[tree.Expression], scope: Scope) -> Ranges:
    compiled = [(compile_expression(item, scope), item.span) for item in expressions]
    allowed = _POOLS.get(pool)

    def ranges(frame: Frame) -> tuple[tuple[int, int] | Prefix, ...]:
        found = [_range_of(scope, frame, pool, allowed, compute(frame), span) for compute, span in compiled]
        return tuple(item for item in found if item is not None)

    return ranges


def _range_of(
    scope: Scope, frame: Frame, pool: str, allowed: range | None, value: Any, span: Span
) -> tuple[int, int] | Prefix | None:
    """Ids come in ranges, addresses in prefixes."""
    if value is POISON:
        return None
    if allowed is None and type(value) not in (int, range):
        prefix = operators.prefix_of(scope.state, frame, span, value)
        return None if prefix is POISON else prefix
    if type(value) is int:
        value = range(value, value + 1)
    if type(value) is not range:
        scope.state.error(
            frame, "E0303", f"expected a range, found {describe(value)}", span, help=f"write `pool {pool} 100..199`"
        )
        return None
    if not operators.size(value) or (
        allowed is not None and not (value.start in allowed and value.stop - 1 in allowed)
    ):
        bounds = f"{shown(allowed)} is allowed" if allowed is not None else "it is empty"
        scope.state.error(frame, "E0304", f"the range of the pool `{pool}` is out of range", span, bounds)
        return None
    return value.start, value.stop - 1


HOST = Place("in a host", {tree.Nic: _compile_nic}, skipped=frozenset({tree.Assign}))
DEVICE = Place(
    "in a device", {tree.Socket: _compile_socket, tree.PortDecl: _compile_bare_port}, skipped=frozenset({tree.Assign})
)
