"""How long labc takes to start, against a Python that does nothing."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .process import LABC, seconds
from .result import Result

TEN_NODES = """\
lab ten
import std.linux
segment lan 10.0.0.0/24
node gate: linux.router { port lan on lan at 10.0.0.254 }
for i in 1..9 { node pc[i]: linux.host { port eth0 on lan; gateway gate } }
test "they reach the gate" { expect pc[*] -> gate icmp }
"""


def start() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        lab = Path(folder) / "lab.net"
        lab.write_text(TEN_NODES)
        bare = seconds([sys.executable, "-c", "pass"], runs=25)
        yield Result.at_most("labc --help", seconds([*LABC, "--help"], runs=25), "s", "python -c pass", bare, 4)
        yield Result.at_most(
            "labc check, ten nodes", seconds([*LABC, "check", str(lab)], runs=25), "s", "python -c pass", bare, 12
        )


BENCHES = (start,)
