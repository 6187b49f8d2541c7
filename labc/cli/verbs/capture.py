"""Catch the packets on a port, to a file, to Wireshark or to the terminal."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import click

from ..completing import ports
from ..exits import Exit
from ..live import answering
from ..options import instance_option
from ..running import node_id, port_interface, running_plan, split_lab
from ..stop import Stop
from ..talk import say

_HEAD = 24
_RECORD = struct.Struct("=IIII")


@click.command()
@instance_option
@click.option("-o", "--output", metavar="FILE", help="A pcap file; - is standard output.")
@click.option("-c", "--count", type=click.IntRange(1), help="End after so many packets.")
@click.option("--wireshark", is_flag=True, help="Show them in Wireshark while they come.")
@click.argument("words", nargs=-1, metavar="[LAB] NODE[:PORT]", shell_complete=ports)
@click.pass_context
def command(
    ctx: click.Context,
    instance: str | None,
    output: str | None,
    count: int | None,
    wireshark: bool,
    words: tuple[str, ...],
) -> int:
    """Catch what passes the PORT of NODE until Ctrl-C. Without -o: to a pipe as pcap, to a terminal as tcpdump shows it."""
    lab, rest = split_lab(words)
    if len(rest) != 1:
        raise click.UsageError("one port is needed: labc capture web:eth0", ctx)
    with answering():
        return _catch(instance, lab, rest[0], _Sink(output, wireshark=wireshark), count)


def _catch(instance: str | None, lab: str | None, place: str, sink: _Sink, count: int | None) -> int:
    from ...runtime.attach import capture

    name, plan = running_plan(instance, lab)
    node_name, _, port = place.partition(":")
    node = node_id(plan, node_name)
    interface = port_interface(plan, node, port)
    caught, ended = 0, Exit.DONE
    with sink.opened() as out, capture(name, node, interface) as stream:
        try:
            out.write(_exactly(stream, _HEAD))
            out.flush()
            say(f"catching on {node_name}:{port or interface}; Ctrl-C ends it")
            for packet in _packets(stream):
                out.write(packet)
                out.flush()
                caught += 1
                if caught == count:
                    break
        except KeyboardInterrupt:
            ended = Exit.INTERRUPTED
    say(f"{caught} packet{'s' * (caught != 1)}")
    return ended


def _packets(stream: IO[bytes]) -> Iterator[bytes]:
    """Each packet with its head, as pcap keeps them."""
    while head := _exactly(stream, _RECORD.size):
        yield head + _exactly(stream, _RECORD.unpack(head)[2])


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    return data if len(data) == size else b""


class _Sink:
    """Where packets go."""

    def __init__(self, output: str | None, *, wireshark: bool) -> None:
        self._output = output
        self._program = _program(output, wireshark=wireshark)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        if self._program:
            # Ctrl-C is ours: tcpdump would call it an error of its file, and ends with its input. What it says of that file
            # is nobody's concern either, unless it fails.
            alone = Path(self._program[0]).name == "tcpdump"
            words = subprocess.PIPE if alone else None
            with subprocess.Popen(
                self._program, stdin=subprocess.PIPE, stderr=words, start_new_session=alone
            ) as reader:
                assert reader.stdin is not None
                try:
                    yield reader.stdin
                finally:
                    _end(reader)
        elif self._output and self._output != "-":
            with Path(self._output).open("wb") as file:
                yield file
        else:
            yield sys.stdout.buffer


def _end(reader: subprocess.Popen[bytes]) -> None:
    """Close its input, hear it out."""
    assert reader.stdin is not None
    with suppress(BrokenPipeError):
        reader.stdin.close()
    words = reader.stderr.read().decode(errors="replace").strip() if reader.stderr is not None else ""
    if reader.wait() and words:
        say(words)


def _program(output: str | None, *, wireshark: bool) -> list[str] | None:
    """The program that shows packets, when neither a file nor a pipe takes them."""
    if wireshark:
        return [_installed("wireshark"), "-k", "-i", "-"]
    if output is None and sys.stdout.isatty():
        return [_installed("tcpdump"), "-n", "-l", "-r", "-"]
    return None


def _installed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Stop(Exit.LACKING, f"{program} is not installed", help="write a file instead: -o FILE")
    return found
