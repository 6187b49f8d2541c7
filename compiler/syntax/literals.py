"""Words that are values: numbers, quantities, addresses, services, the text of strings.

Enters: the text of a word and its span. Leaves: the value, or None where the word was reported. Called by `build.py`.
"""

from __future__ import annotations

import re

from ..addresses import Address, Interface
from ..diagnostics import Diagnostics, Fix
from ..quantities import UNITS, Quantity, Service
from ..source import Span

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "{": "{"}
_LONGEST_NUMBER = 40


def read_number(text: str, span: Span, found: Diagnostics) -> int:
    """A whole number. One of more digits than an IPv6 address has is refused: Python itself refuses 4,301 digits."""
    digits = text.replace("_", "")
    if len(digits) > _LONGEST_NUMBER:
        found.error("E0108", "a number is too long", span, f"more than {_LONGEST_NUMBER} digits")
        return 0
    return int(digits)


def read_decimal(text: str, span: Span, found: Diagnostics) -> float:
    """`0.5`."""
    if len(text) > _LONGEST_NUMBER:
        found.error("E0108", "a number is too long", span, f"more than {_LONGEST_NUMBER} digits")
        return 0.0
    return float(text.replace("_", ""))


def read_quantity(text: str, span: Span, found: Diagnostics) -> Quantity | None:
    """`10ms`, `1.5Gbps`, `5%`."""
    matched = re.match(r"[\d_]+(?:\.\d+)?", text)
    number = matched[0] if matched else ""
    unit = text[len(number) :]
    at = Span(span.source, span.start + len(number), span.end)
    if unit not in UNITS:
        _unknown_unit(unit, at, found)
        return None
    if len(number) > _LONGEST_NUMBER:
        found.error("E0108", "a number is too long", span, f"more than {_LONGEST_NUMBER} digits")
        return None
    try:
        return Quantity.parse(number.replace("_", ""), unit)
    except ValueError as error:
        found.error("E0108", "a quantity is too fine", span, str(error))
        return None


def read_address(text: str, span: Span, found: Diagnostics) -> Address | Interface | None:
    """`10.0.0.1`, `fe80::1`, `10.0.0.0/24`."""
    try:
        return Interface.parse(text) if "/" in text else Address.parse(text)
    except ValueError as error:
        found.error(
            "E0108",
            "this is no address",
            span,
            str(error).split(": ")[0],
            reason="IPv4 has four numbers from 0 to 255 without leading zeros, IPv6 eight groups of hexadecimal digits.",
        )
        return None


def read_service(text: str, span: Span, found: Diagnostics) -> Service | None:
    """`tcp/443`, `udp/5000..5010`."""
    try:
        return Service.parse(text)
    except ValueError as error:
        found.error("E0108", "this is no service", span, str(error).split(": ")[0], help="a range is `tcp/LOW..HIGH`")
        return None


def read_text(span: Span, found: Diagnostics) -> str:
    """The text between the first and the last character of a word, which quote it. Escapes are replaced."""
    source, start, end = span
    closed = end - start > 1 and source.text[end - 1] in '"{'
    data = source.data[start + 1 : end - 1 if closed else end]
    text = data.decode("utf-8", "replace")
    if "\\" not in text:
        return text
    _check_escapes(source.text[start + 1 : start + 1 + len(data)], span, found)
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[0]), text)


def _check_escapes(raw: str, span: Span, found: Diagnostics) -> None:
    for match in _ESCAPE.finditer(raw):
        if match[1] not in _ESCAPES:
            at = span.start + 1 + match.start()
            found.error(
                "E0109",
                f"`{match[0]}` is no escape",
                Span(span.source, at, at + 2),
                "unknown",
                help='known are `\\"`, `\\\\`, `\\n`, `\\t` and `\\{`; a backslash itself is written `\\\\`',
                fixes=(Fix(Span(span.source, at, at + 1), "\\\\", "write the backslash itself"),),
            )


# What people write elsewhere, and what is nearer by spelling and farther by meaning.
_OTHER_UNITS = {"m": "min", "mins": "min", "sec": "s", "secs": "s", "hr": "h", "hour": "h", "hours": "h"}


def _unknown_unit(unit: str, span: Span, found: Diagnostics) -> None:
    from difflib import get_close_matches  # 4 ms, and sound files need none of it

    folded = {known.lower(): known for known in UNITS} | _OTHER_UNITS
    near = folded.get(unit.lower()) or next(iter(get_close_matches(unit, UNITS, 1)), None)
    found.error(
        "E0108",
        f"`{unit}` is no unit",
        span,
        "unknown unit",
        help=f"did you mean `{near}`?" if near else "units are " + " ".join(UNITS),
        fixes=(Fix(span, near, f"write `{near}`"),) if near else (),
    )
