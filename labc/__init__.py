r"""labc: compiles a description of a network lab into a plan, and makes it so.

    >>> import labc
    >>> labc.compile({"lab.net": b"lab tiny\n"}).diagnostics.failed
    False

Nothing heavy is imported here: `labc --help` passes through this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .compiler.pipeline import Compiled

__all__ = ["compile"]


def compile(
    sources: Mapping[str, bytes], main: str = "lab.net", parameters: Mapping[str, str] | None = None
) -> Compiled:
    """Compiles a lab held in memory: texts by path, the path of the main one, values of parameters as text."""
    from .compiler.elaborate.reader import MemoryReader
    from .compiler.pipeline import compile_lab

    return compile_lab(main, MemoryReader(sources), parameters)
