"""The journal when its disk is full."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from labc.runtime.errors import Lacking
from labc.runtime.journal import Journal


def test_a_disk_that_fills_up_meanwhile_is_said_as_it_is(tmp_path: Path) -> None:
    """Status 6 and what to do, and no talk of a bug."""
    with pytest.raises(Lacking, match="cannot be kept in"):
        _fill_up(tmp_path)


def _fill_up(folder: Path) -> None:
    with Journal(folder) as journal:
        journal.begin("up", "sha256:0")
        raise sqlite3.OperationalError("database or disk is full")
