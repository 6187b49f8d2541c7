"""The design under check: the lab, lookups that several families share, and ways to say what is wrong.

Enters: a lab with its addresses, the diagnostics so far. Leaves: answers, each computed once. Called by every family.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

from msgspec.structs import replace

from ...addresses import Address, Interface, Prefix
from ...diagnostics import Diagnostic, Diagnostics, Label, Severity
from ...ir.domains import Domain, carried_ports, domains_of, domains_on
from ...ir.lab import Lab, Node, NodeId, Port, PortId, SegmentId
from ...source import Origin, Span
from ...walk import Network

_MOST_OF_ONE_STATEMENT = 3
_TOKENS = re.compile(rb'"(?:\\.|[^"\\\n])*"|#[^\n]*|[{}]|[^\s{}"#]+')


class Design:
    """Of two things that clash, the one that stands later in the text is marked and told of the earlier."""

    def __init__(self, lab: Lab, diagnostics: Diagnostics) -> None:
        self.lab = lab
        self.diagnostics = diagnostics
        self._earlier = _starts_by_source(diagnostics)
        self._connected: dict[NodeId, Connected] = {}
        self._said: dict[tuple[str, str, int, int], list[Diagnostic]] = {}
        self._holds: dict[tuple[str, int, int], bool] = {}  # of spans; a loop's turns share them

    # --- Lookups ---

    @cached_property
    def domains(self) -> dict[SegmentId, Domain]:
        return domains_of(self.lab)

    @cached_property
    def carried(self) -> set[PortId]:
        return carried_ports(self.lab)

    @cached_property
    def network(self) -> Network:
        return Network(self.lab)

    def node_of(self, port: Port) -> Node:
        return self.lab.nodes[port.node]

    def domains_of(self, port: Port) -> list[SegmentId]:
        """The broadcast domains that a port stands in."""
        return domains_on(port, self.lab)

    def domains_of_node(self, name: NodeId) -> set[SegmentId]:
        ports = (self.lab.ports[port] for port in self.lab.nodes[name].ports)
        return {domain for port in ports for domain in self.domains_of(port)}

    @cached_property
    def stations(self) -> dict[SegmentId, list[tuple[Port, Interface]]]:
        """By domain: the ports that have addresses in it, with each address."""
        found: dict[SegmentId, list[tuple[Port, Interface]]] = {}
        for port in self.lab.ports.values():
            if port.addresses:
                for domain in domains_on(port, self.lab):
                    found.setdefault(domain, []).extend([(port, interface) for interface in port.addresses])
        return found

    @cached_property
    def taken(self) -> dict[SegmentId, set[int]]:
        """By domain: the values of the addresses of `stations`."""
        return {domain: {interface.address.value for _, interface in each} for domain, each in self.stations.items()}

    def connected(self, name: NodeId) -> Connected:
        """The prefixes of a node's ports, to be asked for neighbours."""
        if name not in self._connected:
            self._connected[name] = Connected([self.lab.ports[port] for port in self.lab.nodes[name].ports])
        return self._connected[name]

    # --- Saying so ---

    def is_whole(self, *origins: Origin) -> bool:
        """Whether nothing was wrong in these statements before this pass. What follows from an earlier mistake is not said again."""
        if not self._earlier:
            return True
        return not any(self._holds_mistake(step.span) for origin in origins for step in origin.chain())

    def _holds_mistake(self, span: Span) -> bool:
        starts = self._earlier.get(span.source.path)
        if not starts:
            return False
        key = (span.source.path, span.start, span.end)
        if key not in self._holds:
            at = bisect_left(starts, span.start)
            self._holds[key] = at < len(starts) and starts[at] <= _end_of_statement(span)
        return self._holds[key]

    def say(
        self,
        code: str,
        summary: str,
        origin: Origin,
        label: str = "",
        *,
        mark: object = None,
        labels: Iterable[Label] = (),
        reason: str = "",
        help: str = "",
        severity: Severity = "error",
    ) -> None:
        """Puts a diagnostic under `mark`, where it is found in the statement's text, else under its first line."""
        span = span_of(origin, mark)
        found = Diagnostic(
            code,
            summary,
            span,
            label,
            labels=tuple(labels),
            reason=reason,
            help=help,
            severity=severity,
            origin=origin,
        )
        self._said.setdefault((code, span.source.path, span.start, span.end), []).append(found)

    def finish(self) -> None:
        """Hands over what was found. A statement in a loop of a thousand turns is told once, with the number of the others."""
        for found in self._said.values():
            if len(found) <= _MOST_OF_ONE_STATEMENT:
                self.diagnostics.extend(found)
                continue
            more = f"the same statement makes {len(found) - 1:,} more like this"
            reason = f"{found[0].reason}; {more}" if found[0].reason else more
            self.diagnostics.add(replace(found[0], reason=reason))


