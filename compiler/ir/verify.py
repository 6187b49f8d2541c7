"""The IR's contract, stated and checked.

Enters: a lab and the name of the step after which it stands. Leaves: one sentence for each breach; none when all holds.
Called by the pass manager under `--verify` and in tests. A breach is a bug of a pass, never a user's mistake.
"""

from __future__ import annotations

from .lab import Lab


def verify(lab: Lab, after: str) -> list[str]:
    return []
