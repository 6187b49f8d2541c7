"""The report of a run: what each case said, and what every requirement of the policies comes to.

Enters: results from the probes' process. Leaves: a `Report`, as rows for a terminal, as JSON, and by `junit.py` as XML. Made by
`run.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["passed", "failed", "could not run"]
_WORST: tuple[Verdict, ...] = ("failed", "could not run", "passed")


@dataclass(frozen=True, slots=True)
class Tested:
    """One case and its result. `where`: file and line of the rule or test that led to it, where a map was given.

    `probes`: where they stood ("pc inside", "ssg1 beside"). `captures`: files with what both ends saw. `evidence`: `found` (lines for people), `command` (what was sent), `rules`,
    `path`, `answer_path`, `counters`.
    """

    case: str
    title: str
    kind: str
    verdict: Verdict
    reason: str = ""
    milliseconds: float = 0.0
    notes: tuple[str, ...] = ()
    where: str = ""
    requirements: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)  # Any: JSON
    captures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Covered:
    """One statement of a policy: the cases that prove it, those of them that were `tried` (`-k` leaves some out), and the worst of
    their verdicts; "not run" where none was tried, "not tested" where it has no case."""

    id: str
    text: str
    verdict: Verdict | Literal["not run", "not tested"]
    cases: tuple[str, ...]
    note: str = ""
    where: str = ""
    tried: tuple[str, ...] = ()

    @property
    def counted(self) -> str:
        """`17`, or `1 of 17` where the run left some out."""
        return str(len(self.cases)) if self.tried == self.cases else f"{len(self.tried)} of {len(self.cases)}"


@dataclass(frozen=True, slots=True)
class Report:
    """`status` is the exit status of `labc test`; `left_out` is how many cases of the plan were not chosen."""

    lab: str
    instance: str
    tested: tuple[Tested, ...]
    coverage: tuple[Covered, ...]
    seconds: float
    healed: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def status(self) -> int:
        """1: something failed. 4: something could not run, or there was nothing to run. 0: all passed."""
        if self.count("failed"):
            return 1
        return 4 if self.count("could not run") or not self.tested else 0

    def count(self, verdict: Verdict) -> int:
        return sum(one.verdict == verdict for one in self.tested)

    @property
    def uncovered(self) -> tuple[Covered, ...]:
        """Requirements without a case, each with its note."""
        return tuple(one for one in self.coverage if not one.cases)

    @property
    def summary(self) -> str:
        """`12 passed, 1 failed, 0 could not run in 0.8 s`; with what was not chosen, where something was not."""
        counts = ", ".join(f"{self.count(verdict)} {verdict}" for verdict in ("passed", "failed", "could not run"))
        left_out = f", {self.left_out} not chosen" if self.left_out else ""
        return f"{counts}{left_out} in {self.seconds:.1f} s"

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Verdict, title, time and reason of each case, as a table for a terminal shows them."""
        return [(one.verdict, one.title, f"{one.milliseconds:.0f} ms", one.reason) for one in self.tested]

    def as_json(self) -> dict[str, Any]:
        return {
            "format": "1.0",
            "lab": self.lab,
            "instance": self.instance,
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "passed": self.count("passed"),
            "failed": self.count("failed"),
            "could_not_run": self.count("could not run"),
            "left_out": self.left_out,
            "healed": list(self.healed),
            "cases": [asdict(one) for one in self.tested],
            "coverage": [asdict(one) for one in self.coverage],
        }


def explained(one: Tested) -> list[str]:
    """What a failure's evidence says, line by line, for a terminal and for JUnit."""
    lines = [*one.evidence.get("found", ())]
    if command := one.evidence.get("command"):
        lines.append(f"sent: {command}")
    for rule in one.evidence.get("rules", ()):
        found = rule.get("configuration")
        if found:
            lines.append(f"{_place(found)}: {found['text']}")
    lines += [f"way: {step}" for step in _hops(one.evidence.get("path", ()))]
    lines += [f"answer: {step}" for step in _hops(one.evidence.get("answer_path", ()))]
    lines += [f"note: {note}" for note in one.notes]
    lines += [f"probe: {probe}" for probe in one.probes if probe.endswith(" beside")]
    return lines + [f"capture: {path}" for path in one.captures]


def _hops(steps: Sequence[str]) -> list[str]:
    """Each hop once, with the first packet that was seen there: several packets take one way, and JSON has them all."""
    hops: dict[str, str] = {}
    for step in steps:
        hops.setdefault(step.partition(" (")[0], step)
    return list(hops.values())


def _place(found: dict[str, Any]) -> str:
    """The template's line where it is known, else the line of what it rendered to."""
    if found.get("template_line"):
        return f"{found['template']}:{found['template_line']}"
    return f"{found['template']} (rendered line {found['line']})"


def coverage_of(
    requirements: Sequence[dict[str, Any]], tested: Sequence[Tested], where: dict[str, str]
) -> tuple[Covered, ...]:
    """Every requirement with the worst verdict of its cases that ran."""
    verdicts: dict[str, Verdict] = {one.case: one.verdict for one in tested}
    covered = []
    for said in requirements:
        cases = tuple(said["cases"])
        tried = tuple(case for case in cases if case in verdicts)
        worst = _worst({verdicts[case] for case in tried})
        verdict = worst or ("not run" if cases else "not tested")
        where_said = where.get(said["id"], "")
        covered.append(Covered(said["id"], said["text"], verdict, cases, said.get("note", ""), where_said, tried))
    return tuple(covered)


def _worst(verdicts: set[Verdict]) -> Verdict | None:
    return next((verdict for verdict in _WORST if verdict in verdicts), None)
