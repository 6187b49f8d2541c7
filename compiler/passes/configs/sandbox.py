"""The template engine: jinja2 in its sandbox, strict about names, bounded in time and memory, the same everywhere.

Enters: the text of a template and what it may see. Leaves: text, or a `TemplateFault` with the line at fault.
Called by the pass `configs` alone, which imports this module only when a lab has a template: jinja2 costs 60 ms.

Nothing of a template runs outside: no files, no modules, no other templates, no randomness. Every turn of a loop and every call
is charged to a budget, since `range` alone can be nested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from traceback import walk_tb
from types import TracebackType
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from msgspec import Struct

from ...addresses import Address, Interface, Prefix
from .filters import FILTERS, Placed
from .words import THINGS, a, is_list, lists_in, names_in, offered, said, translated, word

TURNS = 200_000  # turns of loops and calls in one rendering; a big lab allows more
LARGEST = 64 * 2**20  # characters that one rendering may give
LONGEST = 4 * 2**20  # characters or items of one value within it
WIDEST = 10_000  # the greatest number that a filter or a text's method may be given: widths, counts
_COUNTED = (list, tuple, range, dict, str)  # what says how long it is before a loop over it starts
_NAME = "<template>"  # what jinja2 puts into tracebacks
# Left out: what draws random numbers, writes web pages, or prints objects as Python would.
_UNUSED_FILTERS = ("random", "pprint", "urlize", "xmlattr", "forceescape", "filesizeformat", "striptags")
_UNUSED_GLOBALS = ("lipsum",)
_SPELT = (str, Address, Interface, Prefix, Placed)  # what nearly all values are
_OBJECT = re.compile(r"<[\w. ]+ at 0x[0-9a-f]+>")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDE = re.compile(r"\d{5,}")
_HOLE = "a name that does not exist would leave a hole in the configuration"


class TemplateFault(Exception):  # noqa: N818 - a fault of the user's text, not an error of ours
    """A template that cannot be rendered: what is wrong, the line (from 1), and the word at fault where one is known.

    `endless`: it used up its turns, which takes as long each time.
    """

    def __init__(
        self,
        message: str,
        line: int,
        word: str = "",
        *,
        reason: str = "",
        help: str = "",
        syntax: bool = False,
        endless: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.word = word
        self.reason = reason
        self.help = help
        self.syntax = syntax
        self.endless = endless


class _UnknownNameError(UndefinedError):
    """A name or attribute that does not exist, and what was asked for it."""

    def __init__(self, message: str, of: object, name: str) -> None:
        super().__init__(message)
        self.of = of
        self.name = name


class _Unknown(StrictUndefined):
    """What a name or attribute that does not exist becomes; any use of it is an error."""

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: Callable[[str], Exception] = UndefinedError,
    ) -> None:
        if exc is UndefinedError and hint is None:
            exc = partial(_UnknownNameError, of=obj, name=str(name))
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type]  # it is called with the message, as a class is

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        if self._undefined_obj is missing:
            return f"nothing is called `{self._undefined_name}`"
        return f"{said(self._undefined_obj)} has no `{self._undefined_name}`"


class _NoListError(TemplateError):
    """A loop or a filter over what is no list. `written`: the template's own words for it, where they are simple."""

    def __init__(self, value: object, written: str = "") -> None:
        what = f"`{written}` is {a(word(value))}, not a list" if written else f"{said(value)} stands where a list must"
        super().__init__(what)
        self.written = written
        self.help = _lists_of(value, written)


def _lists_of(value: object, written: str) -> str:
    lists = [f"{written}.{name}" if written else name for name in lists_in(value)]
    if len(lists) == 1:
        return f"did you mean `{lists[0]}`?"
    return f"its lists are {offered(lists)}" if lists else ""


class _EndlessError(SecurityError):
    """A template that used up its turns."""


