"""Trees are written as YAML that says the same, and read back."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from labc.compiler.addresses import Address, Interface, Mac
from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate.reader import FileReader
from labc.compiler.pipeline import compile_lab
from labc.compiler.quantities import Quantity, Service
from labc.compiler.source import Source, Span
from labc.compiler.syntax import read, tree
from labc.compiler.syntax.expression_text import expression_text
from labc.compiler.syntax.format import format_net
from labc.compiler.syntax.parse import parse_expression
from labc.compiler.syntax.yaml_emit import Item, List, Map, Pair, Text, emit
from labc.compiler.syntax.yaml_out import format_yaml
from tests.conftest import Golden
from tests.unit.compiler.syntax.meaning import meaning, plain

ROOT = Path(__file__).parents[4]
GOLDEN = ROOT / "tests" / "golden" / "yaml"
LABS = sorted([*GOLDEN.glob("*.net"), *(ROOT / "stdlib").glob("*.net"), *(ROOT / "examples").glob("*/*.net")])
EXAMPLES = sorted((ROOT / "examples").glob("*/lab.net"))


def sound(path: str, data: bytes) -> tree.File:
    diagnostics = Diagnostics()
    file = read(Source(path, data), diagnostics)
    assert [(found.code, found.summary, str(found.span)) for found in diagnostics] == []
    return file


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("lab", ["everything", "site"])
def test_labs_are_written_as_people_would(lab: str, golden: Golden) -> None:
    """Sections in one order, short things on one line, comments before what they are about."""
    golden(f"yaml/{lab}.yaml", format_yaml(sound(f"{lab}.net", (GOLDEN / f"{lab}.net").read_bytes())))


@pytest.mark.parametrize("path", LABS, ids=shown)
def test_a_lab_says_the_same_in_yaml(path: Path) -> None:
    """From `.net` to YAML and back to `.net`: the same statements and the same comments."""
    net = sound(path.name, path.read_bytes())
    back = sound("lab.yaml", format_yaml(net))
    assert meaning(back) == meaning(net)
    assert meaning(sound("lab.net", format_net(back))) == meaning(net)
    assert sorted(comment.span.shown for comment in back.comments) == sorted(
        comment.span.shown for comment in net.comments
    )


@pytest.mark.parametrize("path", LABS, ids=shown)
def test_formatting_twice_changes_nothing(path: Path) -> None:
    """YAML that labc wrote is as labc writes it."""
    once = format_yaml(sound(path.name, path.read_bytes()))
    assert format_yaml(sound("lab.yaml", once)).decode() == once.decode()


class Beside:
    """A reader of an example's folder with one more file in it."""

    def __init__(self, folder: Path, name: str, data: bytes) -> None:
        self.inner = FileReader(folder)
        self.more = {name: data}

    def read(self, path: str) -> bytes | None:
        return self.more.get(path) or self.inner.read(path)


def plan(folder: Path, name: str, data: bytes) -> bytes:
    made = compile_lab(name, Beside(folder, name, data))
    assert [(found.code, found.summary) for found in made.diagnostics if found.severity == "error"] == []
    assert made.plan is not None
    return made.plan


@pytest.mark.parametrize("path", EXAMPLES, ids=shown)
def test_both_spellings_give_the_same_plan(path: Path) -> None:
    """Byte for byte, whatever the order of sections; and `.net` made from the YAML as well."""
    net = path.read_bytes()
    written = format_yaml(sound("lab.net", net))
    expected = plan(path.parent, "lab.net", net)
    assert plan(path.parent, "lab.yaml", written) == expected
    mixed = yaml.dump(_shuffled(yaml.load(written, yaml.BaseLoader), random.Random(5)), sort_keys=False)
    assert plan(path.parent, "lab.yaml", mixed.encode()) == expected
    assert plan(path.parent, "lab.net", format_net(sound("lab.yaml", written))) == expected


def _shuffled(value: Any, chance: random.Random) -> Any:
    """The same mappings with their keys in another order; lists as they are."""
    if isinstance(value, dict):
        pairs = [(key, _shuffled(inner, chance)) for key, inner in value.items()]
        chance.shuffle(pairs)
        return dict(pairs)
    return [_shuffled(item, chance) for item in value] if isinstance(value, list) else value


# --- Expressions ---

NOWHERE = Span(Source("x", b""), 0, 0)
NAMES = st.sampled_from(["a", "leaf", "web-x", "port", "node", "dhcp", "x1"])
VALUES = st.one_of(
    st.booleans(),
    st.integers(0, 10**12),
    st.floats(0, 1e6, allow_nan=False).map(lambda number: round(number, 6)).map(abs),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from('\n\t"\\{}'), max_size=8),
    st.builds(lambda amount: Quantity("duration", amount), st.integers(0, 10**13)),
    st.builds(lambda amount: Quantity("ratio", amount), st.integers(0, 10**9)),
    st.builds(lambda value: Address(4, value), st.integers(0, 2**32 - 1)),
    st.builds(
        lambda value, length: Interface(Address(6, value), length), st.integers(2**64, 2**128 - 1), st.integers(0, 128)
    ),
    st.builds(Mac, st.integers(0, 2**48 - 1)),
    st.builds(lambda port: Service("tcp", port, port), st.integers(1, 65535)),
    st.just(Service("icmp")),
)


