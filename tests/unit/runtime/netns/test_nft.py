"""What is told of a rule set that nft refuses."""

from __future__ import annotations

from labc.runtime.backends.netns.nft import complaint


def test_errors_have_the_numbers_of_the_text() -> None:
    """Whatever stands before it in what nft reads; an end that comes too soon is only said where nothing else is."""
    said = "/dev/stdin:3:5-7: Error: syntax error\n  x y z\n    ^^^\n/dev/stdin:9:1-1: Error: unexpected end of file\n\n^\n"
    assert complaint(said, 2) == "line 2, columns 5-7: syntax error\n  x y z\n    ^^^"
    end = "/dev/stdin:4:1-1: Error: unexpected end of file\n\n^\n"
    assert complaint(end, 2) == "line 3, columns 1-1: unexpected end of file\n\n^"


def test_what_has_no_place_is_told_as_it_is() -> None:
    """An error of our own line, or of none."""
    assert complaint("/dev/stdin:1:1-9: Error: Could not process rule\n", 5) == "Could not process rule"
    assert (
        complaint("netlink: Error: cache initialization failed\n", 5) == "netlink: Error: cache initialization failed"
    )
