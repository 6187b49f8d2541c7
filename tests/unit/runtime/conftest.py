"""Folders of their own for every test of the runtime, and a fresh fake world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labc.runtime import instance
from labc.runtime.backends.fake import backend as fake


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runtime and state folders below a temporary one."""
    monkeypatch.setattr(instance, "runtime_folder", lambda: tmp_path / "run")
    monkeypatch.setattr(instance, "state_folder", lambda: tmp_path / "state")
    return tmp_path


@pytest.fixture
def world(folders: Path) -> Iterator[fake.World]:
    """The fake truth of the instance `t`."""
    fake._worlds.clear()
    yield fake.world("t")
    fake._worlds.clear()
