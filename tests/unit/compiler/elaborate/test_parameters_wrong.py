"""A parameter that has no value, or a wrong one, is one mistake: nothing that follows from it is a second."""

from __future__ import annotations

import pytest

from labc import compile as compile_lab

LAB = """\
lab sites
import std.linux
param sites: int in 1..8{default}
segment core 10.0.0.0/24
node r: linux.router {{ port c on core at 10.0.0.1; for i in 1..sites {{ port s[i] on site[i] }} }}
for i in 1..sites {{
  segment site[i] 10.0.0.0/8 subnet 24 at i
  node pc[i]: linux.host {{ port eth0 on site[i]; gateway r }}
}}
group pcs = pc[*]
zone users = site[*]
policy p {{ users -> r allow icmp; otherwise deny }}
test "t" {{ expect pc[*] -> r icmp; expect pc1 -> r icmp }}
"""


def codes(default: str, given: dict[str, str]) -> list[str]:
    compiled = compile_lab({"lab.net": LAB.format(default=default).encode()}, parameters=given)
    return [one.code for one in compiled.diagnostics]


@pytest.mark.parametrize(
    ("default", "given", "code"),
    [
        ("", {}, "E0313"),
        ("", {"sites": "9"}, "E0304"),
        (" = 2", {"sites": "9"}, "E0304"),
        (" = 2", {"sites": "many"}, "E0303"),
        (" = 9", {}, "E0304"),
    ],
)
def test_a_wrong_parameter_is_one_mistake(default: str, given: dict[str, str], code: str) -> None:
    """Groups, zones and tests that are empty because of it are not told."""
    assert codes(default, given) == [code]


def test_a_wrong_value_hides_no_other_mistake() -> None:
    """The rest of the lab is looked at with the default."""
    text = LAB.format(default=" = 2").replace("gateway r", "gateway nobody").encode()
    compiled = compile_lab({"lab.net": text}, parameters={"sites": "9"})
    assert [one.code for one in compiled.diagnostics][:2] == ["E0304", "E0301"]


def test_an_empty_group_of_a_sound_lab_is_told() -> None:
    """Only what follows from a mistake is passed over."""
    compiled = compile_lab({"lab.net": b"lab x\ngroup none = []\n"})
    assert [one.code for one in compiled.diagnostics] == ["E0625"]
