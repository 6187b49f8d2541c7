"""Printing: results to standard output, talk to standard error, colour where a terminal wants it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any, Protocol, TextIO

from ..compiler.style import Style
from .wrap import wrapped

if TYPE_CHECKING:
    from ..compiler.diagnostics import Diagnostic

_WIDEST = 120


def say(text: str) -> None:
    """A line of talk."""
    print(wrapped(text, columns_of(sys.stderr)), file=sys.stderr)


def result(text: str) -> None:
    """A line of the result, as it is."""
    print(text)


def tell(text: str) -> None:
    """A line of the result for people: on a terminal it breaks between words."""
    print(wrapped(text, columns_of(sys.stdout)))


def wants_colour(out: TextIO) -> bool:
    """NO_COLOR (no-color.org) beats FORCE_COLOR beats what the stream is."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (out.isatty() and os.environ.get("TERM") != "dumb")


def style_of(out: TextIO) -> Style:
    return Style(wants_colour(out))


def width_of(out: TextIO) -> int:
    """Columns of the terminal; 80 for files and pipes, so that their bytes depend on nothing."""
    if not out.isatty():
        return 80
    return min(max(os.get_terminal_size(out.fileno()).columns, 40), _WIDEST)


def columns_of(out: IO[Any]) -> int | None:
    """Columns of the terminal; None for files and pipes, where one thing is one line."""
    try:
        return max(os.get_terminal_size(out.fileno()).columns, 20) if out.isatty() else None
    except OSError:  # a terminal that tells no size
        return None


class Shown(Protocol):
    """A lab as given; `shown` is how a path of the compiler is written for people."""

    def shown(self, path: str) -> str: ...


def print_diagnostics(
    diagnostics: Iterable[Diagnostic], file: Shown, form: str = "text", out: TextIO | None = None
) -> None:
    """As text, JSON or SARIF; nothing for no diagnostics as text."""
    found = list(diagnostics)
    if not found and form == "text":
        return
    from ..compiler.render import render_json, render_sarif, render_text  # 10 ms that a lab without mistakes saves

    out = out or sys.stderr
    if form == "json":
        out.write(render_json(found, shown=file.shown))
    elif form == "sarif":
        out.write(render_sarif(found, shown=file.shown))
    else:
        out.write(render_text(found, colour=wants_colour(out), width=width_of(out), shown=file.shown))
