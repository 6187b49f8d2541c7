"""Edits by machine of a YAML file: a value set, a statement added, every other byte left alone.

Enters: a YAML source, the id of an element, and text of `.net`. Leaves: pieces of text and where they go. Called by `edit.py`.

What is added becomes the keys that `labc fmt --to yaml` would give it. What an anchor gives to several places is refused, since an
edit there would change more than what was named; so is what stands in a short form (`web: linux.host`), which has no keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..diagnostics import Diagnostics
from ..source import Source
from .parse import parse_part
from .tree import Statement
from .yaml_emit import Map, Pair, Value, inline_pair, inline_value, pair_lines
from .yaml_nodes import Mapping, Node, Scalar, Sequence, children, read_document
from .yaml_out import body_of
from .yaml_sections import FILE, GEAR, HOST, NIC, NODE, PORT, SEGMENT, SOCKET, Shape

Piece = tuple[int, int, str]
_SECTIONS = {
    "node": (("nodes", NODE),),
    "kind": (("kinds", NODE),),
    "segment": (("segments", SEGMENT),),
    "host": (("hosts", HOST),),
    "device": (("devices", GEAR),),
    "switch": (("switches", GEAR),),
}
_OWNERS = {"nic": ("host",), "port": ("node", "kind", "device", "switch")}
_PORTS = {"ports": PORT, "bonds": PORT, "svis": PORT, "loopbacks": PORT}


class YamlEditError(ValueError):
    """Why a change cannot be made; `edit.py` says of what."""


class _Place:
    """The value of an element: the key before it (None: the file itself), what may stand there, and whether commas part it."""

    def __init__(self, key: Scalar | None, value: Node, shape: Shape, flow: bool) -> None:
        self.key = key
        self.value = value
        self.shape = shape
        self.flow = flow


def set_value(source: Source, path: str, field: str, text: str) -> list[Piece]:
    """`field` of an element becomes `text`. Raises YamlEditError."""
    editing = _Editing(source)
    place = editing.find(path)
    made = _keys_of(f"{field} = {text}", place.shape)
    old = editing.value_of(place.value, made)
    if old is None:
        return editing.merge(place.key, place.value, made, place.flow)
    node, new, flow = old
    return [(node.start, node.end, inline_value(new, flow=flow))]


def add_statement(source: Source, path: str, text: str) -> list[Piece]:
    """A statement of `.net` is added to an element, or with an empty path to the file. Raises YamlEditError."""
    editing = _Editing(source)
    place = editing.find(path)
    return editing.merge(place.key, place.value, _keys_of(text, place.shape), place.flow)


def _keys_of(text: str, shape: Shape) -> Map:
    """The keys that a statement becomes inside of an element of that shape."""
    found = Diagnostics()
    statement: Statement | None = parse_part("statement", Source("", text.encode()), 0, len(text.encode()), found)
    if statement is None or found.failed:
        raise YamlEditError(found.found[0].summary if found.found else "this is no statement")
    return body_of((statement,), shape)


class _Editing:
    """One source with its nodes; `shared` are those that stand in several places."""

    def __init__(self, source: Source) -> None:
        found = Diagnostics()
        root = read_document(source, found)
        if root is None:
            raise YamlEditError(found.found[0].summary)
        self.source = source
        self.root = root
        seen = Counter(map(id, _all_nodes(root)))
        self.shared = {node for node, times in seen.items() if times > 1}

    # --- Finding

    def find(self, path: str) -> _Place:
        if not path:
            return _Place(None, self.root, FILE, False)
        word, _, name = path.partition("/")
        for block in _blocks(self.root):
            for place in self._in_block(block, word, name):
                return place
        raise YamlEditError("there is no such element")

    def _in_block(self, block: Mapping, word: str, name: str) -> Iterator[_Place]:
        for section, shape in _SECTIONS.get(word, ()):
            yield from _named(block, section, name, shape)
        owner, _, port = name.rpartition("/")
        for owning in _OWNERS.get(word, ()) if owner else ():
            for around in self._in_block(block, owning, owner):
                yield from self._ports(around, word, port)

    def _ports(self, around: _Place, word: str, name: str) -> Iterator[_Place]:
        if not isinstance(around.value, Mapping):
            return
        if word == "nic":
            yield from _named(around.value, "nics", name, NIC)
            return
        for section, shape in _PORTS.items():
            yield from _named(around.value, section, name, SOCKET if around.shape is GEAR else shape)

    def value_of(self, around: Node, made: Map) -> tuple[Scalar, Value, bool] | None:
        """The scalar that stands for the first key made, and its new value; None where there is no such key."""
        pair = made.pairs[0]
        inner = _get(around, pair.key)
        if inner is None and pair.key == "set":
            return None
        if isinstance(pair.value, Map) and inner is not None:
            self._refuse_shared(inner)
            return self.value_of(inner, pair.value)
        if inner is None:
            return None
        self._refuse_shared(inner)
        if not isinstance(inner, Scalar) or inner.start == inner.end:
            raise YamlEditError(f"`{pair.key}` holds more than a single value")
        return inner, pair.value, isinstance(around, Mapping) and around.flow

    # --- Adding

    def merge(self, key: Scalar | None, value: Node, made: Map, flow: bool) -> list[Piece]:
        """The keys of `made` go into a mapping: new ones behind its last, those of mappings that it has into these."""
        self._refuse_shared(value)
        if isinstance(value, Scalar) and value.null and key is not None:
            return [self._first(key, value, made, flow)]
        if not isinstance(value, Mapping):
            raise YamlEditError("it stands in a short form; write it as a mapping first")
        pieces: list[Piece] = []
        for pair in made.pairs:
            at = next((item for item in value.items if isinstance(item[0], Scalar) and item[0].text == pair.key), None)
            if at is None:
                pieces.append(self._behind(value, pair))
            elif isinstance(pair.value, Map) and isinstance(at[0], Scalar):
                pieces += self.merge(at[0], at[1], pair.value, value.flow)
            else:
                raise YamlEditError(f"it has `{pair.key}` already")
        return pieces

    def _first(self, key: Scalar, value: Scalar, made: Map, flow: bool) -> Piece:
        """Into what holds nothing yet: `h1:` or `h1: ~`."""
        written = inline_value(made, flow=True)
        if flow or value.end > value.start or key.style:
            start, end = (value.start, value.end) if value.end > value.start else (key.end + 1, key.end + 1)
            return start, end, written if value.end > value.start else f" {written}"
        indent = self._column(key.start) + 2
        at = self._line_end(key.end)
        return at, at, self._lines(at, [line for pair in made.pairs for line in pair_lines(pair, indent)])

    def _behind(self, value: Mapping, pair: Pair) -> Piece:
        if value.flow:
            at = value.end - 1
            while self.source.data[at - 1 : at].isspace():
                at -= 1
            return at, at, f"{', ' if value.items else ''}{inline_pair(pair)}"
        last = max((child.end for child in children(value)), default=value.start)
        at = self._line_end(last)
        indent = self._column(value.items[0][0].start) if value.items else 0
        return at, at, self._lines(at, pair_lines(pair, indent))

    def _lines(self, at: int, lines: list[str]) -> str:
        """Lines that begin at `at`; the file's last line may lack its end."""
        before = "" if not at or self.source.data[at - 1 : at] == b"\n" else "\n"
        return before + "".join(f"{line}\n" for line in lines)

    def _line_end(self, at: int) -> int:
        """Behind the line break of the line that holds the byte before `at`."""
        if at and self.source.data[at - 1 : at] == b"\n":
            return at
        end = self.source.data.find(b"\n", at)
        return len(self.source.data) if end < 0 else end + 1

    def _column(self, at: int) -> int:
        return at - self.source.data.rfind(b"\n", 0, at) - 1

    def _refuse_shared(self, node: Node) -> None:
        if id(node) in self.shared:
            raise YamlEditError("an alias (`*`) makes this stand in several places")


