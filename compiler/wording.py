"""Lists in sentences.

Enters: names. Leaves: text. Called by passes that say what does not fit.
"""

from __future__ import annotations

from collections.abc import Sequence

INSTALL_SOLVERS = "`pip install 'labc[placement]'`, in a checkout `make setup`"
_MOST = 6  # names in a list


def listed(names: Sequence[str], word: str = "and") -> str:
    """`a, b and c`; of many the first ones and how many more there are.

    >>> listed(["a", "b", "c"]), listed([f"n{i}" for i in range(20)])
    ('a, b and c', 'n0, n1, n2, n3, n4, n5 and 14 more')
    """
    if len(names) > _MOST + 1:
        return f"{', '.join(names[:_MOST])} {word} {len(names) - _MOST} more"
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else "".join(names)
