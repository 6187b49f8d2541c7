"""Disjoint sets of ids, joined two at a time: the union-find that domains and routing areas are computed with.

Enters: ids. Leaves: for each id the least id of its set, so that the answer does not depend on the order of joining.
Called by the passes `segments` and `check`.
"""

from __future__ import annotations


class Unions:
    """Ids that were never joined are sets of their own and cost nothing."""

    __slots__ = ("_parent",)

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, member: str) -> str:
        """The least member of the set that `member` belongs to."""
        parent = self._parent
        root = member
        while (above := parent.get(root)) is not None:
            root = above
        while member != root:  # path compression keeps later walks short
            parent[member], member = root, parent[member]
        return root

    def join(self, one: str, other: str) -> None:
        one, other = self.find(one), self.find(other)
        if one != other:
            less, greater = (one, other) if one < other else (other, one)
            self._parent[greater] = less
