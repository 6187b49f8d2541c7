"""Show what changes between two labs, plans or git revisions."""

from __future__ import annotations

import sys

import click

from ...compiler.diff.changes import Difference
from ..compared import Compared, compared
from ..exits import Exit
from ..options import parameters_option
from ..stop import Stop
from ..talk import result, say, style_of, tell

_WORDS = 3


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="OLD [NEW] [LAB]")
@parameters_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="How to print it."
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
def command(words: tuple[str, ...], parameters: dict[str, str], form: str, as_json: bool) -> int:
    """Show what changes from OLD to NEW: each a lab, a plan, a git revision, or REV:FILE. A revision alone is compared with
    the working tree; LAB says which lab of two revisions is meant. `+` new, `-` gone, `~` different, `-/+` has to be made anew. Also tests,
    and the pairs of ends whose packets may fare differently. Exit status 1: they differ."""
    if len(words) > _WORDS:
        raise Stop(Exit.INPUT, f"{' '.join(words)}: labc diff takes OLD, NEW and LAB at most")
    if as_json and form == "markdown":
        raise Stop(Exit.INPUT, "--json and --format markdown: one of them")
    found = _difference(*compared(words, parameters))
    _print(found, "json" if as_json else form)
    return Exit.DONE if found.is_empty else Exit.NO


def _difference(old: Compared, new: Compared) -> Difference:
    from ...compiler.diff.difference import differences
    from ...compiler.plan.read import PlanError

    try:
        return differences(old.side, new.side, (old.lab, new.lab))
    except PlanError as error:
        raise Stop(Exit.INPUT, str(error)) from None


def _print(found: Difference, form: str) -> None:
    if form == "json":
        import msgspec

        result(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    elif form == "markdown":
        from ...compiler.diff.forms.markdown import markdown

        result(markdown(found).rstrip("\n"))
    else:
        _print_text(found)


def _print_text(found: Difference) -> None:
    from ...compiler.diff.forms.text import text
    from ...compiler.diff.forms.words import counts

    for line in text(found, style_of(sys.stdout)):
        tell(line)
    say("no difference" if found.is_empty else ", ".join(counts(found)))
