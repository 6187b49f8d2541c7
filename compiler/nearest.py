"""The name that was most likely meant: for `did you mean`.

Enters: a name that is not known and those that are. Leaves: the nearest, if any is near. Called by `elaborate` and by passes.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

_COMPARED = 1000  # names that one suggestion looks at, 20 µs each


def closest(name: str, candidates: Iterable[str], cutoff: float = 0.65) -> str | None:
    """The one of the candidates that is most likely meant; None where none is near: `cutoff` is the least likeness (difflib's ratio).

    >>> closest("eht0", ["eth0", "wan"]), closest("dmz", ["eth0", "wan"])
    ('eth0', None)
    """
    from difflib import get_close_matches  # costs 5 ms to import, and most labs are right

    fits = (candidate for candidate in candidates if -3 <= len(candidate) - len(name) <= 3)
    pool = list(dict.fromkeys(islice(fits, _COMPARED)))
    folded = {candidate.lower(): candidate for candidate in pool}
    if name.lower() in folded:
        return folded[name.lower()]
    found = get_close_matches(name, pool, n=1, cutoff=cutoff)
    return found[0] if found else None
