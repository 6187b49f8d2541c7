"""The table of syntax codes: each example brings its own code and no other of the parser's."""

import pytest

from labc.compiler.codes.model import Code
from labc.compiler.codes.syntax import CODES
from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax import read


@pytest.mark.parametrize("code", [code for code in CODES if code.example], ids=lambda code: code.code)
def test_the_example_brings_its_code(code: Code) -> None:
    """The example of a code is a file with exactly this mistake."""
    found = Diagnostics()
    read(Source("example.net", code.example.encode()), found)
    assert [diagnostic.code for diagnostic in found] == [code.code]
