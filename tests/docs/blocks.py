"""The fenced blocks of the documentation's pages.

A block says what it is in its first line: `net` (a whole lab or, with `file=NAME`, a file that later blocks of the page read), `jinja file=NAME`,
`yaml`, `console` (commands after `$`, and what they print).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
_FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    page: Path
    line: int
    language: str
    options: dict[str, str]
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(DOCS)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    text = page.read_text()
    for match in _FENCE.finditer(text):
        language, *options = match["info"].split()
        pairs = dict(option.partition("=")[::2] for option in options)
        yield Block(page, text.count("\n", 0, match.start()) + 1, language, pairs, match["text"])


def pages() -> list[Path]:
    return sorted(DOCS.rglob("*.md"))
