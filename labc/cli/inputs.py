"""From what the user gave to a lab, compiled, or a plan, read.

Enters: the argument LAB (a file, a folder, `-`, or nothing) and parameters. Leaves: a `LabFile`, a `Compiled`, a `Plan`.
Called by the verbs. What is wrong with the input ends in `Stop` with status 2, after the diagnostics.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from .exits import Exit, status_of
from .stop import Stop

Known = Callable[[str], "str | None"]

if TYPE_CHECKING:
    from ..compiler.elaborate.reader import Reader
    from ..compiler.lock import Mode
    from ..compiler.pipeline import Compiled
    from ..compiler.plan.model import Plan

# `lab NAME` alone on its line; a site file says `lab NAME uses …`.
_HEADER_NET = re.compile(rb'^[ \t]*lab[ \t]+("[^"\n]*"|[^\s;#"]+)[ \t]*(?:$|[;#\r])', re.MULTILINE)
_HEADER_YAML = re.compile(rb"^lab[ \t]*:[ \t]*([^\n#]*)", re.MULTILINE)
_SITE_HEADER = re.compile(rb"^[ \t]*site(?:[ \t]+|[ \t]*:)", re.MULTILINE)
_YAML = (".yaml", ".yml")
_OF_RUNNING = ("capture", "down", "exec", "shell", "status")


class LabFile(Struct, frozen=True):
    """A lab as given: its folder, which is what its imports and templates are read from, and its name in there.
    `data` is set for standard input."""

    folder: Path
    name: str
    data: bytes | None = None

    @property
    def path(self) -> Path:
        return self.folder / self.name

    @property
    def is_plan(self) -> bool:
        """By its name, or by what it holds: `labc build -o b` writes a plan called b."""
        return self.name.endswith(".json") or holds_plan(self.path if self.data is None else self.data)

    def read(self) -> bytes:
        """Raises Stop when the file cannot be read."""
        if self.data is not None:
            return self.data
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise Stop(Exit.INPUT, f"{self.path}: {error.strerror}") from None

    def shown(self, path: str) -> str:
        """How a path of the compiler, which counts from the lab's folder, is written for people here."""
        if self.data is not None or path.startswith(("std/", "/")):
            return path
        return os.path.normpath(self.folder / path)


def holds_plan(file: Path | bytes) -> bool:
    """Whether something is a plan whatever it is called. JSON alone does not say so: a lab in YAML may be written as JSON."""
    try:
        data = file if isinstance(file, bytes) else _text_of(file)
    except OSError:  # who reads it says so
        return False
    if data.lstrip()[:1] != b"{":
        return False
    import orjson

    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return isinstance(found, dict) and found.keys() >= {"format", "resources"}


def _text_of(path: Path) -> bytes:
    """A text that may be a plan: nothing of a pipe, which can be read once, nor of what does not begin like one."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        head = file.read(64)
        return head + file.read() if head.lstrip()[:1] in (b"{", b"") else b""


def find_lab(given: str | None) -> LabFile:
    """The lab that the user means. Raises Stop when there is none, or more than one."""
    if given == "-":
        return _standard_input()
    path = Path(given or ".")
    if path.is_dir():
        return LabFile(path, _only_lab(path))
    if not path.exists():
        raise Stop(Exit.INPUT, f"{given}: there is no such file", help="labc init makes a lab to start from")
    return LabFile(path.parent, path.name)


def _standard_input() -> LabFile:
    data = sys.stdin.buffer.read()
    yaml = _HEADER_YAML.search(data) is not None
    return LabFile(Path(), "stdin.yaml" if yaml else "stdin.net", data)


def _only_lab(folder: Path) -> str:
    if (folder / "lab.net").exists():
        return "lab.net"
    found = [path.name for path in sorted(folder.iterdir()) if _is_lab(path)]
    if len(found) == 1:
        return found[0]
    where = "this folder" if folder == Path() else str(folder)
    if not found:
        raise Stop(Exit.INPUT, f"there is no lab file in {where}", help=_how_to_give_one())
    raise Stop(Exit.INPUT, f"{where} holds {len(found)} labs: say which", help=", ".join(found))


def _how_to_give_one() -> str:
    """In the words of the verb that was typed: those about a running lab need no file at all."""
    context = click.get_current_context(silent=True)
    verb = (context.info_name if context else None) or "check"
    if verb in _OF_RUNNING:
        return f"give one: labc {verb} FILE …; or name what runs: labc {verb} --as NAME …; labc status --all lists it"
    return f"give one: labc {verb} FILE; or make one: labc init"


def _is_lab(path: Path) -> bool:
    return path.suffix in (".net", *_YAML) and path.is_file() and is_lab_text(path.name, path.read_bytes())


def is_lab_text(name: str, data: bytes) -> bool:
    """Whether a file of this name that holds this is a lab: it says `lab NAME`."""
    header = _HEADER_NET if name.endswith(".net") else _HEADER_YAML if name.endswith(_YAML) else None
    return header is not None and header.search(data) is not None


def is_site_text(name: str, data: bytes) -> bool:
    """Whether a file of this name that holds this is a site alone: a lab may state its own site."""
    suits = name.endswith((".net", *_YAML))
    return suits and _SITE_HEADER.search(data) is not None and not is_lab_text(name, data)


def lab_name(file: LabFile) -> str:
    """The lab's name by its header alone: `down` and `status` must work for a lab that no longer compiles."""
    data = file.read()
    if file.is_plan:
        return read_plan_file(file).lab
    found = (_HEADER_YAML if file.name.endswith(_YAML) else _HEADER_NET).search(data)
    if not found:
        raise Stop(Exit.INPUT, f"{file.path} has no line `lab NAME`", help="name the instance: --as NAME")
    return found.group(1).decode("utf-8", "replace").strip().strip("\"'")


