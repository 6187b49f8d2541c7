"""The floor under `up`: the same objects by raw netlink, one process, nothing observed, decided, checked or recorded.

`python -I -S floor.py SEGMENTS HOSTS` makes, in a mount and network namespace of its own, SEGMENTS bridges with HOSTS namespaces
each: pinned, IPv6 off, `lo` up, a veth to the bridge, an address. All goes when the process ends. It prints the
seconds from its first system call to its last, and stands alone: it imports nothing of labc.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
import time
from pathlib import Path

NEWNET, NEWNS = 0x40000000, 0x20000
CREATE, ACK, REQUEST = 0x600, 0x4, 0x1
NEWLINK, NEWADDR = 16, 20
BRIDGES = 100_000  # their indexes, clear of those that the kernel picks
libc = ctypes.CDLL(None, use_errno=True)


def main(segments: int, hosts: int) -> None:
    began = time.perf_counter()
    check(libc.unshare(NEWNS | NEWNET))
    check(libc.mount(b"none", b"/", None, ctypes.c_ulong((1 << 18) | 16384), None))
    check(libc.mount(b"floor", b"/run", b"tmpfs", ctypes.c_ulong(0), None))
    fabric = os.open("/proc/self/ns/net", os.O_RDONLY)
    ipv6_off()
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    for segment in range(segments):
        networks = [namespace(segment, host) for host in range(hosts)]
        check(libc.setns(fabric, NEWNET))
        send(kernel, [bridge(segment), *(veth(segment, host, network) for host, network in enumerate(networks))])
        for host, network in enumerate(networks):
            check(libc.setns(network, NEWNET))
            with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as inside:
                send(inside, configured(segment, host))
            os.close(network)
    print(time.perf_counter() - began)


def namespace(segment: int, host: int) -> int:
    check(libc.unshare(NEWNET))
    path = f"/run/{segment}-{host}"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    check(libc.mount(b"/proc/self/ns/net", path.encode(), None, ctypes.c_ulong(4096), None))
    ipv6_off()
    return os.open(path, os.O_RDONLY)


def ipv6_off() -> None:
    for which in ("all", "default"):
        Path(f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6").write_text("1")


def bridge(segment: int) -> bytes:
    body = link(BRIDGES + segment, 1) + attribute(3, b"s%d\0" % segment) + attribute(18, attribute(1, b"bridge"))
    return message(NEWLINK, body)


def veth(segment: int, host: int, network: int) -> bytes:
    peer = (
        link(2) + attribute(3, b"eth0\0") + attribute(1, struct.pack("=BxHH", 2, segment, host)) + number(28, network)
    )
    peer += number(31, 1) + number(32, 1)
    body = (
        link(0, 1)
        + attribute(3, b"p%d-%d\0" % (segment, host))
        + number(10, BRIDGES + segment)
        + number(31, 1)
        + number(32, 1)
    )
    return message(NEWLINK, body + attribute(18, attribute(1, b"veth") + attribute(2, attribute(1, peer))))


def configured(segment: int, host: int) -> list[bytes]:
    address = struct.pack(">I", 0x0A000000 + (segment << 12) + host + 2)
    return [
        message(NEWLINK, link(1, 1), 0),
        message(NEWLINK, link(2, 1), 0),
        message(NEWADDR, struct.pack("=BBBBI", 2, 20, 0, 0, 2) + attribute(2, address) + attribute(1, address)),
    ]


def link(index: int, up: int = 0) -> bytes:
    return struct.pack("=BxHiII", 0, 0, index, up, up)


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) & 3)


def number(kind: int, value: int) -> bytes:
    return attribute(kind, struct.pack("=I", value))


def message(kind: int, body: bytes, flags: int = CREATE) -> bytes:
    return struct.pack("=IHHII", len(body) + 16, kind, flags | ACK | REQUEST, 0, 0) + body


def send(kernel: socket.socket, messages: list[bytes]) -> None:
    for start in range(0, len(messages), 50):
        batch = messages[start : start + 50]
        kernel.send(b"".join(batch))
        waiting = len(batch)
        while waiting:
            data = kernel.recv(65536)
            offset = 0
            while offset < len(data):
                size, _, _, _, _ = struct.unpack_from("=IHHII", data, offset)
                (error,) = struct.unpack_from("=i", data, offset + 16)
                if error:
                    raise OSError(-error, os.strerror(-error))
                waiting -= 1
                offset += (size + 3) & ~3


def check(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
