"""The hosts of a site and their NICs.

Enters: `host` and `nic` statements. Leaves: records in `lab.site`.
"""

from __future__ import annotations

from ..diagnostics import Label
from ..ir.lab import Host, HostId, Nic
from ..source import Origin, Span
from ..syntax import tree
from . import site_values
from .blocks import Place, compile_block, header
from .fields import SETTINGS
from .names import compile_element_name
from .scopes import Scope
from .site_values import compile_kept
from .values import Frame, Run


def compile_host(statement: tree.HostDecl, scope: Scope) -> Run:
    state, name_of = scope.state, compile_element_name(statement.name, scope, "host")
    kept = compile_kept(statement.body, scope, site_values.HOST, SETTINGS)
    body = compile_block(statement.body, scope, HOST)
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
    kept, span = compile_kept(statement.body, scope, site_values.NIC), header(statement)

    def nic(frame: Frame) -> None:
        name = name_of(frame)
        host: Host = frame[1]
        if name is None:
            return
        if name in host.nics:
            declared_twice(scope, frame, f"the NIC `{name}`", statement.name.span, host.nics[name].origin)
            return
        host.nics[name] = Nic(name, kept(frame), Origin(span, frame[0]))

    return nic


def declared_twice(scope: Scope, frame: Frame, what: str, span: Span, first: Origin) -> None:
    scope.state.error(
        frame, "E0302", f"{what} is declared twice", span, labels=(Label(first.span, "first declared here"),)
    )


HOST = Place("in a host", {tree.Nic: _compile_nic}, skipped=frozenset({tree.Assign}))
