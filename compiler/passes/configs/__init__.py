"""Configs: templates → the configurations of nodes.

Enters: a lab whose addresses, routes and translations are final. Leaves: `text` in every `Config`, and one more, `nat`, on
nodes that translate addresses. Called by the pipeline. A lab without templates pays for none: jinja2 is imported when the
first one is rendered.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...diagnostics import Diagnostics, Label
from ...ir.lab import Config, Lab, Node
from ...source import Source, Span
from ...walk import Network
from ..manager import register

if TYPE_CHECKING:
    from .sandbox import Engine, TemplateFault

_TEMPLATES = Path(__file__).parents[3] / "stdlib" / "templates"


@register(
    reads=("nodes", "ports", "segments", "links", "zones", "groups", "policies", "parameters"),
    writes=("nodes.configs",),
)
def configs(lab: Lab, diagnostics: Diagnostics) -> Lab:
    """A firewall with `config "edge.nft.j2"` and a `nat` leaves the rule sets `edge` and `nat`, both as text."""
    network = Network(lab)
    for node in lab.nodes.values():
        if node.nat or node.napt:
            node.configs.append(_translating(node))
        if node.configs:
            _render(node, network, diagnostics)
    return lab


def _translating(node: Node) -> Config:
    """Translation is no matter of a node's own templates, which so hold filters only."""
    origin = (node.nat or node.napt)[0].origin
    return Config("nat", "nft", "", "std/templates/nat.nft.j2", _template("nat"), origin)


def _render(node: Node, network: Network, diagnostics: Diagnostics) -> None:
    from .sandbox import TemplateFault
    from .views import names_for

    names = names_for(node, network)
    for config in node.configs:
        try:
            config.text = _engine().render(config.source, names)
        except TemplateFault as fault:
            _report(fault, config, node, diagnostics)


@cache
def _template(name: str) -> str:
    return (_TEMPLATES / f"{name}.nft.j2").read_text(encoding="utf-8")


@cache
def _engine() -> Engine:
    """One for the whole process: templates keep what they were compiled to."""
    from .sandbox import Engine

    return Engine.make()


def _report(fault: TemplateFault, config: Config, node: Node, diagnostics: Diagnostics) -> None:
    """The span is in the template; where the lab used it stands beside it."""
    span = _span(fault, Source(config.template, config.source.encode()))
    diagnostics.error(
        "E0701" if fault.syntax else "E0702",
        "a template that cannot be read" if fault.syntax else "a template that cannot be rendered",
        span,
        fault.message,
        labels=(Label(config.origin.span, f"node `{node.name}` is configured from it here"),),
        reason="a name that does not exist would leave a hole in the configuration" if fault.word else "",
        help=f"did you mean `{fault.close}`?" if fault.close else "",
        origin=config.origin,
    )


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
