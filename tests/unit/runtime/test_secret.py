"""Secrets: resolved in memory, hidden everywhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from labc.runtime.errors import Lacking
from labc.runtime.secret import Secrets


def test_marks_in_texts_and_fields_are_resolved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From the environment and from files."""
    monkeypatch.setenv("LABC_TEST_KEY", "s3cret")
    (tmp_path / "key").write_text("other\n")
    secrets = Secrets()
    assert secrets.resolve_text("key \0secret:env:LABC_TEST_KEY\0;") == "key s3cret;"
    assert secrets.resolve({"a": [{"secret": f"file:{tmp_path}/key"}]}) == {"a": ["other"]}


def test_what_was_resolved_is_redacted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one value stands within another."""
    monkeypatch.setenv("A", "pass")
    monkeypatch.setenv("B", "password")
    secrets = Secrets()
    secrets.value("env:A")
    secrets.value("env:B")
    assert secrets.redact("line 3: password and pass") == "line 3: ‹secret› and ‹secret›"


def test_a_missing_secret_names_its_reference_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says what to set."""
    monkeypatch.delenv("NOT_THERE", raising=False)
    with pytest.raises(Lacking, match="env:NOT_THERE"):
        Secrets().value("env:NOT_THERE")
