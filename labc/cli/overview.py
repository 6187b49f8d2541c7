"""What `labc --help` says: one page, made without click, whose import alone costs three times a Python that does nothing.

Enters: nothing but the files of `verbs/`, whose first lines are the list. Leaves: the page. Called by `labc/__main__.py` for
`labc -h` and `labc --help`, and by `app.py` for help asked in any other way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

_VERBS = os.path.join(os.path.dirname(__file__), "verbs")  # noqa: PTH118, PTH120 - pathlib costs 3 ms
_WIDTH = 80
_HEAD = """\
Usage: labc [OPTIONS] VERB [ARGS]...

  labc compiles a description of a network lab, makes the lab, and tests it
  with real packets.

Options:
  --version   The version.
  -h, --help  Show this page, or that of a verb: labc up --help.

Verbs:
"""
_TAIL = """
  With no LAB, or a folder for it, a verb takes the file lab.net there, whatever
  lies beside it; without a lab.net, the only lab file. - is standard input.
  Every option that cannot change a plan has a variable: --dry-run of up is
  LABC_UP_DRY_RUN, --as is LABC_INSTANCE.
"""


def overview() -> str:
    """The page, at most 80 columns wide."""
    names = verbs()
    widest = max(map(len, names))
    lines = [line for name in names for line in _entry(name, widest)]
    return _HEAD + "\n".join(lines) + "\n" + _TAIL


def verbs() -> list[str]:
    """The names of the files in `verbs/`."""
    return sorted(name[:-3] for name in os.listdir(_VERBS) if name.endswith(".py") and name[0] != "_")  # noqa: PTH208


def _entry(name: str, widest: int) -> Iterator[str]:
    """`  build     Compile a lab to a plan`, in as many lines as it needs."""
    line = f"  {name:<{widest}} "
    for word in _headline(name).split():
        if len(line) + 1 + len(word) >= _WIDTH:
            yield line
            line = " " * (widest + 3)
        line += " " + word
    yield line


def _headline(name: str) -> str:
    """The first line of a verb's file, without its quotes."""
    with open(os.path.join(_VERBS, f"{name}.py"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        return file.readline().strip().strip('"').rstrip(".")
