"""The lock: read in any order, written sorted, merged by git line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.lock import (
    Assignment,
    Lock,
    base,
    read_lock,
    release_shared,
    settle,
    with_attributes,
    write_lock,
)
from labc.compiler.source import Source


def tried(text: str | bytes) -> tuple[Lock, Diagnostics]:
    diagnostics = Diagnostics()
    data = text if isinstance(text, bytes) else text.encode()
    return read_lock(Source("lab.lock", data), diagnostics), diagnostics


def sound(text: str) -> Lock:
    lock, found = tried(text)
    assert [said.summary for said in found] == []
    return lock


def codes(found: Diagnostics) -> list[str]:
    return [said.code for said in found]


def test_lines_may_stand_in_any_order() -> None:
    """Git's union merge puts them anywhere; written, they are sorted."""
    one = sound("node/x host h1\nport/a/e address 10.0.0.1/24\n")
    other = sound("# a comment\nport/a/e   address 10.0.0.1/24\n\nnode/x host h1\r\n")
    assert one.same(other)
    assert write_lock(one) == write_lock(other)
    assert write_lock(one).decode().splitlines()[1:] == ["node/x host h1", "port/a/e address 10.0.0.1/24"]


WORDS = st.text(max_size=10).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)


@given(st.dictionaries(st.tuples(WORDS, WORDS), WORDS, max_size=8))
def test_a_lock_reads_back_as_it_was_written(values: dict[tuple[str, str], str]) -> None:
    """Whatever the names hold: blanks, line breaks, `%`, `#`."""
    lock = Lock().including(Assignment(*at, value) for at, value in values.items())
    assert sound(write_lock(lock).decode()).values() == values


def test_the_same_line_twice_is_no_mistake() -> None:
    """Both sides of a merge chose the same."""
    assert len(sound("a k v\na k v\n").assignments) == 1


def test_two_values_for_one_thing_stop_and_show_both_lines() -> None:
    """labc does not guess which branch is right."""
    lock, found = tried("a k v\nb k v\na k w\n")
    (said,) = found
    assert (said.code, str(said.span), str(said.labels[0].span)) == ("E0902", "lab.lock:3:1", "lab.lock:1:1")
    assert lock.get("b", "k") == "v"


def test_a_conflict_that_git_left_is_named_once() -> None:
    """And what stands around it counts."""
    lock, found = tried("a k v\n<<<<<<< HEAD\nb k v\n=======\nb k w\n>>>>>>> other\nc k v\n")
    (said,) = found
    assert (said.code, str(said.span)) == ("E0903", "lab.lock:2:1")
    assert (lock.get("a", "k"), lock.get("c", "k")) == ("v", "v")


def test_each_spoilt_line_is_reported() -> None:
    """With its place."""
    _, found = tried(b"a k v\nb k\na b c d\n\xff\xfe\n")
    assert [(said.code, str(said.span)) for said in found] == [
        ("E0901", "lab.lock:2:1"),
        ("E0901", "lab.lock:3:1"),
        ("E0901", "lab.lock:4:1"),
    ]


@given(st.binary(max_size=200))
def test_no_bytes_give_a_traceback(data: bytes) -> None:
    """A lock is read whatever was done to it."""
    lock, _ = tried(data)
    assert isinstance(write_lock(lock), bytes)


def test_a_value_that_two_hold_stays_with_the_smaller_id() -> None:
    """The greater one is given a new value, with a note that shows both."""
    found = Diagnostics()
    lock = release_shared(sound("segment/b vni 7\nsegment/a vni 7\nsegment/c vni 8\n"), "vni", found)
    assert [entry.id for entry in lock.of("vni")] == ["segment/a", "segment/c"]
    (said,) = found
    assert (said.severity, str(said.span), str(said.labels[0].span)) == ("note", "lab.lock:1:1", "lab.lock:2:1")


def test_sharing_is_judged_within_a_scope() -> None:
    """One address in two segments is no clash."""
    lock = sound("port/a/e address 10.0.0.1/24\nport/b/e address 10.0.0.1/24\n")
    found = Diagnostics()
    assert release_shared(lock, "address", found, scope=lambda entry: (entry.id, entry.value)) is lock
    assert codes(found) == []


def test_check_reports_every_difference_and_changes_nothing() -> None:
    """Missing, changed, and no longer wanted."""
    old, new = sound("a k v\nb k v\nc k v\n"), sound("a k v\nb k w\nd k v\n")
    found = Diagnostics()
    assert settle(old, new, "check", found) is old
    assert codes(found) == ["E0904"] * 3
    quiet = Diagnostics()
    assert settle(old, sound("c k v\nb k v\na k v\n"), "check", quiet) is old
    assert codes(quiet) == []


def test_check_without_a_lock_is_one_mistake() -> None:
    """Not one for each choice that it does not hold."""
    found = Diagnostics()
    settle(Lock(), sound("a k v\nb k v\n"), "check", found)
    assert codes(found) == ["E0904"]
    assert "labc lock" in next(iter(found)).help
    quiet = Diagnostics()
    settle(Lock(), Lock(), "check", quiet)
    assert codes(quiet) == []


def test_update_takes_what_was_chosen() -> None:
    """So that the lock holds what the lab has, and nothing else."""
    old, new = sound("a k v\n"), sound("b k v\n")
    assert settle(old, new, "update", Diagnostics()) is new
    assert settle(old, new, "ignore", Diagnostics()) is old


def test_refresh_leaves_choices_behind_but_not_pins() -> None:
    """A build cannot fetch a new commit."""
    lock = sound("module/git+https://h/x@v1 commit 12ab\nnode/x host h1\n")
    assert list(base(lock, "refresh").values()) == [("module/git+https://h/x@v1", "commit")]
    assert base(lock, "update") is lock


def test_attributes_gain_one_line_once() -> None:
    """What stands there stays."""
    once = with_attributes(b"*.png binary")
    assert once == b"*.png binary\nlab.lock merge=union\n"
    assert with_attributes(once) == once
    assert with_attributes(None) == b"lab.lock merge=union\n"
    assert with_attributes(b"# caf\xe9\r\n") == b"# caf\xe9\r\nlab.lock merge=union\r\n"


def test_how_hosts_and_devices_were_found_is_no_choice() -> None:
    """After a merge such lines are stale or gone, and `check` has nothing to say."""
    chosen = Lock().including([Assignment("node/a", "host", "h1")])
    found = chosen.including([Assignment("placement/0123", "path", "exact"), Assignment("gear/4567", "bound", "yes")])
    assert chosen.same(found)
    diagnostics = Diagnostics()
    settle(found, chosen, "check", diagnostics)
    assert not list(diagnostics)


def test_check_tells_twenty_lines_and_counts_the_rest() -> None:
    """A lock that was never written lacks thousands."""
    old = Lock().including([Assignment("node/a", "host", "h1")])
    new = old.including(Assignment(f"node/n{at:04}", "host", "h1") for at in range(1_000))
    diagnostics = Diagnostics()
    settle(old, new, "check", diagnostics)
    assert len(list(diagnostics)) == 21
    assert "980 more lines" in diagnostics.found[-1].summary
