"""Packets on an interface of a node as a pcap file: `python -m …netns.capture NODE INTERFACE SNAPLEN`, started inside.

Leaves: a pcap with nanoseconds on stdout, its head as soon as packets are caught, each packet at once, so that a reader
such as Wireshark sees them live. Ends on SIGTERM or when nobody reads any more. Needs nothing installed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import sys

from . import namespaces

SNAPLEN = 262144
HEAD = struct.Struct("=IHHiIII")
RECORD = struct.Struct("=IIII")
NANOSECONDS = 0xA1B23C4D
ETHERNET = 1

_ETH_P_ALL = 3
_SOL_SOCKET_TIMESTAMPNS = 35  # SO_TIMESTAMPNS
_BUFFER = 8 << 20
_RCVBUFFORCE = 33
_TIME = struct.Struct("=qq")


def main(node: str, interface: str, snaplen: int) -> int:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    try:
        with namespaces.network_of(node):
            packets = _open(interface)
    except OSError as error:
        sys.stderr.write(f"labc: {node}: {interface}: {error.strerror}\n")
        return 1
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        _write(HEAD.pack(NANOSECONDS, 2, 4, 0, 0, snaplen, ETHERNET))
        _copy(packets, snaplen)
    return 0


def _open(interface: str) -> socket.socket:
    packets = socket.socket(
        socket.AF_PACKET, socket.SOCK_RAW, 0
    )  # deaf until it is bound, so that nothing else gets in
    try:
        packets.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _BUFFER)
    except PermissionError:
        packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)  # as much as the host allows
    packets.setsockopt(socket.SOL_SOCKET, _SOL_SOCKET_TIMESTAMPNS, 1)
    packets.bind((interface, _ETH_P_ALL))
    return packets


def _copy(packets: socket.socket, snaplen: int) -> None:
    while True:
        data, said, _, _ = packets.recvmsg(snaplen, 64, socket.MSG_TRUNC)
        seconds, nanoseconds = _TIME.unpack_from(said[0][2])
        _write(RECORD.pack(seconds, nanoseconds, len(data), max(len(data), _whole(data))) + data)


def _whole(data: bytes) -> int:
    """The length of an IPv4 or IPv6 packet whose end was cut off, from its own head."""
    kind = data[12:14]
    if kind == b"\x08\x00" and len(data) >= 18:
        return 14 + int.from_bytes(data[16:18], "big")
    if kind == b"\x86\xdd" and len(data) >= 20:
        return 54 + int.from_bytes(data[18:20], "big")
    return 0


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
