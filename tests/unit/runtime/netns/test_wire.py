"""Netlink on the wire: attributes, addresses, routes, names."""

from __future__ import annotations

import socket

from hypothesis import given
from hypothesis import strategies as st

from labc.runtime.backends.netns import addresses, links, netlink, routes


@given(st.dictionaries(st.integers(1, 0x3FFF), st.binary(max_size=40), max_size=8))
def test_attributes_read_back_as_written(values: dict[int, bytes]) -> None:
    """Whatever their sizes: each is padded to four bytes."""
    packed = b"".join(netlink.attribute(kind, value) for kind, value in values.items())
    assert len(packed) % 4 == 0
    assert netlink.attributes(packed) == values


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """A length of nothing ends it, one too long is cut."""
    netlink.attributes(data)


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 6), st.binary(max_size=9)), max_size=6), max_size=30),
    st.lists(st.integers(1, 6), min_size=2, max_size=4, unique=True),
)
def test_picking_finds_what_a_walk_finds(messages: list[list[tuple[int, bytes]]], kinds: list[int]) -> None:
    """Whatever came before: layouts of one length are told apart by their headers, of several of a kind the last counts."""
    pick = netlink.Picker(4, *kinds)
    for message in messages:
        packed = b"head" + b"".join(netlink.attribute(kind, value) for kind, value in message)
        walked = netlink.attributes(packed, 4)
        for _ in range(2):
            assert pick(packed) == tuple(walked.get(kind, b"") for kind in kinds)


@given(st.lists(st.binary(min_size=8, max_size=24), max_size=20))
def test_no_bytes_break_the_picker(messages: list[bytes]) -> None:
    """A length of nothing ends it, one too long is cut, before and after a layout of that length was learnt."""
    pick = netlink.Picker(4, 1, 2)
    for message in messages:
        walked = netlink.attributes(message, 4)
        assert pick(message) == (walked.get(1, b""), walked.get(2, b""))


def test_a_dump_of_our_own_namespace_holds_lo() -> None:
    """Against the kernel, which needs no right for that."""
    with netlink.Socket() as kernel:
        loopback = next(link for link in links.links(kernel) if link.index == links.LOOPBACK)
    assert loopback.name == socket.if_indextoname(1)


def test_a_refusal_is_raised_with_the_kernel_s_words() -> None:
    """Removing a link that is not there."""
    with netlink.Socket() as kernel:
        (error,) = kernel.attempt([links.remove(0x7FFFFFF0)])
    assert error is not None
    assert error.errno in {1, 19}  # not permitted, or no such device


def test_addresses_of_both_families_are_parsed() -> None:
    """With their lengths; one without a length is a host."""
    assert addresses.parsed("10.0.0.1/24") == (socket.AF_INET, b"\x0a\0\0\x01", 24)
    assert addresses.parsed("2001:db8::1")[2] == 128


def test_a_route_without_next_hop_is_a_black_hole() -> None:
    """And says so to the kernel (RTN_BLACKHOLE)."""
    assert routes.add("10.0.0.0/8", [], 0)[2][7] == 6
    assert routes.add("10.0.0.0/8", ["10.1.1.1"], 0)[2][7] == 1


@given(st.text(min_size=1, max_size=40))
def test_names_in_the_fabric_fit_and_stay(name: str) -> None:
    """15 characters at most, equal for equal ids, different for ports and segments."""
    name = name.encode(errors="replace").decode()
    made = links.fabric_name(f"port/{name}")
    assert links.name_fits(made)
    assert made == links.fabric_name(f"port/{name}")
    assert made != links.fabric_name(f"segment/{name}")


def test_names_that_linux_refuses_are_told() -> None:
    """Too long, a slash, a space, a colon."""
    assert links.name_fits("eth0.100")
    assert not any(links.name_fits(name) for name in ("GigabitEthernet0", "a/b", "a b", "a:b", "", ".."))
