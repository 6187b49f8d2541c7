"""Labs from text, for tests of what the passes make of them."""

from __future__ import annotations

from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.ir.lab import Lab
from labc.compiler.pipeline import Compiled, compile_lab


def compiled(text: str, /, **files: str) -> Compiled:
    """Compiles a lab under `--verify`; files by their names with `_` for `.` and the like: `edge_nft_j2="…"`."""
    sources = {"lab.net": text.encode(), **{name.replace("_", "."): data.encode() for name, data in files.items()}}
    return compile_lab("lab.net", MemoryReader(sources), verify=True)


def sound(text: str, /, **files: str) -> Lab:
    """The lab of a text that has no mistakes."""
    made = compiled(text, **files)
    assert not made.diagnostics.failed, [(d.code, d.label) for d in made.diagnostics]
    assert made.lab is not None
    return made.lab


OFFICE = """lab office
import std.linux, std.firewall
segment inside  10.1.0.0/24, 2001:db8:1::/64
segment dmz     10.2.0.0/24, 2001:db8:2::/64
segment outside 192.0.2.0/24, 2001:db8:f::/64
node fw: firewall.nftables {
  port lan on inside at 10.1.0.1, 2001:db8:1::1
  port srv on dmz at 10.2.0.1, 2001:db8:2::1
  port wan on outside at 192.0.2.1, 2001:db8:f::1
  nat 192.0.2.80 <-> web
  napt inside to 192.0.2.9
}
node web: linux.host { port eth0 on dmz at 10.2.0.80, 2001:db8:2::80; gateway fw; serve http }
node db:  linux.host { port eth0 on dmz at 10.2.0.90, 2001:db8:2::90; gateway fw }
for i in 1..3 { node pc[i]: linux.host { port eth0 on inside at (10.1.0.0/24 host i + 10), (2001:db8:1::/64 host i + 10); gateway fw } }
node net: linux.host { port eth0 on outside at 192.0.2.7, 2001:db8:f::7; gateway fw; serve echo }
"""
