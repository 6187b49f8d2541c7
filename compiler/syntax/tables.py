"""The parser's tables: from grammar.lark through lark's LALR analysis to plain numbers, kept in tables.json.

Enters: grammar.lark. Leaves: `Tables`, which the lexer and the parser run on. The file tables.json stands beside the
grammar in the repository: importing lark costs 70 ms and the analysis 300 ms, reading the file 2 ms, and a start
that writes nothing works in read-only places too. It names the digest of the grammar that it was made from; when
that differs, somebody is changing the grammar, and the tables are made anew in memory. `python -m
labc.compiler.syntax` writes the file; a test fails when it is stale.
"""

from __future__ import annotations

import hashlib
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

GRAMMAR = Path(__file__).with_name("grammar.lark")
TABLES = Path(__file__).with_name("tables.json")
# What can be parsed by itself: a file, and the fragments that stand in YAML strings.
STARTS = (
    "file",
    "statement",
    "value",
    "name",
    "dotted",
    "type",
    "endpoint",
    "target",
    "flow",
    "check",
    "demand",
    "rule",
)


class Production(Struct, frozen=True):
    """One rule: `size` symbols become one `target`. `action` names the function of build.py; None passes the only
    kept symbol on. `keep` says which symbols the function gets, by index; -1 stands for an optional part left out."""

    target: int
    size: int
    action: str | None
    keep: tuple[int, ...]


class Tables(Struct, frozen=True):
    """Terminals are numbers from 0 in the order of `terminals`; so are states and productions.

    `actions[state][terminal]` is the state to go to after taking the word, or `~production` to reduce by;
    `gotos[state][nonterminal]` is the state after a reduction.
    """

    terminals: tuple[str, ...]
    patterns: tuple[tuple[str, str], ...]
    literals: dict[str, str]
    nonterminals: tuple[str, ...]
    productions: tuple[Production, ...]
    actions: list[dict[int, int]]
    gotos: list[dict[int, int]]
    starts: dict[str, int]
    ends: dict[str, int]


@cache
def tables() -> Tables:
    """The tables of grammar.lark: read where they are fresh, else made."""
    grammar = GRAMMAR.read_bytes()
    try:
        stored = orjson.loads(TABLES.read_bytes())
    except (OSError, ValueError):
        stored = {}
    if stored.get("grammar") != hashlib.sha256(grammar).hexdigest():
        stored = build(grammar)
    return _unpack(stored)


def build(grammar: bytes) -> dict[str, Any]:
    """The content of tables.json for a grammar. Raises lark's GrammarError where it is no LALR(1)."""
    from lark import Lark  # 70 ms, and only those who change the grammar need it

    lark = Lark(
        grammar.decode(), parser="lalr", lexer="basic", maybe_placeholders=True, start=list(STARTS), debug=False
    )
    table = lark.parser.parser._parse_table
    terminals = sorted({terminal.name for terminal in lark.terminals} | {"$END", "BROKEN", "ILLEGAL"})
    number = {name: index for index, name in enumerate(terminals)}
    origins = sorted({rule.origin.name for rule in lark.rules})
    target = {name: index for index, name in enumerate(origins)}
    order = {rule: index for index, rule in enumerate(lark.rules)}
    states = _numbered(table.states, table.start_states)
    rows, gotos = _rows(table.states, states, number, target, order)
    kinds = sorted(lark.terminals, key=lambda terminal: -terminal.priority)
    return {
        "grammar": hashlib.sha256(grammar).hexdigest(),
        "terminals": terminals,
        "patterns": [
            [t.name, t.pattern.value] for t in kinds if t.pattern.type == "re" and not t.name.startswith("__")
        ],
        "literals": {t.pattern.value: t.name for t in sorted(kinds, key=lambda t: t.name) if t.pattern.type == "str"},
        "nonterminals": origins,
        "productions": [[target[r.origin.name], len(r.expansion), _action(r), _kept(r)] for r in lark.rules],
        "actions": rows,
        "gotos": gotos,
        "starts": {start: states[state] for start, state in sorted(table.start_states.items())},
        "ends": {start: states[state] for start, state in sorted(table.end_states.items())},
    }


def _numbered(states: dict[int, dict[str, Any]], starts: dict[str, int]) -> dict[int, int]:
    """Numbers for lark's states in the order in which a walk from the start symbols meets them: lark's own differ from
    run to run, and the file should not."""
    queue = [starts[start] for start in STARTS]
    numbers = {state: index for index, state in enumerate(queue)}
    for state in queue:
        for _, (action, argument) in sorted(states[state].items()):
            if str(action) == "Shift" and argument not in numbers:
                numbers[argument] = len(numbers)
                queue.append(argument)
    return numbers


def _rows(
    states: dict[int, dict[str, Any]],
    numbers: dict[int, int],
    number: dict[str, int],
    target: dict[str, int],
    order: dict[Any, int],
) -> tuple[list[list[int]], list[list[int]]]:
    """Each state's row as a flat list `key, value, key, value`, words and nonterminals apart."""
    rows: list[list[int]] = [[] for _ in states]
    gotos: list[list[int]] = [[] for _ in states]
    for old, row in states.items():
        state = numbers[old]
        for symbol, (action, argument) in sorted(row.items()):
            if symbol in number:
                rows[state] += number[symbol], numbers[argument] if str(action) == "Shift" else ~order[argument]
            elif symbol in target:
                gotos[state] += target[symbol], numbers[argument]
    return rows, gotos


def _action(rule: Any) -> str | None:
    if rule.alias is None and rule.options.expand1 and len(_kept(rule)) == 1:
        return None
    return str(rule.alias or rule.options.template_source or rule.origin.name)


def _kept(rule: Any) -> list[int]:
    """Indexes of the symbols that carry something, with -1 for each optional part that is not there."""
    numbers = count()
    kept = [-1 if empty else next(numbers) for empty in rule.options.empty_indices] or list(range(len(rule.expansion)))
    return [index for index in kept if index < 0 or not _silent(rule.expansion[index])]


def _silent(symbol: Any) -> bool:
    return bool(symbol.is_term and symbol.filter_out)


def _unpack(stored: dict[str, Any]) -> Tables:
    return Tables(
        terminals=tuple(stored["terminals"]),
        patterns=tuple((name, pattern) for name, pattern in stored["patterns"]),
        literals=stored["literals"],
        nonterminals=tuple(stored["nonterminals"]),
        productions=tuple(Production(t, size, action, tuple(keep)) for t, size, action, keep in stored["productions"]),
        actions=[dict(zip(row[::2], row[1::2], strict=True)) for row in stored["actions"]],
        gotos=[dict(zip(row[::2], row[1::2], strict=True)) for row in stored["gotos"]],
        starts=stored["starts"],
        ends=stored["ends"],
    )
