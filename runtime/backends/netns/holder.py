"""The holder: the one process whose namespaces are an instance. Killing it removes the lab.

Enters: `python -I -S holder.py INSTANCE LAB FOLDER`, run by `enter.py`. Leaves: a detached process, first of its own pid
namespace, with its own mount namespace and a network namespace that is the fabric (and a user namespace for an ordinary
user); FOLDER/holder says who it is. It runs alone, with nothing imported but its neighbours `kernel` and `netlink`, so that
it stays small and starts in milliseconds. It only reaps: all work is done by processes that join it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import sys
from pathlib import Path

if not __package__:  # run as a file: its neighbours stand beside it
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import kernel  # type: ignore[import-not-found]
import netlink  # type: ignore[import-not-found]

HOME = "/run/labc"
_RTM_NEWLINK, _IFLA_IFALIAS, _LOOPBACK, _IFF_UP = 16, 20, 1, 1


def main(instance: str, lab: str, folder: str) -> None:
    os.umask(0o022)  # what is made for a lab does not depend on who made it
    try:
        _unshare()
    except OSError as error:
        _tell({"error": error.strerror, "errno": error.errno, "step": error.filename})
        sys.exit(6)
    go_reader, go_writer = os.pipe()
    done_reader, done_writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go_writer)
        os.close(done_reader)
        _be_first(instance, lab, go_reader, done_writer)
    os.close(done_writer)
    _write(folder, child, instance, lab)
    os.write(go_writer, b"1")
    answer = b"".join(iter(lambda: os.read(done_reader, 4096), b""))
    sys.stdout.write(answer.decode() or '{"error": "the holder died while starting"}')


def _unshare() -> None:
    """Root unshares at once; anybody else, and root without the power to, gets a user namespace with one uid mapped."""
    rest = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWPID
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        try:
            kernel.unshare(rest)
        except PermissionError:
            pass
        else:
            return
    kernel.unshare(kernel.CLONE_NEWUSER)
    for path, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        Path("/proc/self", path).write_text(text)
    kernel.unshare(rest)


def _write(folder: str, pid: int, instance: str, lab: str) -> None:
    """Before the holder makes anything, so that one killed here can be found and ended."""
    note = {"pid": pid, "started": started(pid), "instance": instance, "lab": lab}
    path = os.path.join(folder, "holder")
    Path(path + ".new").write_text(json.dumps(note))
    os.replace(path + ".new", path)


def started(pid: int) -> int:
    """When a process began, in the kernel's ticks: with the pid it names a process for good."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rsplit(b")", 1)[1].split()[19])


def _be_first(instance: str, lab: str, go: int, done: int) -> None:
    if not os.read(go, 1):
        os._exit(0)  # the starter died before it wrote who we are
    os.close(go)
    os.setsid()
    try:
        _prepare(instance, lab)
    except OSError as error:
        os.write(
            done, json.dumps({"error": error.strerror, "errno": error.errno, "step": str(error.filename)}).encode()
        )
        os._exit(1)
    _let_go_of_all_but(done)
    os.write(done, b'{"ready": true}')
    os.close(done)
    _reap()


def _prepare(instance: str, lab: str) -> None:
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_SLAVE)
    kernel.mount("labc", "/run", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=512m")
    with contextlib.suppress(PermissionError):  # a container with a masked /proc: the outer one serves
        kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    for folder in ("", "/net", "/node", "/live"):
        os.mkdir(HOME + folder, 0o755)
    Path(HOME, "instance").write_text(json.dumps({"instance": instance, "lab": lab}))
    Path(HOME, "fabric").touch()
    kernel.mount("/proc/self/ns/net", HOME + "/fabric", None, kernel.MS_BIND)
    with open(os.open(HOME + "/key", os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
        file.write(secrets.token_bytes(32))
    _quiet_fabric()
    label = netlink.link(_LOOPBACK, _IFF_UP, _IFF_UP) + netlink.text(_IFLA_IFALIAS, f"labc {instance} {lab}")
    with netlink.Socket() as kernel_routing:
        kernel_routing.request([netlink.message(_RTM_NEWLINK, 0, label)])
    kernel.name_process("labc-holder")


def _quiet_fabric() -> None:
    """No firewall of a bridge, no IPv6 in the fabric: it carries frames and nothing else."""
    quiet = {
        "bridge/bridge-nf-call-iptables": "0",
        "bridge/bridge-nf-call-ip6tables": "0",
        "bridge/bridge-nf-call-arptables": "0",
        "ipv6/conf/all/disable_ipv6": "1",
        "ipv6/conf/default/disable_ipv6": "1",
    }
    for name, value in quiet.items():
        path = "/proc/sys/net/" + name
        if os.path.exists(path):
            Path(path).write_text(value)


def _let_go_of_all_but(kept: int) -> None:
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    os.closerange(3, kept)
    os.closerange(kept + 1, 1024)


def _reap() -> None:
    """The first process inherits every orphan of the lab. SIGTERM ends it, and the lab with it."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # waited for, so that none is missed
    while True:
        signal.sigwaitinfo({signal.SIGCHLD})
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _tell(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:4])
