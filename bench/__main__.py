"""`python -m bench [NAME…]`: runs the benchmarks of this folder, each beside its peer, one JSON line a figure.

A benchmark is a file here with a tuple BENCHES of functions that yield `Result`s; nothing else lists it.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path


def main(names: list[str]) -> None:
    found = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    for name in names or found:
        if name not in found:
            raise SystemExit(f"no benchmark {name!r}; there are: {', '.join(found)}")
        if name == "__main__":
            continue
        for bench in getattr(importlib.import_module(f"bench.{name}"), "BENCHES", ()):
            for result in bench():
                print(result.line(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
