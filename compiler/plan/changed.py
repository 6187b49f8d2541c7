"""What changed from one record of a plan to another, in the words that people read.

Enters: two specs, texts or values. Leaves: the leaves that differ, and lines; of a secret never more than its reference. Called
by the comparison of plans, by `labc diff`, and by the engine for the reasons of its actions. Pure.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

Leaf = tuple[str, Any, Any]  # Any: JSON
MOST = 20  # lines of one text
_WIDEST = 120
_SHORT = 60
_FEW = 3  # items of a list that are told in one line
_HARD = 4_000_000  # pairs of lines that a comparison may look at
_BEFORE = 20  # characters before a difference
_OPEN: tuple[Any, ...] = (None, "", [], {})
_INDEX = re.compile(r"\[(\d+)\]")
_SECRET = re.compile("\0secret:([^\0]*)\0")


def leaves(old: Any, new: Any, path: str = "") -> Iterator[Leaf]:
    """Path, old and new value of what differs. Lists of records are compared record by record, those that are equal set aside;
    other lists are compared whole, since their order may mean something.

    >>> list(leaves({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "c": 2}))
    [('a.b', 1, 3)]
    >>> list(leaves({"steps": [{"n": 1}, {"n": 2}]}, {"steps": [{"n": 1}, {"n": 3}, {"n": 4}]}))
    [('steps[1].n', 2, 3), ('steps[2]', None, {'n': 4})]
    """
    if isinstance(old, dict) and isinstance(new, dict) and {"secret"} not in (old.keys(), new.keys()):
        for key in sorted(old.keys() | new.keys()):
            yield from leaves(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif old != new and _are_records(old) and _are_records(new) and len(old) * len(new) <= _HARD:
        for was, now in _paired(*([json.dumps(each, sort_keys=True) for each in side] for side in (old, new))):
            index = was if now is None else now
            pair = None if was is None else old[was], None if now is None else new[now]
            yield from leaves(*pair, f"{path}[{index}]")
    elif old != new:
        yield path, old, new


def told(path: str, old: Any, new: Any) -> list[str]:
    """One line `page: a → b`; of texts of several lines the lines that differ, below their name. `steps[0]` is told as `steps 1`."""
    path = _INDEX.sub(lambda found: f" {int(found[1]) + 1}", path)
    if (old is None and _is_record(new)) or (new is None and _is_record(old)):
        return _whole_record(path, old, new)
    if isinstance(old, str) and isinstance(new, str) and "\n" in old.rstrip("\n") + new.rstrip("\n"):
        return [f"{path}:", *(f"  {line}" for line in changed_lines(old, new))]
    if isinstance(old, list | tuple) and isinstance(new, list | tuple) and max(len(old), len(new)) > _FEW:
        was, now = ("".join(f"{_said(item)}\n" for item in items) for items in (old, new))
        return [f"{path}:", *(f"  {line}" for line in changed_lines(was, now))]
    was, now = shown(old), shown(new)
    if was == now:  # what differs lies behind what is shown
        was, now = _apart(_said(old), _said(new))
    return [f"{path}: {was} → {now}"]


def _whole_record(path: str, old: Any, new: Any) -> list[str]:
    """A record that is new or gone, without what it leaves open: in a line where that is long enough for it."""
    word, sign, record = ("gone", "-", old) if new is None else ("new", "+", new)
    members = [f"{name} {shown(value)}" for name, value in _members(record)]
    line = f"{path}: {word}: {', '.join(members)}"
    if len(line) <= _WIDEST:
        return [line]
    return [f"{path}: {word}", *(f"  {sign} {member}" for member in members)]


def _members(record: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if _is_record(record):
        for name in sorted(record):
            yield from _members(record[name], f"{path}.{name}" if path else name)
    elif record not in _OPEN:
        yield path, record


def _apart(old: str, new: str, most: int = _SHORT) -> tuple[str, str]:
    """The pieces of two long texts where they begin to differ."""
    end = min(len(old), len(new))
    start = max(next((at for at in range(end) if old[at] != new[at]), end) - _BEFORE, 0)
    return _cut("…" * (start > 0) + old[start:], most), _cut("…" * (start > 0) + new[start:], most)


def changed_lines(old: str, new: str) -> list[str]:
    """`- was`, `+ is`: the lines that differ, and no more than can be read."""
    before, after = _open(old).splitlines(), _open(new).splitlines()
    lines = [f"{line[0]} {line[1:]}" for line in _compared(before, after)]
    if not lines:
        return ["only blank characters at line ends"] if old != new else []
    cut = _cut_lines(lines[:MOST])
    left = len(lines) - MOST
    return cut if left <= 0 else [*cut, f"… {left:,} more line{'s' * (left != 1)}"]


def _cut_lines(lines: list[str]) -> list[str]:
    """Of two that would read the same, the pieces where they begin to differ."""
    cut = [_cut(line, _WIDEST) for line in lines]
    removed = {text[2:]: number for number, text in enumerate(cut) if text[0] == "-"}
    for number, text in enumerate(cut):
        other = removed.get(text[2:]) if text[0] == "+" else None
        if other is not None:
            was, now = _apart(lines[other][2:], lines[number][2:], _WIDEST - 2)
            cut[other], cut[number] = f"- {was}", f"+ {now}"
    return cut


def shown(value: Any) -> str:
    """A value as it may stand in a line: short, and without control characters."""
    return _cut(_said(value))


def _cut(text: str, most: int = _SHORT) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _said(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict) and value.keys() == {"secret"}:
        return f"‹secret {value['secret']}›"
    if isinstance(value, list | tuple):
        text = (
            ", ".join(" ".join(map(_said, each)) if isinstance(each, list) else _said(each) for each in value) or "none"
        )
    elif isinstance(value, str):
        text = _open(value)
        text = text if text.strip() == text != "" and text.isprintable() else json.dumps(text, ensure_ascii=False)
    else:
        text = _open(json.dumps(value, ensure_ascii=False))
    return text


def holds_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return value.keys() == {"secret"} or any(map(holds_secret, value.values()))
    if isinstance(value, list | tuple):
        return any(map(holds_secret, value))
    return isinstance(value, str) and _SECRET.search(value) is not None


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() != {"secret"}


def _are_records(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_record, value))


def _paired(old: list[str], new: list[str]) -> Iterator[tuple[int | None, int | None]]:
    """The numbers of items that are not equal, side by side; None where one has no other."""
    for tag, *bounds in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from zip_longest(range(bounds[0], bounds[1]), range(bounds[2], bounds[3]))


def _open(text: str) -> str:
    """The place of a secret, made visible."""
    return _SECRET.sub(lambda found: f"‹secret {found[1]}›", text)


def _compared(before: list[str], after: list[str]) -> list[str]:
    """What is equal at both ends is set aside first; of what is left and too big, everything counts as changed."""
    start = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    start = min(len(before), len(after)) if start is None else start
    before, after = before[start:], after[start:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    if len(before) * len(after) > _HARD:
        return [*(f"-{line}" for line in before), *(f"+{line}" for line in after)]
    return [line for line in list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:] if line[:2] != "@@"]
