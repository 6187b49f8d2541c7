"""Former names that lead nowhere."""

from __future__ import annotations

import pytest

from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.ir.held import lock_of
from labc.compiler.lock import Lock
from labc.compiler.pipeline import Compiled, compile_lab

HEAD = "lab sample\nimport std.linux\nsegment s 10.0.0.0/24\n"
OLD = "node a: linux.host { port eth0 on s }\nnode b: linux.host { port eth0 on s }\n"


def build(text: str, lock: Lock | None = None) -> Compiled:
    return compile_lab("lab.net", MemoryReader({"lab.net": (HEAD + text).encode()}), lock=lock, verify=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("node c was a\nnode a\n", "`was a` leads nowhere: there is a node `a`"),
        ("node c was a\nnode d was a\n", "`was a` leads nowhere: another node says so as well"),
        ("segment t was s\n", "`was s` leads nowhere: there is a segment `s`"),
        ("node a { port p was q; port q }\n", "`was q` leads nowhere: there is a port `q`"),
        (
            "link l was m: a:p -- b:p\nlink m: a:q -- b:q\nnode a\nnode b\n",
            "`was m` leads nowhere: there is a segment `m`",
        ),
        ("zone y was x = s\nzone x = s\n", "`was x` leads nowhere: there is a zone `x`"),
    ],
)
def test_a_former_name_that_something_has_is_told(text: str, said: str) -> None:
    """Of everything that can be renamed."""
    found = [each for each in build(text).diagnostics if each.code == "W0334"]
    assert {each.summary for each in found} == {said}


def test_a_former_name_that_nothing_has_is_no_mistake() -> None:
    """Each is followed, and one of the same name elsewhere is another's."""
    text = "node c was a { port p was q }\nnode d { port q on s at 10.0.0.9 }\nsegment t was u\nzone v was w = s\n"
    compiled = build(text)
    assert compiled.lab is not None
    assert "W0334" not in {each.code for each in compiled.diagnostics}
    assert {node.was for node in compiled.lab.nodes.values()} == {"a", None}


def test_two_never_get_the_address_of_one() -> None:
    """The new `a` keeps what the lock holds for `a`; `c` gets an address and a MAC of its own, instead of E0506."""
    before = build(OLD).lab
    assert before is not None
    text = OLD.replace("node a", "node c was a") + OLD.splitlines()[0] + "\n"
    after = build(text, lock_of(before, Lock()))
    assert [each.code for each in after.diagnostics] == ["W0334"]
    assert after.lab is not None
    ports = list(after.lab.ports.values())
    assert len({port.mac for port in ports}) == len({port.addresses for port in ports}) == 3
    assert after.lab.ports["port/a/eth0"].addresses == before.ports["port/a/eth0"].addresses  # type: ignore[index]
