"""Compiling a leaf-spine, whole process, against `netlab create -o none`; and how the time grows with the lab."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .labs import leaf_spine, leaf_spine_netlab
from .process import LABC, seconds, seconds_and_peak
from .result import Result

# leaves, spines: 100 nodes and 384 links; 1,000 nodes and 3,984 links.
AGAINST_NETLAB = {100: (96, 4, 50), 1000: (996, 4, 200)}
MEMORY_BOUND = 3 * 2**30


def _build(lab: Path, leaves: int, spines: int) -> list[str]:
    out = lab.with_suffix(".plan.json")
    return [*LABC, "build", str(lab), "-p", f"leaves={leaves}", "-p", f"spines={spines}", "-o", str(out)]


def against_netlab() -> Iterator[Result]:
    """LABC_BENCH_NETLAB names the `netlab` to run; 1,000 nodes take it minutes."""
    netlab = os.environ.get("LABC_BENCH_NETLAB") or shutil.which("netlab")
    with tempfile.TemporaryDirectory() as folder:
        lab = leaf_spine(Path(folder) / "labc")
        for nodes, (leaves, spines, goal) in AGAINST_NETLAB.items():
            name = f"compile leaf-spine {nodes}"
            if netlab is None:
                yield Result.missing(name, "netlab is not installed: pip install networklab", f">= {goal}")
                continue
            ours = seconds(_build(lab, leaves, spines))
            topology = leaf_spine_netlab(Path(folder) / f"netlab{nodes}", leaves, spines)
            theirs = seconds([netlab, "create", "-o", "none", str(topology)], runs=1, cwd=topology.parent)
            yield Result.at_least(name, ours, "s", "netlab create -o none", theirs, goal)


def growth() -> Iterator[Result]:
    """10,000 nodes and 40,000 links against 1,000 and 4,000; then memory at 100,000 and 200,000."""
    with tempfile.TemporaryDirectory() as folder:
        lab = leaf_spine(Path(folder))
        small = seconds(_build(lab, 996, 4))
        large = seconds(_build(lab, 9996, 4), runs=1)
        yield Result.at_most("compile 10,000 nodes, 40,000 links", large, "s", "1,000 nodes, 4,000 links", small, 12)
        yield Result.at_most("compile 10,000 nodes, aim", large, "s", "the aim", 5.0, 1)
        taken, peak = seconds_and_peak(_build(lab, 99998, 2))
        yield Result.at_most(
            f"memory of 100,000 nodes, 200,000 links ({taken:.0f} s)", peak, "B", "bound", MEMORY_BOUND, 1
        )


BENCHES = (against_netlab, growth)
