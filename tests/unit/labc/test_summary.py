"""What is listed of a lab, on a terminal and in a pipe."""

from __future__ import annotations

import pytest

from labc.cli.summary import print_nodes
from tests.unit.runtime import plans

HUNDRED = plans.plan(
    *(plans.node(f"h{n}") for n in range(1, 101)),
    plans.segment("lan"),
    *(plans.port(f"h{n}", "eth0", "lan", f"10.0.0.{n}/24") for n in range(1, 101)),
)


def test_a_pipe_gets_all_nodes_in_the_order_of_people(capsys: pytest.CaptureFixture[str]) -> None:
    """h2 before h10, and none is left out."""
    print_nodes(HUNDRED, {}, bounded=True)
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert names == [f"h{n}" for n in range(1, 101)]


def test_a_terminal_gets_a_page_and_the_word_for_the_rest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only of `up`; `status` lists all."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_nodes(HUNDRED, {}, bounded=True)
    assert capsys.readouterr().out.splitlines()[-1] == "… and 60 more nodes: labc status lists all"
    print_nodes(HUNDRED, {})
    assert len(capsys.readouterr().out.splitlines()) == 101


def test_a_leased_address_stands_where_dhcp_stood(capsys: pytest.CaptureFixture[str]) -> None:
    """Once it is there; until then the word says that one is awaited."""
    plan = plans.plan(plans.node("pc"), plans.segment("lan"), plans.port("pc", "eth0", "lan", dhcp=True))
    print_nodes(plan, {})
    assert capsys.readouterr().out.splitlines()[1].split() == ["pc", "linux.host", "dhcp"]
    print_nodes(plan, {"port/pc/eth0": "10.0.0.7/24"})
    assert capsys.readouterr().out.splitlines()[1].split() == ["pc", "linux.host", "10.0.0.7/24"]
