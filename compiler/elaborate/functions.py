"""The functions of the language: `len(x)`, `nodes("glob")`, `secret("env:NAME")`.

Enters: values, none of them POISON. Leaves: a value, or POISON after a report. `evaluate` looks them up by name.
A function is added by writing it under `@_function`; its parameters' types are checked before it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from ..addresses import Address, Interface, Prefix
from ..ir.lab import GroupId, NodeId, Secret
from ..quantities import Quantity, Service
from ..syntax import tree
from . import operators
from .state import DECLARE, Help, State, suggest
from .values import POISON, SECRET_MARK, Element, Frame, as_prefix, describe, shown, text_of

Function = Callable[[State, Frame, tree.Call, list[Any], dict[str, Any]], object]
FUNCTIONS: dict[str, Function] = {}


class _Call:
    """One call while it is worked on: where reports go."""

    __slots__ = ("frame", "state", "tree")

    def __init__(self, state: State, frame: Frame, call: tree.Call) -> None:
        self.state = state
        self.frame = frame
        self.tree = call

    def wrong(self, summary: str, label: str = "", code: str = "E0319", *, reason: str = "", help: Help = "") -> object:
        return self.state.error(self.frame, code, summary, self.tree.span, label, reason=reason, help=help)

    def realise(self, values: Any) -> list[Any]:
        """A list or range as a list; counts towards the lab's limit."""
        self.state.spend(operators.size(values), self.frame, self.tree.span)
        return list(values)


_ACCEPTS: dict[str, Callable[[Any], bool]] = {
    "value": lambda _: True,
    "list": lambda value: type(value) in (list, range),
    "items": lambda value: type(value) in (list, range, dict, str),
    "map": lambda value: type(value) is dict,
    "string": lambda value: type(value) is str,
    "int": lambda value: type(value) is int,
    "prefix": lambda value: as_prefix(value) is not None,
    "interface": lambda value: type(value) in (Prefix, Interface),
    "addressed": lambda value: type(value) in (Address, Prefix, Interface),
    "number": lambda value: type(value) in (int, float, Quantity),
}
_SAID = {
    "value": "a value",
    "list": "a list",
    "items": "a list, a map or a string",
    "map": "a map",
    "string": "a string",
    "int": "an int",
    "prefix": "a prefix",
    "interface": "a prefix",
    "addressed": "an address or a prefix",
    "number": "a number or a quantity",
}


