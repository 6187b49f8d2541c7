"""nftables: load a rule set in one transaction, and see whether the kernel still holds what was loaded.

Runs inside, standing in a node's namespace. Loading is the `nft` program's work. Looking is ours, by netlink: what the kernel
lists right after loading is hashed and kept, without what traffic changes (counters, quotas, elements that come and go).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import struct
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any

from . import netlink
from .requirements import with_system

_TABLE = re.compile(
    r"^\s*(?:(?:add|create)\s+)?table\s+(?:(ip|ip6|inet|arp|bridge|netdev)\s+)?([A-Za-z_][\w./-]*)", re.MULTILINE
)
_FLUSH = re.compile(r"^(\s*)flush\s+ruleset\s*;?", re.MULTILINE)
_PLACE = re.compile(r"/dev/stdin:(\d+):(\d+(?:-\d+)?): (?:Error: )?")
_FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}

_TRACE = "inet labc_trace_"  # of a test that watches; what a killed one left, the next takes away

_NFTABLES = 10 << 8
_GETTABLE, _GETCHAIN, _GETRULE, _GETSET, _GETELEMENTS, _GETOBJECT, _GETFLOWTABLE = 1, 4, 7, 10, 13, 19, 23
_TABLE_FLAGS = 2
_NAME_OF_TABLE = 1  # in every message but a table's own, where 1 is its name
_CHAIN_COUNTERS, _CHAIN_USE = 8, 6
_RULE_EXPRESSIONS = 4
_EXPRESSION_NAME, _EXPRESSION_DATA = 1, 2
_SET_NAME, _SET_FLAGS, _SET_CHANGES = 2, 3, 0x10 | 0x20  # timeout, eval: its elements come and go
_ELEMENT_FIELDS = (1, 2, 3, 10)  # key, data, flags, key's end; the rest counts or expires
_OBJECT_DATA, _USE = 4, 5
_VOLATILE = {b"counter", b"quota", b"last", b"connlimit"}


def tables_of(text: str) -> list[str]:
    """The tables that a text makes, as `FAMILY NAME`; nft's family is `ip` where none is said."""
    return sorted({f"{family or 'ip'} {name}" for family, name in _TABLE.findall(text)})


def load(text: str, tables: Iterable[str]) -> None:
    """Replace `tables` (of this load and of the one before) by what the text says, in one transaction.

    `flush ruleset` would take other owners' tables along, so it is left out. Errors name the lines of the text.
    """
    _run(_swept(tables) + "\n" + _FLUSH.sub(r"\1", text) + "\n", len(text.splitlines()))


def delete(tables: Iterable[str]) -> None:
    _run(_swept(tables))


def _swept(tables: Iterable[str]) -> str:
    """In one line, whatever there is to sweep."""
    return "".join(f"table {table}; delete table {table}; " for table in sorted(tables))


def look(records: Mapping[str, Mapping[str, Any]], *, live: bool) -> tuple[dict[str, dict[str, str]], list[str]]:
    """For each rule set that was loaded here: its text's hash, and whether the kernel still holds it. And tables of nobody,
    which only a `live` node can have without a rule set."""
    if not records:
        return {}, _strange(records, _listed()) if live else []
    now = fingerprints()
    compared = {
        identity: {"text": record["text"], "rules": _verdict(record["tables"], now)}
        for identity, record in records.items()
    }
    return compared, _strange(records, now)


