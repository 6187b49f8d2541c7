"""Diagnostics for people, editors and code scanners: text, JSON and SARIF 2.1.0.

Enters: diagnostics, and a function that says how a path is shown. Leaves: one string. Called by the command line.
The drawing of source lines is in `excerpt.py`.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from .codes import all_codes
from .diagnostics import Diagnostic, Severity
from .excerpt import Mark, draw, visible
from .source import Origin, Position, Source, Span
from .style import Style

Shown = Callable[[str], str]

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_MOST = 20  # diagnostics of one code in a text for people
_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "note": 2}


def _as_is(path: str) -> str:
    return path


# --- Text ----------------------------------------------------------------------------------------------------


def render_text(
    diagnostics: Iterable[Diagnostic], *, colour: bool = False, width: int = 80, shown: Shown = _as_is
) -> str:
    """The diagnostics in the order of the files' lines, a summary, and where to read more. Empty when there are none.
    Of a code that floods the terminal the first ones stand for all; JSON and SARIF have every one."""
    ordered = in_order(diagnostics)
    if not ordered:
        return ""
    style = Style(colour)
    parts: list[str] = []
    met: Counter[str] = Counter()
    for diagnostic in ordered:
        met[diagnostic.code] += 1
        if met[diagnostic.code] <= _MOST:
            parts.append(_one(diagnostic, style, width, shown))
    more = [f"… and {count - _MOST:,} more of {code}\n" for code, count in sorted(met.items()) if count > _MOST]
    return "\n".join([*parts, *more, _closing(ordered, style)])


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file and place, so that the output does not depend on which pass spoke first; those without a span first."""
    found = list(diagnostics)
    files: dict[str, int] = {}
    for diagnostic in found:
        if diagnostic.span:
            files.setdefault(diagnostic.span.source.path, len(files))

    def place(diagnostic: Diagnostic) -> tuple[int, int, int, str]:
        span = diagnostic.span
        at = (files[span.source.path], span.start) if span else (-1, 0)
        return (*at, _ORDER[diagnostic.severity], diagnostic.code)

    return sorted(found, key=place)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """`3 errors, 1 warning`; empty when there is nothing to count."""
    counts: dict[Severity, int] = dict.fromkeys(_ORDER, 0)
    for diagnostic in diagnostics:
        counts[diagnostic.severity] += 1
    return ", ".join(f"{count} {name}{'s' * (count != 1)}" for name, count in counts.items() if count)


def _one(diagnostic: Diagnostic, style: Style, width: int, shown: Shown) -> str:
    tone = diagnostic.severity
    head = style.paint(f"{tone}[{diagnostic.code}]", tone) + style.paint(f": {visible(diagnostic.summary)}", "strong")
    lines = [head, *draw(_marks(diagnostic), tone, style, width, shown)]
    lines += _notes(diagnostic, style, width)
    return "\n".join(lines) + "\n"


def _marks(diagnostic: Diagnostic) -> list[Mark]:
    """The span first, then the labels, then the lines of the kinds, loops and imports that led there."""
    if diagnostic.span is None:
        return []
    marks = [Mark(diagnostic.span, diagnostic.label, primary=True)]
    marks += [Mark(label.span, label.message) for label in diagnostic.labels]
    lines = {_line(mark.span) for mark in marks}
    for origin, note in used_at(diagnostic):
        if _line(origin.span) not in lines:
            lines.add(_line(origin.span))
            marks.append(Mark(_first_line(origin.span), note))
    return marks


def used_at(diagnostic: Diagnostic) -> list[tuple[Origin, str]]:
    """The steps that led to the diagnostic's line, innermost first, each with what to write beside it."""
    if diagnostic.origin is None:
        return []
    chain = diagnostic.origin.chain()
    return [(step, step.note or "used here") for step in chain if step.span != diagnostic.span]


def _line(span: Span) -> tuple[Source, int]:
    return span.source, span.source.position(span.start).line


def _first_line(span: Span) -> Span:
    """A use is a whole block at times; its first line is enough to find it."""
    end = span.source.data.find(b"\n", span.start)
    return span if end < 0 or end >= span.end else Span(span.source, span.start, end)


def _notes(diagnostic: Diagnostic, style: Style, width: int) -> list[str]:
    lines: list[str] = []
    for word, text in (("why", diagnostic.reason), ("help", _help(diagnostic))):
        if text:
            lines += _note(word, text, style, width)
    return lines


def _help(diagnostic: Diagnostic) -> str:
    if diagnostic.help or not diagnostic.fixes:
        return diagnostic.help
    return "; ".join(f"{fix.message}: `{fix.text}`" for fix in diagnostic.fixes)


