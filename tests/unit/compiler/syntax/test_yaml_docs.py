"""Every lab of docs/yaml.md is sound, valid under the schema, and the same when it went through the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.pipeline import compile_lab
from labc.compiler.source import Source
from labc.compiler.syntax import read
from labc.compiler.syntax.format import format_net
from labc.compiler.syntax.yaml_lab import DECLARATIONS, KIND
from labc.compiler.syntax.yaml_out import format_yaml
from tests.unit.compiler.syntax.meaning import meaning
from tests.unit.compiler.syntax.test_yaml_schema import problems

PAGE = (Path(__file__).parents[4] / "docs" / "yaml.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", BLOCKS, ids=range(len(BLOCKS)))
def test_what_the_page_shows_is_sound(text: str) -> None:
    """No diagnostics, valid, and unchanged by both spellings."""
    found = Diagnostics()
    file = read(Source("lab.yaml", text.encode()), found)
    assert [(said.code, said.summary, str(said.span)) for said in found] == []
    assert problems(text) == []
    back = read(Source("lab.yaml", format_yaml(file)), found)
    through_net = read(Source("lab.net", format_net(file)), found)
    assert meaning(back) == meaning(file)
    assert meaning(through_net) == meaning(file)


@pytest.mark.parametrize("text", [text for text in BLOCKS if text.startswith("lab:")])
def test_whole_labs_of_the_page_compile(text: str) -> None:
    """In both spellings, to the same plan."""
    made = compile_lab("lab.yaml", MemoryReader({"lab.yaml": text.encode()}))
    assert [(said.code, said.summary) for said in made.diagnostics if said.severity == "error"] == []
    net = format_net(read(Source("lab.yaml", text.encode()), Diagnostics()))
    assert compile_lab("lab.net", MemoryReader({"lab.net": net})).plan == made.plan


@pytest.mark.parametrize("key", sorted({*DECLARATIONS, *KIND}))
def test_every_key_is_on_the_page(key: str) -> None:
    """In a table or in a lab."""
    assert re.search(rf"`{key}`|\b{key}:", PAGE)
