"""What a diagnostic code is: its title, its long story for `labc explain`, and a lab that triggers it.

Enters: nothing. Each area's module in this folder holds its codes as `CODES`; `__init__.py` finds them.
"""

from __future__ import annotations

from msgspec import Struct


class Code(Struct, frozen=True):
    """One entry of the table.

    `title` is the mistake in a few words, `story` explains why it is one and what to do, `example` is a whole
    little `.net` file that triggers exactly this code. Where no single file can, `why_no_example` says why.
    """

    code: str
    title: str
    story: str
    example: str
    why_no_example: str = ""