def instance_name(given: str | None, lab: str | None) -> str:
    """`--as NAME`, or the lab's name."""
    return given or lab_name(find_lab(lab))


def reader_of(file: LabFile) -> Reader:
    """What the compiler reads files through."""
    from ..compiler.elaborate.reader import FileReader

    reader = FileReader(file.folder)
    return reader if file.data is None else _WithStandardInput(file.name, file.data, reader)


def templates_of(file: LabFile) -> Callable[[str], str | None]:
    """From a template's path, as a plan has it, to its text; None for one that is not there."""
    reader = reader_of(file)

    def text(path: str) -> str | None:
        data = reader.read(path)
        return None if data is None else data.decode("utf-8", "replace")

    return text


class _WithStandardInput(Struct, frozen=True):
    name: str
    data: bytes
    rest: Reader

    def read(self, path: str) -> bytes | None:
        return self.data if path == self.name else self.rest.read(path)


def read_plan_file(file: LabFile, known: Known = lambda _: None) -> Plan:
    """A plan as `labc build` wrote it. Raises Stop for one that this labc cannot use. `known`: as of `read_plan`."""
    from ..compiler.plan.read import PlanError, read_plan

    try:
        return read_plan(file.read(), known)
    except PlanError as error:
        raise Stop(Exit.INPUT, f"{file.path}: {error}") from None


def compile_file(file: LabFile, parameters: Mapping[str, str], mode: Mode = "update", **options: object) -> Compiled:
    """Compile a lab with the lock beside it; diagnostics are the caller's to print."""
    from ..compiler.diagnostics import Diagnostics
    from ..compiler.lock import base
    from ..compiler.pipeline import compile_lab
    from .locking import read_beside

    if file.is_plan:
        raise Stop(Exit.INPUT, f"{file.path} is a plan: this verb wants the lab that it was built from")
    file.read()  # says in one line that the file cannot be read
    of_lock = Diagnostics()
    lock = read_beside(file, of_lock)
    if lock is not None and mode in ("ignore", "refresh"):
        lock = base(lock, mode)
    compiled = compile_lab(file.name, reader_of(file), parameters, lock=lock, **options)  # type: ignore[arg-type]
    compiled.diagnostics.extend(of_lock)
    return compiled


class Given(Struct, frozen=True):
    """A plan, the file that it came from, and its map where there is one."""

    file: LabFile
    plan: Plan
    map: bytes | None


def plan_of(given: str | None, parameters: Mapping[str, str], known: Known = lambda _: None) -> Plan:
    """The plan of a lab, compiled in memory, or of a plan file. Raises Stop after printing what is wrong."""
    return plan_and_map(given, parameters, known).plan


def plan_and_map(given: str | None, parameters: Mapping[str, str], known: Known = lambda _: None) -> Given:
    """As `plan_of`; the map of a plan file is the one beside it. `known`: as of `read_plan`."""
    return given_by(find_lab(given), parameters, known)


def given_by(file: LabFile, parameters: Mapping[str, str], known: Known = lambda _: None) -> Given:
    """As `plan_and_map`, of a file that was found."""
    from ..compiler.plan.model import decode
    from .talk import print_diagnostics

    if file.is_plan:
        if parameters:
            raise Stop(Exit.INPUT, f"{file.path} is a plan: its parameters are set; -p belongs to the lab")
        return Given(file, read_plan_file(file, known), _map_beside(file))
    compiled = compile_file(file, parameters)
    print_diagnostics(compiled.diagnostics, file)
    if compiled.plan is None:
        raise click.exceptions.Exit(status_of(compiled.diagnostics) or Exit.INPUT)
    return Given(file, decode(compiled.plan), compiled.map)


def _map_beside(file: LabFile) -> bytes | None:
    path = file.path.with_name(file.name.removesuffix(".json").removesuffix(".plan") + ".map.json")
    return path.read_bytes() if file.data is None and path.is_file() else None
