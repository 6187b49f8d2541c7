"""What a site says of a host beside what the machine has."""

from __future__ import annotations

import pytest

import labc
from labc.cli.probing import Finding, findings
from labc.compiler.ir.lab import Host
from labc.compiler.source import Source
from labc.compiler.syntax.edit import Add, SetValue, edit
from labc.runtime.hosts.facts import Card, Facts


def host(text: str) -> Host:
    lab = labc.compile({"lab.net": b"lab l\n" + text.encode()}).lab
    assert lab is not None
    (found,) = lab.site.hosts.values()
    return found


def facts(*cards: Card, **more: object) -> Facts:
    made = Facts(cpu=16, memory=64 * 2**30 + 5, disk=10**12 + 7, kvm=True, cards=list(cards))
    for name, value in more.items():
        setattr(made, name, value)
    return made


FULL = "cpu = 16; memory = 64GiB; disk = 1TB; kvm = true"
ETH0 = Card("eth0", 10**10, 9000, True, ["192.0.2.1/24", "2001:db8::1/64"])


def changes(found: list[Finding]) -> list[tuple[str, str]]:
    return [
        (finding.change.path, finding.change.text) for finding in found if isinstance(finding.change, SetValue | Add)
    ]


def test_what_a_site_does_not_say_is_filled_in() -> None:
    """Whole units, rounded down, so that no more is promised than there is."""
    found = findings(host("host h1"), facts(ETH0, Card("docker0", None, 1500, False, ["172.17.0.1/16"])))
    assert changes(found) == [
        ("host/h1#cpu", "16"),
        ("host/h1#memory", "65536MiB"),
        ("host/h1#disk", "1000GB"),
        ("host/h1#kvm", "true"),
        ("host/h1", "nic eth0 { speed = 10Gbps; mtu = 9000; address = 192.0.2.1/24 }"),
    ]
    assert not any(finding.wrong for finding in found)


def test_what_is_so_is_not_told() -> None:
    """Nothing differs."""
    text = f"host h1 {{ {FULL}; nic eth0 {{ speed = 10Gbps; mtu = 9000; address = 192.0.2.1/24 }} }}"
    assert findings(host(text), facts(ETH0)) == []


def test_what_somebody_keeps_back_stays() -> None:
    """A host, a NIC and KVM may be needed for other things."""
    text = "host h1 { cpu = 0.5; memory = 1GiB; disk = 1GB; kvm = false; nic eth0 { speed = 1Gbps; mtu = 1400; address = 2001:db8::1/64 } }"
    assert findings(host(text), facts(ETH0)) == []


def test_what_is_more_than_there_is_is_lowered_and_told() -> None:
    """Never without a word."""
    text = "host h1 { cpu = 16.5; memory = 65GiB; disk = 2TB; kvm = true; nic eth0 { speed = 40Gbps; mtu = 9216; address = 192.0.2.1/24 } }"
    found = findings(host(text), facts(ETH0, kvm=False))
    assert changes(found) == [
        ("host/h1#cpu", "16"),
        ("host/h1#memory", "65536MiB"),
        ("host/h1#disk", "1000GB"),
        ("host/h1#kvm", "false"),
        ("nic/h1/eth0#speed", "10Gbps"),
        ("nic/h1/eth0#mtu", "9000"),
    ]
    assert all(finding.wrong for finding in found)
    assert "cpu = 16.5 is more than there is: 16" in found[0].text


def test_what_is_wrong_and_has_no_one_answer_is_told() -> None:
    """A NIC that is not there, an address that is another's: a person has to say what was meant."""
    found = findings(
        host(f"host h1 {{ {FULL}; nic eth0 {{ speed = 10Gbps; mtu = 9000; address = 192.0.2.9/24 }}; nic eth7 }}"),
        facts(ETH0),
    )
    assert [(finding.change, finding.wrong) for finding in found] == [(None, True), (None, True)]
    assert "192.0.2.1/24, 2001:db8::1/64" in found[0].text
    assert "no NIC eth7" in found[1].text


ETH1 = Card("eth1", None, 1500, True, ["198.51.100.1/24"])


@pytest.mark.parametrize(
    ("nics", "written"),
    [
        ("", []),
        ("nic eth1 { overlay = true }", ["nic/h1/eth1#address"]),
        ("nic eth1 { address = 198.51.100.1/24 }", []),
    ],
)
def test_an_address_is_written_only_where_there_is_no_choice(nics: str, written: list[str]) -> None:
    """A second one would leave open which carries overlays."""
    found = findings(host(f"host h1 {{ {FULL}; {nics} }}"), facts(ETH0, ETH1))
    assert [path for path, text in changes(found) if "address" in path] == written
    assert not any("address" in text for path, text in changes(found) if path == "host/h1")
    assert any("overlay = true" in finding.text for finding in found) == (not nics)


def test_a_card_with_an_odd_name_and_no_address_of_an_odd_host_breaks_nothing() -> None:
    """What a host answers is text: it is quoted or left out."""
    odd = Card('en"{x}', None, 1500, True, ["} pool vni 1..2 {"])
    (found,) = findings(host(f"host h1 {{ {FULL} }}"), facts(odd))
    assert found.change is not None
    made = edit(Source("site.net", b"site s\nhost h1\n"), [found.change])
    assert made == b'site s\nhost h1 { nic "en\\"\\{x}" }\n'


def test_unread_addresses_are_not_absent_ones() -> None:
    """Where `ip` is missing, a stated address may well be right."""
    text = f"host h1 {{ {FULL}; nic eth0 {{ speed = 10Gbps; mtu = 9000; address = 192.0.2.9/24 }} }}"
    bare = Card("eth0", 10**10, 9000, True)
    (found,) = findings(host(text), facts(bare, addressed=False))
    assert not found.wrong
    assert "iproute2" in found.text
