"""What `labc test` prints of a report."""

from __future__ import annotations

import pytest

from labc.cli.verbs.test import _print_table
from labc.runtime.probes import report as reports


def a_report(passed: int) -> reports.Report:
    cases = tuple(reports.Tested(f"c{n}", f"case {n}", "allow", "passed") for n in range(passed))
    return reports.Report("lab", "i", cases, (), 1.0)


def test_many_that_passed_are_counted_or_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Counted where a terminal would scroll, with the option that lists them; listed when verbose; few are always listed."""
    _print_table(a_report(100), verbose=False)
    assert capsys.readouterr().out == "and 100 cases passed: -v lists them\n"
    _print_table(a_report(100), verbose=True)
    assert len(capsys.readouterr().out.splitlines()) == 101
    _print_table(a_report(60), verbose=False)
    assert len(capsys.readouterr().out.splitlines()) == 61
