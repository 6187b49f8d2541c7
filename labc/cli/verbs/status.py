"""Show what runs, and what drifted."""

from __future__ import annotations

import sys

import click

from ...runtime.engine import Status
from ...runtime.engine import status as engine_status
from ...runtime.errors import Incomplete, RuntimeStop
from ...runtime.instance import instances
from ..exits import Exit
from ..inputs import find_lab, lab_name
from ..live import action_json, action_lines, answering
from ..options import instance_option, json_option, lab_argument
from ..stop import Stop
from ..summary import nodes_json, print_nodes, table
from ..talk import columns_of, result, say, style_of, tell


@click.command()
@lab_argument
@instance_option
@click.option("--all", "every", is_flag=True, help="List all instances of this user on this machine.")
@json_option("The same as JSON.")
def command(lab: str | None, instance: str | None, every: bool, as_json: bool) -> int:
    """Show what of an instance runs and what has drifted from its plan. Exit status 1: it drifted, or does not run; 6:
    it runs, and a secret is missing with which drift could be told."""
    with answering():
        name = None if every else _name(lab, instance)
        if name is None:
            return _list(as_json)
        found = engine_status(name)
    if as_json:
        _print_json(found)
    else:
        _tell(found)
    if found.running and found.untold:
        return Exit.LACKING
    return Exit.DONE if found.running and not found.drift else Exit.NO


def _name(lab: str | None, instance: str | None) -> str | None:
    """None where nobody named a lab and the folder holds none: then all are listed."""
    if instance or lab:
        return instance or lab_name(find_lab(lab))
    try:
        return lab_name(find_lab(None))
    except Stop:
        return None


def _list(as_json: bool) -> int:
    found = [_of_many(name) for name in instances()]
    if as_json:
        import orjson

        result(orjson.dumps([_as_json(each) | ({"error": why} if why else {}) for each, why in found]).decode())
    elif found:
        rows = [(each.instance, each.lab, why or _word(each)) for each, why in found]
        for line in table(("instance", "lab", "state"), rows, columns_of(sys.stdout)):
            result(line)
    else:
        say("nothing runs")
    return Exit.NO if any(each.drift for each, _ in found) else Exit.DONE


def _of_many(name: str) -> tuple[Status, str]:
    """And why it cannot be told. One that ends while it is looked at must not spoil the list of the others."""
    try:
        found = engine_status(name)
        return found, _untold(found)
    except Incomplete:
        return Status(name, "", False, {}, (), None), ""
    except RuntimeStop as stop:
        return Status(name, "", False, {}, (), None), f"cannot be told: {stop.message}"


def _untold(found: Status) -> str:
    return f"runs; whether it has drifted cannot be told: {found.untold}" if found.running and found.untold else ""


def _word(found: Status) -> str:
    if not found.running:
        return "does not run"
    if found.plan is not None and not found.plan.resources and not found.drift:
        return "is up, and empty"
    count = len(found.drift)
    return f"drifted: {count} difference{'s' * (count != 1)}" if found.drift else "runs"


def _tell(found: Status) -> None:
    counts = ", ".join(f"{count} {kind}{'s' * (count != 1)}" for kind, count in sorted(found.found.items()))
    say(f"{found.instance}: {_untold(found) or _word(found)}" + (f" ({counts})" if counts else ""))
    for line in action_lines(found.drift, style_of(sys.stdout)):
        tell(line)
    if found.drift:
        say("labc up makes it as the plan says")
    elif found.found and found.plan is not None:
        print_nodes(found.plan, found.leased)


def _as_json(found: Status) -> dict[str, object]:
    return {
        "instance": found.instance,
        "lab": found.lab,
        "running": found.running,
        "found": dict(found.found),
        "drift": [action_json(action) for action in found.drift],
        "plan": found.plan.digest if found.plan else None,
        **({"error": found.untold} if found.untold else {}),
        "nodes": nodes_json(found.plan, found.leased) if found.running and found.plan else [],
    }


def _print_json(found: Status) -> None:
    import orjson

    result(orjson.dumps(_as_json(found)).decode())
