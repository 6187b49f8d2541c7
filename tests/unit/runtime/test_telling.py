"""Telling: what stands behind two digests, and what nobody may see."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest

from labc.compiler.plan.changed import MOST, changed_lines, shown, told
from labc.compiler.plan.model import Plan, Resource
from labc.runtime.backends.netns.wanted import want
from labc.runtime.decide import Action, Observed, Wanted, decide
from labc.runtime.secret import Secrets
from labc.runtime.telling import Telling
from tests.unit.runtime import plans

RULES = "table inet filter {\n chain forward {\n  tcp dport 80 accept\n  drop\n }\n}\n"


class Backend:
    """As the netns backend compares, without a kernel."""

    def want(self, resources: Sequence[Resource]) -> list[Wanted]:
        return want(resources, Secrets(), b"key")


def reasons(old: Resource, new: Resource, **by_hand: str) -> tuple[str, ...]:
    """What `up` says of one resource."""
    (action,) = actions(plans.plan(old), plans.plan(new), **by_hand)
    return action.reasons


def actions(old: Plan, new: Plan, **by_hand: str) -> list[Action]:
    backend = Backend()
    there = {each.id: Observed(each.id, each.kind, {**each.fields, **by_hand}) for each in backend.want(old.resources)}
    found = decide(backend.want(new.resources), there, lambda *_: ())
    return Telling(lambda: old, new).tell(found, backend)  # type: ignore[arg-type]  # only `want` is asked


def test_a_services_field_is_told_with_both_values() -> None:
    """Not with the digests that were compared."""
    old, new = (plans.service("web", "http", "tcp/80", page=page) for page in ("welcome", "hello there"))
    assert reasons(old, new) == ("page: welcome → hello there",)


def test_a_rule_sets_changed_lines_are_told() -> None:
    """Those that went and those that came, and no others."""
    old, new = (plans.ruleset("edge", "edge", text) for text in (RULES, RULES.replace("80", "443")))
    assert reasons(old, new) == ("text:\n  -   tcp dport 80 accept\n  +   tcp dport 443 accept",)


def test_a_long_change_is_cut() -> None:
    """Nobody reads a thousand lines in a list of changes."""
    lines = changed_lines("", "".join(f"line {number}\n" for number in range(100)))
    assert len(lines) == MOST + 1
    assert lines[-1] == "… 80 more lines"


def test_a_file_that_was_changed_by_hand_is_said_to_be() -> None:
    """The plan did not change; the text in the node did."""
    motd = plans.file("web", "motd", "/etc/motd", "welcome\n")
    assert reasons(motd, motd, text="0" * 16) == ("text: changed by hand",)


def test_names_that_were_added_to_a_node_are_told() -> None:
    """Line by line."""
    old, new = (plans.node("a", hosts=hosts) for hosts in ([["10.0.0.1", "b"]], [["10.0.0.1", "b"], ["10.0.0.2", "c"]]))
    assert reasons(old, new) == ("hosts:\n  + 10.0.0.2 c",)


def test_a_secret_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only its place is, whether the text around it changes or its value."""
    monkeypatch.setenv("PASSWORD", "swordfish")
    old, new = (plans.file("web", "x", "/etc/x", f"{word} \0secret:env:PASSWORD\0\n") for word in ("user", "admin"))
    (said,) = reasons(old, new)
    assert said == "text: user ‹secret env:PASSWORD› → admin ‹secret env:PASSWORD›" or said.splitlines() == [
        "text:",
        "  - user ‹secret env:PASSWORD›",
        "  + admin ‹secret env:PASSWORD›",
    ]
    changed = reasons(old, old, text=hashlib.sha256(b"other").hexdigest()[:16])
    assert changed == ("text: a secret's value changed, or by hand",)
    with_field = plans.service("web", "ssh", "tcp/22", banner={"secret": "env:PASSWORD"})
    assert reasons(plans.service("web", "ssh", "tcp/22", banner="hi"), with_field) == (
        "banner: hi → ‹secret env:PASSWORD›",
    )


def test_what_an_earlier_plan_left_is_not_made_up() -> None:
    """After a run that was killed the journal's plan is not what the kernel has."""
    old, new = (plans.service("web", "http", "tcp/80", page=page) for page in ("welcome", "hello there"))
    assert reasons(old, new, settings="0" * 16) == ("settings: changed; what it was is not known",)


def test_a_removed_loopback_keeps_its_name() -> None:
    """Its node's device is `lo`; the port was `lo0`."""
    loopback = plans.port("pe", "lo0", None, "10.9.9.9/32", form="loopback")
    node = plans.node("pe")
    found = Action(
        "delete",
        "port/pe/lo",
        "port",
        (),
        before={"node": "node/pe", "form": "loopback", "addresses": ["10.9.9.9/32", "10.1.1.1/32"]},
    )
    telling = Telling(lambda: plans.plan(node, loopback), plans.plan(node))
    said = telling.tell([found], Backend())  # type: ignore[arg-type]  # nothing is asked of it
    assert [(each.id, (each.before or {})["addresses"]) for each in said] == [
        ("port/pe/lo0", ["10.9.9.9/32"]),
        ("port/pe/lo", ["10.1.1.1/32"]),
    ]


def test_values_are_told_in_one_line() -> None:
    """Whatever stands in them."""
    assert shown(["10.0.0.1/24"]) == "10.0.0.1/24"
    assert shown("labc\n") == '"labc\\n"'
    assert shown("\x1b[31m") == '"\\u001b[31m"'
    assert told("hosts", ["a", "b", "c", "d"], ["a", "b", "c", "e"]) == ["hosts:", "  - d", "  + e"]
    assert told("page", "a\n", "b\n") == ['page: "a\\n" → "b\\n"']
