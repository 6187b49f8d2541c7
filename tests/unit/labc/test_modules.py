"""Modules from git: fetched and pinned by `labc lock`, read from a checked cache by a build."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate.git_cache import MANIFEST, commit_folder, module_id, pinned_module
from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.lock import Lock
from labc.compiler.pipeline import compile_lab
from labc.modules import pin_modules

pytestmark = pytest.mark.program("git")

KIND = b"import std.linux\nkind strong extends linux.router { field level: int = 5 }\n"


class Repository:
    """A repository of modules on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    @property
    def url(self) -> str:
        return f"file://{self.folder}"

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, files: dict[str, bytes], tag: str | None = None) -> str:
        for name, data in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "more")
        if tag:
            self.git("tag", "--force", tag)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """One module with a kind at the tag `v1`; the cache is an empty folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    made = Repository(tmp_path / "modules")
    made.commit({"fw.net": KIND, "deep/other.net": b"let x = 1\n", "image.bin": bytes(range(256))}, tag="v1")
    return made


def lab_importing(url: str, revision: str = "v1", path: str = "fw.net") -> MemoryReader:
    text = f'lab x\nimport git "{url}" at "{revision}" path "{path}" as m\nnode a: m.strong {{ loopback lo at 10.0.0.1/32 }}\n'
    return MemoryReader({"lab.net": text.encode()})


def pinned(reader: MemoryReader, lock: Lock | None = None, *, refresh: bool = False) -> Lock:
    found = Diagnostics()
    made = pin_modules("lab.net", reader, lock or Lock(), found, refresh=refresh)
    assert [(said.code, said.summary, said.reason) for said in found] == []
    return made


def refused(reader: MemoryReader, lock: Lock | None = None) -> list[str]:
    found = Diagnostics()
    before = lock or Lock()
    assert pin_modules("lab.net", reader, before, found) is before
    return [said.code for said in found]


def build(reader: MemoryReader, lock: Lock | None) -> list[str]:
    """The errors of a build that may run no program at all."""
    return [said.code for said in compile_lab("lab.net", reader, lock=lock).diagnostics if said.severity == "error"]


def test_a_module_is_pinned_by_commit_and_digest(repository: Repository) -> None:
    """The lock says which commit, and what its files are."""
    lock = pinned(lab_importing(repository.url))
    id = module_id(repository.url, "v1")
    assert lock.get(id, "commit") == repository.git("rev-parse", "v1")
    assert (lock.get(id, "tree") or "").startswith("sha256:")


def test_a_build_reads_the_pinned_module_without_the_repository(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once locked, neither git nor the network is needed."""
    reader = lab_importing(repository.url)
    lock = pinned(reader)
    shutil.rmtree(repository.folder)
    monkeypatch.setattr(subprocess, "Popen", None)
    assert build(reader, lock) == []


@pytest.mark.parametrize("revision", ["v1", "main", "HEAD"])
def test_a_revision_is_a_tag_or_a_branch(repository: Repository, revision: str) -> None:
    """Or the repository's own default."""
    lock = pinned(lab_importing(repository.url, revision))
    assert lock.get(module_id(repository.url, revision), "commit") == repository.git("rev-parse", "HEAD")


@pytest.mark.parametrize("length", [40, 10])
def test_a_revision_is_a_commit(repository: Repository, length: int) -> None:
    """In full or shortened, also one that no branch ends with."""
    commit = repository.git("rev-parse", "HEAD")
    repository.commit({"fw.net": b"let y = 2\n"})
    lock = pinned(lab_importing(repository.url, commit[:length]))
    assert lock.get(module_id(repository.url, commit[:length]), "commit") == commit


def test_a_pin_stays_when_the_branch_moves(repository: Repository) -> None:
    """Until the user asks to refresh."""
    reader = lab_importing(repository.url, "main")
    lock = pinned(reader)
    newer = repository.commit({"fw.net": KIND + b"let more = 1\n"})
    assert pinned(reader, lock).same(lock)
    refreshed = pinned(reader, lock, refresh=True)
    assert refreshed.get(module_id(repository.url, "main"), "commit") == newer


def test_a_pinned_commit_is_fetched_again_for_an_empty_cache(repository: Repository, tmp_path: Path) -> None:
    """On another machine, though the branch has moved on, and the lock stays as it is."""
    reader = lab_importing(repository.url, "main")
    lock = pinned(reader)
    repository.commit({"fw.net": b"let gone = 1\n"})
    shutil.rmtree(tmp_path / "cache")
    assert build(reader, lock) == ["E0211"]
    assert pinned(reader, lock).same(lock)
    assert build(reader, lock) == []


def test_an_unpinned_module_is_refused_by_a_build(repository: Repository) -> None:
    """With and without a lock."""
    reader = lab_importing(repository.url)
    assert build(reader, None) == ["E0210"]
    assert build(reader, Lock()) == ["E0210"]


