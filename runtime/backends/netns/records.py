"""Records: what a node's own files shall hold and what was loaded into it, on the holder's private tmpfs.

    /run/labc/node/NAME         one JSON file a node: its /etc, its files, its rule sets
    /run/labc/live/NAME/root/…  the same files as they are, once something has run in the node (first.py), with
                                work/ (overlayfs's scratch), first (pid of the first process), lock,
                                leased (name servers that DHCP told, as resolv.conf's last lines)

Both die with the lab, so they never lie about another one. Until something runs in a node nobody can have changed its files,
and the record is all there is: a lab of a thousand nodes need not write five thousand files. Runs inside.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
import stat
from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson

from . import etc as texts
from . import kernel
from .namespaces import HOME, quoted

Record = dict[str, Any]  # Any: JSON

RECORDS = HOME + "/node"
LIVE = HOME + "/live"
HOSTS, RESOLVER, HOSTNAME = "/etc/hosts", "/etc/resolv.conf", "/etc/hostname"


def read(node: str) -> Record:
    """`files`: path → {"text", "mode", "id"}, /etc's own three among them; `rulesets`: id → {"text", "tables"}."""
    try:
        with open(f"{RECORDS}/{quoted(node)}", "rb", buffering=0) as file:
            found: Record = orjson.loads(file.read())
    except (FileNotFoundError, ValueError):
        return {"files": {}, "rulesets": {}}
    return found


def write(node: str, record: Record) -> None:
    path = f"{RECORDS}/{quoted(node)}"
    descriptor = os.open(path + "%new", os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, json.dumps(record).encode())
    finally:
        os.close(descriptor)
    os.rename(path + "%new", path)


def discard(node: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{RECORDS}/{quoted(node)}")
    shutil.rmtree(live(node), ignore_errors=True)


def live(node: str) -> str:
    return f"{LIVE}/{quoted(node)}"


def is_live(node: str) -> bool:
    """Whether something has run in the node, so that its files are files."""
    return os.path.isdir(live(node) + "/root")


def unfold(node: str) -> str:
    """Make the node's files from its record; the folder where they stand."""
    base = live(node)
    if not os.path.isdir(base + "/root"):
        shutil.rmtree(base + "/new", ignore_errors=True)
        os.makedirs(base + "/new/etc")
        for path, held in read(node)["files"].items():
            _put(f"{base}/new/{inside(path)}", _with_leased(node, path, held["text"]), held["mode"])
        os.rename(base + "/new", base + "/root")
    return base


def put(node: str, path: str, text: str, mode: int) -> None:
    """Into a live node's own layer: through its first process's eyes, since overlayfs forbids going behind it."""
    if is_live(node):
        _put(_seen(node, path), _with_leased(node, path, text), mode)


def lease(node: str, servers: Sequence[str]) -> None:
    """Name servers that DHCP told; they stand behind those that the plan states."""
    lines = texts.resolver(servers)
    with open(live(node) + "/leased", "w") as file:
        file.write(lines)
    held = read(node)["files"].get(RESOLVER)
    if held is not None:
        put(node, RESOLVER, held["text"], held["mode"])


def unlink(node: str, path: str) -> None:
    if is_live(node):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_seen(node, path))


def now(node: str, record: Record) -> dict[str, Record | None]:
    """Path → text and mode as they are, whoever wrote last; None for a file that is gone."""
    if not is_live(node):
        return dict(record["files"])
    found = {path: _found(live(node) + "/root/" + inside(path)) for path in record["files"]}
    resolver = found.get(RESOLVER)
    if resolver is not None:  # what was leased is not the plan's affair
        resolver["text"] = resolver["text"].removesuffix(leased(node))
    return found


def leased(node: str) -> str:
    try:
        with open(live(node) + "/leased") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def etc(files: dict[str, Record | None]) -> Record:
    """The facts about a node's /etc that the plan states."""
    resolver = _text(files, RESOLVER).splitlines()
    return {
        "hostname": _text(files, HOSTNAME).strip(),
        "hosts": texts.digest(_text(files, HOSTS)),
        "nameservers": [line.split()[1] for line in resolver if line.startswith("nameserver ")],
    }


def first(node: str) -> int | None:
    """The pid of the node's first process, in the holder's pid namespace."""
    try:
        with open(live(node) + "/first") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/stat", "rb") as file:
            state = file.read().rsplit(b")", 1)[1].split()[0]
    except (OSError, ValueError, IndexError):
        return None
    return None if state in {b"Z", b"X"} else pid


def called(node: str) -> str | None:
    """What a live node calls itself; None for one in which nothing has run, which is called as its file says."""
    pid = first(node) if is_live(node) else None
    if pid is None:
        return None
    try:
        _take_names_of(pid)
    except OSError:
        return None  # it ended just now
    return os.uname().nodename.encode(errors="surrogateescape").decode(errors="replace")


def call(node: str, hostname: str) -> None:
    """Give a live node its name again."""
    pid = first(node) if is_live(node) else None
    if pid is not None:
        with contextlib.suppress(FileNotFoundError):  # it ended just now
            _take_names_of(pid)
            kernel.sethostname(hostname)


def _take_names_of(pid: int) -> None:
    """Have a process's hostname from now on. Nobody asks for ours, and an ordinary user could not go back to the host's."""
    there = os.open(f"/proc/{pid}/ns/uts", os.O_RDONLY | os.O_CLOEXEC)
    try:
        kernel.setns(there, kernel.CLONE_NEWUTS)
    finally:
        os.close(there)


def keyed(text: str) -> str:
    """The hash that `wanted.py` makes of the same text."""
    return hmac.new(key(), text.encode(), hashlib.sha256).hexdigest()[:16]


@cache
def key() -> bytes:
    with open(HOME + "/key", "rb") as file:
        return file.read()


def inside(path: str) -> str:
    """A path that cannot climb out of the node's layer."""
    clean = os.path.normpath("/" + path).lstrip("/")
    if "/" not in clean:
        raise ValueError(f"{path}: a file stands in a folder, such as /etc")
    return clean


def _seen(node: str, path: str) -> str:
    pid = first(node)
    clean = inside(path)
    mounted = os.path.isdir(f"{live(node)}/root/{clean.split('/', 1)[0]}")
    return f"/proc/{pid}/root/{clean}" if pid is not None and mounted else f"{live(node)}/root/{clean}"


def _with_leased(node: str, path: str, text: str) -> str:
    return text + leased(node) if path == RESOLVER else text


def _put(target: str, text: str, mode: int) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.lexists(target) and not stat.S_ISREG(os.lstat(target).st_mode):
        # A link, a pipe, what overlayfs leaves for a file that was removed; or a folder.
        shutil.rmtree(target) if stat.S_ISDIR(os.lstat(target).st_mode) else os.unlink(target)
    with open(target, "w") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)


def _found(path: str) -> Record | None:
    """None also for what is no file: a node's programs may put a link there, which is the node's to follow, or a pipe, which
    nobody writes to."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        return None
    with open(descriptor, errors="replace") as file:
        return {"text": file.read(), "mode": stat.S_IMODE(mode)}


def _text(files: dict[str, Record | None], path: str) -> str:
    held = files.get(path)
    return str(held["text"]) if held else ""
