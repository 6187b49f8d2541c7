"""Why the runtime stops, each with the exit status that says it to a script.

    RuntimeStop
    ├── BadInstance   2  the instance has no name that can be used
    ├── Incomplete    4  it stopped part-way: run again to continue
    ├── NotRunning    4  there is no such instance on this host
    ├── Held          5  someone else holds it
    └── Lacking       6  this machine lacks what is needed, or this backend cannot make it yet

Raised by the engine and by backends; the command line prints `message` and `help` and ends with `status`.
"""

from __future__ import annotations

from typing import ClassVar


class RuntimeStop(Exception):  # noqa: N818 - it says what happens
    """`message` is what happened, `help` what to do about it."""

    status: ClassVar[int] = 4

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class BadInstance(RuntimeStop):
    status = 2


class Incomplete(RuntimeStop):
    status = 4


class NotRunning(RuntimeStop):
    status = 4


class Held(RuntimeStop):
    status = 5


class Lacking(RuntimeStop):
    status = 6


class NotYet(Lacking):
    """The plan asks for a construct that this backend cannot make yet."""
