"""What a lab may draw ids from."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labc.compiler.ir.lab import Pool, Site
from labc.compiler.site.pools import Ids, Range, ids_of, instance_vnis, merged, subtracted, vni_ranges
from labc.compiler.source import Origin, Source, Span

HERE = Origin(Span(Source("site.net", b""), 0, 0))
RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda pair: (pair[0], sum(pair))), max_size=6)


def site(*pools: tuple[str, list[Range], str | None, bool, list[Range]]) -> Site:
    made = [
        Pool(name, tuple(ranges), HERE, lab, instances, tuple(gaps)) for name, ranges, lab, instances, gaps in pools
    ]
    return Site(pools=made)


def numbers(ranges: tuple[Range, ...] | list[Range]) -> set[int]:
    return {number for first, last in ranges for number in range(first, last + 1)}


@given(RANGES, RANGES)
@settings(max_examples=300)
def test_subtraction_is_that_of_sets(ranges: list[Range], taken: list[Range]) -> None:
    """And what is left is in rising order, as few ranges as can be."""
    left = subtracted(ranges, taken)
    assert numbers(left) == numbers(ranges) - numbers(taken)
    assert left == merged(left)
    assert all(low[1] + 1 < high[0] for low, high in pairwise(left))


@given(RANGES)
@settings(max_examples=100)
def test_ids_are_counted_through_in_order(ranges: list[Range]) -> None:
    """`at` gives each once; `len` says how many."""
    ids = Ids(merged(ranges))
    assert [ids.at(index) for index in range(len(ids))] == sorted(numbers(ranges))
    assert all((number in ids) == (number in numbers(ranges)) for number in range(90))
    for index in (-1, len(ids)):
        with pytest.raises(IndexError):
            ids.at(index)


def test_a_lab_draws_from_its_own_share() -> None:
    """Less what is reserved, whoever keeps what else."""
    made = site(("vni", [(100, 199)], None, False, [(150, 159)]), ("vni", [(140, 154)], "mine", False, []))
    assert vni_ranges(made, "mine").ranges == ((140, 149),)


def test_a_lab_without_a_share_draws_from_what_nobody_keeps() -> None:
    """The pool less reserved ranges, other labs' shares and that of instances."""
    made = site(
        ("vni", [(100, 199), (300, 399)], None, False, [(150, 159)]),
        ("vni", [(100, 109)], "other", False, []),
        ("vni", [(390, 499)], None, True, []),
        ("vlan", [(1, 4094)], "other", False, []),
    )
    assert vni_ranges(made, "mine").ranges == ((110, 149), (160, 199), (300, 389))
    assert instance_vnis(made).ranges == ((390, 499),)


def test_without_a_pool_there_is_a_default() -> None:
    """VNIs above those that look like VLANs; shares are kept free of others there too."""
    assert vni_ranges(Site(), "lab").ranges == ((4096, (1 << 24) - 1),)
    assert vni_ranges(Site(), "lab").origins == ()
    assert ids_of(Site(), "vlan", "lab").ranges == ((1, 4094),)
    assert vni_ranges(site(("vni", [(4096, 4999)], "other", False, [])), "lab").ranges[0][0] == 5000
    assert len(instance_vnis(Site())) == 0
