"""Comparing two plans of 10,000 nodes, whole process, against building one of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .labs import LEAF_SPINE, leaf_spine
from .process import LABC, seconds
from .result import Result

_SHARE = 0.2
_PARAMETERS = ("-p", "leaves=9996", "-p", "spines=4")
# Edits of ten leaves: a line of their configurations, and what their cables carry, which packets can notice.
_CONFIGURED = LEAF_SPINE.replace(
    "node leaf[l]: router\n",
    'if l > 10 { node leaf[l]: router } else { node leaf[l]: linux.router { config "slow.conf.j2" to "/etc/frr/frr.conf" } }\n',
)
_CABLED = LEAF_SPINE.replace(
    "link leaf[l]:up[s] -- spine[s]:down[l]",
    "if l > 10 { link leaf[l]:up[s] -- spine[s]:down[l] } else { link leaf[l]:up[s] -- spine[s]:down[l] { mtu = 1400 } }",
)
# 10,000 hosts on a hundred segments behind a firewall; one of them loses its gateway, and the packets from and to it are followed.
_HOSTS = """\
lab hosts
import std.linux, std.firewall
param lost: int
node core: firewall.nftables { for r in 1..100 { port row[r] on row[r] } }
for r in 1..100 {
  segment row[r] 10.0.0.0/8 subnet 16 at r
  for h in 1..100 { node "host{r}x{h}": linux.host { port eth0 on row[r] at (10.0.0.0/8 subnet 16 at r host (h + 10)); gateway core } }
}
node guest: linux.host { port eth0 on row[1] at 10.1.0.200; if lost == 0 { gateway core } }
policy p { row[1] -> row[2] allow tcp/80; otherwise deny }
"""


def diff() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lab = leaf_spine(folder)
        text = (folder / "router.conf.j2").read_text()
        (folder / "slow.conf.j2").write_text(text.replace("10 100 500", "10 100 900"))
        built = seconds(_build(lab, "old"), runs=2)
        for edit, source in (("ten configurations", _CONFIGURED), ("the MTU of 40 cables", _CABLED)):
            (folder / "edited.net").write_text(source)
            seconds(_build(folder / "edited.net", "new"), runs=1)
            yield _against(f"diff of 10,000 nodes, {edit} edited", folder, built, 1)
        shutil.copy(folder / "old.plan.json", folder / "new.plan.json")
        yield _against("diff of 10,000 nodes, nothing edited", folder, built, 0)


def hosts() -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "lab.net").write_text(_HOSTS)
        seconds(_build(folder / "lab.net", "old", ("-p", "lost=0")), runs=1)
        seconds(_build(folder / "lab.net", "new", ("-p", "lost=1")), runs=1)
        taken = seconds(_diff(folder), status=1)
        yield Result.at_most("diff of 10,000 hosts, packets of one followed", taken, "s", "the aim", 3.0, 1)


def _build(lab: Path, plan: str, parameters: tuple[str, ...] = _PARAMETERS) -> list[str]:
    return [*LABC, "build", str(lab), *parameters, "-o", str(lab.parent / f"{plan}.plan.json")]


def _against(name: str, folder: Path, built: float, status: int) -> Result:
    return Result.at_most(name, seconds(_diff(folder), status=status), "s", "labc build of one", built, _SHARE)


def _diff(folder: Path) -> list[str]:
    return [*LABC, "diff", str(folder / "old.plan.json"), str(folder / "new.plan.json")]


BENCHES = (diff, hosts)
