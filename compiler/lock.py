"""The lock, `lab.lock`: every choice that was made for a lab, one line an assignment.

Enters: the text of a lock. Leaves: a `Lock`, and text again. `elaborate` asks it for the commits of modules, the passes for
what they once chose; `labc lock` and `labc build` write it.

    module/git+https://git.example/labs.git@v1.2 commit 5f0c…
    port/pc1/eth0 address 10.10.10.1/24
    segment/s vni 10010

A line is ID KEY VALUE. Lines may stand in any order, since git merges locks by union (`.gitattributes`); they are sorted when
written. Blanks, `%` and control characters inside a part are written as `%20`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from msgspec import Struct, field

from .diagnostics import Diagnostics, Label
from .source import Source, Span

FILE_NAME = "lab.lock"
ATTRIBUTES = "lab.lock merge=union"
HEADER = "# What was chosen for this lab; keep it in git. Lines may stand in any order: `.gitattributes` merges them by union."
PINS = ("commit", "tree", "digest")  # Found by `labc lock` alone, which may use the network.
VERSION = "version"  # `lab/NAME version 1`: whose lock it is
_HOW = ("placement/", "gear/")  # say how hosts and devices were found; of two branches each has another such line
_MOST = 20  # lines of which `check` tells one by one
Mode = Literal["update", "check", "ignore", "refresh"]

_CONFLICT = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")
_PLAIN = re.compile(r"[^\x00-\x20%\x7f]+")
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")


class Assignment(NamedTuple):
    """What was chosen for `key` of the thing `id`. `span` is None for one that no file holds yet."""

    id: str
    key: str
    value: str
    span: Span | None = None

    @property
    def line(self) -> str:
        return " ".join(escape(part) for part in (self.id, self.key, self.value))


class Lock(Struct, frozen=True):
    """Assignments by id and key. Immutable: passes make a new one."""

    assignments: Mapping[tuple[str, str], Assignment] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, id: str, key: str) -> str | None:
        found = self.assignments.get((id, key))
        return None if found is None else found.value

    def span(self, id: str, key: str) -> Span | None:
        found = self.assignments.get((id, key))
        return None if found is None else found.span

    def of(self, key: str) -> Iterator[Assignment]:
        """All assignments of one key, such as every `address`, sorted by id."""
        return iter(sorted(entry for entry in self.assignments.values() if entry.key == key))

    def pins(self) -> Iterator[Assignment]:
        """Those of modules and images."""
        return (entry for entry in self.assignments.values() if entry.key in PINS)

    def including(self, more: Iterable[Assignment]) -> Lock:
        """With these set, in place of older values."""
        return Lock(MappingProxyType({**self.assignments, **{(entry.id, entry.key): entry for entry in more}}))

    def without(self, gone: Iterable[tuple[str, str]]) -> Lock:
        left = set(gone)
        return Lock(MappingProxyType({key: entry for key, entry in self.assignments.items() if key not in left}))

    def same(self, other: Lock) -> bool:
        """Whether both chose the same, wherever their lines stand. How hosts were found is no choice."""
        return _choices(self) == _choices(other)

    def values(self) -> dict[tuple[str, str], str]:
        return {key: entry.value for key, entry in self.assignments.items()}


def read_lock(source: Source, diagnostics: Diagnostics) -> Lock:
    """The assignments of a lock file. Two values for one id and key are an error that shows both lines."""
    found: dict[tuple[str, str], Assignment] = {}
    in_conflict = False
    at = 0
    for raw in source.data.split(b"\n"):
        span = Span(source, at, at + len(raw.rstrip(b"\r")))
        at += len(raw) + 1
        marker = raw[:7] in _CONFLICT and raw[7:8] in (b"", b" ", b"\r")
        if marker and not in_conflict:
            _report_conflict(span, diagnostics)
        in_conflict = (in_conflict or marker) and raw[:7] != _CONFLICT[-1]
        if marker or not raw.strip() or raw.lstrip().startswith(b"#"):
            continue
        entry = _assignment(span, diagnostics)
        if entry is not None and not in_conflict:
            _keep(entry, found, diagnostics)
    return Lock(MappingProxyType(found))


def write_lock(lock: Lock) -> bytes:
    """The text of a lock: sorted, one line an assignment."""
    lines = sorted(entry.line for entry in lock.assignments.values())
    return "".join(f"{line}\n" for line in [HEADER, *lines]).encode()


def with_attributes(data: bytes | None) -> bytes:
    """`.gitattributes` with the line that lets git merge locks; every other byte stays."""
    data = data or b""
    wanted = ATTRIBUTES.encode()
    if wanted in (line.strip() for line in data.splitlines()):
        return data
    end = b"\r\n" if b"\r\n" in data else b"\n"
    return data + (b"" if not data or data.endswith(b"\n") else end) + wanted + end


def settle(old: Lock, new: Lock, mode: Mode, diagnostics: Diagnostics) -> Lock:
    """Which lock holds after a build that started from `old` and chose `new`. `check` says so when they differ."""
    if mode == "check" and not old.assignments and new.assignments:
        _report_missing(diagnostics)
    elif mode == "check":
        stale = sorted({at for at, _ in _choices(old).items() ^ _choices(new).items()})
        for at in stale[:_MOST]:
            _report_stale(at, old, new, diagnostics)
        if len(stale) > _MOST:
            summary = f"{len(stale) - _MOST:,} more lines of the lock are missing, differ or have nobody to belong to"
            diagnostics.error("E0904", summary, None, help="run `labc lock` and commit lab.lock")
    return old if mode in ("check", "ignore") else new


def _choices(lock: Lock) -> dict[tuple[str, str], str]:
    return {at: value for at, value in lock.values().items() if not at[0].startswith(_HOW)}


def base(lock: Lock, mode: Mode) -> Lock:
    """The lock from which a build starts. `refresh` and `ignore` leave old choices behind, but not the pins of modules and
    images: a build cannot fetch new ones. A refreshed lock is written, so whose it is still counts."""
    if mode in ("update", "check"):
        return lock
    kept = (*PINS, VERSION) if mode == "refresh" else PINS
    return Lock(MappingProxyType({at: entry for at, entry in lock.assignments.items() if entry.key in kept}))


def release_shared(
    lock: Lock, key: str, diagnostics: Diagnostics, scope: Callable[[Assignment], Hashable] = lambda entry: entry.value
) -> Lock:
    """After a merge two ids may hold one value: the greater id lets go of it, with a note, and is given a new one.

    `scope` tells what must not be shared; by default the value, for addresses also the segment.
    """
    holders: dict[Hashable, Assignment] = {}
    gone = []
    for entry in lock.of(key):
        holder = holders.setdefault(scope(entry), entry)
        if holder is not entry:
            _note_shared(entry, holder, diagnostics)
            gone.append((entry.id, entry.key))
    return lock.without(gone) if gone else lock


def escape(part: str) -> str:
    """A part of a line, without blanks in it. An empty one is `%`."""
    if not part:
        return "%"
    if _PLAIN.fullmatch(part) and not part.startswith("#"):
        return part
    return "".join(f"%{ord(letter):02X}" if letter in "%#\x7f" or letter <= " " else letter for letter in part)


def unescape(part: str) -> str:
    if "%" not in part:
        return part
    if part == "%":
        return ""
    raw = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), part.encode().decode("latin-1"))
    return raw.encode("latin-1").decode("utf-8", "replace")


def _assignment(span: Span, diagnostics: Diagnostics) -> Assignment | None:
    parts = span.source.data[span.start : span.end].split()
    if len(parts) == 3:
        id, key, value = (unescape(part.decode("utf-8", "replace")) for part in parts)
        return Assignment(id, key, value, span)
    help = "a line is ID KEY VALUE; remove it, `labc lock` and `labc build` write it anew"
    diagnostics.error("E0901", "this line of the lock is no assignment", span, f"{len(parts)} parts", help=help)
    return None


def _keep(entry: Assignment, found: dict[tuple[str, str], Assignment], diagnostics: Diagnostics) -> None:
    first = found.setdefault((entry.id, entry.key), entry)
    if first.value == entry.value or entry.span is None:
        return
    labels = (Label(first.span, "and this one"),) if first.span is not None else ()
    diagnostics.error(
        "E0902",
        f"the lock has two values for the {entry.key} of {entry.id}",
        entry.span,
        "this line",
        labels=labels,
        reason="most often two branches chose for themselves and git merged both lines",
        help="remove the line that shall not hold",
    )


def _report_conflict(span: Span, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "E0903",
        "the lock holds a conflict that git left",
        span,
        "it starts here",
        help=f"remove the lines with `<<<<<<<`, `=======`, `>>>>>>>` and keep those between; then put `{ATTRIBUTES}` in .gitattributes",
    )


def _report_missing(diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "E0904",
        f"there is no {FILE_NAME}, or nothing in it",
        None,
        reason="`--lock check` wants every choice to be kept there",
        help=f"`labc lock` writes it; commit {FILE_NAME}",
    )


def _report_stale(at: tuple[str, str], old: Lock, new: Lock, diagnostics: Diagnostics) -> None:
    id, key = at
    was, now = old.get(*at), new.get(*at)
    if was is None:
        summary = f"the lock has no {key} of {id}; it would be {now}"
    elif now is None:
        summary = f"the lock has the {key} of {id}, which the lab no longer has"
    else:
        summary = f"the lock says {was} for the {key} of {id}; the lab says {now}"
    help = "run `labc lock` and commit lab.lock"
    diagnostics.error(
        "E0904", summary, old.span(*at), "this line", reason="`--lock check` lets nothing change", help=help
    )


def _note_shared(entry: Assignment, holder: Assignment, diagnostics: Diagnostics) -> None:
    labels = (Label(holder.span, "it keeps the value"),) if holder.span is not None else ()
    summary = f"{entry.id} and {holder.id} hold the same {entry.key}; {entry.id} is given a new one"
    diagnostics.note("N0901", summary, entry.span, "this line goes", labels=labels)