def _all_nodes(root: Node) -> Iterator[Node]:
    """Every node as often as it stands somewhere; what an alias repeats is entered once."""
    entered: set[int] = set()
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        yield node
        if id(node) not in entered:
            entered.add(id(node))
            stack.extend(children(node))


def _blocks(block: Mapping) -> Iterator[Mapping]:
    """The file and its loops and conditions, in which elements may be declared."""
    yield block
    for key in ("for", "if", "else"):
        inner = _get(block, key)
        for item in inner.items if isinstance(inner, Sequence) else [inner]:
            if isinstance(item, Mapping):
                yield from _blocks(item)


def _named(block: Node, section: str, name: str, shape: Shape) -> Iterator[_Place]:
    """An element by its name as written, `pc{i}`, in a section, which is a mapping or a list of such."""
    held = _get(block, section)
    for part in held.items if isinstance(held, Sequence) else [held]:
        for key, value in part.items if isinstance(part, Mapping) else ():
            if isinstance(key, Scalar) and key.text == name and isinstance(part, Mapping):
                yield _Place(key, value, shape, part.flow)


def _get(around: Node, wanted: str) -> Node | None:
    for key, value in around.items if isinstance(around, Mapping) else ():
        if isinstance(key, Scalar) and key.text == wanted:
            return value
    return None
