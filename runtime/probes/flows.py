"""Does a flow work? Connects, asks, hears the answer, again and again until the deadline. Called for allows, `expect` and `send`.

Attempts follow each other faster than the kernel's own (1 s for a SYN), each with fresh numbers: a lab's links answer within
microseconds, and a packet lost while ARP was asking must not cost a second.
"""

from __future__ import annotations

import asyncio
import errno
import os
import random
import socket
import struct
import time
from dataclasses import dataclass
from types import ModuleType

from . import packets
from .applications import Wrong, speaker
from .bench import Bench
from .capture import cookie_key
from .cases import CaseError, End, Flow

# A long one would miss what heals meanwhile: the kernel repeats a SYN ever more rarely.
_FIRST_ATTEMPT, _LONGEST_ATTEMPT = 0.3, 2.0
_ICMP_EVERY = 0.2
_REFUSALS = 3
_SILENCE = "no answer"
_BUSY = 0.2  # seconds that were stolen from a flow that got no answer: it is tried again
_BEAT = 0.025
_UNREACHABLE = {3: "destination unreachable", 11: "time exceeded"}
_UNREACHABLE6 = {1: "destination unreachable", 2: "packet too big", 3: "time exceeded"}


@dataclass(slots=True)
class Outcome:
    """`problem` empty: the flow works. `attempts` made, `milliseconds` of the one that decided, `heard`: what answered."""

    problem: str
    attempts: int
    milliseconds: float = 0.0
    heard: str = ""

    @property
    def works(self) -> bool:
        return not self.problem


async def try_flow(bench: Bench, flow: Flow, within: float) -> Outcome:
    """Attempts until one works or `within` seconds are over."""
    async with bench.listener(flow):
        outcome, stolen = await _attempts(bench, flow, within)
        if outcome.problem != _SILENCE or stolen < _BUSY:
            return outcome
        async with bench.quiet:
            return (await _attempts(bench, flow, within))[0]


async def _attempts(bench: Bench, flow: Flow, within: float) -> tuple[Outcome, float]:
    """The outcome, and how long the machine stood still meanwhile."""
    deadline = bench.pulse.deadline(within)
    wait, count, refused, problem = _FIRST_ATTEMPT, 0, 0, _SILENCE
    while True:
        left = deadline.left()
        if left <= 0 or refused >= _REFUSALS:
            return Outcome(problem, count), deadline.stolen
        count += 1
        began = time.monotonic()
        try:
            # The last attempt takes all the time that is left, for paths that are slow.
            async with asyncio.timeout(wait if left > 2 * wait else left):
                heard = await _ATTEMPT[flow.packet.protocol](bench, flow)
            return Outcome("", count, (time.monotonic() - began) * 1000, heard), 0.0
        except TimeoutError:
            problem = _SILENCE
            await asyncio.sleep(_BEAT)  # the pulse tells first
        except Wrong as wrong:
            return Outcome(str(wrong), count, (time.monotonic() - began) * 1000), 0.0
        except OSError as failure:
            problem = _explained(failure)
            refused += failure.errno == errno.ECONNREFUSED
            await asyncio.sleep(min(0.05, max(0.0, deadline.left())))
        wait = min(2 * wait, _LONGEST_ATTEMPT)


def _explained(failure: OSError) -> str:
    if failure.errno == errno.EPERM:
        return "the sender's own rules dropped it"
    return (failure.strerror or str(failure)).lower()


async def _tcp(bench: Bench, flow: Flow) -> str:
    loop = asyncio.get_running_loop()
    opened = bound_socket(bench, flow, socket.SOCK_STREAM)
    try:
        await loop.sock_connect(opened, (flow.packet.address, flow.packet.port))
        # `opened` is the stream's from here on.
        reader, writer = await asyncio.open_connection(sock=opened)
    except BaseException:
        opened.close()
        raise
    try:
        application = _speaker(bench, flow)
        return str(await application.talk(reader, writer, bench.lab.fields(flow.service)))
    except EOFError:  # by a server that is busy, or a firewall; the next attempt may tell
        raise ConnectionResetError(errno.ECONNRESET, "the connection was closed before an answer") from None
    except (ValueError, asyncio.LimitOverrunError):
        raise Wrong("the answer is too long a line") from None
    finally:
        writer.transport.abort()


async def _udp(bench: Bench, flow: Flow) -> str:
    loop = asyncio.get_running_loop()
    fields, application = bench.lab.fields(flow.service), _speaker(bench, flow)
    with bound_socket(bench, flow, socket.SOCK_DGRAM) as opened:
        opened.connect((flow.packet.address, flow.packet.port))
        question = application.question(fields)
        await loop.sock_sendall(opened, question)
        while True:
            data = await loop.sock_recv(opened, 65535)
            if (heard := application.heard(question, data, fields)) is not None:
                return str(heard)


