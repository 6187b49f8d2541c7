"""`labc site probe`: which file, what is printed and written, which exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from labc.runtime.errors import Lacking
from labc.runtime.hosts import probe
from labc.runtime.hosts.facts import Card, Facts
from tests.unit.labc.conftest import Labc

FACTS = Facts(16, 2**36, 10**12, True, [Card("eth0", 10**10, 1500, True, ["192.0.2.1/24"])])
FACTS_B = Facts(16, 2**36, 10**12, True, [Card("eth0", 10**10, 1500, True, ["192.0.2.2/24"])])
SITE = 'site s\nhost a { reach = "local" }   # here\nhost b { reach = "ssh://b" }\n'


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Facts | Lacking]:
    """What each reach answers; every host is alike, b but for its address, unless a test says so."""
    given: dict[str, Facts | Lacking] = {"ssh://b": FACTS_B}

    def look_at(hosts: dict[str, str], ssh: str = "ssh") -> dict[str, Facts | Lacking]:
        return {name: given.get(reach, FACTS) for name, reach in hosts.items()}

    monkeypatch.setattr(probe, "look_at", look_at)
    return given


def test_the_differences_are_printed_and_nothing_is_written(labc: Labc) -> None:
    """Exit status 1, as of every verb that would change something."""
    Path("site.net").write_text(SITE)
    ran = labc("site", "probe")
    assert ran.status == 1
    assert "-host a { reach" in ran.out
    assert '+host a { reach = "local"; cpu = 16; memory = 65536MiB; disk = 1000GB; kvm = true; nic eth0 {' in ran.out
    assert Path("site.net").read_text() == SITE


def test_named_hosts_only(labc: Labc) -> None:
    """The others stay, also where they differ."""
    Path("site.net").write_text(SITE)
    assert labc("site", "probe", "a", "--write").status == 0
    assert Path("site.net").read_text().splitlines()[2] == 'host b { reach = "ssh://b" }'
    assert labc("site", "probe", "a").status == 0
    assert labc("site", "probe").status == 1


def test_a_host_that_cannot_be_reached_is_told_and_the_others_are_done(
    labc: Labc, answers: dict[str, Facts | Lacking]
) -> None:
    """Exit status 6."""
    answers["ssh://b"] = Lacking("ssh: no route to host")
    Path("site.net").write_text(SITE)
    ran = labc("site", "probe", "--write")
    assert ran.status == 6
    assert "b was not looked at: ssh: no route to host" in ran.err
    assert "cpu = 16" in Path("site.net").read_text().splitlines()[1]


def test_what_is_lowered_is_told(labc: Labc) -> None:
    """Also when it is written."""
    Path("site.net").write_text('site s\nhost a { reach = "local"; cpu = 32 }\n')
    ran = labc("site", "probe", "--write")
    assert ran.status == 0
    assert "a: cpu = 32 is more than there is: 16" in ran.err
    assert "cpu = 16" in Path("site.net").read_text()


def test_a_host_that_a_loop_makes_cannot_be_written(labc: Labc) -> None:
    """It is told what would be; the exit status stays 1, also with --write."""
    Path("site.net").write_text('site s\nfor i in 1..2 { host "h{i}" { reach = "local" } }\n')
    ran = labc("site", "probe", "--write")
    assert ran.status == 1
    assert "h1: cpu = 16; it cannot be written" in ran.err


def test_the_site_file_of_the_folder_is_found_by_its_header(labc: Labc) -> None:
    """Whatever it is called; of two, one has to be named."""
    Path("lab.net").write_text("lab l\n")
    Path("rack.yaml").write_text("site: s\nhosts:\n  a:\n    reach: local\n")
    assert "+++ rack.yaml" in labc("site", "probe").out
    Path("other.net").write_text("site o\nhost a\n")
    assert "holds 2 site files" in labc("site", "probe").err
    assert "+++ rack.yaml" in labc("site", "probe", "--site", "rack.yaml").out


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (None, (), "there is no site file"),
        (None, ("--site", "x.net"), "x.net: there is no such file"),
        ("site s\n", (), "has no host"),
        (SITE, ("c",), "has no host c"),
        ("site s\nhost a { cpu = }\n", (), "E0101"),
        ("site s\nhost a { memory = 5 }\n", (), "E0303"),
    ],
)
def test_what_is_no_site_is_refused(labc: Labc, text: str | None, arguments: tuple[str, ...], said: str) -> None:
    """Exit status 2, and nothing is looked at."""
    if text is not None:
        Path("site.net").write_text(text)
    ran = labc("site", "probe", *arguments)
    assert ran.status == 2
    assert said in ran.err


def test_a_site_that_lacks_what_probing_finds_is_probed(labc: Labc) -> None:
    """The NIC that is to carry overlays has no address yet: that is what one asks the host for."""
    Path("site.net").write_text('site s\nhost a { reach = "local"; nic eth0 { overlay = true } }\n')
    assert labc("site", "probe", "--write").status == 0
    assert "address = 192.0.2.1/24" in Path("site.net").read_text()


def test_a_parameter_of_the_site_is_given(labc: Labc) -> None:
    """As to every verb that compiles."""
    Path("site.net").write_text('site s\nparam name: string\nhost a { reach = "ssh://{name}" }\n')
    assert labc("site", "probe").status == 2
    assert labc("site", "probe", "-p", "name=x").status == 1


def test_hosts_with_one_address_are_refused_unless_probing_mends_it(
    labc: Labc, answers: dict[str, Facts | Lacking]
) -> None:
    """Status 2, as of every mistake in a site, also when each host by itself is as the file says, or comes to be so."""
    full = "cpu = 16; memory = 65536MiB; disk = 1000GB; kvm = true; nic eth0 { speed = 10Gbps; address = 192.0.2.1/24 }"
    Path("site.net").write_text(f'site s\nhost a {{ reach = "local"; {full} }}\nhost b {{ reach = "local"; {full} }}\n')
    ran = labc("site", "probe")
    assert (ran.status, "E0357" in ran.err, "probe.net" in ran.err) == (2, True, False)
    assert labc("site", "probe", "--write").status == 2
    answers["ssh://b"] = FACTS
    Path("site.net").write_text(SITE)
    ran = labc("site", "probe", "--write")
    assert (ran.status, "E0357" in ran.err) == (2, True)


def test_of_a_host_that_a_loop_makes_it_is_told_where_to_write(labc: Labc) -> None:
    """Once for each host, with the place of the loop; of a host of another file, which file to look at."""
    Path("hosts.net").write_text("site s\nhost c\n")
    Path("site.net").write_text('import "hosts.net"\nfor i in 1..1 { host "h{i}" }\n')
    ran = labc("site", "probe", "--site", "site.net")
    assert ran.err.count("h1 is made by a loop, site.net:2") == 1
    assert ran.err.count("c is stated in another file, hosts.net:2: look at that one with --site hosts.net") == 1
    assert "no such element" not in ran.err


def test_a_site_is_checked_alone(labc: Labc) -> None:
    """Those who own the machines need no lab; a site's mistakes are told in its own lines."""
    Path("site.net").write_text("site s\nhost a\npool vni 1..9\n")
    ran = labc("check", "site.net")
    assert (ran.status, "site.net: nothing wrong" in ran.err) == (0, True)
    Path("site.net").write_text("site s\nhost a\npool vni 1..9, 5\n")
    ran = labc("check", "site.net")
    assert (ran.status, "E0351" in ran.out, "E0327" in ran.out) == (2, True, False)
    assert labc("build", "site.net").status == 2