def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def make(kind: type, *parts: Any) -> st.SearchStrategy[Any]:
        return st.builds(lambda *given: kind(NOWHERE, *given), *parts)

    lists = st.lists(inner, max_size=3).map(tuple)
    operators = st.sampled_from(["or", "and", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%", "host"])
    texts = st.text('ab {"\\', min_size=1, max_size=4)
    return st.one_of(
        make(tree.Binary, operators, inner, inner),
        make(tree.Unary, st.sampled_from(["-", "not"]), inner),
        make(tree.Range, inner, inner),
        make(tree.Subnet, inner, inner, inner),
        make(tree.Conditional, inner, inner, inner),
        make(tree.Attribute, inner, NAMES),
        make(tree.Index, inner, st.none() | inner),
        make(tree.Call, NAMES, lists, st.lists(st.tuples(NAMES, inner), max_size=2).map(tuple)),
        make(tree.ListOf, lists),
        make(tree.Comprehension, inner, st.lists(NAMES, min_size=1, max_size=2).map(tuple), inner, st.none() | inner),
        make(tree.Interpolation, st.tuples(texts, inner) | st.tuples(inner, texts) | st.tuples(inner)),
    )


LEAVES = st.one_of(
    st.builds(lambda value: tree.Literal(NOWHERE, value), VALUES),
    st.builds(lambda name: tree.Reference(NOWHERE, name), NAMES),
)


@given(st.recursive(LEAVES, grown, max_leaves=12))
@settings(max_examples=300)
def test_an_expression_reads_back_as_it_was(expression: tree.Expression) -> None:
    """Parentheses stand where they must."""
    text = expression_text(expression)
    source = Source("lab.net", text.encode())
    diagnostics = Diagnostics()
    back = parse_expression(source, 0, len(source.data), diagnostics)
    assert [found.summary for found in diagnostics] == [], text
    assert plain(back, True) == plain(expression, True), text


# --- YAML itself ---


@given(st.text(max_size=20), st.booleans())
@settings(max_examples=500)
def test_every_text_is_the_same_for_any_reader_of_yaml(text: str, inside: bool) -> None:
    """Quoted where a reader of YAML 1.1 would see something else than the text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    value = List([Item(Text(text, text=True)), Item(Text("x"))]) if inside else Text(text, text=True)
    written = emit(Map([Pair("key", value), Pair(text or "k", Text("v"))]))
    assert yaml.safe_load(written)["key"] == ([text, "x"] if inside else text), written


@pytest.mark.parametrize(
    "word",
    [
        "yes",
        "no",
        "null",
        "~",
        "1e3",
        "0x10",
        "1:30",
        "2001-01-01",
        "-",
        "- a",
        "a: b",
        "a #b",
        "",
        " a",
        "a ",
        "@a",
        "%a",
        "=",
        "<<",
        "*a",
        "&a",
        "!a",
        "|",
        ">",
        "'",
        '"',
        "?",
        "? a",
        ".inf",
    ],
)
def test_words_that_mean_something_in_yaml_are_quoted(word: str) -> None:
    """As keys and as values."""
    written = emit(Map([Pair("k", Text(word, text=True)), Pair(word, Text("x"))]))
    assert yaml.safe_load(written) == {"k": word, word: "x"}, written


@settings(max_examples=200)
@given(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=20))
@pytest.mark.filterwarnings("error")
def test_a_comment_stays_a_comment(text: str) -> None:
    """Whatever characters it holds: `# see\\u2028lab: other` says nothing in YAML either, and formatting twice changes nothing."""
    data = f"lab x\n# {text.replace(chr(0), '')}\nlet a = 1  #{text.replace(chr(0), '')}\n".encode()
    net = sound("lab.net", data)
    written = format_yaml(net)
    back = sound("lab.yaml", written)
    assert meaning(back) == meaning(net)
    assert len(back.comments) == 2
    assert format_yaml(back) == written


def test_what_yaml_breaks_lines_at_is_replaced_in_comments() -> None:
    """NEL and the line separators start a new line for readers of YAML 1.1; a bell is no YAML at all."""
    net = sound("lab.net", "lab x\n# a\u2028let: 1 \x85b\x07\u2029lab: evil  \nlet a = 1\n".encode())
    assert b"# a\xef\xbf\xbdlet: 1 \xef\xbf\xbdb\xef\xbf\xbd\xef\xbf\xbdlab: evil\n" in format_yaml(net)


def test_a_pool_used_in_two_lines_is_one_key() -> None:
    """YAML has each key once; the ranges of both lines stand under it, the comments too."""
    text = b"site x\npool vni 1..99\ninstances use vni 1..2\n# more\ninstances use vni 3..4, 7..8\nlab l uses vni 10..11\nlab l uses vni 12..13\n"
    back = sound("site.yaml", format_yaml(sound("site.net", text)))
    again = format_net(back).decode()
    assert "instances use vni 1..2, 3..4, 7..8\n" in again
    assert "lab l uses vni 10..11, 12..13\n" in again
    assert again.count("# more") == 1
