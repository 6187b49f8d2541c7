"""The engine on the fake backend: idempotent, continuing after a kill, stopping only what depends on a failure."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs

from labc.compiler.plan.model import Plan, Resource
from labc.runtime import engine, instance
from labc.runtime.backends.fake.backend import Killed, World
from labc.runtime.decide import Action
from labc.runtime.errors import BadInstance, Held, Lacking, NotYet
from labc.runtime.events import Acted, Decided, Ended, Event
from labc.runtime.journal import Journal
from tests.unit.runtime import plans


class Refused(Exception):  # noqa: N818 - an answer
    """Somebody said no."""


def lab(*more: Resource, mtu: int = 1500) -> Plan:
    """Two nodes on a segment."""
    return plans.plan(
        plans.node("a", backend="fake"),
        plans.node("b", backend="fake"),
        plans.segment("lan", backend="fake", mtu=mtu),
        plans.port("a", "eth0", "lan", "10.0.0.1/24", backend="fake"),
        plans.port("b", "eth0", "lan", "10.0.0.2/24", backend="fake"),
        *more,
    )


def test_up_makes_all(world: World) -> None:
    """Every resource of the plan stands afterwards."""
    outcome = engine.up(lab(), "t")
    assert outcome.status == 0
    assert sorted(world.things) == ["node/a", "node/b", "port/a/eth0", "port/b/eth0", "segment/lan"]


def test_a_second_up_does_nothing(world: World) -> None:
    """It looks, and changes nothing."""
    engine.up(lab(), "t")
    world.done.clear()
    outcome = engine.up(lab(), "t")
    assert (outcome.status, outcome.actions, world.done) == (0, (), [])


def test_a_dry_run_says_what_and_does_nothing(world: World) -> None:
    """Status 1 while something would change, 0 when nothing would."""
    assert engine.up(lab(), "t", dry_run=True).status == 1
    assert world.things == {}
    engine.up(lab(), "t")
    assert engine.up(lab(), "t", dry_run=True).status == 0


def test_an_edit_touches_only_what_it_changed(world: World) -> None:
    """One field of one resource: one action."""
    engine.up(lab(), "t")
    world.done.clear()
    engine.up(lab(mtu=1400), "t")
    assert world.done == ["update segment/lan"]


def test_what_left_the_plan_is_removed(world: World) -> None:
    """Labelled and unknown means unwanted."""
    engine.up(lab(plans.node("c", backend="fake")), "t")
    engine.up(lab(), "t")
    assert "node/c" not in world.things


def test_a_failed_action_stops_only_what_depends_on_it(world: World) -> None:
    """The port of the failed node is skipped, the other node stands whole, the status is 4."""
    world.failing["node/a"] = "no more namespaces"
    heard: list[Acted] = []
    outcome = engine.up(lab(), "t", listener=lambda event: heard.append(event) if isinstance(event, Acted) else None)
    assert outcome.status == 4
    assert sorted(world.things) == ["node/b", "port/b/eth0", "segment/lan"]
    assert outcome.failed["node/a"] == "no more namespaces"
    assert [each.action.id for each in heard if each.skipped] == ["port/a/eth0"]


def test_after_a_failure_the_next_up_continues(world: World) -> None:
    """Only what was missing is made."""
    world.failing["node/a"] = "no more namespaces"
    engine.up(lab(), "t")
    world.failing.clear()
    world.done.clear()
    assert engine.up(lab(), "t").status == 0
    assert world.done == ["create node/a", "create port/a/eth0"]


@pytest.mark.parametrize("steps", range(6))
def test_killed_anywhere_the_next_up_finishes(world: World, steps: int) -> None:
    """The kill leaves no lock behind and no action is done twice."""
    world.dies_after = steps
    with pytest.raises(Killed):
        engine.up(lab(plans.route("a", "0.0.0.0/0", "10.0.0.2", backend="fake", needs=("port/a/eth0",))), "t")
    world.dies_after = None
    assert (
        engine.up(lab(plans.route("a", "0.0.0.0/0", "10.0.0.2", backend="fake", needs=("port/a/eth0",))), "t").status
        == 0
    )
    assert len(world.done) == len(set(world.done)) == 6


def test_a_change_that_takes_others_with_it_is_looked_at_again(world: World) -> None:
    """Replacing a port loses its route in the kernel; the second look finds and restores it."""
    route = plans.route("a", "0.0.0.0/0", "10.0.0.2", backend="fake", needs=("port/a/eth0",))
    engine.up(lab(route), "t")
    replaced = [r for r in lab(route).resources if r.id != "port/a/eth0"]
    renamed = plans.port("a", "eth0", "lan", "10.0.0.1/24", backend="fake", interface="lan0")
    outcome = engine.up(plans.plan(*replaced, renamed), "t")
    assert outcome.status == 0
    assert "route/a/0.0.0.0/0" in world.things
    assert [action.verb for action in outcome.actions] == ["replace", "create"]


def test_not_ready_is_not_done(world: World) -> None:
    """A port without its lease: status 4, and which."""
    world.unready["port/a/eth0"] = "no DHCP server answered"
    outcome = engine.up(lab(), "t")
    assert (outcome.status, outcome.waiting) == (4, {"port/a/eth0": "no DHCP server answered"})


def test_a_construct_that_cannot_be_made_stops_before_anything_is(world: World) -> None:
    """Checked for the whole plan; the construct is named."""
    bond = plans.port("a", "bond0", None, backend="fake", form="bond")
    with pytest.raises(NotYet, match="port/a/bond0") as caught:
        engine.up(lab(bond), "t")
    assert caught.value.status == 6
    assert world.things == {}


def test_a_refused_up_leaves_no_folder(world: World, folders: Path) -> None:
    """What was never made has nothing to be remembered; but what runs, or what was remembered, stays."""
    bond = plans.port("a", "bond0", None, backend="fake", form="bond")
    with pytest.raises(NotYet):
        engine.up(lab(bond), "t")
    assert list((folders / "run").iterdir()) == []
    assert not (folders / "state/t").exists()
    engine.up(lab(), "t")
    with pytest.raises(NotYet):
        engine.up(lab(bond), "t")
    assert (folders / "run/t").exists()
    assert engine.running("t") is not None


def test_a_refused_up_takes_nothing_from_others(world: World, folders: Path) -> None:
    """Neither from a writer who holds the instance, nor what somebody else put into a new folder meanwhile."""
    with instance.writer(instance.instance("t"), "up"):
        with pytest.raises(Held):
            engine.up(lab(), "t")
        assert (folders / "run/t/writer").exists()
    shutil.rmtree(folders / "run/t")

    def refuse(of: instance.Instance) -> None:
        traces = instance.Traces(of)
        with instance.writer(of, "up"), traces:
            (of.runtime / "holder").write_text("somebody's")
            raise Refused

    with pytest.raises(Refused):
        refuse(instance.instance("t"))
    assert (folders / "run/t/holder").exists()


def test_down_leaves_no_folder(world: World, folders: Path) -> None:
    """The lab, its lock and its journal are gone; a second down has nothing to do."""
    engine.up(lab(), "t")
    assert engine.down("t").changed
    assert not (folders / "run/t").exists()
    assert not (folders / "state/t").exists()
    assert engine.down("t").status == 0


def test_status_tells_drift_without_changing_it(world: World) -> None:
    """Something taken away by hand shows as what `up` would do."""
    engine.up(lab(), "t")
    world.drop("port/b/eth0")
    world.done.clear()
    status = engine.status("t")
    assert [str(action) for action in status.drift] == ["+ port/b/eth0 (is not there)"]
    assert world.done == []


def test_losing_the_journal_loses_only_history(world: World, folders: Path) -> None:
    """`up` finds everything in place."""
    engine.up(lab(), "t")
    for path in (folders / "state/t").iterdir():
        path.unlink()
    assert engine.up(lab(), "t").actions == ()


def test_a_broken_journal_is_put_aside(world: World, folders: Path) -> None:
    """It is history only."""
    engine.up(lab(), "t")
    for path in (folders / "state/t").iterdir():
        path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    assert engine.up(lab(), "t").status == 0


def test_the_journal_tells_a_killed_run(world: World, folders: Path) -> None:
    """A run without an end was killed."""
    world.dies_after = 2
    with pytest.raises(Killed):
        engine.up(lab(), "t")
    world.dies_after = None
    engine.up(lab(), "t")
    with Journal(folders / "state/t") as journal:
        assert [(run.verb, run.status) for run in journal.runs()] == [("up", None), ("up", 0)]


def test_of_two_writers_one_is_told_who_holds(world: World, folders: Path) -> None:
    """Status 5, with the holder's pid."""
    inside, done = threading.Event(), threading.Event()

    def hold(event: Event) -> None:
        if isinstance(event, Decided):
            inside.set()
            done.wait(10)

    first = threading.Thread(target=engine.up, args=(lab(), "t"), kwargs={"listener": hold})
    first.start()
    inside.wait(10)
    try:
        with pytest.raises(Held, match=r"held by pid \d+ \(up\), since \d") as caught:
            engine.up(lab(), "t")
        assert caught.value.status == 5
    finally:
        done.set()
        first.join()


