"""Exit statuses: the answer of every verb in one number, for scripts."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..compiler.diagnostics import Diagnostic


class Exit(IntEnum):
    """What a status says. `labc exec` returns the command's own status, 125 when labc itself failed."""

    DONE = 0  # done, or nothing to do
    NO = 1  # the answer is no: a test failed, a difference or drift exists, a dry run would change something
    INPUT = 2  # the input is wrong; diagnostics were printed
    NO_FIT = 3  # the lab does not fit the site; the conflict was printed
    STOPPED = 4  # the runtime stopped part-way, or a test could not run and none failed
    HELD = 5  # someone else holds this instance or a device that it needs
    LACKING = 6  # this machine or a host lacks what is needed: see `labc doctor`; or the output could not be written
    BUG = 70  # a mistake of labc's own (EX_SOFTWARE of sysexits.h)
    EXEC_FAILED = 125  # `labc exec` could not run the command
    INTERRUPTED = 130  # Ctrl-C


def status_of(diagnostics: Iterable[Diagnostic]) -> Exit:
    """Of a compile. A lab with nothing wrong but that it does not fit its site is another answer than one with mistakes."""
    codes = {diagnostic.code for diagnostic in diagnostics if diagnostic.severity == "error"}
    if not codes:
        return Exit.DONE
    from ..compiler.codes.placement import LACKING, UNFIT

    if codes <= UNFIT:
        return Exit.NO_FIT
    return Exit.LACKING if codes <= LACKING else Exit.INPUT