def _function(
    name: str, *parameters: str, least: int | None = None
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register a function. `parameters` are keys of _ACCEPTS; a last one with `*` takes any number."""
    rest = parameters[-1][:-1] if parameters and parameters[-1].endswith("*") else None
    fixed = parameters[:-1] if rest else parameters
    needed = len(fixed) if least is None else least

    def register(work: Callable[..., object]) -> Callable[..., object]:
        def call(state: State, frame: Frame, node: tree.Call, values: list[Any], named: dict[str, Any]) -> object:
            self = _Call(state, frame, node)
            if named or len(values) < needed or (rest is None and len(values) > len(fixed)):
                return self.wrong(
                    f"`{name}` is called with the wrong arguments", help=_signature(name, parameters, needed)
                )
            for position, value in enumerate(values):
                wanted = fixed[position] if position < len(fixed) else rest or "value"
                if not _ACCEPTS[wanted](value):
                    return _unfit(self, name, position, wanted, value)
            return work(self, *values)

        FUNCTIONS[name] = call
        return work

    return register


def _signature(name: str, parameters: tuple[str, ...], needed: int) -> str:
    words = [
        word if at < needed else f"[{word}]" for at, word in enumerate(word.replace("*", ", …") for word in parameters)
    ]
    return f"write `{name}({', '.join(words)})`"


def _unfit(call: _Call, name: str, position: int, wanted: str, value: object) -> object:
    span = call.tree.arguments[position].span
    summary = f"`{name}` wants {_SAID[wanted]}, found {describe(value)}"
    return call.state.error(call.frame, "E0303", summary, span, shown(value))


# --- Lists and maps ----------------------------------------------------------------------------------------


@_function("len", "items")
def _len(call: _Call, value: Any) -> object:
    if type(value) is str and SECRET_MARK in value:
        return operators.no_secret(call.state, call.frame, call.tree.span)
    return operators.size(value)


def _listed(call: _Call, values: tuple[Any, ...]) -> list[Any] | None:
    """`max(list)` and `max(a, b, …)` alike; None when the items cannot be compared, which was reported."""
    items = call.realise(values[0]) if len(values) == 1 and type(values[0]) in (list, range) else list(values)
    first = items[0] if items else 0
    if isinstance(first, Quantity):
        fits = all(type(item) is Quantity and item.dimension == first.dimension for item in items)
    elif type(first) in (int, float):
        fits = all(type(item) in (int, float) for item in items)
    else:
        fits = type(first) in (str, Address) and all(type(item) is type(first) for item in items)
    if fits:
        return items
    call.wrong(
        f"`{call.tree.function}` needs values of one type that has an order",
        "numbers, quantities, strings or addresses",
        "E0303",
    )
    return None


@_function("min", "value*")
def _min(call: _Call, *values: Any) -> object:
    return _extreme(call, values, min)


@_function("max", "value*")
def _max(call: _Call, *values: Any) -> object:
    return _extreme(call, values, max)


def _extreme(call: _Call, values: tuple[Any, ...], choose: Callable[[list[Any]], object]) -> object:
    items = _listed(call, values)
    if items is None:
        return POISON
    return (
        choose(items)
        if items
        else call.wrong(f"`{call.tree.function}` of an empty list", "there is nothing to choose from")
    )


@_function("sum", "list")
def _sum(call: _Call, values: Any) -> object:
    items = _listed(call, (values,))
    if items is None or (items and type(items[0]) in (str, Address)):
        return POISON if items is None else call.wrong("`sum` adds numbers or quantities", code="E0303")
    if items and type(items[0]) is Quantity:
        total: Any = Quantity(items[0].dimension, sum(item.amount for item in items))
    else:
        total = sum(items)
    return operators.bounded(call.state, call.frame, call.tree.span, total)


@_function("abs", "number")
def _abs(_: _Call, value: Any) -> object:
    return Quantity(value.dimension, abs(value.amount)) if type(value) is Quantity else abs(value)


@_function("range", "int", "int", "int", least=2)
def _range(call: _Call, first: int, last: int, step: int = 1) -> object:
    """Both ends included, as in `first..last`."""
    if step == 0:
        return call.wrong("the step of a range is 0", "it would never end")
    return range(first, last + (1 if step > 0 else -1), step)


@_function("sorted", "list")
def _sorted(call: _Call, values: Any) -> object:
    if values and type(values[0]) is Element:
        return sorted(values)
    items = _listed(call, (values,))
    return POISON if items is None else sorted(items)


@_function("reversed", "list")
def _reversed(call: _Call, values: Any) -> object:
    return call.realise(values)[::-1]


@_function("zip", "list*")
def _zip(call: _Call, *values: Any) -> object:
    if len({operators.size(value) for value in values}) > 1:
        return call.wrong(
            "`zip` wants lists of one length", " and ".join(str(operators.size(value)) for value in values)
        )
    return [list(items) for items in zip(*(call.realise(value) for value in values), strict=True)]


@_function("keys", "map")
def _keys(_: _Call, value: dict[str, Any]) -> object:
    return list(value)


@_function("values", "map")
def _values(_: _Call, value: dict[str, Any]) -> object:
    return list(value.values())


@_function("any", "list")
def _any(call: _Call, values: Any) -> object:
    return any(values) if _bools(call, values) else POISON


@_function("all", "list")
def _all(call: _Call, values: Any) -> object:
    return all(values) if _bools(call, values) else POISON


def _bools(call: _Call, values: Any) -> bool:
    if type(values) is list and all(type(value) is bool for value in values):
        return True
    call.wrong(
        f"`{call.tree.function}` wants a list of bools", code="E0303", help="compare each: `[x > 0 for x in xs]`"
    )
    return False


# --- Texts -------------------------------------------------------------------------------------------------


def _open(call: _Call, *texts: str) -> bool:
    """Whether no text holds a secret, whose inside nobody can see yet."""
    if not any(SECRET_MARK in text for text in texts):
        return True
    operators.no_secret(call.state, call.frame, call.tree.span)
    return False


def _bounded(call: _Call, text: str) -> object:
    found = operators.bounded_text(call.state, call.frame, call.tree.span, text)
    return POISON if found is None else found


@_function("join", "list", "string", least=1)
def _join(call: _Call, values: Any, separator: str = "") -> object:
    texts = [text_of(value) for value in call.realise(values)]
    if any(text is None for text in texts):
        return call.wrong("`join` wants items that have a text", code="E0303")
    known = [text for text in texts if text is not None]
    if sum(map(len, known)) + len(separator) * len(known) > operators.TEXT:
        return call.wrong("the string is too long", f"past {operators.TEXT:,} characters", "E0307")
    return separator.join(known)


@_function("split", "string", "string")
def _split(call: _Call, text: str, separator: str) -> object:
    if not _open(call, text, separator):
        return POISON
    return text.split(separator) if separator else call.wrong("`split` by an empty string")


@_function("replace", "string", "string", "string")
def _replace(call: _Call, text: str, old: str, new: str) -> object:
    if not _open(call, text, old):
        return POISON
    if len(text) + text.count(old) * len(new) > operators.TEXT:
        return call.wrong("the string is too long", f"past {operators.TEXT:,} characters", "E0307")
    return text.replace(old, new)


@_function("upper", "string")
def _upper(call: _Call, text: str) -> object:
    return _bounded(call, text.upper()) if _open(call, text) else POISON


@_function("lower", "string")
def _lower(call: _Call, text: str) -> object:
    return _bounded(call, text.lower()) if _open(call, text) else POISON


@_function("int", "value")
def _int(call: _Call, value: Any) -> object:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    text = value.strip() if type(value) is str else ""
    digits = text[1:] if text[:1] == "-" else text
    if digits.isascii() and digits.isdigit() and len(digits) <= 40:
        return operators.bounded(call.state, call.frame, call.tree.span, int(text))
    return call.wrong(f"{shown(value)} is no whole number", code="E0303")


@_function("string", "value")
def _string(call: _Call, value: Any) -> object:
    text = text_of(value)
    return call.wrong(f"{describe(value)} has no text form", code="E0303") if text is None else text


# --- Addresses ---------------------------------------------------------------------------------------------


@_function("contains", "prefix", "addressed")
def _contains(_: _Call, prefix: Any, inner: Any) -> object:
    outer = as_prefix(prefix)
    assert outer is not None  # accepted as a prefix
    return (as_prefix(inner) or (inner.address if type(inner) is Interface else inner)) in outer


def _prefix(value: Any) -> Prefix:
    return value.prefix if type(value) is Interface else value


@_function("network", "interface")
def _network(_: _Call, value: Any) -> object:
    return _prefix(value).network


@_function("broadcast", "interface")
def _broadcast(call: _Call, value: Any) -> object:
    prefix = _prefix(value)
    return prefix.last if prefix.family == 4 else call.wrong("IPv6 has no broadcast addresses", shown(value))


@_function("length", "interface")
def _length(_: _Call, value: Any) -> object:
    return value.length


@_function("family", "addressed")
def _family(_: _Call, value: Any) -> object:
    return value.address.family if type(value) is Interface else value.family


@_function("hosts", "prefix")
def _hosts(call: _Call, value: Any) -> object:
    """The addresses that ports may have, in order."""
    prefix = _prefix(value)
    usable = prefix.hosts
    call.state.spend(usable.stop - usable.start, call.frame, call.tree.span)
    return [Address(prefix.family, number) for number in usable]


@_function("tcp", "int")
def _tcp(call: _Call, port: int) -> object:
    return _service(call, "tcp", port)


@_function("udp", "int")
def _udp(call: _Call, port: int) -> object:
    return _service(call, "udp", port)


def _service(call: _Call, protocol: Any, port: int) -> object:
    if 1 <= port <= 65535:
        return Service(protocol, port, port)
    return call.wrong(f"there is no port {port}", "ports run from 1 to 65535", "E0304")


@_function("secret", "string")
def _secret(call: _Call, reference: str) -> object:
    scheme, _, place = reference.partition(":")
    named = scheme == "env" and place.replace("_", "a").isalnum() and place.isascii() and not place[0].isdigit()
    if named or (scheme == "file" and place.isprintable() and place):
        return Secret(reference)
    return call.wrong(
        f"no secret lies at {shown(reference)}", "expected env:NAME or file:PATH", help='write `secret("env:NAME")`'
    )


# --- Sets of nodes -----------------------------------------------------------------------------------------


@_function("nodes", "string")
def _nodes(call: _Call, pattern: str) -> object:
    """The nodes whose names match a shell pattern, by name."""
    state = call.state
    if state.phase == DECLARE:
        return _too_early(call)
    names = sorted(node.name for node in state.lab.nodes.values() if fnmatchcase(node.name, pattern))
    return [Element(name, "node") for name in names]


def _too_early(call: _Call) -> object:
    return call.wrong(
        "names and conditions of declarations cannot depend on elements",
        code="E0316",
        reason="which elements exist is decided here; it cannot hang on what exists",
    )


@_function("kind", "value", "string")
def _kind(call: _Call, value: Any, kind: str) -> object:
    """Those nodes of a set (a list, a group, one node) that are of a kind or of one that extends it."""
    state = call.state
    if state.phase == DECLARE:
        return _too_early(call)
    members = [node_id for item in (value if type(value) is list else [value]) for node_id in _members(state, item)]
    kinds = {name for node in state.lab.nodes.values() for name in node.kinds}
    if kind not in kinds and members:
        return call.wrong(f"no node is of a kind `{kind}`", code="E0308", help=lambda: suggest(kind, kinds))
    return [Element(node_id[5:], "node") for node_id in members if kind in state.lab.nodes[node_id].kinds]


def _members(state: State, item: Any) -> list[NodeId]:
    if type(item) not in (Element, str):
        return []
    name = text_of(item) or ""
    if NodeId(f"node/{name}") in state.lab.nodes:
        return [NodeId(f"node/{name}")]
    return list(state.members(GroupId(f"group/{name}")))
