"""Rule sets that nobody would load: text of nftables in a template whose name says that it is only a file."""

from __future__ import annotations

import re

from ...ir.lab import Config
from .design import Design

_RULE_SET = re.compile(r"^\s*table\s+(inet|ip|ip6|arp|bridge|netdev)\s+\S+\s*\{", re.MULTILINE)


def check(design: Design) -> None:
    for node in design.lab.nodes.values():
        for config in node.configs:
            if config.loader != "nft" and _RULE_SET.search(config.source):
                _only_a_file(config, design)


def _only_a_file(config: Config, design: Design) -> None:
    design.say(
        "W0703",
        "a rule set that nobody loads",
        config.origin,
        f"{config.template} becomes a file in the node",
        reason="only templates that end in .nft or .nft.j2 are loaded into nftables; the node filters by other rules, or by none",
        help=f"name it `{config.template.removesuffix('.j2').rpartition('/')[2].partition('.')[0]}.nft.j2`",
        severity="warning",
    )
