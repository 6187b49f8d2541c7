"""What the parser wanted, in the language's words.

Enters: a stack of the parser's states. Leaves: a phrase such as "`:` or the end of the statement". Called by `recovery.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .machine import Machine

# How each statement is written, for the reason of a diagnostic.
FORMS = {
    "lab": "lab NAME",
    "site": "site NAME",
    "import": 'import MODULE, "FILE", git "URL" at "REVISION"',
    "param": "param NAME: TYPE = VALUE",
    "field": "field NAME: TYPE = VALUE",
    "let": "let NAME = VALUE",
    "for": "for NAME in VALUES { … }",
    "if": "if CONDITION { … } else { … }",
    "segment": "segment NAME PREFIX, … { … }",
    "node": "node NAME: KIND { … }",
    "kind": "kind NAME extends KIND { … }",
    "service": "service NAME on tcp/PORT { … }",
    "link": "link NODE:PORT -- NODE:PORT",
    "group": "group NAME = NODE, …",
    "zone": "zone NAME = SEGMENT, …",
    "policy": "policy NAME { RULE; …; otherwise deny }",
    "otherwise": "otherwise deny",
    "port": "port NAME on SEGMENT at ADDRESS",
    "bond": "bond NAME over PORT, … on SEGMENT",
    "svi": "svi NAME on SEGMENT at ADDRESS",
    "loopback": "loopback NAME at ADDRESS",
    "gateway": "gateway NODE-OR-ADDRESS",
    "route": "route PREFIX via NODE-OR-ADDRESS",
    "nat": "nat ADDRESS <-> NODE-OR-ADDRESS",
    "napt": "napt SEGMENT, … to ADDRESS",
    "config": 'config "TEMPLATE" to "PATH"',
    "serve": "serve SERVICE on tcp/PORT { … }",
    "needs": "needs KEY = VALUE, …",
    "prefers": "prefers KEY weight NUMBER",
    "together": "together NODE, … by LABEL",
    "apart": "apart NODE, … by LABEL",
    "balance": "balance NODE, … by LABEL",
    "exclusive": "exclusive NODE, …",
    "on": "on HOST, …",
    "place": "place pack",
    "test": 'test "TITLE" { STEP; … }',
    "send": "send COUNT NODE -> NODE SERVICE",
    "expect": "expect NODE -> NODE SERVICE",
    "within": "within TIME expect NODE -> NODE SERVICE",
    "ping": "ping NODE -> NODE every TIME as NAME",
    "stream": "stream NODE -> NODE SERVICE as NAME",
    "cut": "cut NODE:PORT",
    "heal": "heal NODE:PORT after TIME",
    "stop": "stop NODE",
    "start": "start NODE",
    "after": "after TIME",
    "repeat": "repeat COUNT { STEP; … }",
    "host": "host NAME { … }",
    "nic": "nic NAME { … }",
    "device": "device NAME: KIND { … }",
    "switch": "switch NAME { … }",
    "pool": "pool NAME RANGE, … except RANGE, …",
    "instances": "instances use POOL RANGE",
}
STARTERS = tuple(FORMS)
_VALUES = ("INT", "ADDRESS", "QUANTITY")
_WORDS = {
    "_END": "the end of the statement",
    "$END": "the end of the file",
    "NAME": "a name",
    "STRING": "a text in quotes",
}
# Said only when nothing better can be: any expression may go on with one of these.
_GOES_ON = "+ - * / % .. == != < <= > >= . in and or not host subnet |".split()  # noqa: SIM905
_MOST = 5


def expected(machine: Machine, states: Sequence[int], form: str = "") -> str:
    """What could have stood there, at most five things; those first that the statement's form names first."""
    names = [machine.lexicon.names[kind] for kind in _taken(machine, states)]
    if "BROKEN" in names:
        return "a statement"
    said = _phrases(machine, names) + (["`in`"] if "IN" in names and " in " in form else [])
    said.sort(key=lambda phrase: _place(phrase, form))
    if not said:
        return ""
    if len(said) > _MOST:
        said = [*said[: _MOST - 1], "something else of this statement"]
    return said[0] if len(said) == 1 else ", ".join(said[:-1]) + " or " + said[-1]


def _place(phrase: str, form: str) -> int:
    """Where the form has this keyword; marks and values stay before all keywords, the end behind them."""
    word = phrase.strip("`")
    if word == phrase or not word.isalpha():
        return len(form) + 2 if phrase.startswith("the end") or word in "{}" else 0
    place = f" {form} ".find(f" {word} ")
    return place + 1 if place >= 0 else len(form) + 1


def shown(machine: Machine, name: str) -> str:
    """A terminal as it is written."""
    text = machine.lexicon.spelled.get(machine.lexicon.number[name])
    return f"`{text}`" if text else ""


def _taken(machine: Machine, states: Sequence[int]) -> list[int]:
    """The words that would really be taken: a reduction may be allowed by a word that nobody takes afterwards."""
    return [kind for kind in sorted(machine.actions[states[-1]]) if machine.accepts(states, [kind], 1)]


def _phrases(machine: Machine, names: list[str]) -> list[str]:
    """Values and names first, then marks, then keywords, then the end."""
    said = []
    if any(name in names for name in _VALUES):
        said.append("a value")
    else:
        said += [_WORDS[name] for name in ("NAME", "STRING") if name in names]
    written = [shown(machine, name) for name in names]
    marks = [text for text in written if text and not text[1].isalpha() and text[1:-1] not in (*_GOES_ON, "[", "(")]
    keywords = [text for text in written if text and text[1].isalpha() and text[1:-1] not in _GOES_ON]
    if "a value" in said:
        return said
    said += [mark for mark in marks if mark not in ("`{`", "`}`")] + keywords
    said += ["`{`"] if "`{`" in marks else []
    ends = [name for name in ("_END", "$END") if name in names]
    if ends or "`}`" in marks:
        said.append(_WORDS[ends[0]] if ends else "`}`")
    return said