def test_events_tell_the_whole_run(world: World) -> None:
    """A listener needs nothing else to show progress."""
    heard: list[Event] = []
    engine.up(lab(), "t", listener=heard.append)
    assert sum(isinstance(event, Acted) for event in heard) == 5
    assert isinstance(heard[-1], Ended)


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", ".hidden", "x" * 64, "ä", "a b", "a\n"])
def test_an_instance_name_that_could_leave_its_folder_is_refused(name: str) -> None:
    """Status 2."""
    with pytest.raises(BadInstance):
        instance.instance(name)


def test_a_folder_that_cannot_be_made_is_told(world: World, folders: Path) -> None:
    """Status 6 and the variable to set, never a traceback."""
    (folders / "state").write_text("a file where a folder should be")
    with pytest.raises(Lacking, match="the journal cannot be kept") as caught:
        engine.up(lab(), "t")
    assert "XDG_STATE_HOME" in caught.value.help


def test_who_does_not_agree_loses_nothing(world: World) -> None:
    """Everything that would be done is told before anything is, and the journal keeps the plan that runs."""
    engine.up(lab(plans.node("c", backend="fake")), "t")
    before = dict(world.things)

    def refuse(actions: Sequence[Action]) -> None:
        raise Refused([str(action).partition(" (")[0] for action in actions])

    with pytest.raises(Refused, match=r"\['- node/c', '~ segment/lan'\]"):
        engine.up(lab(mtu=1400), "t", agree=refuse)
    assert world.things == before
    assert engine.status("t").drift == ()


