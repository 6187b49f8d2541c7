"""YAML text as nodes with byte spans.

Enters: a `Source`. Leaves: the `Mapping` of its one document, as far as it could be read. Called by `yaml.py`, which gives it
meaning.

libyaml's events are taken one at a time, not its composed tree: what stands before a mistake is kept, duplicate keys are
seen, and depth is bounded (libyaml takes time quadratic in the depth of `[[[[…`). Values stay text; `true` or `10` are read
by the expression parser, so YAML 1.1's `on` and `1:30` mean nothing special.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

from msgspec import Struct, field

from ..diagnostics import Diagnostics, Label
from ..source import Source, Span

MAX_DEPTH = 100  # A lab nests some ten deep.
MAX_NODES = 2_000_000  # What aliases may unfold to; a lab of 100,000 nodes written out has fewer.
NULLS = ("", "~", "null", "Null", "NULL")


class Scalar(Struct):
    """A text. `style` is empty for a plain one, else the character that opens it: `'`, `"`, `|` or `>`."""

    start: int
    end: int
    text: str
    style: str = ""

    @property
    def null(self) -> bool:
        return not self.style and self.text in NULLS


class Sequence(Struct):
    start: int
    end: int
    items: list[Node] = field(default_factory=list)
    flow: bool = False
    cut: bool = False


class Mapping(Struct):
    """`cut`: a YAML mistake stands inside, so that what is missing was perhaps only not read."""

    start: int
    end: int
    items: list[tuple[Node, Node]] = field(default_factory=list)
    flow: bool = False
    cut: bool = False


Node = Scalar | Sequence | Mapping


def read_document(source: Source, diagnostics: Diagnostics) -> Mapping | None:
    """The file's mapping; None when there is none, which was then reported."""
    text = _decoded(source, diagnostics)
    if text is None:
        return None
    builder = _Builder(source, diagnostics, byte_offsets(text, source))
    root = builder.build(text.removeprefix("\ufeff"))
    if root is None or (isinstance(root, Scalar) and root.null):
        return Mapping(0, 0)
    if not isinstance(root, Mapping):
        help = "begin with `lab: NAME` and go on with `nodes:`, `segments:`, `links:`"
        span = Span(source, root.start, root.end)
        diagnostics.error("E0152", "a YAML lab is a mapping", span, "this is none", help=help)
        return None
    return None if builder.aliased and not unfolds_within_bounds(root, source, diagnostics) else root


def _decoded(source: Source, diagnostics: Diagnostics) -> str | None:
    try:
        return source.data.decode("utf-8")
    except UnicodeDecodeError as error:
        span = Span(source, error.start, error.end)
        diagnostics.error("E0150", "the file is not UTF-8", span, "no character in UTF-8", help="save it as UTF-8")
        return None


def byte_offsets(text: str, source: Source) -> Callable[[int], int]:
    """From libyaml's index, which counts characters behind a byte order mark, to the offset in bytes."""
    if text.isascii():
        return lambda index: index
    marked = text.startswith("\ufeff")
    sizes = (len(character.encode("utf-8")) for character in text)
    offsets = list(accumulate(sizes, initial=0))[int(marked) :]
    return lambda index: offsets[index] if index < len(offsets) else len(source.data)


def unfolds_within_bounds(root: Node, source: Source, diagnostics: Diagnostics) -> bool:
    """Aliases let a few lines stand for billions of nodes; each node is counted once, and its size reused."""
    sizes: dict[int, int] = {}
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, counted = stack.pop()
        if id(node) in sizes:
            continue
        if counted:
            sizes[id(node)] = 1 + sum(sizes[id(child)] for child in children(node))
            if sizes[id(node)] > MAX_NODES:
                span = Span(source, node.start, node.end)
                summary = f"the aliases unfold to more than {MAX_NODES:,} values"
                diagnostics.error(
                    "E0156", summary, span, "here", help="use `for` or a kind instead of aliases of aliases"
                )
                return False
            continue
        stack.append((node, True))
        stack.extend((child, False) for child in children(node))
    return True


def children(node: Node) -> Iterator[Node]:
    if isinstance(node, Sequence):
        yield from node.items
    elif isinstance(node, Mapping):
        for key, value in node.items:
            yield key
            yield value


