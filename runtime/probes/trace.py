"""Which rule decided about a packet: nftables' own trace, asked for in a table of ours and read from `nft monitor trace`.

Works in a user namespace too. A table left by a killed run has TABLE's prefix; `sweep` removes such.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass

from .cases import Packet

TABLE = "labc_trace_"
_LINE = re.compile(
    r"trace id (?P<id>\w+) (?P<family>\S+) (?P<table>\S+) (?P<chain>\S+) (?P<what>packet:|rule|policy|verdict) (?P<rest>.*)"
)
_VERDICT = re.compile(r"\(verdict (?P<verdict>[^)]*)\)\s*$")
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Decision:
    """One rule that matched, or a chain's policy (`rule` empty). `verdict`: accept, drop, jump X, … `reply`: about the answer."""

    node: str
    family: str
    table: str
    chain: str
    rule: str
    verdict: str
    reply: bool = False

    def __str__(self) -> str:
        what = f"rule `{self.rule}`" if self.rule else f"policy {self.verdict}"
        return f"{self.node}: {self.family} {self.table}, chain {self.chain}, {what}"


class Tracer:
    """Tracing in one node for the time of a `with`: a table that marks the packet, and the monitor."""

    def __init__(self, node: str, place: AbstractContextManager[object], packet: Packet, source: str) -> None:
        self.node = node
        self._table = f"{TABLE}{os.getpid()}_{next(_numbers)}"
        self._read = b""
        self._ours: dict[str, bool] = {}  # ids of packets that our table marked: whether it is the answer
        self._packets: list[bool] = []  # the same in their order; the kernel may use an id again
        self._last = ("", False)  # the id that our table spoke of last
        self._answer = _mark_of_answer(packet, source)
        self.decisions: list[Decision] = []
        with place:
            _load(_marking(self._table, packet))
            self._monitor = subprocess.Popen(
                ["nft", "monitor", "trace"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        assert self._monitor.stdout is not None
        os.set_blocking(self._monitor.stdout.fileno(), False)
        asyncio.get_running_loop().add_reader(self._monitor.stdout, self._more)

    def close(self, place: AbstractContextManager[object]) -> None:
        assert self._monitor.stdout is not None
        asyncio.get_running_loop().remove_reader(self._monitor.stdout)
        self._monitor.kill()
        self._monitor.wait()
        self._monitor.stdout.close()
        with contextlib.suppress(OSError), place:
            _load(f"delete table inet {self._table}\n")

    def told(self) -> set[bool]:
        """The directions of which all has been told (True: the answer). The monitor speaks in the order of the packets, so
        nothing more comes of those before the newest."""
        return set(self._packets[:-1])

    def _more(self) -> None:
        assert self._monitor.stdout is not None
        data = self._monitor.stdout.read()
        if not data:
            asyncio.get_running_loop().remove_reader(self._monitor.stdout)
            return
        *lines, self._read = (self._read + data).split(b"\n")
        for line in lines:
            self._take(line.decode(errors="replace").strip())

    def _take(self, line: str) -> None:
        found = _LINE.match(line)
        if found is None:
            return
        if found["table"].startswith(TABLE):
            self._mark(found)
        elif found["what"] in ("rule", "policy") and found["id"] in self._ours:
            decision = _decision(self.node, found, reply=self._ours[found["id"]])
            if decision not in self.decisions:
                self.decisions.append(decision)

    def _mark(self, found: re.Match[str]) -> None:
        """A marking rule matched: ours, or that of another case whose packets the monitor shows as well."""
        identifier, ours = found["id"], found["table"] == self._table
        if ours and found["what"] == "packet:":
            self._last = (identifier, self._answer in found["rest"])
        elif ours and found["what"] == "rule" and self._last[0] == identifier:
            self._ours[identifier] = self._last[1]
            self._packets.append(self._last[1])
        elif not ours and found["what"] == "rule":
            self._ours.pop(identifier, None)


def _mark_of_answer(packet: Packet, source: str) -> str:
    """What tells the answer from the packet in the trace's text."""
    if packet.protocol == "icmp":
        return "echo-reply"
    if packet.source_port == packet.port:
        return f" daddr {source} "
    return f"{packet.protocol} sport {packet.port} "


def _decision(node: str, found: re.Match[str], *, reply: bool) -> Decision:
    rest = found["rest"].strip()
    if found["what"] == "policy":
        return Decision(node, found["family"], found["table"], found["chain"], "", rest, reply)
    verdict = _VERDICT.search(rest)
    rule = _VERDICT.sub("", rest).strip()
    return Decision(
        node, found["family"], found["table"], found["chain"], rule, verdict["verdict"] if verdict else "", reply
    )


def _marking(table: str, packet: Packet) -> str:
    """Marks the packet and its answer, before connection tracking and all other tables (priority raw is -300)."""
    if packet.protocol == "icmp":
        echo = "type {{ echo-request, echo-reply }} {0} id {1} meta nftrace set 1"
        matches = [f"{kind} {echo.format(kind, packet.source_port)}" for kind in ("icmp", "icmpv6")]
    else:
        name = packet.protocol
        pairs = ((packet.source_port, packet.port), (packet.port, packet.source_port))
        matches = [f"{name} sport {one} {name} dport {other} meta nftrace set 1" for one, other in pairs]
    rules = "\n".join(matches)
    chains = "".join(
        f"chain {hook} {{\ntype filter hook {hook} priority -350\n{rules}\n}}\n" for hook in ("prerouting", "output")
    )
    return f"table inet {table} {{\n{chains}}}\n"


def _load(text: str) -> None:
    """Load a rule set where this thread stands. Raises OSError."""
    try:
        done = subprocess.run(["nft", "-f", "-"], input=text.encode(), capture_output=True, check=False, timeout=10)
    except subprocess.TimeoutExpired:
        raise OSError(0, "nft did not answer") from None
    if done.returncode:
        raise OSError(0, f"nft: {done.stderr.decode(errors='replace').strip()}")


def sweep(place: AbstractContextManager[object]) -> list[str]:
    """Remove tables that a killed run left in a node; gives their names. Raises OSError."""
    with place:
        listed = subprocess.run(["nft", "list", "tables"], capture_output=True, check=False, timeout=10).stdout.decode()
        left = [line.split()[2] for line in listed.splitlines() if f" {TABLE}" in line]
        if left:
            _load("".join(f"delete table inet {name}\n" for name in left))
    return left
