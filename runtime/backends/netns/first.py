"""The first process of a node: made when something first runs there, it gives the node its own hostname, /etc, /proc and /run.

Runs inside. The node's pid namespace ends with it; `removing.py` ends it before the node's network namespace goes. A node in
which nothing was ever run has none.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import kernel, namespaces, records

_OWN = kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWPID


def ensure(node: str) -> int:
    """The pid of the node's first process, started if none runs; FileNotFoundError when there is no such node."""
    callers = os.umask(0o022)  # what stands in a node does not depend on who was the first there
    try:
        with _alone(node):
            return records.first(node) or _start(node)
    finally:
        os.umask(callers)


def learn_nameservers(node: str, servers: Sequence[str]) -> None:
    """What DHCP told the node, in its resolv.conf; not while its first process starts and its files are made."""
    with _alone(node):
        records.lease(node, servers)


@contextlib.contextmanager
def _alone(node: str) -> Iterator[None]:
    """Two commands at once in one node start one first process."""
    if not os.path.exists(namespaces.pin(node)):
        raise FileNotFoundError(node)
    os.makedirs(records.live(node), exist_ok=True)
    lock = os.open(records.live(node) + "/lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _start(node: str) -> int:
    records.unfold(node)
    network = namespaces.open_network(node)
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        _between(node, network, writer)
    os.close(network)
    os.close(writer)
    said = b"".join(iter(lambda: os.read(reader, 4096), b"")).decode()
    os.close(reader)
    os.waitpid(middle, 0)
    pid, _, error = said.partition("\n")
    if error or not pid:
        raise OSError(f"the first process of {node} did not start: {error or 'it died'}")
    Path(records.live(node), "first").write_text(pid)
    return int(pid)


def _between(node: str, network: int, writer: int) -> None:
    """Only a child of who unshared lives in the new pid namespace; it outlives us, and the holder reaps it."""
    try:
        kernel.setns(network, kernel.CLONE_NEWNET)
        kernel.unshare(_OWN)
        child = os.fork()
        if child == 0:
            _be_first(node, writer)
        os.write(writer, f"{child}\n".encode())
    except OSError as error:
        os.write(writer, f"\n{error}".encode())
    os._exit(0)


def _be_first(node: str, writer: int) -> None:
    try:
        os.setsid()
        _settle_in(node)
        kernel.name_process("labc-node")
    except OSError as error:
        os.write(writer, f"\n{error.filename}: {error.strerror}".encode())
        os._exit(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    os.closerange(3, 1024)  # the writer among them: that is how they learn that all is ready
    reap()


def _settle_in(node: str) -> None:
    base = records.live(node)
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_SLAVE)
    hostname = Path(base, "root/etc/hostname").read_text().strip()
    for top in sorted(os.listdir(base + "/root")):
        _overlay(base, top)
    kernel.unmount("/run")  # with it all other nodes' pins, which would live as long as this process
    kernel.mount("labc", "/run", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=64m")
    with contextlib.suppress(PermissionError):  # a container that hides parts of /proc: the outer one serves
        kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    with contextlib.suppress(PermissionError):
        kernel.mount("sysfs", "/sys", "sysfs", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    kernel.sethostname(hostname)
    os.chdir("/")


def _overlay(base: str, top: str) -> None:
    """The node's layer over the host's folder: what it writes there is its own."""
    os.makedirs(f"{base}/work/{top}", exist_ok=True)
    os.makedirs(f"/{top}", exist_ok=True)
    layers = f"lowerdir=/{top},upperdir={base}/root/{top},workdir={base}/work/{top}"
    for options in (layers + ",userxattr", layers):
        with contextlib.suppress(OSError):
            kernel.mount("labc", f"/{top}", "overlay", kernel.MS_NOSUID | kernel.MS_NODEV, options)
            return
    for folder, _, names in os.walk(f"{base}/root/{top}"):  # no overlayfs here: file over file, where there is one
        for name in names:
            path = os.path.join(folder, name)
            target = path.removeprefix(f"{base}/root")
            if os.path.exists(target):
                kernel.mount(path, os.path.realpath(target), None, kernel.MS_BIND)


def reap() -> None:
    """Wait for orphans for ever; SIGTERM ends the node's processes."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    while True:
        signal.sigwaitinfo({signal.SIGCHLD})
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
