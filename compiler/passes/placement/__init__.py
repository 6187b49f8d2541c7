"""Placement: every node finds a host, or the lab is refused as a whole, with the reason.

Enters: a lab after the pass `bind`. Leaves: `Node.host`, `Lab.placed`. Called by the pipeline.

Without a site there is one host, `local`, and nothing to do. Else, in this order: what the lock holds stays where it still may; a
few new nodes are added where they cost least (`additions.py`); for everything else the question becomes arrays, and
`compiler/solvers` answers (docs/placement.md states what they look for). What has no answer is told in the lab's own words
(`refusal.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from ...diagnostics import Diagnostics
from ...ir.lab import Lab, Placed, Site
from ...site.gear_told import tell_gear
from ..manager import register
from .additions import MOST, add
from .held import held_hosts, remembered, tell_moves
from .nets import Net, nets_of
from .question import Question
from .standing import stands

_Found = tuple[Sequence[int], Placed]


@register(
    reads=("nodes", "ports", "links", "segments", "affinities", "site", "held"),
    writes=("nodes.host", "nodes.device", "ports.socket", "ports.path", "ports.entry"),
)
def placement(lab: Lab, diagnostics: Diagnostics) -> Lab:
    """Two nodes of four gigabytes each and two hosts of six leave one on each."""
    if not lab.site.hosts:
        _without_hosts(lab, diagnostics)
        return lab
    question = Question(lab)
    found = _place(question, diagnostics)
    if found is not None:
        hosts, lab.placed = found
        for node, host in zip(question.nodes, hosts, strict=True):
            node.host = question.hosts[host].name
        tell_moves(question, hosts, diagnostics)
        tell_gear(lab, diagnostics)
    return lab


def _without_hosts(lab: Lab, diagnostics: Diagnostics) -> None:
    """No site is one host, `local`; a site that names none is a mistake."""
    site = lab.site
    if site.name == Site().name and not site.devices:
        return
    origins = [each.origin for each in site.devices.values()] + [each.origin for each in site.pools]
    origin = min(origins, key=lambda each: each.span.start, default=lab.origin)
    diagnostics.error(
        "E0806",
        f"the site {site.name} has no host",
        origin.span,
        "of this site",
        reason="the lab's nodes need somewhere to run",
        help='name one: `host here { reach = "local" }`',
    )


def _place(question: Question, diagnostics: Diagnostics) -> _Found | None:
    if len(question.hosts) == 1 and stands(question, only := [0] * len(question.nodes)):
        return only, Placed()
    kept = held_hosts(question)
    nets = nets_of(question)
    if stands(question, kept):
        hosts = [host for host in kept if host is not None]
        return hosts, remembered(question, nets, hosts)
    if kept.count(None) <= min(MOST, len(kept) // 2):
        added = add(question, nets, kept)
        if added is not None:
            return added, Placed("kept", proven=False)
    return _solve(question, nets, kept, diagnostics)


def _solve(question: Question, nets: list[Net], kept: list[int | None], diagnostics: Diagnostics) -> _Found | None:
    from .solve import solve  # loads numpy and, behind it, the solvers

    return solve(question, nets, kept, diagnostics)