class _Budget:
    """What is left of the turns of one rendering."""

    __slots__ = ("all", "left")

    def __init__(self, turns: int) -> None:
        self.all = self.left = turns

    def take(self, turns: int = 1) -> None:
        self.left -= turns
        if self.left < 0:
            raise _EndlessError(f"this template loops or calls more than {self.all:,} times")


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, things: frozenset[type]) -> None:
        """`things`: the types whose public attributes a template may read; the rest goes through jinja2's own checks."""
        super().__init__(
            undefined=_Unknown, finalize=_text, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
        )
        self.things = things
        self.counted = (*_COUNTED, *(thing for thing in things if issubclass(thing, Mapping)))
        self.budget = _Budget(TURNS)
        for name in _UNUSED_FILTERS:
            self.filters.pop(name, None)
        for name in _UNUSED_GLOBALS:
            self.globals.pop(name, None)
        self.filters = {name: self._weighed(_narrow(apply)) for name, apply in self.filters.items()}
        self.filters.update(FILTERS)
        self.filters["_held"] = self._held
        self.filters["_charged"] = self._charged
        self.filters["_joined"] = _joined

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Every `for` goes over an iterable that charges its turns."""
        tree: nodes.Template = _Joined().visit(super()._parse(source, name, filename))
        for loop in tree.find_all(nodes.For):
            written = nodes.Const(_written(loop.iter), lineno=loop.lineno)
            loop.iter = nodes.Filter(loop.iter, "_charged", [written], [], None, None, lineno=loop.lineno)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:  # Any: as jinja2 has it
        """jinja2's own asks a dozen questions of every attribute; most are of the lab's things, which answer by their type."""
        if type(obj) in self.things and attribute[:1] != "_":
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass  # an item, or a name that does not exist
        return super().getattr(obj, attribute)

    def concat(self, parts: Iterable[str]) -> str:
        """What `set` blocks, macros and `call` gather; it can be kept, so that its length costs turns."""
        text = _bounded(parts, LONGEST)
        self.budget.take(len(text) >> 10)
        return text

    def _held(self, value: object) -> object:
        """Charge what a list holds in lists: each of sixty may hold the one before twice, and who prints or compares the last
        walks all of it."""
        stack = [value]
        while stack:
            inner = stack.pop()
            items = inner.values() if type(inner) is dict else inner
            if type(inner) in (list, tuple, dict):
                nested = [item for item in items if type(item) in (list, tuple, dict)]  # type: ignore[attr-defined]
                for _ in nested:
                    self.budget.take()
                stack += nested
        return value

    def _weighed(self, apply: Callable[..., object]) -> Callable[..., object]:
        """A filter whose result is charged as a list that was written would be."""
        skipped = 1 if hasattr(apply, "jinja_pass_arg") else 0

        def weighed(*arguments: object, **named: object) -> object:
            try:
                return self._held(apply(*arguments, **named))
            except TypeError:
                if arguments[skipped:] and not _loops(value := arguments[skipped]):
                    raise _NoListError(value) from None
                raise

        for mark in ("jinja_pass_arg", "jinja_async_variant"):
            if hasattr(apply, mark):
                setattr(weighed, mark, getattr(apply, mark))
        return weighed

    def _charged(self, items: Iterable[object], written: str) -> Iterable[object]:
        if type(items) in self.counted:
            self.budget.take(len(items))  # type: ignore[arg-type]  # these have a length
            return items
        if not _loops(items):
            raise _NoListError(items, written)
        return self._charged_one_by_one(items)

    def _charged_one_by_one(self, items: Iterable[object]) -> Iterator[object]:
        for item in items:
            self.budget.take()
            yield item

    def call(self, context: Context, called: object, /, *arguments: object, **named: object) -> object:
        self.budget.take()
        given = (*arguments, *named.values())
        _refuse_wide(given)
        _refuse_long(getattr(called, "__self__", None), given)
        method = getattr(called, "__wrapped__", called)  # the sandbox wraps `format`
        if getattr(method, "__name__", "") in ("format", "format_map"):
            _refuse_wide_formats((getattr(method, "__self__", None), *given))
        return self._held(super().call(context, called, *arguments, **named))

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """`"x" * 10 ** 9`, `9 ** 9 ** 9` and `"%999999999d" % 1` are small texts that ask for all memory."""
        if operator == "%":
            _refuse_wide_formats((left,))
        elif operator == "**":
            _refuse_wide((left, right))
        elif operator == "*":
            _refuse_big(_size(left) * right if isinstance(right, int) else 0)
            _refuse_big(_size(right) * left if isinstance(left, int) else 0)
        else:
            _refuse_big(_size(left) + _size(right))
        return super().call_binop(context, operator, left, right)


def _loops(value: object) -> bool:
    """Addresses are tuples within, whose parts mean nothing in a template."""
    return isinstance(value, Iterable) and type(value).__name__ not in THINGS


def _written(node: nodes.Node) -> str:
    """`filtering`, `nodes.web`, `policies[0]` as the template has it; nothing for what is longer than that."""
    if isinstance(node, nodes.Name):
        return node.name
    inner = _written(node.node) if isinstance(node, nodes.Getattr | nodes.Getitem) else ""
    if inner and isinstance(node, nodes.Getattr):
        return f"{inner}.{node.attr}"
    if inner and isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{inner}[{node.arg.value}]" if isinstance(node.arg.value, int) else f'{inner}["{node.arg.value}"]'
    return ""


class _Joined(NodeTransformer):
    """`a ~ b`, and lists as they are written, pass through filters of ours, whose results are bounded: doubling a text sixty
    times fills any memory."""

    def visit_List(self, node: nodes.Literal) -> nodes.Node:  # noqa: N802 - jinja2's name
        self.generic_visit(node)
        return nodes.Filter(node, "_held", [], [], None, None, lineno=node.lineno)

    visit_Dict = visit_List  # noqa: N815

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        return self.visit_List(node) if node.ctx == "load" else node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - jinja2's name
        parts = [self.visit(part) for part in node.nodes]
        return nodes.Filter(nodes.List(parts, lineno=node.lineno), "_joined", [], [], None, None, lineno=node.lineno)


def _joined(parts: list[object]) -> str:
    texts = [str(part) for part in parts]
    _refuse_big(sum(map(len, texts)))
    return "".join(texts)


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _refuse_big(size: int) -> None:
    if size > LONGEST:
        raise SecurityError(f"this makes something of more than {LONGEST:,} characters or items")


def _refuse_long(value: object, given: Iterable[object]) -> None:
    """`replace` and `join` can make as much as the product of what they are given."""
    for each in given:
        if isinstance(each, str):
            _refuse_big(_size(value) * len(each) // 16)


def _refuse_wide(values: Iterable[object]) -> None:
    for value in values:
        if isinstance(value, int) and abs(value) > WIDEST:
            raise SecurityError(f"{value} is more than the {WIDEST:,} that a template may ask for here")


def _refuse_wide_formats(values: Iterable[object]) -> None:
    if any(isinstance(value, str) and _WIDE.search(value) for value in values):
        raise SecurityError("this format is wider than a template may ask for")


def _narrow(apply: Callable[..., object]) -> Callable[..., object]:
    """A filter of jinja2 whose widths and counts are bounded."""
    skipped = 1 if hasattr(apply, "jinja_pass_arg") else 0

    def narrow(*arguments: object, **named: object) -> object:
        value, *given = (*arguments[skipped:], *named.values())
        _refuse_wide(given)
        _refuse_long(value, given)
        if apply.__name__ == "do_format":
            _refuse_wide_formats((value,))
        return apply(*arguments, **named)

    for mark in ("jinja_pass_arg", "jinja_async_variant"):
        if hasattr(apply, mark):
            setattr(narrow, mark, getattr(apply, mark))
    return narrow


def _bounded(parts: Iterable[str], most: int) -> str:
    kept: list[str] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > most:
            raise SecurityError(f"this template gives more than {most:,} characters")
        kept.append(part)
    return "".join(kept)


def _text(value: object) -> object:
    """How a value stands in a configuration. What has no spelling there is refused: `None`, functions, macros."""
    if isinstance(value, _SPELT):
        return value
    if value is None:
        raise TemplateError("this value is empty (none); test it with `is not none`, or give it a `| default`")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict | range | Iterator) or is_list(value):
        raise TemplateError('this is a list; join it (`| join(", ")`) or loop over it')
    if callable(value) and not isinstance(value, StrictUndefined):
        raise TemplateError("this is a function; call it with ( )")
    return value


def _fit_for_a_file(text: str) -> str:
    """What Python prints of an object holds where it lies in memory, another text on every run; half of a surrogate pair
    has no bytes at all."""
    if " at 0x" in text and (found := _OBJECT.search(text)) is not None:
        raise TemplateError(f"{found[0]} is an object of the template engine, not a text")
    if not text.isascii() and _SURROGATE.search(text):
        raise TemplateError("half of a surrogate pair is no character")
    return text


class Engine(Struct):
    """One environment and the templates that it compiled, each text once; a text that is none keeps what is wrong with it."""

    environment: _Environment
    compiled: dict[str, Template | TemplateFault]

    @classmethod
    def make(cls, things: frozenset[type]) -> Engine:
        return cls(_Environment(things), {})

    def render(self, source: str, names: Mapping[str, object], turns: int = TURNS) -> str:
        """Raises TemplateFault, whatever the template does."""
        template = self.compiled.get(source)
        if template is None:
            template = self.compiled[source] = self._template(source)
        if isinstance(template, TemplateFault):
            raise template
        self.environment.budget = _Budget(turns)
        try:
            return _fit_for_a_file(_bounded(template.generate(names), LARGEST))
        except Exception as error:  # noqa: BLE001 - whatever a template raises is a fault of its text
            raise _fault(error, names) from None

    def _template(self, source: str) -> Template | TemplateFault:
        try:
            return self.environment.from_string(source)
        except TemplateSyntaxError as error:
            return TemplateFault(_short(error), error.lineno, syntax=True)
        except (RecursionError, MemoryError, ValueError, TypeError, OverflowError, TemplateError) as error:
            return TemplateFault(_short(error), 1, syntax=True)


def _fault(error: Exception, names: Mapping[str, object]) -> TemplateFault:
    line = _line_of(error.__traceback__)
    if isinstance(error, _UnknownNameError):
        return TemplateFault(_short(error), line, error.name, reason=_HOLE, help=_instead(error, names))
    if isinstance(error, _NoListError):
        return TemplateFault(_short(error), line, error.written, help=error.help)
    return TemplateFault(_short(error), line, endless=isinstance(error, _EndlessError))


def _instead(error: _UnknownNameError, names: Mapping[str, object]) -> str:
    """The nearest name, else those that there are."""
    if is_list(error.of) and not isinstance(error.of, Mapping):
        return _by_number(error.of)
    known = list(names) if error.of is missing else names_in(error.of)
    methods = [] if error.of is missing else [name for name in dir(error.of) if name[0] != "_"]
    if close := get_close_matches(error.name, [*known, *methods], 1):
        return f"did you mean `{close[0]}`?"
    if not known:
        return ""
    return f"{'a template sees' if error.of is missing else 'it has'} {offered(known)}"


def _by_number(items: Any) -> str:  # Any: a list, or what behaves as one
    count = len(items)
    return f"the items of a list have numbers from 0, and this one has {count}" if count else "this list is empty"


def _short(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "this template calls itself without end"
    if isinstance(error, MemoryError):
        return "this template asks for more memory than there is"
    if "no loader" in str(error):
        return "a template cannot include, import or extend other files"
    text = (getattr(error, "message", None) or str(error) or type(error).__name__).strip()
    text = translated(text) if isinstance(error, TypeError) else text
    return text[0].lower() + text[1:] if text[:2].istitle() else text


def _line_of(trace: TracebackType | None) -> int:
    """jinja2 rewrites the frames of its compiled code to lines of the template."""
    lines = [line for frame, line in walk_tb(trace) if frame.f_code.co_filename == _NAME]
    return lines[-1] if lines else 1
