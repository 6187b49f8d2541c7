"""Records: the files of a node on the holder's private tmpfs. They die with the lab, so they never lie about another one.

    /run/labc/node/NAME/root/…   upper layers of the node's own file system: /etc, and the top folders of its files
    /run/labc/node/NAME/work/…   overlayfs's scratch
    /run/labc/node/NAME/own/ID   what was loaded for a resource, as JSON
    /run/labc/node/NAME/first    pid of the node's first process, while one runs

Runs inside.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from . import etc as texts
from .namespaces import HOME, quoted, unquoted

Record = dict[str, Any]  # Any: JSON


def folder(node: str) -> str:
    return f"{HOME}/node/{quoted(node)}"


def prepare(node: str) -> None:
    """The node's folders; those that stand are kept."""
    base = folder(node)
    with contextlib.suppress(FileExistsError):
        os.mkdir(base, 0o755)
    for name in ("own", "root", "root/etc"):
        with contextlib.suppress(FileExistsError):
            os.mkdir(f"{base}/{name}", 0o755)


def discard(node: str) -> None:
    shutil.rmtree(folder(node), ignore_errors=True)


def nodes() -> list[str]:
    return [unquoted(name) for name in os.listdir(HOME + "/node")]


def of(node: str) -> dict[str, dict[str, Record]]:
    """The node's records, by kind and id."""
    found: dict[str, dict[str, Record]] = {"ruleset": {}, "file": {}}
    try:
        names = os.listdir(folder(node) + "/own")
    except FileNotFoundError:
        return found
    for name in names:
        identity = unquoted(name)
        with contextlib.suppress(ValueError, OSError):  # half written by one who was killed: as good as none
            found[identity.partition("/")[0]][identity] = json.loads(Path(folder(node), "own", name).read_bytes())
    return found


def keep(node: str, identity: str, record: Record) -> None:
    path = f"{folder(node)}/own/{quoted(identity)}"
    Path(path + ".new").write_text(json.dumps(record))
    os.replace(path + ".new", path)


def get(node: str, identity: str) -> Record | None:
    return of(node)[identity.partition("/")[0]].get(identity)


def drop(node: str, identity: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{folder(node)}/own/{quoted(identity)}")


def etc(node: str) -> Record:
    """The node's /etc as it stands, whoever wrote it last."""
    return {
        "hostname": _read(node, "/etc/hostname").strip(),
        "hosts": texts.digest(_read(node, "/etc/hosts")),
        "nameservers": [
            line.split()[1] for line in _read(node, "/etc/resolv.conf").splitlines() if line.startswith("nameserver ")
        ],
    }


def file_now(node: str, path: str) -> Record | None:
    try:
        data = Path(upper(node, path)).read_bytes()
        mode = os.stat(upper(node, path)).st_mode & 0o7777
    except OSError:
        return None
    return {"path": path, "mode": f"{mode:04o}", "text": keyed(data)}


def write(node: str, path: str, text: str, mode: int) -> None:
    """Into the node's own layer: through its first process's eyes where one runs, since overlayfs forbids going behind it."""
    target = _writable(node, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if os.path.islink(target):
            os.unlink(target)
    with open(target, "w") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)


def unlink(node: str, path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_writable(node, path))


def upper(node: str, path: str) -> str:
    return f"{folder(node)}/root/{_inside(path)}"


def first(node: str) -> int | None:
    """The pid of the node's first process, in the holder's pid namespace."""
    try:
        pid = int(Path(folder(node), "first").read_text())
        state = Path(f"/proc/{pid}/stat").read_bytes().rsplit(b")", 1)[1].split()[0]
    except (OSError, ValueError, IndexError):
        return None
    return None if state in {b"Z", b"X"} else pid


def keyed(data: bytes) -> str:
    return hmac.new(key(), data, hashlib.sha256).hexdigest()[:16]


@cache
def key() -> bytes:
    return Path(HOME, "key").read_bytes()


def _writable(node: str, path: str) -> str:
    pid = first(node)
    top = _inside(path).split("/", 1)[0]
    if pid is not None and os.path.isdir(f"{folder(node)}/root/{top}"):
        return f"/proc/{pid}/root/{_inside(path)}"
    return upper(node, path)


def _read(node: str, path: str) -> str:
    try:
        with open(upper(node, path), errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _inside(path: str) -> str:
    """A path that cannot climb out of the node's layer."""
    clean = os.path.normpath("/" + path).lstrip("/")
    if "/" not in clean:
        raise ValueError(f"{path}: a file stands in a folder, such as /etc")
    return clean
