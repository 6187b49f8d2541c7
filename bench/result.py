"""What a benchmark says: one JSON line with its value, its peer's value from the same run, the ratio, and the goal."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """`ratio` is peer ÷ value where more is better (`at_least`), value ÷ peer where less is (`at_most`)."""

    name: str
    value: float
    unit: str
    peer: str
    peer_value: float
    ratio: float
    goal: str
    met: bool

    @classmethod
    def at_least(cls, name: str, value: float, unit: str, peer: str, peer_value: float, times: float) -> Result:
        """The peer must take at least `times` as long."""
        ratio = peer_value / value
        return cls(
            name, round(value, 4), unit, peer, round(peer_value, 4), round(ratio, 2), f">= {times:g}", ratio >= times
        )

    @classmethod
    def at_most(cls, name: str, value: float, unit: str, peer: str, peer_value: float, times: float) -> Result:
        """It may take at most `times` as much as the peer or bound."""
        ratio = value / peer_value
        return cls(
            name, round(value, 4), unit, peer, round(peer_value, 4), round(ratio, 2), f"<= {times:g}", ratio <= times
        )

    @classmethod
    def missing(cls, name: str, why: str, goal: str) -> Result:
        """A peer that this machine does not have: said, never left out."""
        return cls(name, 0, "", why, 0, 0, goal, False)

    def line(self) -> str:
        return json.dumps(asdict(self))
