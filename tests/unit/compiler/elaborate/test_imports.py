"""Modules: paths, the standard library, git; what is visible of them; circles."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate import elaborate
from labc.compiler.elaborate.git_cache import MANIFEST, TREE, commit_folder, module_id
from labc.compiler.elaborate.reader import FileReader, MemoryReader, standard_library
from labc.compiler.lock import Assignment, Lock

from .conftest import Elaborating

MODULE = """let base = 10.0.0.0/8
param size: int = 3
segment core base subnet 24 at 0
kind box { field n: int = size }
service ldap on tcp/389 { }
"""


def test_names_of_a_path_become_visible(elaborated: Elaborating) -> None:
    """Variables, parameters, kinds, services and elements."""
    text = 'import "lib/m.net"\nsegment s base subnet 24 at size\nnode n: box { port e on core; serve ldap }\n'
    lab = elaborated.sound(text, files={"lib/m.net": MODULE})
    assert str(lab.segments["segment/s"].prefixes[0]) == "10.0.3.0/24"
    assert (lab.nodes["node/n"].kind, lab.nodes["node/n"].fields["n"]) == ("box", 3)
    assert lab.parameters == {"size": 3}


def test_an_alias_stands_before_the_names(elaborated: Elaborating) -> None:
    """`as m` makes them `m.NAME`, and bare they are unknown."""
    text = (
        'import "m.net" as m\nsegment s m.base subnet 24 at m.size\nnode n: m.box { port e on m.core; serve m.ldap }\n'
    )
    assert elaborated.sound(text, files={"m.net": MODULE}).nodes["node/n"].services[0].name == "ldap"
    assert elaborated('import "m.net" as m\nlet x = base\n', files={"m.net": MODULE}).spans == [("E0301", "base")]


def test_paths_lead_from_the_file_that_imports(elaborated: Elaborating) -> None:
    """So do templates; a file imported twice is read once."""
    files = {
        "a/one.net": 'import "../b/two.net"\nkind one extends two { }\n',
        "b/two.net": 'kind two { config "t.nft.j2" }\nsegment only-once 10.0.0.0/24\n',
        "b/t.nft.j2": "table {}",
    }
    text = 'import "a/one.net"\nimport "b/two.net"\nnode n: one\n'
    lab = elaborated.sound(text, files=files)
    assert lab.nodes["node/n"].configs[0].template == "b/t.nft.j2"


def test_opened_names_are_not_passed_on(elaborated: Elaborating) -> None:
    """What a module opens is its own affair."""
    files = {"a.net": 'import "b.net"\n', "b.net": "let x = 1\n"}
    assert elaborated('import "a.net"\nlet y = x\n', files=files).spans == [("E0301", "x")]


def test_a_type_alone_in_yaml_is_told_where_it_stands(elaborated: Elaborating) -> None:
    """What stands alone in YAML is the default, and people expect the type."""
    files = {"m.yaml": "kinds:\n  branch:\n    fields: {lan: segment}\n"}
    made = elaborated('import "m.yaml"\nsegment s 10.0.0.0/24\nnode n: branch { lan = s }\n', files=files)
    assert any("`{type: segment}`" in found.help for found in made.diagnostics)


def test_a_module_of_the_library_without_std(elaborated: Elaborating) -> None:
    """`import linux` names no file; the library's name is given."""
    made = elaborated("import linux\nnode n: host\n")
    assert any("`import std.linux`" in found.help for found in made.diagnostics)


def test_a_kind_without_its_module(elaborated: Elaborating) -> None:
    """`host` where only `linux.host` is known."""
    assert elaborated("import std.linux\nnode n: host\n").only.help == "did you mean `linux.host`?"


def test_an_address_as_a_prefix_is_told_how(elaborated: Elaborating) -> None:
    """A route to one address, stated or computed."""
    made = elaborated("segment s 10.0.0.0/24\nnode n { port e on s; route 10.9.0.1 via 10.0.0.9 }\n")
    assert any("`10.9.0.1/32`" in found.help for found in made.diagnostics)


def test_a_module_in_yaml(elaborated: Elaborating) -> None:
    """The suffix tells the spelling."""
    files = {"m.yaml": "segments:\n  core: {prefixes: [10.0.0.0/24]}\n"}
    made = elaborated('import "m.yaml"\nnode n { port e on core }\n', files=files)
    assert "E0201" not in made.codes


@pytest.mark.parametrize(
    ("text", "files", "spans"),
    [
        ('import "nope.net"', {}, [("E0201", '"nope.net"')]),
        ("import std.linx", {}, [("E0201", "std.linx")]),
        ('import "nope.net"\nlet x = y\nnode n: z', {}, [("E0201", '"nope.net"')]),
        ("import std.linx\nnode n: linx.host", {}, [("E0201", "std.linx")]),
        ('import "a.net"', {"a.net": 'import "b.net"', "b.net": 'import "a.net"'}, [("E0202", '"a.net"')]),
        ('import "a.net"', {"a.net": "let x = 1 / 0"}, [("E0307", "0")]),
        ('import "a.net"', {"a.net": "segment s 10.0.0.0/24\nsegment s 10.0.1.0/24"}, [("E0302", "s")]),
        ('import "a.net" as m\nimport "b.net" as m', {"a.net": "", "b.net": ""}, [("E0302", '"b.net" as m')]),
        ('import "a.net" as m\nlet x = m.nope', {"a.net": ""}, [("E0301", "m.nope")]),
        ('import "a.net" as m\nlet x = m', {"a.net": ""}, [("E0303", "m")]),
        ('import "a.net" as m\nnode n: m.nope', {"a.net": ""}, [("E0308", "m.nope")]),
    ],
)
def test_a_mistake_in_an_import(
    elaborated: Elaborating, text: str, files: dict[str, str], spans: list[tuple[str, str]]
) -> None:
    """What cannot be read is told once; names that may have come from it are not judged."""
    assert elaborated(text + "\n", files=files).spans == spans


