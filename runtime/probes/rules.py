"""From a rule as the kernel prints it to the line of the configuration that made it.

Enters: a decision of a trace, and the rule sets of the node. The kernel's spelling differs from the author's (sets are sorted,
names become numbers), so the rule's place in its chain decides, and likeness where the places do not agree.
"""

from __future__ import annotations

import difflib
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from .cases import Json
from .trace import Decision

_COUNTER = re.compile(r"\bcounter packets \d+ bytes \d+")
_HANDLE = re.compile(r"\s*# handle \d+\s*$")
_TOKEN = re.compile(r"[^\s,{};\"]+")
_BRACES = re.compile(r"\{\{.*?\}\}|\{%-?\s*(\w*).*?%\}|\{#.*?#\}")
_TURNS = {"if": "(?:", "elif": "|", "else": "|", "endif": ")?\\s*"}
_LIKE_ENOUGH = 0.6
_NO_RULE = ("type ", "policy ", "comment ", "flags ", "devices ")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a rendered rule set: where it stands (lines from 1) and its text."""

    table: str  # "inet filter"
    chain: str
    text: str
    line: int


def locate(decision: Decision, rulesets: Iterable[Json], listed: list[str]) -> dict[str, object] | None:
    """The resource, template, line and text of what decided. `listed`: the chain's rules as `list_chain` gives them."""
    table = f"{decision.family} {decision.table}"
    for ruleset in rulesets:
        spec = ruleset["spec"]
        statements = [one for one in read(spec["text"]) if (one.table, one.chain) == (table, decision.chain)]
        found = _policy(statements) if not decision.rule else _rule(decision.rule, statements, listed)
        if found is not None:
            line = spec["text"].splitlines()[found.line - 1].strip()
            return {"resource": ruleset["id"], "template": spec["template"], "line": found.line, "text": line}
    return None


def template_line(rendered: str, template: str) -> int | None:
    r"""The line of a template, from 1, that gave a rendered line; None where several could have.

    What stands outside of jinja2's braces must be there; of several lines the one that says most itself.

    >>> template_line("tcp dport 80 accept", "chain c {\n  tcp dport {{ port }} accept\n  {{ rule }}\n}")
    2
    """
    lines = [line.strip() for line in template.splitlines()]
    if lines.count(rendered.strip()) == 1:
        return lines.index(rendered.strip()) + 1
    said = {number: len(_literal(line)) for number, line in enumerate(lines, 1) if _gives(line, rendered.strip())}
    best = [number for number, length in said.items() if length == max(said.values())]
    return best[0] if len(best) == 1 else None


def _literal(line: str) -> str:
    return "".join(_BRACES.sub("", line).split())


def _gives(line: str, rendered: str) -> bool:
    """A line of braces alone gives anything, and so tells nothing."""
    if not _BRACES.search(line) or not _literal(line):
        return False
    try:
        return re.fullmatch(_pattern(line), rendered) is not None
    except re.error:  # an `if` that ends on another line
        return False


def _pattern(line: str) -> str:
    """What lies between `if` and `endif` may be missing; every other brace may have given anything."""
    wanted, end = "", 0
    for found in _BRACES.finditer(line):
        piece = re.escape(line[end : found.start()].strip())
        made = _TURNS.get(found[1] or "", ".*?")
        wanted += piece + ("" if made == ".*?" and not piece and wanted.endswith(made) else made)
        end = found.end()
    return wanted + r"\s*" + re.escape(line[end:].strip())


def _policy(statements: list[Statement]) -> Statement | None:
    for one in statements:
        if one.text.startswith("policy "):
            return one
    return next((one for one in statements if one.text.startswith("type ")), None)


def _rule(rule: str, statements: list[Statement], listed: list[str]) -> Statement | None:
    rules = [one for one in statements if not one.text.startswith(_NO_RULE)]
    spelled = _bare(rule)
    if len(listed) == len(rules) and spelled in listed:
        return rules[listed.index(spelled)]
    wanted = _TOKEN.findall(spelled)
    scored = [
        (difflib.SequenceMatcher(None, wanted, _TOKEN.findall(one.text)).ratio(), -one.line, one) for one in rules
    ]
    best = max(scored, default=None)
    return best[2] if best is not None and best[0] >= _LIKE_ENOUGH else None


