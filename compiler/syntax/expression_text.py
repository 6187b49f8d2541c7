"""Expressions, names and types as text of `.net`, from the tree alone.

Enters: records of `tree.py`. Leaves: text on one line that reads back to the same records, with no more parentheses than needed.
Called by `spell.py`, and by `yaml_out.py`, whose strings hold expressions.
"""

from __future__ import annotations

import re
from decimal import Decimal

from ..quantities import Quantity
from . import tree
from .tree import Expression

# How tightly each form binds, as the rules of grammar.lark stand: loosest first.
CHOICE, OR, AND, NOT, COMPARISON, RANGE, SUM, PRODUCT, PART, SIGNED, POSTFIX = range(11)
_BINDS = {
    "or": OR,
    "and": AND,
    "host": PART,
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "%": PRODUCT,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), COMPARISON),
}
_NAME = re.compile(r"[A-Za-z_]\w*(?:-[A-Za-z_]\w*)*", re.ASCII)
_PORT = re.compile(r"(?:tcp|udp)/\d+$")  # Behind it `..` would begin a range of ports.
_WITH_UNIT = re.compile(r"(\d[\d_]*(?:\.\d+)?)([A-Za-z]+|%)", re.ASCII)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "{": "\\{", "\n": "\\n", "\t": "\\t"})


def postfix_text(expression: Expression) -> str:
    """For places that take a name, a literal, a call, or something in parentheses."""
    return expression_text(expression, POSTFIX)


def sum_text(expression: Expression) -> str:
    """For places behind which a word such as `metric` follows."""
    return expression_text(expression, SUM)


def expression_text(expression: Expression, least: int = CHOICE) -> str:
    """The text of an expression, in parentheses where it binds more loosely than its place wants (`least`)."""
    binds, text = _text(expression)
    return text if binds >= least else f"({text})"


def _text(expression: Expression) -> tuple[int, str]:
    match expression:
        case tree.Literal():
            return POSTFIX, literal_text(expression)
        case tree.Interpolation(_, parts):
            return POSTFIX, string_text(parts)
        case tree.Reference(_, name):
            return POSTFIX, name
        case tree.Attribute(_, base, name):
            return POSTFIX, f"{postfix_text(base)}.{name}"
        case tree.Index(_, base, index):
            return POSTFIX, f"{postfix_text(base)}[{'*' if index is None else expression_text(index)}]"
        case tree.Call(_, function, arguments, keywords):
            given = [
                *map(expression_text, arguments),
                *(f"{key} = {expression_text(value)}" for key, value in keywords),
            ]
            return POSTFIX, f"{function}({', '.join(given)})"
        case tree.ListOf(_, items):
            return POSTFIX, f"[{', '.join(map(expression_text, items))}]"
        case tree.MapOf(_, pairs):
            return POSTFIX, f"{{{', '.join(f'{_key(key)}: {expression_text(value)}' for key, value in pairs)}}}"
        case tree.Endpoint(_, node, port):
            return POSTFIX, f"{postfix_text(node)}:{name_text(port)}"
    return _operation(expression)


def _operation(expression: Expression) -> tuple[int, str]:
    match expression:
        case tree.Binary(_, operator, left, right):
            binds = _BINDS[operator]
            first = binds + 1 if binds == COMPARISON else binds
            return binds, f"{expression_text(left, first)} {operator} {expression_text(right, binds + 1)}"
        case tree.Unary(_, "not", operand):
            return NOT, f"not {expression_text(operand, NOT)}"
        case tree.Unary(_, operator, operand):
            text = expression_text(operand, SIGNED)
            return SIGNED, f"{operator}({text})" if text.startswith("-") else f"{operator}{text}"  # `--` is a link
        case tree.Range(_, low, high):
            start = expression_text(low, SUM)
            start = f"({start})" if _PORT.search(start) else start
            return RANGE, f"{start}..{expression_text(high, SUM)}"
        case tree.Subnet(_, prefix, length, index):
            parts = expression_text(prefix, PART), expression_text(length, SIGNED), expression_text(index, SIGNED)
            return PART, "{} subnet {} at {}".format(*parts)
        case tree.Conditional(_, test, then, otherwise):
            shown = expression_text(test), expression_text(then), expression_text(otherwise)
            return CHOICE, "if {} then {} else {}".format(*shown)
        case tree.Comprehension(_, item, names, iterable, condition):
            where = "" if condition is None else f" if {expression_text(condition)}"
            over = f"{expression_text(item)} for {', '.join(names)} in {expression_text(iterable, OR)}"
            return POSTFIX, f"[{over}{where}]"
    raise TypeError(f"no expression: {type(expression).__name__}")


def literal_text(literal: tree.Literal) -> str:
    """As it was written where that is the same value: `60s`, not `1min`."""
    value = literal.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return string_text((value,))
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else f"{text}.0"
    if isinstance(value, Quantity):
        return _quantity_text(literal, value)
    return str(value)


def _quantity_text(literal: tree.Literal, value: Quantity) -> str:
    shown = literal.span.shown
    written = _WITH_UNIT.fullmatch(shown)
    try:
        same = written is not None and Quantity.parse(written[1].replace("_", ""), written[2]) == value
    except ValueError:
        same = False
    if same:
        return shown
    return f"{Decimal(value.amount).scaleb(-4).normalize():f}%" if value.dimension == "ratio" else str(value)


def string_text(parts: tuple[str | Expression, ...]) -> str:
    """`"pc{i}"`."""
    shown = (part.translate(_ESCAPES) if isinstance(part, str) else f"{{{expression_text(part)}}}" for part in parts)
    return f'"{"".join(shown)}"'


def name_text(name: tree.Name) -> str:
    """`web`, `"pc{i}"`."""
    plain = name.plain
    return plain if plain is not None and _NAME.fullmatch(plain) else string_text(name.parts)


def type_text(type: tree.TypeName) -> str:
    """`int`, `list[string]`, `"a" | "b"`."""
    if type.choices:
        return " | ".join(string_text((choice,)) for choice in type.choices)
    inner = ", ".join(map(type_text, type.arguments))
    return f"{type.name}[{inner}]" if inner else type.name


def _key(key: str) -> str:
    return key if _NAME.fullmatch(key) else string_text((key,))
