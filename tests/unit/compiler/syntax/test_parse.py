"""The parser on sound files."""

from pathlib import Path

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax import tree
from labc.compiler.syntax.parse import parse

SAMPLE = Path(__file__).with_name("firewall-change.net")


def test_the_sample_parses_without_a_word() -> None:
    """The lab of the design has no mistake and every statement of it is in the tree."""
    found = Diagnostics()
    file = parse(Source("lab.net", SAMPLE.read_bytes()), found)
    assert not found.found
    assert len(file.body) == 16
    assert isinstance(file.body[-1], tree.TestDecl)