def test_a_changed_file_in_the_cache_is_refused(repository: Repository) -> None:
    """And mended by the next `labc lock`."""
    reader = lab_importing(repository.url)
    lock = pinned(reader)
    commit = lock.get(module_id(repository.url, "v1"), "commit") or ""
    folder = commit_folder(Path(os.environ["XDG_CACHE_HOME"]) / "labc" / "git", repository.url, commit)
    (folder / "tree" / "fw.net").write_bytes(b"kind strong extends node { }\n")
    assert "E0212" in build(reader, lock)
    pinned(reader, lock)
    assert build(reader, lock) == []
    (folder / MANIFEST).write_bytes(b"")
    assert "E0212" in build(reader, lock)


def test_a_commit_in_the_lock_cannot_lead_out_of_the_cache(repository: Repository) -> None:
    """A lock is a file from somebody."""
    lock = pinned(lab_importing(repository.url))
    id = module_id(repository.url, "v1")
    entry = lock.assignments[id, "commit"]
    found = Diagnostics()
    reader = pinned_module(repository.url, "v1", None, lock.including([entry._replace(value="../../x")]), found)
    assert reader is None
    assert [said.code for said in found] == ["E0212"]


def test_modules_of_modules_are_pinned_too(repository: Repository, tmp_path: Path) -> None:
    """Wherever they are imported: in the lab, in a file beside it, in a module."""
    inner = Repository(tmp_path / "inner")
    inner.commit({"base.net": b"let deep = 1\n"}, tag="v9")
    repository.commit(
        {
            "fw.net": KIND + b'import "deep/other.net"\n',
            "deep/other.net": f'import git "{inner.url}" at "v9" path "base.net" as b\n'.encode(),
        },
        tag="v1",
    )
    text = 'lab x\nimport "beside.net"\n'
    reader = MemoryReader({"lab.net": text.encode(), "beside.net": lab_importing(repository.url).files["lab.net"]})
    lock = pinned(reader)
    assert {entry.id for entry in lock.of("commit")} == {module_id(repository.url, "v1"), module_id(inner.url, "v9")}


def test_pins_that_nothing_imports_are_dropped(repository: Repository) -> None:
    """The lock holds what the lab needs."""
    lock = pinned(lab_importing(repository.url))
    assert pinned(MemoryReader({"lab.net": b"lab x\n"}), lock).same(Lock())


def test_an_unknown_revision_is_named(repository: Repository) -> None:
    """And the lock stays."""
    assert refused(lab_importing(repository.url, "v77")) == ["E0215"]


def test_a_pinned_commit_that_is_gone_is_named(repository: Repository) -> None:
    """After a forced push, on a machine without the copy."""
    reader = lab_importing(repository.url, "main")
    lock = pinned(reader)
    entry = lock.assignments[module_id(repository.url, "main"), "commit"]
    assert refused(reader, lock.including([entry._replace(value="ab" * 20)])) == ["E0215"]


def test_a_repository_that_is_not_there_is_reported_with_what_git_says(tmp_path: Path, repository: Repository) -> None:
    """Its own last line."""
    assert refused(lab_importing(f"file://{tmp_path}/nowhere")) == ["E0214"]


@pytest.mark.parametrize(
    ("url", "revision"),
    [
        ("--upload-pack=touch /tmp/x", "v1"),
        ("ext::sh -c touch% /tmp/x", "v1"),
        ("ssh://-oProxyCommand=touch/x", "v1"),
        ("-x@host:path", "v1"),
        ("git@host:-path", "v1"),
        ("/srv/repository", "v1"),
        ("http://host/x", "v1"),
        ("https://user:secret@host/x", "v1"),
        ("file:///srv/x", "--upload-pack=x"),
        ("file:///srv/x", "a:b"),
    ],
)
def test_what_git_could_take_for_a_command_is_refused(
    url: str, revision: str, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before git is run at all."""
    monkeypatch.setattr(subprocess, "run", None)
    assert refused(lab_importing(url, revision)) == ["E0213"]


def test_only_plain_files_reach_the_cache(repository: Repository, tmp_path: Path) -> None:
    """A link in a repository could point anywhere."""
    (repository.folder / "link.net").symlink_to("/etc/passwd")
    repository.commit({}, tag="v1")
    lock = pinned(lab_importing(repository.url))
    reader = pinned_module(repository.url, "v1", None, lock, Diagnostics())
    assert reader is not None
    assert sorted(reader.digests) == ["deep/other.net", "fw.net", "image.bin"]
    assert reader.read("image.bin") == bytes(range(256))
    assert reader.read("../../../../../etc/passwd") is None
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_symlink()]


def test_nothing_is_left_beside_what_was_fetched(repository: Repository) -> None:
    """No half of a repository, no temporary folder."""
    pinned(lab_importing(repository.url))
    (module,) = (Path(os.environ["XDG_CACHE_HOME"]) / "labc" / "git").iterdir()
    (commit,) = module.iterdir()
    assert sorted(path.name for path in commit.iterdir()) == [MANIFEST, "tree"]


def test_a_lab_in_yaml_pins_its_modules(repository: Repository) -> None:
    """Both spellings import alike."""
    text = f"lab: x\nimport: {{git: '{repository.url}', at: v1, path: fw.net, as: m}}\n"
    found = Diagnostics()
    lock = pin_modules("lab.yaml", MemoryReader({"lab.yaml": text.encode()}), Lock(), found)
    assert not found.failed
    assert [entry.id for entry in lock.of("commit")] == [module_id(repository.url, "v1")]
