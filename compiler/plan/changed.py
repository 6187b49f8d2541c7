"""What changed from one record of a plan to another, in the words that people read.

Enters: two specs, texts or values. Leaves: the leaves that differ, and lines; of a secret never more than its reference. Called
by the comparison of plans, by `labc diff`, and by the engine for the reasons of its actions. Pure.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from typing import Any

Leaf = tuple[str, Any, Any]  # Any: JSON
MOST = 20  # lines of one text
_WIDEST = 120
_SHORT = 60
_FEW = 3  # items of a list that are told in one line
_HARD = 4_000_000  # pairs of lines that a comparison may look at
_SECRET = re.compile("\0secret:([^\0]*)\0")


def leaves(old: Any, new: Any, path: str = "") -> Iterator[Leaf]:
    """Path, old and new value of what differs; lists are compared whole, since their order may mean something.

    >>> list(leaves({"a": {"b": 1}, "c": 2}, {"a": {"b": 3}, "c": 2}))
    [('a.b', 1, 3)]
    """
    if isinstance(old, dict) and isinstance(new, dict) and {"secret"} not in (old.keys(), new.keys()):
        for key in sorted(old.keys() | new.keys()):
            yield from leaves(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif old != new:
        yield path, old, new


def told(path: str, old: Any, new: Any) -> list[str]:
    """One line `page: a → b`; of texts of several lines the lines that differ, below their name."""
    if isinstance(old, str) and isinstance(new, str) and "\n" in old.rstrip("\n") + new.rstrip("\n"):
        return [f"{path}:", *(f"  {line}" for line in changed_lines(old, new))]
    if isinstance(old, list | tuple) and isinstance(new, list | tuple) and max(len(old), len(new)) > _FEW:
        was, now = ("".join(f"{shown(item)}\n" for item in items) for items in (old, new))
        return [f"{path}:", *(f"  {line}" for line in changed_lines(was, now))]
    return [f"{path}: {shown(old)} → {shown(new)}"]


def changed_lines(old: str, new: str) -> list[str]:
    """`- was`, `+ is`: the lines that differ, and no more than can be read."""
    before, after = _open(old).splitlines(), _open(new).splitlines()
    lines = [f"{line[0]} {line[1:]}" for line in _compared(before, after)]
    if not lines:
        return ["only blank characters at line ends"] if old != new else []
    cut = [line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…" for line in lines[:MOST]]
    left = len(lines) - MOST
    return cut if left <= 0 else [*cut, f"… {left:,} more line{'s' * (left != 1)}"]


def shown(value: Any) -> str:
    """A value as it may stand in a line: short, and without control characters."""
    if value is None:
        return "none"
    if isinstance(value, dict) and value.keys() == {"secret"}:
        return f"‹secret {value['secret']}›"
    if isinstance(value, list | tuple):
        text = (
            ", ".join(" ".join(map(shown, each)) if isinstance(each, list) else shown(each) for each in value) or "none"
        )
    elif isinstance(value, str):
        text = _open(value)
        text = text if text.strip() == text != "" and text.isprintable() else json.dumps(text, ensure_ascii=False)
    else:
        text = _open(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def holds_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return value.keys() == {"secret"} or any(map(holds_secret, value.values()))
    if isinstance(value, list | tuple):
        return any(map(holds_secret, value))
    return isinstance(value, str) and _SECRET.search(value) is not None


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