def test_a_mistake_in_a_module_shows_the_import(elaborated: Elaborating) -> None:
    """The chain leads to the line that imports."""
    origin = elaborated('import "a.net"\n', files={"a.net": "node n { port e on nope }\n"}).only.origin
    assert origin is not None
    assert [step.span.shown for step in origin.chain()] == ['"a.net"']


def test_a_thousand_files_in_a_row_are_no_traceback(elaborated: Elaborating) -> None:
    """Each imports the next: the compiler says where it stops."""
    files = {f"m{i}.net": f'import "m{i + 1}.net"\n' for i in range(1000)}
    assert elaborated('import "m0.net"\n', files=files).codes == ["E0324"]


# --- Readers -----------------------------------------------------------------------------------------------


def test_the_standard_library_is_read_from_the_package() -> None:
    """`std/…`, and nothing beside it."""
    assert b"kind router" in (standard_library("std/linux.net") or b"")
    assert standard_library("std/../pyproject.toml") is None
    assert standard_library("linux.net") is None


def test_files_are_read_from_a_folder(tmp_path: Path) -> None:
    """What is not there is None, whatever the reason."""
    (tmp_path / "lab.net").write_bytes(b"lab x\n")
    reader = FileReader(tmp_path)
    assert reader.read("lab.net") == b"lab x\n"
    assert [reader.read(path) for path in ("nope.net", ".", "a\0b")] == [None, None, None]
    assert reader.read("std/linux.net") is not None


def test_no_lab_without_a_file() -> None:
    """The one case in which nothing useful can be made."""
    diagnostics = Diagnostics()
    assert elaborate("lab.net", MemoryReader({}), {}, diagnostics) is None
    assert [found.code for found in diagnostics] == ["E0201"]


@pytest.mark.parametrize("header", ["", "site garage\n"])
def test_what_is_no_lab_is_told(header: str) -> None:
    """A module and a site file are checked all the same."""
    diagnostics = Diagnostics()
    sources = {"lab.net": (header + "node n { port e on nope }\n").encode()}
    elaborate("lab.net", MemoryReader(sources), {}, diagnostics)
    assert {found.code for found in diagnostics} == {"E0327", "E0301"}


# --- Git ---------------------------------------------------------------------------------------------------

URL = "https://git.example/labs.git"


def pinned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str]) -> Lock:
    """A cache that holds a module, and the lock that pins it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = commit_folder(tmp_path / "labc" / "git", URL, "abc123")
    lines = []
    for path, text in files.items():
        at = folder / TREE / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text)
        lines.append(f"{sha256(text.encode()).hexdigest()} {path}\n")
    manifest = "".join(lines).encode()
    (folder / MANIFEST).write_bytes(manifest)
    name = module_id(URL, "v1")
    digest = f"sha256:{sha256(manifest).hexdigest()}"
    return Lock().including([Assignment(name, "commit", "abc123"), Assignment(name, "tree", digest)])


IMPORT = f'import git "{URL}" at "v1" path "fw" as fw\n'


def test_a_module_from_git(elaborated: Elaborating, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Read from the cache, with its own imports and templates."""
    files = {
        "fw.net": 'import "sub/x.net"\nkind edge extends x { config "t.nft.j2" }\n',
        "sub/x.net": "kind x { forward = true }\n",
    }
    lock = pinned(monkeypatch, tmp_path, {**files, "t.nft.j2": "table {}"})
    node = elaborated.sound(IMPORT + "node n: fw.edge\n", lock=lock).nodes["node/n"]
    assert node.forwards
    assert node.configs[0].template == "labs.git@v1/t.nft.j2"


def test_a_folder_of_a_module_from_git(
    elaborated: Elaborating, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All its files under one name."""
    lock = pinned(monkeypatch, tmp_path, {"fw/a.net": "kind a { }\n", "fw/b.net": "kind b { }\n"})
    lab = elaborated.sound(IMPORT + "node n: fw.a\nnode m: fw.b\n", lock=lock)
    assert [node.kind for node in lab.nodes.values()] == ["a", "b"]


@pytest.mark.parametrize("line", ['import "../../lab.net"', 'kind a { config "../../etc/passwd" }\nnode x: a'])
def test_a_module_from_git_stays_inside(
    elaborated: Elaborating, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    """It cannot name files of whoever uses it."""
    lock = pinned(monkeypatch, tmp_path, {"fw.net": line + "\n"})
    assert elaborated(IMPORT, lock=lock).codes == ["E0203"]


def test_a_module_from_git_needs_the_lock(elaborated: Elaborating) -> None:
    """And what it would have brought is not judged."""
    assert elaborated(IMPORT + "node n: fw.edge\n").codes == ["E0210"]
