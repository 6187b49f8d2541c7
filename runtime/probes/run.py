"""Run a plan's tests on a running instance: starts the probes' process inside it and turns what it says into a `Report`.

    report = run_tests(plan, "firewall-change", keys=["dns"])
    sys.exit(report.status)

Called by the command line and by whoever imports labc. The cases themselves are run by `process.py`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from ...compiler.plan.model import Plan, as_json
from ..backends.netns.enter import inside
from ..instance import Instance, tester
from ..instance import instance as instance_of
from .cases import ends_in
from .events import CaseBegan, CaseEnded, Healed, TestListener, TestsBegan, TestsEnded, nobody
from .report import Report, Tested, coverage_of
from .rules import template_line

_MODULE = "labc.runtime.probes"
_END_WITHIN = 15.0  # seconds that a process gets to heal when it is told to end
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
Case = dict[str, Any]  # Any: JSON


def run_tests(
    plan: Plan,
    instance: str,
    *,
    keys: Sequence[str] = (),
    listener: TestListener = nobody,
    evidence: Path | None = None,
    where: Callable[[str], object] | None = None,
    template: Callable[[str], str | None] | None = None,
) -> Report:
    """Run the cases whose id or title holds one of `keys` (all without keys) and report.

    `evidence`: the folder for captures of failed cases, else one of the instance's state. `where`: from an id to its place in
    the lab's files (`read_map(…).place`). `template`: from a template's path to its text, to name its line. Raises NotRunning
    where there is no such instance, Held where somebody tests it already.
    """
    began = time.monotonic()
    cases = [case for case in plan.tests if _chosen(case, keys)]
    of = instance_of(instance)
    listener(TestsBegan(instance, plan.lab, len(cases)))
    with tester(of):
        run = _Run(plan, of, cases, listener, evidence or of.state / "evidence", where, template)
        run.go()
    requirements = [as_json(one) for one in plan.requirements]
    places = {one["id"]: run.place(one["id"]) for one in requirements}
    report = Report(
        lab=plan.lab,
        instance=instance,
        tested=tuple(run.tested[case["id"]] for case in cases),
        coverage=coverage_of(requirements, list(run.tested.values()), places),
        seconds=time.monotonic() - began,
        healed=tuple(run.healed),
        left_out=len(plan.tests) - len(cases),
    )
    listener(TestsEnded(report.status, report.seconds))
    return report


class _Run:
    """One run: the process, and what it has said so far."""

    def __init__(
        self,
        plan: Plan,
        instance: Instance,
        cases: list[Case],
        listener: TestListener,
        evidence: Path,
        where: Callable[[str], object] | None,
        template: Callable[[str], str | None] | None,
    ) -> None:
        self._plan = plan
        self._instance = instance
        self._cases = {case["id"]: case for case in cases}
        self._listener = listener
        self._evidence = evidence
        self._where = where
        self._template = template
        self.tested: dict[str, Tested] = {}
        self.healed: list[str] = []

    def go(self) -> None:
        shutil.rmtree(self._evidence, ignore_errors=True) if self._evidence.name == "evidence" else None
        try:
            why = self._process(list(self._cases.values()))
        except BaseException:
            self._heal()
            raise
        missing = [case for case in self._cases if case not in self.tested]
        if missing or why:
            self._heal()
        for case in missing:
            self._ended({"case": case, "verdict": "could not run", "reason": why or "the probes' process ended"})

    def place(self, identifier: str) -> str:
        found = self._where(identifier) if self._where is not None else None
        return str(found) if found is not None else ""

    def _heal(self) -> None:
        """A process with nothing to run heals what the one before left."""
        with contextlib.suppress(OSError):
            self._process([])

    def _process(self, cases: list[Case]) -> str:
        """Run one process to its end; gives why it ended badly, else nothing."""
        work = {
            "resources": [as_json(resource) for resource in self._plan.resources],
            "cases": cases,
            "known": list(self._plan.tests),
        }
        # Not a pipe: nobody reads it until the end.
        words = tempfile.TemporaryFile()  # noqa: SIM115 - `_end` closes it
        process = inside(self._instance.name, _MODULE, stderr=words)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(work).encode() + b"\n")
                process.stdin.flush()
            for line in process.stdout:
                if self._heard(json.loads(line)):
                    return ""
        finally:
            why = _end(process, words)
        return f"the probes' process died: {why}"

    def _heard(self, said: Mapping[str, Any]) -> bool:
        """One event; true for the last."""
        if said["event"] == "ended":
            self._ended(said["result"])
        elif said["event"] == "began":
            self._listener(CaseBegan(said["case"], str(self._cases[said["case"]].get("title", ""))))
        elif said["event"] == "healed":
            self.healed += said["what"]
            self._listener(Healed(tuple(said["what"])))
        return bool(said["event"] == "done")

    def _ended(self, result: Mapping[str, Any]) -> None:
        case = self._cases[result["case"]]
        evidence = dict(result.get("evidence") or {})
        captures = self._keep(case["id"], evidence.pop("captures", {}))
        self._name_template_lines(evidence)
        tested = Tested(
            case=case["id"],
            title=str(case.get("title") or case["id"]),
            kind=str(case.get("kind", "")),
            verdict=result["verdict"],
            reason=result.get("reason", ""),
            milliseconds=result.get("milliseconds", 0.0),
            notes=tuple(result.get("notes", ())),
            where=self.place(case["id"]),
            requirements=tuple(case.get("requirement", ())),
            probes=tuple(dict.fromkeys(_stood(end) for end in ends_in(case, answering=False))),
            evidence=evidence,
            captures=captures,
        )
        self.tested[tested.case] = tested
        self._listener(CaseEnded(tested))

    def _keep(self, case: str, captures: Mapping[str, str]) -> tuple[str, ...]:
        """Write a failure's captures; an unwritable folder costs the captures, not the verdict."""
        kept = []
        for name, data in captures.items():
            path = self._evidence / f"{_UNSAFE.sub('-', case)[:120]}.{name}.pcap"
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(base64.b64decode(data))
                kept.append(str(path))
        return tuple(kept)

    def _name_template_lines(self, evidence: Mapping[str, Any]) -> None:
        """Where the template has the line, its number is what the author wants to know."""
        for rule in evidence.get("rules", ()):
            found = rule.get("configuration")
            text = self._template(found["template"]) if found and self._template is not None else None
            line = template_line(found["text"], text) if text else None
            if line is not None:
                found["template_line"] = line


def _stood(end: Mapping[str, Any]) -> str:
    return f"{str(end['node']).removeprefix('node/')} {end['place']}"


def _chosen(case: Case, keys: Sequence[str]) -> bool:
    name = f"{case['id']}\n{case.get('title', '')}".lower()
    return not keys or any(key.lower() in name for key in keys)


def _end(process: subprocess.Popen[bytes], words: IO[bytes]) -> str:
    """Tell it to end by closing its input, wait for its healing; gives its last words."""
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(_END_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()
    with words:
        words.seek(0)
        lines = words.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"status {process.returncode}"
