"""The template engine: jinja2 in its sandbox, strict about names, bounded in time and memory, the same everywhere.

Enters: the text of a template and what it may see. Leaves: text, or a `TemplateFault` with the line at fault.
Called by the pass `configs` alone, which imports this module only when a lab has a template: jinja2 costs 60 ms.

Nothing of a template runs outside: no files, no modules, no other templates, no randomness. Every turn of a loop and every call
is charged to a budget, since `range` alone can be nested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from traceback import walk_tb
from types import TracebackType

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .filters import FILTERS

TURNS = 1_000_000  # turns of loops and calls in one rendering
LARGEST = 4 * 2**20  # characters that one rendering may give
WIDEST = 10_000  # the greatest number that a filter or a text's method may be given: widths, counts
_NAME = "<template>"  # what jinja2 puts into tracebacks
# Left out: what draws random numbers, writes web pages, or prints objects as Python would.
_UNUSED_FILTERS = ("random", "pprint", "urlize", "xmlattr", "forceescape", "filesizeformat", "striptags")
_UNUSED_GLOBALS = ("lipsum",)
_WIDE = re.compile(r"\d{5,}")


class TemplateFault(Exception):  # noqa: N818 - a fault of the user's text, not an error of ours
    """A template that cannot be rendered: what is wrong, the line (from 1), and the word at fault where one is known."""

    def __init__(self, message: str, line: int, word: str = "", close: str = "", *, syntax: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.word = word
        self.close = close
        self.syntax = syntax


class _Unknown(StrictUndefined):
    """What a name or attribute that does not exist becomes; any use of it is an error that says what there is."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        name = str(self._undefined_name)
        if self._undefined_obj is None or type(self._undefined_obj).__name__ == "MissingType":
            return f"nothing is called `{name}`"
        return f"{_said(self._undefined_obj)} has no `{name}`"


def _said(value: object) -> str:
    return (
        f"`{value}`" if isinstance(value, str | int) or hasattr(value, "described") else f"this {type(value).__name__}"
    )


class _Budget:
    """What is left of the turns of one rendering."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = TURNS

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise SecurityError(f"this template loops or calls more than {TURNS:,} times")


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=_Unknown, finalize=_text, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
        )
        self.budget = _Budget()
        for name in _UNUSED_FILTERS:
            self.filters.pop(name, None)
        for name in _UNUSED_GLOBALS:
            self.globals.pop(name, None)
        self.filters = {name: _narrow(apply) for name, apply in self.filters.items()}
        self.filters.update(FILTERS)
        self.filters["_charged"] = self._charged

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Every `for` goes over an iterable that charges its turns."""
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "_charged", [], [], None, None, lineno=loop.lineno)
        return tree

    def _charged(self, items: Iterable[object]) -> Iterator[object]:
        for item in items:
            self.budget.take()
            yield item

    def call(self, context: Context, called: object, /, *arguments: object, **named: object) -> object:
        self.budget.take()
        _refuse_wide((*arguments, *named.values()))
        return super().call(context, called, *arguments, **named)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """`"x" * 10 ** 9`, `9 ** 9 ** 9` and `"%999999999d" % 1` are small texts that ask for all memory."""
        if operator == "**" or not (_is_number(left) and (_is_number(right) or operator == "%")):
            _refuse_wide((left, right) if operator != "%" else ())
            _refuse_wide_format(left)
        return super().call_binop(context, operator, left, right)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _refuse_wide(values: Iterable[object]) -> None:
    for value in values:
        if isinstance(value, int) and abs(value) > WIDEST:
            raise SecurityError(f"{value} is more than the {WIDEST:,} that a template may ask for here")


def _refuse_wide_format(value: object) -> None:
    if isinstance(value, str) and "%" in value and _WIDE.search(value):
        raise SecurityError("this format is wider than a template may ask for")


def _narrow(apply: Callable[..., object]) -> Callable[..., object]:
    """A filter of jinja2 whose widths and counts are bounded."""
    skipped = 2 if hasattr(apply, "jinja_pass_arg") else 1

    def narrow(*arguments: object, **named: object) -> object:
        _refuse_wide((*arguments[skipped:], *named.values()))
        _refuse_wide_format(arguments[skipped - 1])
        return apply(*arguments, **named)

    for mark in ("jinja_pass_arg", "jinja_async_variant"):
        if hasattr(apply, mark):
            setattr(narrow, mark, getattr(apply, mark))
    return narrow


def _text(value: object) -> object:
    """How a value stands in a configuration. What has no spelling there is refused: `None`, functions, macros."""
    if isinstance(value, str):
        return value
    if value is None:
        raise TemplateError("this value is empty (none); test it with `is not none`, or give it a `| default`")
    if isinstance(value, bool):
        return "true" if value else "false"
    if callable(value) and not isinstance(value, StrictUndefined):
        raise TemplateError("this is a function; call it with ( )")
    return value


@dataclass(slots=True)
class Engine:
    """One environment and the templates that it compiled, each text once."""

    environment: _Environment
    compiled: dict[str, Template]

    @classmethod
    def make(cls) -> Engine:
        return cls(_Environment(), {})

    def render(self, source: str, names: Mapping[str, object]) -> str:
        """Raises TemplateFault, whatever the template does."""
        template = self._template(source)
        self.environment.budget = _Budget()
        try:
            return "".join(self._bounded(template.generate(names)))
        except Exception as error:  # noqa: BLE001 - whatever a template raises is a fault of its text
            raise _fault(error, names) from None

    def _bounded(self, parts: Iterable[str]) -> Iterator[str]:
        size = 0
        for part in parts:
            self.environment.budget.take()
            size += len(part)
            if size > LARGEST:
                raise SecurityError(f"this template gives more than {LARGEST:,} characters")
            yield part

    def _template(self, source: str) -> Template:
        template = self.compiled.get(source)
        if template is None:
            try:
                template = self.compiled[source] = self.environment.from_string(source)
            except TemplateSyntaxError as error:
                raise TemplateFault(_short(error), error.lineno, syntax=True) from None
            except (RecursionError, MemoryError, ValueError, TypeError, OverflowError, TemplateError) as error:
                raise TemplateFault(_short(error), 1, syntax=True) from None
        return template


def _fault(error: Exception, names: Mapping[str, object]) -> TemplateFault:
    message = _short(error)
    line = _line_of(error.__traceback__)
    if not isinstance(error, UndefinedError):
        return TemplateFault(message, line)
    word = re.findall(r"`([^`]*)`", message)[-1:]
    known = [name for name in names if message.startswith("nothing is called")] or _attributes
    close = get_close_matches(word[0], known, 1) if word else []
    return TemplateFault(message, line, word[0] if word else "", close[0] if close else "")


# The attributes of all views, for "did you mean".
_attributes: list[str] = []


def know_attributes(names: Iterable[str]) -> None:
    """What attributes the views offer; said once by `views.py`'s owner, the pass."""
    _attributes[:] = sorted(set(names))


def _short(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "this template calls itself without end"
    text = (getattr(error, "message", None) or str(error) or type(error).__name__).strip()
    return text[0].lower() + text[1:] if text[:2].istitle() else text


def _line_of(trace: TracebackType | None) -> int:
    """jinja2 rewrites the frames of its compiled code to lines of the template."""
    lines = [line for frame, line in walk_tb(trace) if frame.f_code.co_filename in (_NAME, "<template>")]
    return lines[-1] if lines else 1