async def _icmp(bench: Bench, flow: Flow) -> str:
    """An echo, its reply, and where the receiver is known, the request seen at its port: another's reply is no proof."""
    six = flow.packet.family == 6
    identifier, cookie = random.getrandbits(16), os.urandom(packets.COOKIE)
    watch = capture = None
    if flow.target is not None and not _own(flow):
        capture = bench.capture(flow.target)
        watch = capture.watch(cookie_key("icmp", cookie))
    try:
        number, family = (packets.ICMP6, socket.AF_INET6) if six else (packets.ICMP, socket.AF_INET)
        with place_socket(bench, flow.source, family, socket.SOCK_RAW, number) as opened:
            if flow.source.address:
                opened.bind((flow.source.address, 0))
            await _echo(opened, flow, identifier, cookie)
        if watch is not None and capture is not None and flow.target is not None:
            capture.drain()
            if not watch.arrived:
                raise Wrong(
                    f"somebody else answered for {flow.packet.address}: the request did not reach {flow.target.node}"
                )
    finally:
        if watch is not None and capture is not None:
            capture.forget(watch)
    return "echo reply"


def _own(flow: Flow) -> bool:
    return flow.target is not None and flow.target.node == flow.source.node and flow.target.place == flow.source.place


async def _echo(opened: socket.socket, flow: Flow, identifier: int, cookie: bytes) -> None:
    loop = asyncio.get_running_loop()
    six = flow.packet.family == 6
    sequence = 0
    while True:
        sequence += 1
        message = packets.echo_message(flow.source.address, flow.packet.address, identifier, sequence, cookie)
        opened.sendto(message, (flow.packet.address, 0))
        try:
            async with asyncio.timeout(_ICMP_EVERY):
                while True:
                    data = await loop.sock_recv(opened, 65535)
                    body = data if six else data[(data[0] & 15) * 4 :]
                    if body[:1] == (b"\x81" if six else b"\x00") and body[8 : 8 + packets.COOKIE] == cookie:
                        return
                    _raise_error(body, cookie, six=six)
        except TimeoutError:
            continue


def _raise_error(body: bytes, cookie: bytes, *, six: bool) -> None:
    """An ICMP error about our echo, which it quotes, is an answer: a negative one."""
    told = (_UNREACHABLE6 if six else _UNREACHABLE).get(body[0]) if body else None
    if told is not None and cookie in body:
        raise OSError(errno.EHOSTUNREACH, f"ICMP says {told} (code {body[1]})")


def place_socket(
    bench: Bench, end: End, family: socket.AddressFamily, form: socket.SocketKind, number: int = 0
) -> socket.socket:
    """A socket where the probe stands. Raises CaseError where none can."""
    try:
        with bench.place(end):
            return socket.socket(family, form | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, number)
    except OSError as failure:
        raise CaseError(f"no probe can stand at {end}: {failure.strerror or failure}") from None


def bound_socket(bench: Bench, flow: Flow, form: socket.SocketKind) -> socket.socket:
    """A socket where the probe stands, bound to its address and to the source port asked for, or a fresh one."""
    family = socket.AF_INET6 if flow.packet.family == 6 else socket.AF_INET
    opened = place_socket(bench, flow.source, family, form)
    try:
        # A service of the lab may listen on the very port that is asked for as source.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if form == socket.SOCK_STREAM:
            # Closing resets: a port asked for by number is free for the next attempt, no TIME_WAIT.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        _bind(bench, flow, opened)
    except BaseException:
        opened.close()
        raise
    return opened


def _bind(bench: Bench, flow: Flow, opened: socket.socket) -> None:
    for _ in range(64):
        port = flow.packet.source_port or bench.ports.take(flow.packet.protocol, flow.source.address)
        try:
            opened.bind((flow.source.address, port))
        except OSError as failure:
            if failure.errno == errno.EADDRINUSE and not flow.packet.source_port:
                continue
            raise CaseError(f"{flow.source} cannot send from port {port}: {(failure.strerror or '').lower()}") from None
        return
    raise CaseError(f"{flow.source.node} has no free port to send from")


def _speaker(bench: Bench, flow: Flow) -> ModuleType:
    return speaker(bench.lab.application(flow), flow.packet.protocol)


_ATTEMPT = {"tcp": _tcp, "udp": _udp, "icmp": _icmp}
