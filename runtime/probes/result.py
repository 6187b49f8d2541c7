"""The verdict of one case, as it travels from the probes' process to the report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["passed", "failed", "could not run"]


@dataclass(slots=True)
class Result:
    """`reason`: one line for people, empty when passed. `notes`: what should be known of how it was tested.

    `evidence`: what was found about a failure: `found` (lines for people), `rules`, `path`, `counters`, and `captures`
    (name → pcap file, base64).
    """

    case: str
    verdict: Verdict
    reason: str = ""
    milliseconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)  # Any: JSON

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def passed(case: str, *notes: str) -> Result:
    return Result(case, "passed", notes=[note for note in notes if note])


def failed(case: str, reason: str, **evidence: Any) -> Result:
    return Result(case, "failed", reason, evidence=evidence)


def could_not_run(case: str, reason: str) -> Result:
    return Result(case, "could not run", reason)