def strange(records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Tables that no rule set of the lab has made, nor a test that is watching packets."""
    return _strange(records, _listed())


def _strange(records: Mapping[str, Mapping[str, Any]], now: Iterable[str]) -> list[str]:
    known = {table for record in records.values() for table in record["tables"]}
    return sorted(table for table in now if table not in known and not table.startswith(_TRACE))


def _listed() -> list[str]:
    """Empty on a kernel without nftables."""
    with contextlib.suppress(OSError), netlink.Socket(netlink.NETFILTER) as kernel:
        return list(_tables(kernel))
    return []


def fingerprints() -> dict[str, str]:
    """`inet filter` → a hash of all that the table holds, of the namespace where this thread stands."""
    with netlink.Socket(netlink.NETFILTER) as kernel:
        hashes = {table: hashlib.sha256(flags) for table, flags in _tables(kernel).items()}
        for table, data in _contents(kernel):
            hashes[table].update(data) if table in hashes else None
    return {table: found.hexdigest() for table, found in hashes.items()}


def _verdict(loaded: Mapping[str, str], now: Mapping[str, str]) -> str:
    if all(now.get(table) == digest for table, digest in loaded.items()):
        return "as loaded"
    gone = [table for table in loaded if table not in now]
    return f"table {', '.join(gone)} gone" if gone else "changed by hand"


def complaint(said: str, lines: int) -> str:
    r"""What nft says of a script whose first line is ours, in the numbers of the text below it, which has so many lines.

    >>> complaint("/dev/stdin:3:5-7: Error: syntax error\n  x y z\n    ^^^\n/dev/stdin:9:1-1: Error: unexpected end of file\n", 2)
    'line 2, columns 5-7: syntax error\n  x y z\n    ^^^'
    """
    found: list[str] = []
    for message in re.split(r"^(?=/dev/stdin:)", said, flags=re.MULTILINE):
        place = _PLACE.match(message)
        line = int(place[1]) - 1 if place else 0
        if any(found) and line > lines:
            continue  # an end that it did not expect, since it lost its way before
        where = f"line {line}, column{'s' * ('-' in place[2])} {place[2]}: " if place and line else ""
        found.append(where + (message[place.end() :] if place else message))
    return "".join(found).strip("\n")


def _run(script: str, lines: int = 0) -> None:
    try:
        done = subprocess.run(
            ["nft", "-f", "-"], input=script.encode(), capture_output=True, check=False, env=_environment()
        )
    except FileNotFoundError:
        raise OSError("the program nft is not installed: apt-get install nftables") from None
    if done.returncode:
        raise OSError("nft refuses the rule set: " + complaint(done.stderr.decode(errors="replace"), lines))


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": with_system(os.environ.get("PATH", ""))}


def _tables(kernel: netlink.Socket) -> dict[str, bytes]:
    """With their flags: a dormant one holds all its rules and does nothing."""
    dumped = (body for _, body in kernel.dump(_NFTABLES | _GETTABLE, bytes(4)))
    return {_owner(body): netlink.attributes(body, 4).get(_TABLE_FLAGS, b"") for body in dumped}


def _owner(body: bytes) -> str:
    name = netlink.attributes(body, 4)[_NAME_OF_TABLE].rstrip(b"\0").decode(errors="replace")
    return f"{_FAMILIES.get(body[0], str(body[0]))} {name}"


def _contents(kernel: netlink.Socket) -> Iterable[tuple[str, bytes]]:
    for _, body in kernel.dump(_NFTABLES | _GETCHAIN, bytes(4)):
        said = netlink.attributes(body, 4)
        yield _owner(body), _packed(said, without=(_CHAIN_COUNTERS, _CHAIN_USE))
    for _, body in kernel.dump(_NFTABLES | _GETRULE, bytes(4)):
        yield _owner(body), _rule(netlink.attributes(body, 4))
    sets = [(body, netlink.attributes(body, 4)) for _, body in kernel.dump(_NFTABLES | _GETSET, bytes(4))]
    for body, said in sets:
        yield _owner(body), _packed({number: said[number] for number in (_SET_NAME, _SET_FLAGS) if number in said})
        if not int.from_bytes(said.get(_SET_FLAGS, b""), "big") & _SET_CHANGES:
            yield _owner(body), _elements(kernel, body, said)
    for _, body in kernel.dump(_NFTABLES | _GETOBJECT, bytes(4)):
        yield _owner(body), _packed(netlink.attributes(body, 4), without=(_OBJECT_DATA, _USE))


def _rule(said: dict[int, bytes]) -> bytes:
    expressions = b"".join(_expression(each) for each in _list(said.get(_RULE_EXPRESSIONS, b"")))
    return _packed(said, without=(_RULE_EXPRESSIONS,)) + expressions


def _expression(said: dict[int, bytes]) -> bytes:
    name = said.get(_EXPRESSION_NAME, b"").rstrip(b"\0")
    return name if name in _VOLATILE else name + said.get(_EXPRESSION_DATA, b"")


def _elements(kernel: netlink.Socket, head: bytes, of: dict[int, bytes]) -> bytes:
    """Sorted: a hash table has no order of its own."""
    request = head[:4] + netlink.attribute(1, of[_NAME_OF_TABLE]) + netlink.attribute(2, of[_SET_NAME])
    found = [
        b"".join(element.get(number, b"") for number in _ELEMENT_FIELDS)
        for _, body in kernel.dump(_NFTABLES | _GETELEMENTS, request)
        for element in _list(netlink.attributes(body, 4).get(3, b""))
    ]
    return b"".join(sorted(found))


def _list(data: bytes) -> list[dict[int, bytes]]:
    """A list of nested attributes, all of one kind."""
    found = []
    offset = 0
    while offset + 4 <= len(data):
        (size,) = struct.unpack_from("=H", data, offset)
        if size < 4:
            break
        found.append(netlink.attributes(data, offset + 4, offset + size))
        offset += (size + 3) & ~3
    return found


def _packed(said: Mapping[int, bytes], without: tuple[int, ...] = ()) -> bytes:
    return b"".join(number.to_bytes(2, "big") + said[number] for number in sorted(said) if number not in without)
