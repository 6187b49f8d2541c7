"""docs/templates.md says what a template sees: its tables are compared with the program, its examples rendered and loaded."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import pytest

from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.ir.lab import Config, Lab
from labc.compiler.passes.configs.filtering import lines
from labc.compiler.passes.configs.filters import FILTERS
from labc.compiler.passes.configs.words import THINGS
from labc.compiler.pipeline import compile_lab

from .blocks import DOCS, blocks
from .seen import NAMES, seen_in

PAGE = DOCS / "templates.md"

# What the page's own labs do not have.
REST = b"""lab rest
import std.linux
param clients: int = 2
segment lan 10.0.0.0/24
segment office 10.1.0.0/24 { vlan = 20 }
node gate: linux.router {
  port lan on lan
  port up
  port up.20 over up vlan 20 on office
  loopback lo0 at 10.255.0.1/32
  route 10.9.0.0/16 blackhole
  nat 10.0.0.200 <-> pc
  napt office to 10.0.0.201
}
node sw: linux.switch { port down tagged office; port p1 untagged office }
node pc: linux.host { port eth0 on office; gateway gate; serve echo }
link gate:up -- sw:down
group all = pc, gate
zone inner = lan, pc
policy silent { inner -> all deny tcp/22; pc -> 10.9.0.0/16 allow; 10.0.0.7 -> inner allow }
"""


def _labs() -> Iterator[Lab]:
    """The page's labs and the rest, each with the files that stand before it."""
    files: dict[str, bytes] = {}
    for block in blocks(PAGE):
        if "file" in block.options:
            files[block.options["file"]] = block.text.encode()
        elif block.language == "net":
            yield _compiled({**files, "lab.net": block.text.encode()})
    yield _compiled({"lab.net": REST})


def _compiled(files: dict[str, bytes]) -> Lab:
    lab = compile_lab("lab.net", MemoryReader(files)).lab
    assert lab is not None
    return lab


def _tables() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The page's tables under their headings; a row by its columns, without marks of links and code."""
    for section in re.split(r"^##+ ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        lines = [line for line in section.splitlines() if line.startswith("|")]
        rows = [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
        heading = section.splitlines()[0].partition(" {#")[0]
        yield heading, [dict(zip(rows[0], row, strict=True)) for row in rows[2:]] if rows else []


TABLES = dict(_tables())


def _types(heading: str, column: str) -> dict[str, set[str]]:
    """`list: [route](#route) or none` as {"list: route", "none"}, by the name of the row; "yes or no" is one type."""
    found = {}
    for row in TABLES[heading]:
        text = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", row["type"])
        found[row[column].strip("`")] = {"yes or no"} if text == "yes or no" else set(text.split(" or "))
    return found


def test_the_page_has_what_templates_see() -> None:
    """Each name, thing and member with the types that its values have in labs; nothing else, and nothing left out."""
    seen: dict[str, dict[str, set[str]]] = {}
    for lab in _labs():
        for thing, members in seen_in(lab).items():
            for member, kinds in members.items():
                seen.setdefault(thing, {}).setdefault(member, set()).update(kinds)

    assert _types("Names", "name") == seen.pop(NAMES)
    for thing in THINGS.values():
        assert _types(thing, "member") == seen.pop(thing, {}), thing
    assert not seen


def test_the_page_has_all_filters() -> None:
    assert [row["filter"].strip("`").partition("(")[0] for row in TABLES["Filters"]] == list(FILTERS)


EXAMPLES = [row for heading in ("Prefixes and addresses", "Filters") for row in TABLES[heading]]


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row["write"])
def test_an_expression_gives_what_the_page_says(row: dict[str, str]) -> None:
    """Those of the tables, in the first lab of the page."""
    first = next(block for block in blocks(PAGE) if block.language == "net")
    template = "{{ " + row["write"].strip("`") + " }}"
    lab = _compiled({"lab.net": first.text.encode(), "edge.nft.j2": template.encode()})
    assert f"`{_configs(lab)[0].text}`" == row["gives"]


def test_a_file_is_what_the_page_shows() -> None:
    shown = next(block for block in blocks(PAGE) if "rendered" in block.options)
    configs = [config for lab in _labs() for config in _configs(lab) if config.path == shown.options["rendered"]]
    assert [config.text for config in configs] == [shown.text]


def test_a_line_of_the_filter_looks_as_the_page_shows() -> None:
    """The member `match` has an example, from the first lab."""
    shown = next(row["what it is"] for row in TABLES["line of the filter"] if row["member"] == "`match`")
    assert shown.strip("`") in [line.match for line in lines(next(_labs()))]


@pytest.mark.program("nft", "unshare")
@pytest.mark.root
def test_nft_loads_the_rule_sets_of_the_page() -> None:
    """The kernel takes each, in a namespace of its own."""
    texts = ["".join(c.text for c in _configs(lab) if not c.path) for lab in _labs()]
    for text in filter(None, texts):
        command = ["unshare", "-n", "nft", "-f", "-"]
        loaded = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
        assert loaded.returncode == 0, loaded.stderr


def _configs(lab: Lab) -> list[Config]:
    return [config for node in lab.nodes.values() for config in node.configs]
