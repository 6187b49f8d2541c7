"""How long an outage is when a test cuts and heals: as long as the cut, not as the kernel's patience."""

from __future__ import annotations

import pytest

from .conftest import LAB, Labc

pytestmark = pytest.mark.program("nft")

CUTS = """
test "pinged through a router" { ping pc -> web every 20ms; cut gate:b; heal gate:b after 1200ms; expect outage < 1600ms }
test "pinged from the end that was cut" { ping pc -> web every 20ms; cut pc:eth0; heal pc:eth0 after 1200ms; expect outage < 1600ms }
test "streamed" { stream pc -> web tcp/80; cut gate:b; heal gate:b after 1200ms; expect outage < 1600ms, stream alive }
test "the other way" { ping web -> pc every 20ms; cut pc:eth0; heal pc:eth0 after 1200ms; expect outage < 1600ms }
"""


@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
def test_an_outage_is_as_long_as_the_cut(labc: Labc, family: str) -> None:
    """Neighbours that could not be found meanwhile are asked for again at once."""
    lab = LAB + CUTS
    if family == "IPv6":
        for four, six in (("10.0.0.", "2001:db8::"), ("10.0.1.", "2001:db8:1::"), ("::0/24", "::/64")):
            lab = lab.replace(four, six)
    (labc.folder / "lab.net").write_text(lab)
    assert labc("up", "-y").returncode == 0
    ran = labc("test", "-k", "pinged", "-k", "streamed", "-k", "other way")
    assert ran.returncode == 0, ran.stdout
    assert labc("status").returncode == 0