class _Builder:
    """Puts events together to nodes. `open` holds the collections around the next event, each with the key that waits
    for its value and the anchor that names it once it is whole."""

    def __init__(self, source: Source, diagnostics: Diagnostics, offset: Callable[[int], int]) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.offset = offset
        self.open: list[Sequence | Mapping] = []
        self.keys: list[Node | None] = []
        self.names: list[str | None] = []
        self.anchors: dict[str, Node] = {}
        self.aliased = False
        self.root: Node | None = None

    def build(self, text: str) -> Node | None:
        import yaml  # Heavy for the start of a command that reads no YAML.

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            parser = loader(text)
            while (event := parser.get_event()) is not None:
                if not self._take(event):
                    break
        except yaml.YAMLError as error:
            self._report(error)
            self._cut()
        return self.root

    def _take(self, event: Any) -> bool:  # Any: PyYAML's event classes differ by subclass only in attributes.
        """Whether to go on."""
        match type(event).__name__:
            case "ScalarEvent":
                self._refuse_tag(event)
                start, end = self._place(event)
                self._add(Scalar(start, end, event.value, event.style or ""), event.anchor)
            case "AliasEvent":
                self._alias(event)
            case "MappingStartEvent" | "SequenceStartEvent":
                return self._begin(event)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._end(self.offset(event.end_mark.index))
            case "DocumentStartEvent" if self.root is not None:
                span = Span(self.source, *self._place(event))
                label = "a second one starts here"
                self.diagnostics.error(
                    "E0157", "a lab is one YAML document", span, label, help="remove it, or make it a file"
                )
                return False
        return True

    def _place(self, event: Any) -> tuple[int, int]:
        return self.offset(event.start_mark.index), self.offset(event.end_mark.index)

    def _begin(self, event: Any) -> bool:
        self._refuse_tag(event)
        start, end = self._place(event)
        if len(self.open) >= MAX_DEPTH:
            span = Span(self.source, start, end)
            self.diagnostics.error("E0150", f"nested more than {MAX_DEPTH} deep", span, "this is one more")
            self._cut()
            return False
        made = Mapping if type(event).__name__ == "MappingStartEvent" else Sequence
        self.open.append(made(start, end, flow=bool(event.flow_style)))
        self.keys.append(None)
        self.names.append(event.anchor)
        return True

    def _end(self, end: int) -> None:
        node = self.open.pop()
        self.keys.pop()
        node.end = end if node.flow else self._last_byte(node, end)
        self._add(node, self.names.pop())

    def _last_byte(self, node: Sequence | Mapping, end: int) -> int:
        """A block ends for libyaml where the next thing starts; for people, where its last value ends."""
        last = max((child.end for child in children(node)), default=end)
        return min(last, end) if last > node.start else end

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        if not self.open:
            self.root = node
            return
        around = self.open[-1]
        if isinstance(around, Sequence):
            around.items.append(node)
            return
        key = self.keys[-1]
        if key is None:
            self.keys[-1] = node
        else:
            around.items.append((key, node))
            self.keys[-1] = None

    def _alias(self, event: Any) -> None:
        self.aliased = True
        start, end = self._place(event)
        target = self.anchors.get(event.anchor)
        if target is None:
            inside_itself = event.anchor in self.names
            summary = (
                f"`*{event.anchor}` stands inside itself"
                if inside_itself
                else f"no anchor `&{event.anchor}` stands before this"
            )
            self.diagnostics.error("E0156", summary, Span(self.source, start, end), "this alias")
            target = Scalar(start, end, "", "")
        self._add(target, None)

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is None or event.tag == "!":
            return
        shown = event.tag.replace("tag:yaml.org,2002:", "!!")
        help = "remove it; what a value is follows from where it stands, and a text is written '\"like this\"'"
        span = Span(self.source, *self._place(event))
        self.diagnostics.error("E0155", f"the tag `{shown}` has no meaning in a lab", span, "tagged", help=help)

    def _cut(self) -> None:
        """Close what is open. What stands right before the mistake is likely misread: flow collections and the last
        value are left out."""
        for around in self.open:
            around.cut = True
        if self.open and self.open[-1].items and self.keys[-1] is None:
            self.open[-1].items.pop()
        while self.open:
            node, name = self.open.pop(), self.names.pop()
            self.keys.pop()
            node.end = self._last_byte(node, len(self.source.data))
            if not node.flow:
                self._add(node, name)
            elif self.open:
                self.keys[-1] = None

    def _report(self, error: Any) -> None:
        """libyaml's mistake in our words where we know better, with what it was reading as a second label."""
        mark = getattr(error, "problem_mark", None)
        index = mark.index if mark is not None else getattr(error, "position", 0)
        at = self.offset(index)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        span = Span(self.source, at, min(at + 1, len(self.source.data)))
        context, context_mark = getattr(error, "context", None), getattr(error, "context_mark", None)
        labels: tuple[Label, ...] = ()
        if context and context_mark is not None and context_mark.index != index:
            begun = self.offset(context_mark.index)
            labels = (Label(Span(self.source, begun, begun + 1), str(context)),)
        help = _advice(problem, self.source.data[at : at + 1])
        self.diagnostics.error("E0150", f"this is no YAML: {problem}", span, "here", labels=labels, help=help)


def _advice(problem: str, byte: bytes) -> str:
    if byte == b"\t":
        return "indent with blanks; YAML allows no tabs there"
    if "cannot start any token" in problem:
        return "put the text in quotes: '…'"
    if "mapping values are not allowed" in problem:
        return "a text with `: ` in it stands in quotes: '…'; or the line is indented too far"
    if "expected ',' or ']'" in problem or "expected ',' or '}'" in problem:
        return "close the bracket, or put a text that holds brackets in quotes: 'pc[1]'"
    if "expected <block end>" in problem or "expected block end" in problem:
        return "this line is not indented like its neighbours"
    return ""
