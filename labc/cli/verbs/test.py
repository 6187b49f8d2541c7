"""Test a running lab with real packets."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from ...runtime.instance import refuse_while_written
from ...runtime.probes.report import Report, Tested, explained
from ...runtime.probes.run import run_tests
from ..completing import cases
from ..exits import Exit
from ..inputs import Given, LabFile, find_lab, lab_name, plan_and_map, templates_of
from ..live import answering
from ..options import instance_option, json_option, lab_argument, parameters_option
from ..stop import Stop
from ..summary import table
from ..talk import columns_of, result, say, style_of, tell
from ..testing import listening

_TONES = {"passed": "good", "failed": "bad", "could not run": "changed"}
_MOST_PASSED = 60  # on a terminal


@click.command()
@lab_argument
@parameters_option
@instance_option
@click.option(
    "-k",
    "keys",
    multiple=True,
    metavar="TEXT",
    shell_complete=cases,
    help="Only cases whose id or title holds TEXT. May be repeated.",
)
@click.option(
    "--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JUnit XML as well."
)
@click.option(
    "--running",
    "as_it_runs",
    is_flag=True,
    help="Test what runs: the plan of the last `labc up`, whatever LAB says now and however that ended.",
)
@click.option("--coverage", is_flag=True, help="Show what each requirement came to, and name those without a case.")
@click.option(
    "--evidence",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where captures of failed cases go.",
)
@click.option(
    "-v", "--verbose", is_flag=True, help="List every case; a terminal sees only the number where many passed."
)
@json_option("The report as JSON.")
def command(
    lab: str | None,
    parameters: dict[str, str],
    instance: str | None,
    keys: tuple[str, ...],
    junit: Path | None,
    as_it_runs: bool,
    coverage: bool,
    evidence: Path | None,
    verbose: bool,
    as_json: bool,
) -> int:
    """Run LAB's tests, written ones and those that its policies ask for, on the running instance. Exit status 1: one failed;
    4: one could not run, or what runs is not what LAB says."""
    if junit:
        _try_to_write(junit)
    with answering():
        name, given = _running(lab, parameters, instance) if as_it_runs else _compared(lab, parameters, instance)
        with listening(quiet=as_json) as listener:
            report = run_tests(
                given.plan,
                name,
                keys=keys,
                listener=listener,
                evidence=evidence,
                where=_places(given),
                template=templates_of(given.file),
            )
    if as_json:
        _print_json(report)
    else:
        _tell(report, coverage=coverage, verbose=verbose or not sys.stdout.isatty())
    written = junit is None or _write_junit(report, junit)
    return report.status if written or report.status != Exit.DONE else Exit.STOPPED


def _compared(lab: str | None, parameters: dict[str, str], instance: str | None) -> tuple[str, Given]:
    """The plan of LAB, which must be what runs: a verdict about something else would be none. Other tests than those of the plan
    that was applied are welcome, since what they test is the same."""
    from ...runtime.engine import last_up, running

    given = plan_and_map(lab, parameters)
    name = instance or given.plan.lab
    refuse_while_written(name)
    there = running(name)
    of = f" --as {name}" if name != given.plan.lab else ""
    if there is None:
        _go_on_without_journal(name)
    elif why := _not_whole(last_up(name)):
        raise Stop(
            Exit.STOPPED,
            f"{name} is not whole: {why}",
            help=f"run labc up{of}; or test what runs, as far as it stands: labc test --running{of}",
        )
    elif there.resources != given.plan.resources:
        raise Stop(
            Exit.STOPPED,
            f"what runs as {name} was made from another plan than this one",
            help=f"run labc up{of}, or give the same -p; or test what runs: labc test --running{of}",
        )
    return name, given


def _running(lab: str | None, parameters: dict[str, str], instance: str | None) -> tuple[str, Given]:
    """The plan that was applied last, and no map: the lab's lines may be others by now."""
    from ...runtime.engine import last_up, running

    if parameters:
        raise Stop(Exit.INPUT, "--running takes the plan that was applied: its parameters are set")
    file = None if instance and lab is None else find_lab(lab)
    name = instance or lab_name(file or find_lab(None))
    plan = running(name)
    if plan is None:
        _go_on_without_journal(name)
        raise Stop(Exit.STOPPED, f"nobody knows any more what was applied as {name}", help="name the lab or its plan")
    if why := _not_whole(last_up(name)):
        say(f"note: {name} is not whole: {why}")
    return name, Given(file or LabFile(Path(), ""), plan, None)


