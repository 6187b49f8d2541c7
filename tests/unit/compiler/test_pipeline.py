"""The pipeline: from a text to a plan, and where it stops."""

from __future__ import annotations

import gc

import pytest

import labc
from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.ir.held import lock_of
from labc.compiler.ir.lab import Lab, PortId
from labc.compiler.lock import Assignment, Lock
from labc.compiler.pipeline import NAMES, STEPS, compile_lab

_OFFICE = b"""lab office
import std.linux
param clients: int = 2
segment lan 10.0.0.0/24
node r: linux.router { port a on lan at 10.0.0.1; port up }
node isp: linux.router { port down }
link r:up -- isp:down
for i in 1..clients { node pc[i]: linux.host { port eth0 on lan; gateway r } }
"""


def _reader(text: bytes = _OFFICE) -> MemoryReader:
    return MemoryReader({"lab.net": text})


def test_a_lab_in_memory_compiles_to_a_plan_in_three_lines() -> None:
    """Parameters are texts, as from a command line."""
    compiled = labc.compile({"lab.net": _OFFICE}, parameters={"clients": "3"})
    assert compiled.plan is not None
    assert compiled.map is not None
    assert b'"node/pc3"' in compiled.plan


def test_equal_input_gives_equal_bytes() -> None:
    """Twice in one process."""
    assert labc.compile({"lab.net": _OFFICE}).plan == labc.compile({"lab.net": _OFFICE}).plan


def test_every_pass_leaves_a_valid_lab() -> None:
    """Under verify, to the end."""
    assert compile_lab("lab.net", _reader(), verify=True).plan is not None


@pytest.mark.parametrize("step", [step.name for step in STEPS if step.name != "plan"])
def test_the_compiler_stops_after_the_step_asked_for(step: str) -> None:
    """Later steps did not run, and there is no plan."""
    compiled = compile_lab("lab.net", _reader(), stop_after=step)
    assert list(compiled.timings)[-1] == step
    assert compiled.plan is None


def test_steps_are_timed_in_order() -> None:
    """All that exist."""
    assert list(compile_lab("lab.net", _reader()).timings) == [step.name for step in STEPS]


def test_hosts_are_found_between_check_and_configs() -> None:
    """Nothing is placed that is wrong, and templates see where things are."""
    assert NAMES[NAMES.index("check") + 1 : NAMES.index("configs")] == ("bind", "placement", "overlays")


def test_a_step_that_does_not_exist_is_refused() -> None:
    """With the names of those that do."""
    with pytest.raises(ValueError, match=r"no step is called .* check, bind"):
        compile_lab("lab.net", _reader(), print_after="chekc")


def test_nothing_is_rendered_from_a_lab_with_mistakes() -> None:
    """The design is checked, and the compiler stops there."""
    compiled = compile_lab("lab.net", _reader(_OFFICE + b"node x: linux.host { port p on lan at 10.0.0.0 }\n"))
    assert [diagnostic.code for diagnostic in compiled.diagnostics] == ["E0504"]
    assert list(compiled.timings)[-1] == "check"
    assert compiled.plan is None


def test_a_warning_stops_nothing() -> None:
    """It is told, and there is a plan."""
    compiled = compile_lab("lab.net", _reader(_OFFICE + b"node x: linux.host\n"))
    assert [diagnostic.severity for diagnostic in compiled.diagnostics] == ["warning"]
    assert compiled.plan is not None


def test_the_observer_sees_each_step() -> None:
    """With the lab as it then is."""
    seen: list[tuple[str, int]] = []

    def observe(name: str, lab: Lab, seconds: float) -> None:
        seen.append((name, len(lab.segments)))

    compile_lab("lab.net", _reader(), stop_after="segments", observer=observe)
    assert seen == [("expand", 1), ("segments", 2)]


def test_the_collector_is_left_as_it_was() -> None:
    """A library must not switch off somebody else's garbage collection."""
    labc.compile({"lab.net": _OFFICE})
    assert gc.isenabled()


def test_a_lock_of_all_choices_changes_nothing() -> None:
    """What was chosen, held by a lock, is chosen again."""
    first = compile_lab("lab.net", _reader())
    assert first.lab is not None
    lock = lock_of(first.lab, Lock())
    assert lock.assignments
    assert compile_lab("lab.net", _reader(), lock=lock, verify=True).plan == first.plan


def test_a_lock_is_stronger_than_a_hash() -> None:
    """A port keeps the address that the lock holds."""
    lock = Lock().including([Assignment("port/pc1/eth0", "address", "10.0.0.200/24")])
    compiled = compile_lab("lab.net", _reader(), lock=lock)
    assert compiled.plan is not None
    assert b'"10.0.0.200/24"' in compiled.plan


def test_diagnostics_of_a_lab_that_cannot_be_made_are_kept() -> None:
    """No lab, no traceback."""
    compiled = compile_lab("lab.net", _reader(b"node"))
    assert isinstance(compiled.diagnostics, Diagnostics)
    assert compiled.diagnostics.failed


def test_after_a_merge_the_greater_id_lets_go_of_a_shared_value() -> None:
    """With a note; the other keeps it."""
    held = [Assignment(f"port/pc{number}/eth0", "address", "10.0.0.200/24") for number in (1, 2)]
    compiled = compile_lab("lab.net", _reader(), lock=Lock().including(held))
    assert compiled.lab is not None
    kept = [
        str(compiled.lab.ports[PortId(f"port/pc{number}/eth0")].addresses[0]) == "10.0.0.200/24" for number in (1, 2)
    ]
    assert kept == [True, False]
    assert [diagnostic.code for diagnostic in compiled.diagnostics] == ["N0901"]


def test_the_next_lock_keeps_pins_and_forgets_what_is_gone() -> None:
    """Assignments of elements that the lab no longer has are dropped."""
    first = compile_lab("lab.net", _reader())
    assert first.lab is not None
    pin = Assignment("module/git+https://git.example/labs.git@v1", "commit", "5f0c")
    old = Lock().including([pin, Assignment("port/gone/eth0", "address", "10.0.0.9/24")])
    new = lock_of(first.lab, old)
    assert new.get(pin.id, "commit") == "5f0c"
    assert new.get("port/gone/eth0", "address") is None
