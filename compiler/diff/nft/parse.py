"""Rule sets of nftables → `Rules`.

Enters: the text of a rule set. Leaves: `Rules`; a text that is no list of tables is murky as a whole, a rule with words that are
not known is unclear by itself. Called by `radius/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from .clauses import rule_of
from .rules import Chain, Rules
from .tokens import Block, Quoted, Statement, Unclear, Word, statements
from .values import Sets, split

_FAMILIES = {"ip": 4, "ip6": 6, "inet": 0}
_PRIORITIES = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}
_HOOKS = ("prerouting", "input", "forward", "output", "postrouting")


@lru_cache(maxsize=4096)
def parse(text: str) -> Rules:
    """What a text does. A rule set that two nodes share is read once."""
    rules = Rules()
    try:
        for statement in statements(text):
            _table(statement, rules)
    except Unclear:
        return Rules(murky=True)
    return rules


def _table(statement: Statement, rules: Rules) -> None:
    match statement:
        case ["table", name, Block() as body]:
            family = "ip"
        case ["table", family, name, Block() as body]:
            pass
        case _:
            raise Unclear(str(statement[0]))
    if str(family) not in _FAMILIES:
        raise Unclear(f"a table of {family}")
    table = f"{family} {name}"
    sets = _sets(body)
    for each in body:
        match each:
            case ["chain", str() as chain, Block() as lines]:
                rules.chains[table, chain] = _chain(chain, _FAMILIES[str(family)], lines, sets)
            case ["set" | "map" | "comment" | "flags" | "counter", *_]:
                pass
            case _:
                raise Unclear(str(each[0]))


def _sets(body: Block) -> Sets:
    """The elements of sets that never change. Of others nothing is known, and rules that name them are unclear."""
    found: Sets = {}
    for each in body:
        match each:
            case ["set", str() as name, Block() as lines]:
                members = {str(line[0]): line for line in lines}
                flags = {str(word) for word in members.get("flags", [])}
                if flags.isdisjoint(("dynamic", "timeout")) and "timeout" not in members:
                    found[name] = tuple(_elements(members.get("elements", [])))
    return found


def _elements(line: Statement) -> Iterator[Word]:
    for word in line:
        if isinstance(word, Block):
            for item in (item for inner in word for item in split(inner)):
                yield item[0] if len(item) == 1 else "$"  # an item of several words: whoever reads it finds it unclear


def _chain(name: str, family: int, lines: Block, sets: Sets) -> Chain:
    chain = Chain(name, family)
    for line in lines:
        match line:
            case ["type", *_]:
                _base(chain, line)
            case ["policy", str() as policy]:
                chain.policy = policy
            case ["comment", Quoted()]:
                pass
            case _:
                chain.rules.append(rule_of(line, sets))
    return chain


def _base(chain: Chain, line: Statement) -> None:
    match line:
        case ["type", ("filter" | "nat") as kind, "hook", str() as hook, "priority", *rest] if hook in _HOOKS:
            chain.type, chain.hook, chain.priority = str(kind), hook, _priority([str(word) for word in rest])
        case _:
            raise Unclear("a base chain of another type")


def _priority(words: list[str]) -> int:
    """`filter`, `-100`, `filter + 10`."""
    base = _PRIORITIES.get(words[0]) if words else None
    try:
        if base is None:
            return int("".join(words))
        return base + (int("".join(words[1:])) if len(words) > 1 else 0)
    except ValueError:
        raise Unclear("priority " + " ".join(words)) from None
