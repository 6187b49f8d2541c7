"""How many lines a second the parser reads, against lark's stock LALR parser that makes a tree of the same text.

The peer has the same grammar, lark's contextual lexer and lark's `Tree` with positions. It knows no line break that
ends nothing, so the text has none behind a `{`. Python's garbage collector rests for both, as it does in the compiler.
"""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Iterator

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax.parse import parse as read
from labc.compiler.syntax.tables import GRAMMAR

from .result import Result

NODE = """\
segment net{i} 10.{a}.{b}.0/24 {{ mtu = 1400 }}
node host{i}: linux.host {{ port eth0 on net{i} at 10.{a}.{b}.1, 10.{a}.{b}.2/24
  port eth1 on net{i}
  gateway edge
  route 10.0.0.0/8 via edge metric 10
  serve http on tcp/8080 {{ page = "hello" }}
  needs cpu = 1, memory = 256MiB
}}
# the cable to the next one
link host{i}:up -- edge:down{i} on 10.255.{b}.0/31
policy p{i} {{ host{i} -> edge allow tcp/80 tcp/443 icmp
  otherwise deny
}}
"""
NODES = 1500


def parse() -> Iterator[Result]:
    text = "lab big\n" + "".join(NODE.format(i=i, a=i // 250, b=i % 250) for i in range(NODES))
    lines = text.count("\n")
    source = Source("big.net", text.encode())
    ours = _best(lambda: _ours(source))
    stock = _stock(text)
    yield Result.at_least(f"parse {lines} lines", ours, "s", "lark's stock LALR with a tree", stock, 2)
    yield Result.at_least(f"lines a second: {lines / ours:,.0f}", ours, "s", "20,000 lines a second", lines / 20_000, 1)


def _ours(source: Source) -> None:
    found = Diagnostics()
    read(source, found)
    if found.found:
        raise SystemExit(found.found[0].summary)


def _stock(text: str) -> float:
    from lark import Lark

    parser = Lark(
        GRAMMAR.read_text(),
        parser="lalr",
        start="file",
        propagate_positions=True,
        maybe_placeholders=True,
        g_regex_flags=re.ASCII,
    )
    return _best(lambda: parser.parse(text), runs=2)


def _best(run: Callable[[], object], runs: int = 5) -> float:
    taken = []
    for _ in range(runs):
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
        gc.enable()
    return min(taken)


BENCHES = (parse,)
