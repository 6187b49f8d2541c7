"""A rule set that is only a file is worth a word."""

from __future__ import annotations

from tests.unit.compiler.compiling import compiled

LAB = """lab filter
import std.linux, std.firewall
segment lan 10.0.0.0/24
node fw: firewall.nftables {{ port lan on lan at 10.0.0.1; config "{name}" to "/etc/rules" }}
"""
RULES = "table inet filter {\n  chain forward { type filter hook forward priority filter; policy drop; }\n}\n"


def test_a_rule_set_in_a_plain_file_is_told() -> None:
    """`edge.j2` would silently become a file beside the rules that the kind makes by itself."""
    found = compiled(LAB.format(name="edge.j2"), edge_j2=RULES).diagnostics

    assert [(each.code, each.severity) for each in found] == [("W0703", "warning")]


def test_other_files_are_not() -> None:
    """A configuration that merely speaks of tables is no rule set."""
    assert not compiled(LAB.format(name="motd.j2"), motd_j2="table service on Fridays\n").diagnostics.found
