"""From a line of a rendered configuration to the line of the template that gave it.

Enters: what the runtime says of a rule set, and the plan with the lab's files. Leaves: the same with `edge.nft.j2:11` for `line 11`.
Called by `labc up`. The runtime knows the text that was loaded, and only we the template.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .inputs import Given

_LINE = re.compile(r"^((?:nft refuses the rule set: )?)line (\d+), columns? [\d-]+: ", re.MULTILINE)


def located(given: Given, identity: str, error: str) -> str:
    """`edge.nft.j2:11`, or where several lines of the template could have given it `edge.nft.j2 (rendered line 11)`."""
    found = next((each for each in given.plan.resources if each.id == identity and each.kind == "ruleset"), None)
    if found is None or not found.spec["template"]:
        return error
    from ..runtime.probes.rules import template_line
    from .inputs import templates_of

    name, lines = found.spec["template"], found.spec["text"].splitlines()
    template = templates_of(given.file)(name)

    def place(match: re.Match[str]) -> str:
        number = int(match[2])
        line = template_line(lines[number - 1], template) if template and number <= len(lines) else None
        shown = given.file.shown(name)
        return match[1] + (f"{shown}:{line}: " if line else f"{shown} (rendered line {number}): ")

    return _LINE.sub(place, error)
