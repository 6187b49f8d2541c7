"""The network namespaces of an instance: made, pinned, entered, removed.

Runs inside the holder. A node's namespace is pinned by a bind mount on a private tmpfs, so it lives without a process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from . import kernel

HOME = "/run/labc"
PINS = HOME + "/net"
FABRIC = HOME + "/fabric"


def pin(node: str) -> str:
    """Where a node's namespace is pinned. `node` is its name (`web`) or its id (`node/web`)."""
    return f"{PINS}/{quoted(node)}"


def quoted(node: str) -> str:
    """A node's name as one name of a file."""
    return node.removeprefix("node/").replace("%", "%25").replace("/", "%2F")


def unquoted(name: str) -> str:
    return name.replace("%2F", "/").replace("%25", "%")


def nodes() -> list[str]:
    """Names of all pins, those included whose namespace was never made or has been unmounted by hand."""
    return sorted(unquoted(name) for name in os.listdir(PINS))


def open_network(node: str) -> int:
    """A descriptor of a node's namespace; FileNotFoundError when the node is not there."""
    return os.open(pin(node), os.O_RDONLY | os.O_CLOEXEC)


@contextmanager
def network_of(node: str) -> Iterator[None]:
    """Stand in a node's network namespace. What is opened there stays there; only this thread moves."""
    there = open_network(node)
    back = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        kernel.setns(there, kernel.CLONE_NEWNET)
        try:
            yield
        finally:
            kernel.setns(back, kernel.CLONE_NEWNET)
    finally:
        os.close(there)
        os.close(back)


@contextmanager
def fabric() -> Iterator[None]:
    """Stand in the fabric, where a process that joined the holder already is."""
    back = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(FABRIC, os.O_RDONLY | os.O_CLOEXEC)
    try:
        kernel.setns(there, kernel.CLONE_NEWNET)
        try:
            yield
        finally:
            kernel.setns(back, kernel.CLONE_NEWNET)
    finally:
        os.close(there)
        os.close(back)