def _bare(rule: str) -> str:
    """A rule without what changes as it counts."""
    return _COUNTER.sub("counter", _HANDLE.sub("", rule)).strip()


def list_chain(place: AbstractContextManager[object], decision: Decision) -> list[str]:
    """The rules of a chain of a node as the kernel has them, counters left out."""
    lines = _listed(place, decision)
    inside = lines[2:-2] if len(lines) > 3 else []
    return [_bare(line) for line in inside if line and not line.startswith(_NO_RULE)]


def translates(place: AbstractContextManager[object], decision: Decision) -> bool:
    """Whether a chain is there for NAT: that it accepts a packet decides nothing about it."""
    return any(line.startswith("type nat ") for line in _listed(place, decision))


def _listed(place: AbstractContextManager[object], decision: Decision) -> list[str]:
    command = ["nft", "list", "chain", decision.family, decision.table, decision.chain]
    with place:
        done = subprocess.run(command, capture_output=True, check=False, timeout=10)
    return [line.strip() for line in done.stdout.decode(errors="replace").splitlines()]


def read(text: str) -> Iterator[Statement]:
    r"""The statements of a rule set's chains, in order; also `add rule` commands. Knows nftables' braces, not its rules.

    >>> [(s.chain, s.line, s.text) for s in read("table ip t {\n chain c {\n tcp dport { 80,\n 443 } accept; drop\n }\n}")]
    [('c', 3, 'tcp dport { 80, 443 } accept'), ('c', 4, 'drop')]
    """
    table = chain = ""
    depth = 0
    for words, line, opened in _pieces(text):
        if opened is None:  # a closing brace
            depth -= 1
            table, chain = ("", "") if depth == 0 else (table, chain if depth > 1 else "")
            continue
        first = words.split()
        if opened:
            depth += 1
            if depth == 1 and first[:1] in (["table"], ["add"], ["create"]):
                table = " ".join(first[-2:] if len(first) > 2 else ["ip", first[-1]])
            elif depth == 2:
                chain = first[-1] if first[:1] == ["chain"] else ""
            continue
        if depth == 2 and chain:
            yield Statement(table, chain, words, line)
        elif depth == 0 and first[:2] in (["add", "rule"], ["insert", "rule"]) and len(first) > 5:
            yield Statement(" ".join(first[2:4]), first[4], " ".join(first[5:]), line)


def _pieces(text: str) -> Iterator[tuple[str, int, bool | None]]:  # noqa: C901 - one automaton, read best in one piece
    """Statements, and blocks that open (True) and close (None). A brace within a rule is part of it."""
    words, started, depth, inner, line, quoted = "", 1, 0, 0, 1, False
    for character in _without_comments(text):
        if character == '"':
            quoted = not quoted
        if character == "{" and not quoted:
            if inner or not _opens_block(words, depth):
                inner += 1
            else:
                yield words.strip(), started, True
                words, depth = "", depth + 1
                continue
        elif character == "}" and not quoted:
            if inner:
                inner -= 1
            else:
                if words.strip():
                    yield words.strip(), started, False
                yield "", line, None
                words, depth = "", depth - 1
                continue
        elif character in "\n;" and not quoted and not inner:
            if words.strip():
                yield " ".join(words.split()), started, False
            words = ""
            line += character == "\n"
            continue
        if not words.strip() and not character.isspace():
            started = line
        words += " " if character == "\n" else character
        line += character == "\n"


def _opens_block(words: str, depth: int) -> bool:
    first = words.split()[:1]
    return depth < 2 and first[0:1] in (
        ["table"],
        ["chain"],
        ["set"],
        ["map"],
        ["add"],
        ["create"],
        ["flowtable"],
        ["counter"],
        ["limit"],
        ["quota"],
        ["ct"],
    )


def _without_comments(text: str) -> str:
    """Comments become nothing, lines stay."""
    return "\n".join(re.sub(r'^((?:[^"#]|"[^"]*")*)#.*$', r"\1", line) for line in text.split("\n"))
