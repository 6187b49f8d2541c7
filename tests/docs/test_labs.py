"""Every lab of the documentation compiles, in both spellings to one plan."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.pipeline import Compiled, compile_lab
from labc.compiler.render import render_text
from labc.compiler.source import Source
from labc.compiler.syntax import read
from labc.compiler.syntax.format import format_net
from labc.compiler.syntax.yaml_out import format_yaml

from .blocks import Block, blocks, pages


def _labs() -> Iterator[tuple[Block, dict[str, bytes]]]:
    for page in pages():
        files: dict[str, bytes] = {}
        for block in blocks(page):
            if "file" in block.options:
                files[block.options["file"]] = block.text.encode()
            elif block.language in ("net", "yaml") and "fragment" not in block.options:
                yield block, dict(files)


LABS = list(_labs())


def _compile(name: str, text: bytes, files: dict[str, bytes]) -> Compiled:
    return compile_lab(name, MemoryReader({**files, name: text}))


def _text_of(compiled: Compiled) -> str:
    return render_text(compiled.diagnostics, colour=False, width=100)


@pytest.mark.parametrize(("block", "files"), LABS, ids=lambda value: str(value) if isinstance(value, Block) else "")
def test_a_lab_of_the_docs_compiles(block: Block, files: dict[str, bytes]) -> None:
    """A reader who copies a lab from the documentation gets a plan without a word of complaint."""
    compiled = _compile(f"lab.{block.language}", block.text.encode(), files)

    assert compiled.plan, _text_of(compiled)
    assert not compiled.diagnostics.found, _text_of(compiled)


@pytest.mark.parametrize(("block", "files"), LABS, ids=lambda value: str(value) if isinstance(value, Block) else "")
def test_a_lab_of_the_docs_says_the_same_in_both_spellings(block: Block, files: dict[str, bytes]) -> None:
    """`.net` to YAML and back changes no byte of the plan."""
    diagnostics = Diagnostics()
    name, text = f"lab.{block.language}", block.text.encode()
    yaml = format_yaml(read(Source(name, text), diagnostics))
    net = format_net(read(Source("lab.yaml", yaml), diagnostics))

    plan = _compile(name, text, files).plan
    assert plan == _compile("lab.yaml", yaml, files).plan
    assert plan == _compile("lab.net", net, files).plan
