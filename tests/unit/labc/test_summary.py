"""What is listed of a lab, on a terminal and in a pipe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labc.cli.summary import print_nodes, table
from labc.cli.wrap import wrapped
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


WORDS = st.text("abcdef0123456789./:-", min_size=1, max_size=30)
ROWS = st.lists(st.tuples(WORDS, st.lists(WORDS, max_size=6).map(" ".join), WORDS), max_size=4)


@given(ROWS, st.integers(20, 100))
def test_a_table_never_breaks_a_word(rows: list[tuple[str, str, str]], width: int) -> None:
    """Whatever the width, all words are there and whole; no line is too wide but for the sake of one word."""
    lines = "\n".join(table(("node", "addresses", "services"), rows, width)).split("\n")
    said = ["node", "addresses", "services", *(word for row in rows for cell in row for word in cell.split())]
    assert sorted(word for line in lines for word in line.split()) == sorted(said)
    assert all(len(line) <= width or len(line.split()) == 1 for line in lines)


@given(st.lists(WORDS, min_size=1).map(" ".join), st.integers(20, 100))
def test_a_line_never_breaks_a_word(text: str, width: int) -> None:
    """Colours count nothing."""
    lines = wrapped(f"\x1b[32m{text}\x1b[0m", width).replace("\x1b[32m", "").replace("\x1b[0m", "").split("\n")
    assert " ".join(line.strip() for line in lines) == text
    assert all(len(line) <= width or len(line.split()) == 1 for line in lines)


def test_a_row_that_does_not_fit_goes_on_below_its_columns() -> None:
    """80 columns: addresses stay whole, services stay beside them."""
    row = ("campus-core", "linux.router", "10.10.10.254/24 10.10.0.1/24 203.0.113.2/29 198.51.100.3/32", "http dns")
    lines = "\n".join(table(("node", "kind", "addresses", "services"), [row], 80)).split("\n")
    assert lines == [
        "node         kind          addresses                                    services",
        "campus-core  linux.router  10.10.10.254/24 10.10.0.1/24 203.0.113.2/29  http dns",
        "                           198.51.100.3/32",
    ]


def test_a_pipe_has_a_row_a_line() -> None:
    """However long."""
    assert table(("node", "addresses"), [("a", "10.0.0.1/24 " * 20)])[1].count("\n") == 0
