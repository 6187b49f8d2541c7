"""The process's standard streams: there, in UTF-8, and written out at the end, however we were started.

Enters: the descriptors 0, 1 and 2 as they were left to us. Leaves: streams that every verb can use. Called by `__main__`, first
and last.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TextIO

_STANDARD = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def settle() -> None:
    """Before anything else is opened, which would get the number of a stream that is closed."""
    for number, (name, mode) in enumerate(_STANDARD):
        if not _is_open(number):
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            stream = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as we live
            setattr(sys, name, stream)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # labs are UTF-8, and so is all that is said of them, wherever it is said
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def let_out() -> bool:
    """Write what is still held back. True when some of it could not be: it is told, and lost, so that nobody tries again."""
    why = _flushed(sys.stdout)
    if why:
        complain(f"standard output: {why}")
    return bool(_flushed(sys.stderr) or why)


def complain(text: str) -> None:
    """A last word; where it cannot be said the status says it alone."""
    try:
        print(f"labc: {text}", file=sys.stderr, flush=True)
    except OSError:
        _flushed(sys.stderr)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _flushed(stream: TextIO) -> str:
    """Why it could not be; then the rest goes nowhere, for the interpreter would try again when it ends."""
    try:
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        stream.flush()
        return error.strerror or str(error)
    return ""