def _note(word: str, text: str, style: Style, width: int) -> list[str]:
    indent = " " * (6 + len(word))
    wrapped: list[str] = []
    for paragraph in visible(text).splitlines():
        wrapped += textwrap.wrap(
            paragraph, max(width - len(indent), 30), break_long_words=False, break_on_hyphens=False
        ) or [""]
    first, *rest = wrapped
    lead = "  " + style.paint("=", "frame") + " " + style.paint(f"{word}:", "strong") + " "
    return [lead + first, *(indent + line for line in rest)]


def _closing(diagnostics: Sequence[Diagnostic], style: Style) -> str:
    worst = min((diagnostic.severity for diagnostic in diagnostics), key=_ORDER.__getitem__)
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    return f"{style.paint(summary(diagnostics), worst)}\nlabc explain {codes[0]} tells the story of a code\n"


# --- JSON ----------------------------------------------------------------------------------------------------


def render_json(diagnostics: Iterable[Diagnostic], *, shown: Shown = _as_is) -> str:
    """A JSON array with one diagnostic a line. Offsets count bytes; `utf16` counts code units from 0, as LSP does."""
    rows = [orjson.dumps(as_json(diagnostic, shown)).decode() for diagnostic in in_order(diagnostics)]
    return "[" + ",\n ".join(rows) + "]\n"


def as_json(diagnostic: Diagnostic, shown: Shown = _as_is) -> dict[str, Any]:
    """One diagnostic as JSON data."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "summary": diagnostic.summary,
        "label": diagnostic.label,
        "reason": diagnostic.reason,
        "help": diagnostic.help,
        "span": _span_json(diagnostic.span, shown) if diagnostic.span else None,
        "labels": [{"message": label.message, "span": _span_json(label.span, shown)} for label in diagnostic.labels],
        "origin": [{"note": note, "span": _span_json(step.span, shown)} for step, note in used_at(diagnostic)],
        "fixes": [
            {"message": fix.message, "text": fix.text, "span": _span_json(fix.span, shown)} for fix in diagnostic.fixes
        ],
    }


def _span_json(span: Span, shown: Shown) -> dict[str, Any]:
    return {
        "file": shown(span.source.path),
        "start": _position_json(span.start, span.source.position(span.start)),
        "end": _position_json(span.end, span.source.position(span.end)),
    }


def _position_json(offset: int, at: Position) -> dict[str, int]:
    return {"offset": offset, "line": at.line, "column": at.column, "utf16": at.utf16}


# --- SARIF ---------------------------------------------------------------------------------------------------


def render_sarif(diagnostics: Iterable[Diagnostic], *, shown: Shown = _as_is) -> str:
    """SARIF 2.1.0 (OASIS), as code scanners read it."""
    ordered = in_order(diagnostics)
    codes = sorted({diagnostic.code for diagnostic in ordered})
    run = {
        "tool": {"driver": {"name": "labc", "rules": [_rule(code) for code in codes]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes.index(diagnostic.code), shown) for diagnostic in ordered],
    }
    document = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n"


def _rule(code: str) -> dict[str, Any]:
    entry = all_codes().get(code)
    if entry is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": entry.story},
        "help": {"text": f"labc explain {code}"},
    }


def _result(diagnostic: Diagnostic, rule: int, shown: Shown) -> dict[str, Any]:
    told = [diagnostic.summary, diagnostic.label, diagnostic.reason, diagnostic.help]
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": "\n".join(text for text in told if text)},
        "locations": [_location(diagnostic.span, shown)] if diagnostic.span else [],
    }
    related = [(label.span, label.message) for label in diagnostic.labels]
    related += [(step.span, note) for step, note in used_at(diagnostic)]
    if related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": message}, **_location(span, shown)}
            for number, (span, message) in enumerate(related, 1)
        ]
    if diagnostic.fixes:
        result["fixes"] = [_fix(fix.span, fix.text, fix.message, shown) for fix in diagnostic.fixes]
    return result


def _location(span: Span, shown: Shown) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(span, shown)}, "region": _region(span)}}


def _fix(span: Span, text: str, message: str, shown: Shown) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(span), "insertedContent": {"text": text}}
    change = {"artifactLocation": {"uri": _uri(span, shown)}, "replacements": [replacement]}
    return {"description": {"text": message}, "artifactChanges": [change]}


def _uri(span: Span, shown: Shown) -> str:
    """Relative to where labc ran. Spaces and the like are not allowed in a URI (RFC 3986)."""
    from urllib.parse import quote  # 5 ms that only this output pays

    return quote(shown(span.source.path))


def _region(span: Span) -> dict[str, int]:
    start, end = span.source.position(span.start), span.source.position(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "byteOffset": span.start,
        "byteLength": span.end - span.start,
    }
