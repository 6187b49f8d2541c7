"""What the values of a template are called in messages, and what they have.

Enters: a value that a template met, or what Python said of it. Leaves: words for people, who know nodes and ports, not classes.
Called by `sandbox`, and by `views` for what has no text of its own. Classes are known by their names, so that nothing is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from jinja2.exceptions import TemplateError

# The things of a lab. docs/templates.md has a table for each, under this word.
THINGS = {
    "LabView": "lab",
    "NodeView": "node",
    "PortView": "port",
    "SegmentView": "segment",
    "RouteView": "route",
    "TranslationView": "translation",
    "ServiceView": "service of a node",
    "ZoneView": "zone",
    "EndView": "end of a rule",
    "PolicyView": "policy",
    "RuleView": "rule",
    "FilteringView": "filter",
    "Line": "line of the filter",
    "Spoofed": "prefix with its interfaces",
    "Translation": "family of translations",
    "OneToOne": "one-to-one translation",
    "ManyToOne": "many-to-one translation",
    "Address": "address",
    "Placed": "address of a port",
    "Interface": "address with length",
    "Prefix": "prefix",
    "Mac": "MAC address",
    "Service": "service",
}
WORDS = {
    **THINGS,
    "Table": "table",
    "TranslationsView": "list",
    "str": "text",
    "int": "number",
    "float": "number",
    "bool": "yes or no",
    "NoneType": "empty value",
    "list": "list",
    "tuple": "list",
    "dict": "map",
}
_MOST = 16  # names in one help
_INNER = ("hosts", "packed", "value")  # of addresses: numbers and bytes, no use in a configuration


def word(value: object) -> str:
    """`node`, `text`, `list`."""
    name = type(value).__name__
    return WORDS.get(name, name)


def said(value: object) -> str:
    """A thing of the lab by what it is and its name, any other value by what it is: "the node `web`", "this list"."""
    if (called := getattr(value, "_called", None)) is not None:
        return f"`{called}`"
    name = getattr(value, "name", None) if type(value).__name__ in THINGS else None
    return f"this {word(value)}" if name is None else f"the {word(value)} `{name}`"


def members(of: type) -> list[str]:
    """What a template can read of a thing of that class, methods left out."""
    return [name for name in dir(of) if name[0] != "_" and name not in _INNER and not callable(getattr(of, name))]


def names_in(value: object) -> list[str]:
    """The names that can stand behind a dot."""
    if isinstance(value, Mapping):
        return [str(getattr(key, "name", key)) for key in value]
    return members(type(value)) if type(value).__name__ in THINGS else []


def is_list(value: object) -> bool:
    """Whether it holds things or values; an address is a tuple within, whose parts mean nothing in a template."""
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str) and type(value).__name__ not in THINGS


def lists_in(value: object) -> list[str]:
    """Its members over which a loop can go."""
    if type(value).__name__ not in THINGS:
        return []
    return [name for name in members(type(value)) if is_list(getattr(value, name, ""))]


def offered(names: list[str]) -> str:
    """Names to choose from, as many as one can read."""
    shown = [f"`{name}`" for name in names[:_MOST]]
    return ", ".join(shown) + (f", and {len(names) - _MOST} more" if len(names) > _MOST else "")


def no_text(value: object) -> TemplateError:
    """For what stands in a configuration only by its members: a route, a line of the filter, a table of nodes."""
    if is_list(value):
        return TemplateError(f"{said(value)} is a list, no text; loop over it")
    return TemplateError(f"{said(value)} is no text; write one of its members: {offered(names_in(value))}")


def translated(message: str) -> str:
    """What Python says of values of the wrong kind, in words: `object of type 'NodeView' has no len()`."""
    for pattern, wanted in _SAYINGS:
        if (found := pattern.fullmatch(message)) is not None:
            return wanted.format(*map(_in_words, found.groups()))
    return _CLASS.sub(lambda found: f"`{WORDS[found[1]]}`" if found[1] in WORDS else found[0], message)


def a(called: str) -> str:
    """`a node`, `an address`."""
    return f"{'an' if called[0] in 'aeiou' else 'a'} {called}"


def _in_words(name: str) -> str:
    return a(WORDS[name]) if name in WORDS else name


def _sayings() -> Iterator[tuple[re.Pattern[str], str]]:
    """Python's words for it, of all its versions from 3.11 on."""
    for text, wanted in (
        (r"'(\w+)' object is not iterable", "a list is wanted here, not {}"),
        (r"object of type '(\w+)' has no len\(\)", "{} has no length"),
        (r"argument of type '(\w+)' is not .*", "{} holds nothing: `in` wants a list, a map or a text"),
        (r"cannot unpack non-iterable (\w+) object", "{} cannot be taken apart into several names"),
        (r"unsupported operand type\(s\) for (.+): '(\w+)' and '(\w+)'", "{1} and {2} do not go together by `{0}`"),
        (r"'([<>=]+)' not supported between instances of '(\w+)' and '(\w+)'", "{1} and {2} cannot be compared"),
        (r"'(\w+)' object is not callable", "{} is not a function"),
    ):
        yield re.compile(text), wanted


_SAYINGS = tuple(_sayings())
_CLASS = re.compile(r"'(\w+)'")
