"""The arrows between the rooms, and what the command line loads. DESIGN: runtime → compiler.plan only; labc.cli → both."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("compiler", "runtime", "stdlib")
HEAVY = (
    "asyncssh", "cryptography", "dns", "jinja2", "lark", "mtkahypar", "napalm", "networkx", "numpy", "orjson", "ortools", "pydantic",
    "pylxd", "pymetis", "pyroute2", "rich", "scipy", "yaml", "asyncio", "importlib.metadata",
)  # fmt: skip


def modules(folder: str) -> Iterator[tuple[str, ast.Module]]:
    """(dotted name as from the root, tree) of each Python file below a folder."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        relative = path.relative_to(ROOT)
        if relative.parts[0] == "labc" and len(relative.parts) > 1 and relative.parts[1] in ROOMS:
            continue
        name = ".".join(relative.with_suffix("").parts)
        yield name, ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(name: str, tree: ast.Module) -> Iterator[str]:
    """All modules that a module imports, lazily or not; ours as they are called from the root: `compiler.plan.model`."""
    inside = name.removeprefix("labc.") if name.startswith("labc.") else name
    package = ("labc." + inside).split(".")[:-1]
    if inside.endswith(".__init__") or inside == "__init__":
        package = ("labc." + inside).split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            assert base, f"{name} imports from above labc"
            target = ".".join([*base, *([node.module] if node.module else [])]).removeprefix("labc").lstrip(".")
            yield from ([target] if node.module else [f"{target}.{alias.name}".lstrip(".") for alias in node.names])


def broken(folder: str, forbidden: tuple[str, ...], allowed: tuple[str, ...] = ()) -> list[str]:
    found = []
    for name, tree in modules(folder):
        for target in imported(name, tree):
            inside = any(target == each or target.startswith(each + ".") for each in forbidden)
            if inside and not any(target == each or target.startswith(each + ".") for each in allowed):
                found.append(f"{name} → {target}")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_the_links_to_the_rooms_exist(room: str) -> None:
    """`labc.compiler` is the folder compiler/, by a relative link."""
    link = ROOT / "labc" / room
    assert link.is_symlink()
    assert link.readlink() == Path("..") / room
    assert link.is_dir()


def test_the_compiler_knows_neither_runtime_nor_command_line() -> None:
    """Compiling works on any OS, without the runtime's packages."""
    assert (
        broken(
            "compiler",
            ("runtime", "cli", "modules", "labc", "pyroute2", "asyncssh", "pylxd", "napalm", "rich", "click"),
        )
        == []
    )


def test_the_runtime_knows_of_the_compiler_only_the_plan() -> None:
    """The plan is the contract."""
    assert broken("runtime", ("compiler", "cli", "modules", "labc"), ("compiler.plan",)) == []


@pytest.mark.parametrize("folder", ["compiler", "runtime"])
def test_rooms_import_their_own_relatively(folder: str) -> None:
    """`from ..ir import Lab`, so that compiler/ and labc.compiler are one thing to every tool."""
    found = []
    for name, tree in modules(folder):
        for node in ast.walk(tree):
            targets = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            targets += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            found += [f"{name} → {target}" for target in targets if target.split(".")[0] in ("labc", *ROOMS)]
    assert found == []


def test_passes_do_not_know_each_other() -> None:
    """A pass knows the IR and diagnostics; what two share stands outside of passes/."""
    found = []
    for name, tree in modules("compiler/passes"):
        own = name.split(".")[2]
        for target in imported(name, tree):
            parts = target.split(".")
            if parts[:2] == ["compiler", "passes"] and len(parts) > 2 and parts[2] not in (own, "manager"):
                found.append(f"{name} → {target}")
    assert found == []


def test_backends_do_not_know_each_other() -> None:
    """Each knows the engine's small protocol."""
    found = []
    for name, tree in modules("runtime/backends"):
        own = name.split(".")[2]
        for target in imported(name, tree):
            parts = target.split(".")
            if parts[:2] == ["runtime", "backends"] and len(parts) > 2 and parts[2] != own:
                found.append(f"{name} → {target}")
    assert found == []


def test_the_engine_knows_no_terminal() -> None:
    """Listeners get events; nothing in the runtime prints to people."""
    assert broken("runtime", ("rich", "click")) == []


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a run of labc has loaded at its end."""
    script = (
        "import sys\n"
        "sys.argv = ['labc', *sys.argv[1:]]\n"
        "from labc.__main__ import run\n"
        "run()\n"
        "print(*sorted(sys.modules), sep='\\n', file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_help_loads_nothing_heavy() -> None:
    """`labc --help` starts fast: no compiler, no runtime, no big library, not even click."""
    modules = loaded_by("--help")
    assert "click" not in modules
    assert {name for name in modules if name in HEAVY} == set()
    assert {name for name in modules if name.startswith(("labc.compiler", "labc.runtime", "labc.cli.verbs."))} == set()


def test_check_loads_no_runtime(tmp_path: Path) -> None:
    """`labc check` needs neither the runtime nor its packages."""
    lab = tmp_path / "lab.net"
    lab.write_text("lab tiny\n")
    modules = loaded_by("check", str(lab))
    assert {name for name in modules if name.startswith("labc.runtime")} == set()
    assert modules & {"lark", "jinja2", "pydantic"} == set()
    assert modules & {"pyroute2", "asyncssh", "cryptography", "rich", "networkx", "dns", "pylxd", "napalm"} == set()


def test_a_comparison_of_plans_loads_neither_runtime_nor_schema(tmp_path: Path) -> None:
    """Two plans of ten thousand nodes are compared in the time that pydantic's models take to load twice."""
    (tmp_path / "lab.net").write_text("lab tiny\n")
    loaded_by("build", str(tmp_path / "lab.net"), "-o", str(tmp_path / "a.json"))
    modules = loaded_by("diff", str(tmp_path / "a.json"), str(tmp_path / "a.json"))
    assert {name for name in modules if name.startswith("labc.runtime")} == set()
    assert modules & {"lark", "jinja2", "pydantic", "networkx", "yaml"} == set()
    assert "labc.compiler.diff.radius.radius" not in modules
