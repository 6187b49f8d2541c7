"""A difference as a review comment, in the Markdown that GitHub and GitLab have in common (GFM).

Enters: a `Difference`. Leaves: text: a table of numbers first, then what opens and closes, then nodes, long texts folded. Called by
`labc diff`. A comment may have 65,536 characters on GitHub; this stays far below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...excerpt import visible
from ..changes import Change, Difference, Reach, RequirementChange, TestChange
from .words import fields, groups, listed, services, verdict, why

_ROWS = 20  # of a table or list
_LINES = 120  # of one configuration
_ROOM = 40_000  # characters of all changes
_MARKS = re.compile(r"([\\`*_{}\[\]<>|~#!@])")
_CODE = str.maketrans({"\n": " ", "\r": " "})


def markdown(difference: Difference) -> str:
    return "\n".join(_lines(difference)) + "\n"


def _lines(difference: Difference) -> Iterator[str]:
    yield f"### labc diff {_code(difference.old)} → {_code(difference.new)}"
    yield ""
    if difference.is_empty:
        yield "No difference."
        return
    yield from _table(difference)
    yield from _radius(difference.radius)
    yield from _nodes(difference.notable)
    yield from _tests("Tests", difference.tests)
    yield from _tests("Requirements", difference.requirements)
    for note in difference.notes:
        yield ""
        yield _plain(note)


def _table(difference: Difference) -> Iterator[str]:
    said = difference.summary
    yield "| new | changed | made anew | gone | tests | requirements | verdicts that may differ |"
    yield "| --: | --: | --: | --: | --: | --: | --: |"
    numbers = (said.new, said.changed, said.replaced, said.gone, said.tests, said.requirements, said.radius)
    yield "| " + " | ".join(f"{number:,}" for number in numbers) + " |"


def _radius(radius: tuple[Reach, ...]) -> Iterator[str]:
    if not radius:
        return
    yield from ("", "#### Blast radius", "", "| from | to | what | verdict | |", "| --- | --- | --- | --- | --- |")
    for reach in radius[:_ROWS]:
        bold = "**" if "allowed" in (reach.new, reach.old) and reach.new != reach.old else ""
        cells = (
            _plain(listed(reach.sources)),
            _plain(listed(reach.targets)),
            _plain(services(reach)),
            f"{bold}{verdict(reach)}{bold}",
            _plain(why(reach)),
        )
        yield f"| {' | '.join(cells)} |"
    yield from _more(len(radius) - _ROWS, "row")


def _nodes(changes: tuple[Change, ...]) -> Iterator[str]:
    """Change by change, until the comment is long enough."""
    told, room = 0, _ROOM
    for name, ours in groups(changes).items():
        lines = ["", f"#### {_plain(name)}", ""]
        for change in ours:
            lines += _change(change)
            room -= sum(map(len, lines)) + len(lines)
            if room < 0:
                yield from _more(len(changes) - told, "change")
                return
            yield from lines
            told, lines = told + 1, []


def _change(change: Change) -> Iterator[str]:
    brief = f" {_plain(change.brief)}" if change.brief else ""
    yield f"- `{change.sign}` {_code(change.id)}{brief}"
    for reason in change.reasons:
        yield f"  - **made anew:** {_plain(reason)}"
    for line in list(fields(change))[:_ROWS]:
        yield f"  - {_code(line.strip())}"
    if change.lines:
        yield from _folded(change)


def _folded(change: Change) -> Iterator[str]:
    """Behind a click, in a fence that no line of it can end."""
    added = sum(line.startswith("+") for line in change.lines)
    removed = sum(line.startswith("-") for line in change.lines)
    shown = change.lines[:_LINES]
    longest = max((len(found[0]) for line in shown for found in re.finditer("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield ""
    yield f"  <details><summary>{added:,} added, {removed:,} removed</summary>"
    yield ""
    yield f"  {fence}diff"
    yield from (f"  {visible(line)}" for line in shown)
    yield f"  {fence}"
    if len(change.lines) > len(shown):
        yield f"  … {len(change.lines) - len(shown):,} more lines"
    yield ""
    yield "  </details>"
    yield ""


def _tests(title: str, found: Iterable[TestChange | RequirementChange]) -> Iterator[str]:
    rows = list(found)
    if not rows:
        return
    yield from ("", f"#### {title}", "")
    for each in rows[:_ROWS]:
        said = each.title if isinstance(each, TestChange) else each.text
        yield f"- `{each.sign}` {_code(each.id)} {_plain(said)}"
    yield from _more(len(rows) - _ROWS, "more" if title == "Tests" else "statement")


def _more(count: int, what: str) -> Iterator[str]:
    if count > 0:
        yield ""
        yield f"… {count:,} more" if what == "more" else f"… {count:,} more {what}{'s' * (count != 1)}"


def _plain(text: str) -> str:
    r"""Text that means itself.

    >>> _plain("a|b <script>")
    'a\\|b \\<script\\>'
    """
    marked = _MARKS.sub(r"\\\1", visible(" ".join(text.split())))
    return marked.replace("@", "@\u200b")  # which mentions nobody


def _code(text: str) -> str:
    """Text between backticks, more of them where it holds some."""
    text = visible(text)
    longest = max((len(found) for found in re.findall("`+", text)), default=0)
    marks = "`" * (longest + 1)
    blank = " " if longest else ""
    return f"{marks}{blank}{text.translate(_CODE) or ' '}{blank}{marks}"
