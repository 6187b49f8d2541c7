"""What `labc up` shows before it asks."""

from __future__ import annotations

import pytest

from labc.cli.verbs.up import _show
from labc.runtime.decide import Action


def test_of_too_many_changes_the_lost_ones_are_seen(capsys: pytest.CaptureFixture[str]) -> None:
    """A removal behind a hundred creations is what the question is about."""
    made = [Action("create", f"node/n{number}", "node", ()) for number in range(100)]
    _show([*made, Action("replace", "port/a/eth0", "port", ("interface: a → b",))])
    lines = capsys.readouterr().err.splitlines()
    assert lines[:3] == ["± port/a/eth0", "    interface: a → b", "+ node/n0"]
    assert lines[60:] == ["… and 42 more lines: --dry-run prints all", "would: 100 made, 1 replaced"]
