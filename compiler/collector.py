"""Python's garbage collector, off for a while.

Enters: nothing. Leaves: nothing. Called by the pipeline and by comparisons of plans: both make a million records that all live to their
end, and looking for garbage among them costs a third of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_off() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
