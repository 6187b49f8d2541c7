"""Configs: templates → the configurations of nodes.

Enters: a lab whose addresses, routes and translations are final. Leaves: `text` in every `Config`, and one more, `nat`, on
nodes that translate addresses. Called by the pipeline. A lab without templates pays for none: jinja2 is imported when the
first one is rendered.
"""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from ...diagnostics import Diagnostics, Label
from ...ir.lab import Config, Lab, Node
from ...source import Source, Span
from ...walk import Network
from ..manager import register

if TYPE_CHECKING:
    from .sandbox import Engine, TemplateFault

_TURNS_A_THING = 8  # a template may loop over everything in the lab a few times
_TEMPLATES = Path(__file__).parents[3] / "stdlib" / "templates"


@register(
    reads=("nodes", "ports", "segments", "links", "zones", "groups", "policies", "parameters"),
    writes=("nodes.configs",),
)
def configs(lab: Lab, diagnostics: Diagnostics) -> Lab:
    """A firewall with `config "edge.nft.j2"` and a `nat` leaves the rule sets `edge` and `nat`, both as text."""
    run = _Run(lab)
    for node in lab.nodes.values():
        if node.nat or node.napt:
            node.configs.append(_translating(node))
        if node.configs:
            run.render(node)
    for fault in run.faults.values():
        fault.report(diagnostics)
    return lab


def _translating(node: Node) -> Config:
    """Translation is no matter of a node's own templates, which so hold filters only."""
    origin = (node.nat or node.napt)[0].origin
    return Config("nat", "nft", "", "std/templates/nat.nft.j2", _template("nat"), origin)


class _Run:
    """All renderings of a lab: what they share, and what went wrong, by the place in the template."""

    def __init__(self, lab: Lab) -> None:
        self.network = Network(lab)
        self.turns = _TURNS_A_THING * (len(lab.nodes) + len(lab.ports) + len(lab.segments))
        self.faults: dict[tuple[object, ...], _Fault] = {}
        self.endless: dict[str, _Fault] = {}

    @cached_property
    def shared(self) -> dict[str, object]:
        from .views import names_of

        return names_of(self.network)

    def render(self, node: Node) -> None:
        from .sandbox import TURNS, TemplateFault
        from .views import names_for

        names = self.shared | names_for(node, self.network)
        for config in node.configs:
            if config.source in self.endless:
                self.endless[config.source].more += 1
                continue
            try:
                config.text = _engine().render(config.source, names, max(TURNS, self.turns))
            except TemplateFault as fault:
                self._keep(fault, config, node)

    def _keep(self, fault: TemplateFault, config: Config, node: Node) -> None:
        """A template of a thousand nodes has one mistake, not a thousand."""
        place = (config.template, config.source, fault.line, fault.word)
        if place in self.faults:
            self.faults[place].more += 1
            return
        kept = self.faults[place] = _Fault(fault, config, node)
        if fault.endless:  # it would take as long for each
            self.endless[config.source] = kept


class _Fault(Struct):
    """A mistake in a template, the first node that met it, and how many more did."""

    fault: TemplateFault
    config: Config
    node: Node
    more: int = 0

    def report(self, diagnostics: Diagnostics) -> None:
        """The span is in the template; where the lab used it stands beside it."""
        fault, config = self.fault, self.config
        others = f", and for {self.more:,} more node{'s' * (self.more > 1)}" if self.more else ""
        diagnostics.error(
            "E0701" if fault.syntax else "E0702",
            "a template that cannot be read" if fault.syntax else "a template that cannot be rendered",
            _span(fault, Source(config.template, config.source.encode())),
            fault.message,
            labels=(Label(config.origin.span, f"node `{self.node.name}` is configured from it here{others}"),),
            reason=fault.reason,
            help=fault.help,
            origin=config.origin,
        )


@cache
def _template(name: str) -> str:
    return (_TEMPLATES / f"{name}.nft.j2").read_text(encoding="utf-8")


@cache
def _engine() -> Engine:
    """One for the whole process: templates keep what they were compiled to."""
    from .sandbox import Engine
    from .views import THINGS

    return Engine.make(THINGS)


def _span(fault: TemplateFault, source: Source) -> Span:
    """The word at fault where the line has it, else the line without its indentation."""
    number = max(1, min(fault.line, len(source.line_starts)))
    start = source.line_starts[number - 1]
    line = source.data[start:].split(b"\n", 1)[0].rstrip(b"\r")
    word = fault.word.encode()
    at = line.find(word) if word else -1
    if at >= 0:
        return Span(source, start + at, start + at + len(word))
    text = line.strip()
    indent = line.find(text)
    return Span(source, start + indent, start + indent + len(text))
