"""What is asked of the kernel, as pyroute2's message classes encode it.

Enters: fields and attributes by the names of the kernel's headers. Leaves: the body of a message, without the header that
`netlink.Socket` puts before it when it sends a batch. Called by links, addresses and routes, inside.

pyroute2 is imported by the first message of a run that has something to make; a look at what is there needs none.
A message costs its classes 50 to 250 µs, as much as the kernel takes to obey it. A lab sends thousands of a handful of shapes, so
each shape is encoded once, with marks where its values belong (`Form`), and filled from then on in 2 µs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any, Final

Attributes = Sequence[tuple[str, Any]]  # Any: what pyroute2's classes take

_HEADER = 16  # struct nlmsghdr


class Form:
    """A message of one shape: encoded with marks in it, each of which stands for a value of the mark's size."""

    __slots__ = ("_body", "_holes")

    def __init__(self, body: bytes, *marks: bytes) -> None:
        assert all(body.count(mark) == 1 for mark in marks), "a mark that is not there once cannot be filled"
        self._body: Final = body
        self._holes: Final = [(body.index(mark), len(mark)) for mark in marks]

    def filled(self, *values: bytes) -> bytes:
        """The message with these values, in the order of the marks; shorter ones are filled up with zeros."""
        data = bytearray(self._body)
        for (start, size), value in zip(self._holes, values, strict=True):
            data[start : start + size] = value.ljust(size, b"\0")
        return bytes(data)


def number(value: int) -> bytes:
    """A 32-bit number as the kernel reads it."""
    return value.to_bytes(4, "little")


def link(fields: Mapping[str, int], attributes: Attributes = ()) -> bytes:
    """struct ifinfomsg and `IFLA_…`, rtnetlink(7)."""
    return _encoded("ifinfmsg", fields, attributes)


def address(fields: Mapping[str, int], attributes: Attributes) -> bytes:
    """struct ifaddrmsg and `IFA_…`, rtnetlink(7)."""
    return _encoded("ifaddrmsg", fields, attributes)


def route(fields: Mapping[str, int], attributes: Attributes) -> bytes:
    """struct rtmsg and `RTA_…`, rtnetlink(7)."""
    return _encoded("rtmsg", fields, attributes)


def prepare() -> None:
    """Import pyroute2's classes ahead of the first message."""
    for name in ("ifinfmsg", "ifaddrmsg", "rtmsg"):
        _message_class(name)


def _encoded(name: str, fields: Mapping[str, int], attributes: Attributes) -> bytes:
    message = _message_class(name)()
    for field, value in fields.items():
        message[field] = value
    message["attrs"] = list(attributes)
    message.encode()
    return bytes(message.data[_HEADER:])


@cache
def _message_class(name: str) -> Any:  # Any: pyroute2 has no types
    _without_its_front()
    return getattr(import_module(f"pyroute2.netlink.rtnl.{name}"), name)


def _without_its_front() -> None:
    """pyroute2's own `__init__` imports all that it offers, 0.2 s of it; the message classes alone take 0.04 s.

    So the package is put in place without being run. This process uses nothing else of it.
    """
    spec = find_spec("pyroute2") if "pyroute2" not in sys.modules else None
    if spec is not None:
        sys.modules["pyroute2"] = module_from_spec(spec)