def _not_whole(status: int | None) -> str:
    if status is None:
        return "the last labc up was killed"
    return "the last labc up did not end well" if status != Exit.DONE else ""


def _go_on_without_journal(name: str) -> None:
    """Losing the journal loses history, and not the right to test."""
    from ...runtime.engine import status

    if not status(name).running:
        raise Stop(Exit.STOPPED, f"{name} does not run", help="labc up makes it")
    say(f"note: the journal of {name} is lost, so whether it was made from this plan is not known")


def _places(given: Given) -> Callable[[str], object] | None:
    if given.map is None:
        return None
    from ...compiler.plan.map import read_map

    places = read_map(given.map)

    def where(identity: str) -> str | None:
        place = places.place(identity)
        return f"{given.file.shown(place.file)}:{place.line}:{place.column}" if place else None

    return where


def _try_to_write(path: Path) -> None:
    """Before the first case: who waits for minutes and then gets no file has waited for nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    there = path.exists()
    with path.open("ab"):
        pass
    if not there:
        path.unlink()


def _write_junit(report: Report, path: Path) -> bool:
    """Behind the verdict, which is not lost with the file."""
    from ...runtime.probes.junit import junit

    try:
        path.write_bytes(junit(report))
    except OSError as error:
        say(f"labc: {path}: {error.strerror}")
        return False
    say(f"wrote {path}")
    return True


def _print_json(report: Report) -> None:
    import orjson

    result(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2).decode())


def _tell(report: Report, *, coverage: bool, verbose: bool) -> None:
    _print_table(report, verbose=verbose)
    for one in report.tested:
        if one.verdict != "passed":
            _print_failure(one)
    if coverage:
        _print_coverage(report)
    if not report.tested:
        say("there was no case to run")
    tone = "good" if report.status == Exit.DONE else "bad" if report.status == Exit.NO else "changed"
    tell(style_of(sys.stdout).paint(report.summary, tone))


def _print_table(report: Report, *, verbose: bool) -> None:
    """Every case; unless `verbose`, of many that passed only their number."""
    style = style_of(sys.stdout)
    many = not verbose and report.count("passed") > _MOST_PASSED
    shown = [one for one in report.tested if one.verdict != "passed" or not many]
    width = columns_of(sys.stdout)
    rows = [(one.verdict, f"{one.milliseconds:.0f} ms", one.title) for one in shown]
    for index, line in enumerate(table(("verdict", "time", "case"), rows, width) if rows else []):
        verdict = rows[index - 1][0] if index else "verdict"
        result(style.paint(verdict, _TONES.get(verdict, "strong")) + line[len(verdict) :])
    if many:
        tell(f"and {report.count('passed')} cases passed: -v lists them")


def _print_failure(one: Tested) -> None:
    style = style_of(sys.stdout)
    where = f" ({one.where})" if one.where else ""
    tell("\n" + style.paint(f"{one.verdict}: {one.title}", _TONES[one.verdict]) + where)
    for line in [one.reason, *explained(one)]:
        if line:
            tell(f"  {line}")


def _print_coverage(report: Report) -> None:
    if not report.coverage:
        say("the lab has no policy, so no requirement to cover")
        return
    rows = [
        (
            one.verdict if one.cases else "no case",
            one.counted,
            one.text + (f" — {one.note}" if one.note else ""),
        )
        for one in report.coverage
    ]
    result("")
    for line in table(("verdict", "cases", "requirement"), rows, columns_of(sys.stdout)):
        result(line)
    say(f"{len(report.uncovered)} of {len(report.coverage)} requirements have no case")
    if report.left_out:
        partly = sum(one.tried != one.cases for one in report.coverage)
        say(f"this was a part of the cases: {partly} of {len(report.coverage)} requirements are not tested in full")