def test_what_takes_nothing_away_asks_nobody(world: World) -> None:
    """Making and changing in place."""

    def refuse(actions: Sequence[Action]) -> None:
        raise Refused(actions)

    engine.up(lab(), "t", agree=refuse)
    assert engine.up(lab(mtu=1400), "t", agree=refuse).status == 0


def test_a_refused_up_keeps_the_journal_that_was_there(world: World, folders: Path) -> None:
    """The machine was started anew, so that nothing runs: what was done before can still be read."""
    engine.up(lab(), "t")
    shutil.rmtree(folders / "run")
    with pytest.raises(NotYet):
        engine.up(lab(plans.port("a", "bond0", None, backend="fake", form="bond")), "t")
    assert instance.instances() == []
    assert engine.running("t") is not None


@pytest.mark.parametrize(
    ("hosts", "reach", "runs"),
    [
        (("local",), {}, True),
        (("h1",), {"h1": "local"}, True),
        (("h1",), {}, True),
        (("h1",), {"h1": "ssh://h1"}, False),
        (("h1",), {"h1": ""}, False),
        (("h1", "h2"), {"h1": "local", "h2": "local"}, False),
    ],
)
def test_a_plan_for_other_hosts_is_not_made_here(
    world: World, hosts: tuple[str, ...], reach: dict[str, str], *, runs: bool
) -> None:
    """A host that says nothing is this machine only when the site has no other."""
    plan = structs.replace(plans.plan(plans.node("a", backend="fake")), hosts=hosts, reach=reach)
    if runs:
        assert engine.up(plan, "t").status == 0
        return
    with pytest.raises(NotYet, match="for other hosts: h1"):
        engine.up(plan, "t")
