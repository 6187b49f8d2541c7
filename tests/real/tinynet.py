"""Namespaces without names for tests: they live as long as their descriptors, so nothing of them can be left behind.

Not a conftest, as several folders' tests and the benchmarks of the probes use it.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def new_network() -> int:
    """A descriptor of a fresh network namespace, with `lo` up."""
    made: list[int] = []

    def make() -> None:
        if _libc.unshare(_CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        made.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def enter(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class TinyNet:
    """Nodes, bridges in a fabric of their own, and cables; all by `ip`, so that no code under test takes part."""

    def __init__(self) -> None:
        self.descriptors: dict[str, int] = {"": new_network()}
        self.segments: dict[str, str] = {}  # by port id
        self.far: dict[str, str] = {}

    def node(self, name: str, *, forward: bool = False) -> None:
        self.descriptors[name] = new_network()
        self.run(name, "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0")
        if forward:
            self.run(name, "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")

    def segment(self, name: str) -> None:
        self.run("", f"ip link add name {name} type bridge")
        self.run("", f"ip link set dev {name} up")

    def port(self, node: str, interface: str, segment: str, *addresses: str) -> str:
        """A veth from the node to the segment's bridge; gives the name of its far end, in the fabric."""
        far = f"far{len(self.far)}"
        self.far[f"port/{node}/{interface}"], self.segments[f"port/{node}/{interface}"] = far, segment
        descriptor = self.descriptors[node]
        with self.inside(""):
            subprocess.run(
                f"ip link add name {far} type veth peer name {interface} netns /proc/self/fd/{descriptor}".split(),
                check=True,
                pass_fds=[descriptor],
            )
        self.run("", f"ip link set dev {far} master {segment} up")
        self.run(node, f"ip link set {interface} up")
        for address in addresses:
            self.run(node, f"ip address add {address} dev {interface}" + (" nodad" if ":" in address else ""))
        return far

    def run(self, node: str, command: str, text: str | None = None) -> str:
        with self.inside(node):
            done = subprocess.run(command.split(), check=True, input=text, capture_output=True, text=True)
        return done.stdout

    @contextmanager
    def inside(self, node: str) -> Iterator[None]:
        """Stand in a node's namespace; KeyError's cousin is what the runtime's own function raises."""
        if node not in self.descriptors:
            raise FileNotFoundError(2, "no such node", node)
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            enter(self.descriptors[node])
            yield
        finally:
            enter(home)
            os.close(home)

    def close(self) -> None:
        for descriptor in self.descriptors.values():
            os.close(descriptor)
