"""What the script says of a host, read back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from labc.runtime.hosts.facts import Card, Facts, UnreadableError, parse
from labc.runtime.hosts.local import look_here
from labc.runtime.hosts.script import SCRIPT

ANSWER = """\
Welcome to h1. Unauthorised access is prohibited.
labc-host 1
cpu 16
memory 65784388
disk 488245288
kvm yes
nic wlan0 -1 1500 virtual
nic eno2 10000 9000 physical
nic bond0 4294967295 1500 physical
address eno2 2001:db8::1/64
address eno2 192.0.2.1/24
address gone0 192.0.2.9/24
address eno2 192.0.2.7
end
"""


def test_an_answer_is_numbers_and_cards() -> None:
    """Bytes and bits a second; cards by name, IPv4 first; what a login says and what belongs to no card is passed over."""
    assert parse(ANSWER) == Facts(
        cpu=16,
        memory=65784388 * 1024,
        disk=488245288 * 1024,
        kvm=True,
        cards=[
            Card("bond0", None, 1500, True),
            Card("eno2", 10**10, 9000, True, ["192.0.2.1/24", "2001:db8::1/64"]),
            Card("wlan0", None, 1500, False),
        ],
    )


def test_without_iproute2_addresses_are_not_known() -> None:
    """Which is not the same as having none."""
    assert not parse(ANSWER.replace("end", "missing ip\nend")).addressed


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "not that of labc's script"),
        ("sh: not found\n", "not that of labc's script"),
        (ANSWER.replace("end\n", ""), "broke off"),
        (ANSWER.replace("cpu 16", "cpu many"), "cpu many"),
        (ANSWER.replace("kvm yes", "kvm maybe"), "kvm maybe"),
        (ANSWER.replace("nic eno2 10000 9000", "nic eno2 9000"), "nic eno2"),
        (ANSWER.replace("disk 488245288\n", ""), "lacks"),
        (ANSWER.replace("memory 65784388", "memory 0"), "lacks"),
        (ANSWER.replace("kvm yes", "gpu 4"), "gpu 4"),
    ],
)
def test_what_is_no_answer_is_refused(answer: str, why: str) -> None:
    """With the line that is not understood."""
    with pytest.raises(UnreadableError, match=why):
        parse(answer)


@pytest.mark.parametrize("shell", [["sh"], ["bash"], ["bash", "--posix"], ["dash"], ["busybox", "sh"]])
def test_the_script_says_what_this_machine_reads_of_itself(shell: list[str]) -> None:
    """Both ways to look give one answer, in every shell that is there."""
    try:
        done = subprocess.run([*shell, "-s"], input=SCRIPT, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip(f"{shell[0]} is not installed")
    here, there = look_here(), parse(done.stdout)
    assert done.stderr == ""
    if not there.addressed:
        there.addressed, here = True, _without_addresses(here)
    assert there == here


def _without_addresses(facts: Facts) -> Facts:
    for card in facts.cards:
        card.addresses.clear()
    return facts


def test_this_machine_has_what_its_kernel_says() -> None:
    """Memory in bytes, not in KiB; loopback is no card."""
    facts = look_here()
    stated = Path("/proc/meminfo").read_text().split("MemTotal:")[1].split()[0]
    assert facts.memory == int(stated) * 1024
    assert "lo" not in [card.name for card in facts.cards]