class Connected:
    """Which port of a node an address lies behind: a look for each length in use, however many ports there are."""

    def __init__(self, ports: list[Port]) -> None:
        self._ports: dict[Prefix, Port] = {}
        for port in ports:
            for interface in port.addresses:
                self._ports.setdefault(interface.prefix, port)
        self._lengths = sorted({(prefix.family, prefix.length) for prefix in self._ports}, reverse=True)

    def port_of(self, address: Address) -> Port | None:
        for family, length in self._lengths:
            if family == address.family:
                port = self._ports.get(Interface(address, length).prefix)
                if port is not None:
                    return port
        return None


def span_of(origin: Origin, mark: object = None) -> Span:
    """The part of a statement that says `mark`; else its first line. A value that was computed is not found there."""
    source, start, end = origin.span
    if mark is not None:
        text = str(mark).encode()
        at = source.data.find(text, start, end)
        while at >= 0:
            if not _is_part_of_word(source.data, at, at + len(text)):
                return Span(source, at, at + len(text))
            at = source.data.find(text, at + 1, end)
    line_end = source.data.find(b"\n", start, end)
    return Span(source, start, line_end if line_end >= 0 else end)


def there(origin: Origin, message: str, mark: object = None) -> Label:
    """A secondary span."""
    return Label(span_of(origin, mark), message)


def in_order(*ports: Port) -> list[Port]:
    """As they stand in the text, so that the later one is told of the earlier; of one statement, by id."""
    return sorted(ports, key=lambda port: (port.origin.span.source.path, port.origin.span.start, port.id))


def _end_of_statement(span: Span) -> int:
    """An origin spans the head of a statement; its body is what stands in braces behind it."""
    depth = int(span.source.data[span.end - 1 : span.end] == b"{")
    for token in _TOKENS.finditer(span.source.data, span.end):
        depth += (token[0] == b"{") - (token[0] == b"}")
        if depth < 1:
            return token.end() if depth == 0 and token[0] == b"}" else span.end
    return span.end


def _is_part_of_word(data: bytes, start: int, end: int) -> bool:
    """`10.0.0.1` is no mark inside `10.0.0.10`, nor `::1` in `db8::1`, nor `a` in `a-b`; but `web` is one in `web:eth0`."""
    joins = b":_-" if b":" in data[start:end] else b"_-"
    return any(byte.isalnum() or (byte and byte in joins) for byte in (data[start - 1 : start], data[end : end + 1]))


def _starts_by_source(diagnostics: Diagnostics) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    wrong = (diagnostic.span for diagnostic in diagnostics if diagnostic.severity == "error")
    for span in (*wrong, *diagnostics.followed):
        if span is not None:
            found.setdefault(span.source.path, []).append(span.start)
    return {path: sorted(starts) for path, starts in found.items()}


def names(ids: Iterable[str], most: int = 3) -> str:
    """`pc1, pc2, pc3 and 4 more`, as people call them."""
    shown = [str(each).partition("/")[2] or str(each) for each in ids]
    if len(shown) <= most:
        return ", ".join(shown)
    return f"{', '.join(shown[:most])} and {len(shown) - most} more"


def called(port: Port) -> str:
    """A port as the language writes it: `web:eth0`."""
    node, _, name = port.id.removeprefix("port/").partition("/")
    return f"{node}:{name}"
