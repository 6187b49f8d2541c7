"""Edits by machine change what they name and leave every other byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax import tree
from labc.compiler.syntax.edit import Add, Change, EditError, Remove, Rename, SetValue, edit
from labc.compiler.syntax.parse import parse

SAMPLE = Path(__file__).with_name("firewall-change.net").read_bytes()
NODES = ["edge", "web", "pc{i}", "isp", "internet"]


def edited(data: bytes, *changes: Change) -> bytes:
    return edit(Source("lab.net", data), changes)


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (SetValue("segment/inside#mtu", "9000"), b"mtu = 1400", b"mtu = 9000"),
        (SetValue("param/clients#default", "50"), b"int = 2 ", b"int = 50 "),
        (SetValue("port/edge/srv#at", "10.10.0.7"), b"10.10.0.1\n", b"10.10.0.7\n"),
        (SetValue("segment/dmz#prefixes", "10.9.0.0/24"), b"dmz     10.10.0.0/24", b"dmz     10.9.0.0/24"),
        (SetValue("segment/dmz#vlan", "10"), b"10.10.0.0/24\n", b"10.10.0.0/24 { vlan = 10 }\n"),
        (SetValue("segment/inside#vlan", "7"), b"mtu = 1400 }", b"mtu = 1400; vlan = 7 }"),
        (Add("node/web", "serve dns"), b"256MiB\n", b"256MiB\n  serve dns\n"),
        (Remove("port/edge/srv"), b"  port srv on dmz     at 10.10.0.1\n", b""),
        (Remove("port/isp/up"), b"port up; ", b""),
        (Remove("segment/inside#mtu"), b"{ mtu = 1400 }", b"{  }"),
        (Rename("port/edge/lan", "office"), b"port lan", b"port office"),
    ],
)
def test_one_change_touches_one_place(change: Change, old: bytes, new: bytes) -> None:
    """The bytes named by the path change, and only they."""
    assert SAMPLE.count(old) == 1
    assert edited(SAMPLE, change) == SAMPLE.replace(old, new)


def test_a_rename_reaches_every_reference() -> None:
    """A node's name changes where it is declared, in gateways, routes, links, rules and steps."""
    result = edited(SAMPLE, Rename("node/edge", "wall"))
    assert result == SAMPLE.replace(b"node edge", b"node wall").replace(b"gateway edge", b"gateway wall").replace(
        b"via edge", b"via wall"
    ).replace(b"edge:srv", b"wall:srv")


@given(st.sampled_from(["", *(f"node/{name}" for name in NODES)]), st.sampled_from(["x", "y-z", "Gi0/0/1"]))
def test_what_was_added_and_removed_again_leaves_no_trace(path: str, name: str) -> None:
    """Add, then Remove, gives the same bytes."""
    what, place = ("node", f"node/{name}") if not path else ("port", f"port/{path[5:]}/{name}")
    added = edited(SAMPLE, Add(path, f'{what} "{name}"'))
    assert len(added) > len(SAMPLE)
    assert edited(added, Remove(place)) == SAMPLE


@given(st.sampled_from([*(f"node/{name}" for name in NODES), "segment/dmz", "zone/world", "policy/perimeter"]))
def test_removing_leaves_all_other_statements_as_they_were(path: str) -> None:
    """The other statements' texts stay, byte for byte and in order."""

    def texts(data: bytes) -> list[str]:
        return [s.span.shown for s in parse(Source("lab.net", data), Diagnostics()).body if not isinstance(s, tree.For)]

    before, after = texts(SAMPLE), texts(edited(SAMPLE, Remove(path)))
    assert [text for text in before if text in after] == after
    assert len(after) == len(before) - ("{i}" not in path)


@pytest.mark.parametrize(
    "change",
    [Remove("node/nobody"), SetValue("node/web", "3"), SetValue("segment/inside#mtu", "= 3"), Add("node/web", "nod x")],
)
def test_what_cannot_be_done_is_refused(change: Change) -> None:
    """A path without an element, and a text that is none of the language, raise EditError."""
    with pytest.raises(EditError):
        edited(SAMPLE, change)
