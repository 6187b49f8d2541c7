"""Finding a node or a port of a running instance by the names that users type.

Enters: an instance's name and `web` or `web:eth0`. Leaves: ids and interfaces of the plan that runs. Called by exec, shell
and capture. What is not there ends in `Stop` with a near name.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from ..compiler.plan.model import Plan
from ..runtime.engine import running
from .exits import Exit
from .inputs import holds_plan, instance_name
from .stop import Stop

_LABS = (".net", ".yaml", ".yml", ".plan.json")  # what need not be there to be meant


def split_lab(words: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """`lab.net web ip a` → the lab and the rest; the lab may be left out, since no node is called like a file."""
    first = words[0] if words else ""
    is_lab = first.endswith(_LABS) or ("/" in first and Path(first).is_dir()) or (first and holds_plan(Path(first)))
    return (first, words[1:]) if is_lab else (None, words)


def running_plan(instance: str | None, lab: str | None) -> tuple[str, Plan]:
    """The instance's name and the plan that was applied last. Raises Stop when nothing runs."""
    name = instance_name(instance, lab)
    plan = running(name)
    if plan is None:
        raise Stop(Exit.STOPPED, f"{name} does not run", help="labc up makes it; labc status --all lists what runs")
    return name, plan


def node_id(plan: Plan, name: str) -> str:
    """`web` → `node/web`."""
    ids = [resource.id for resource in plan.resources if resource.kind == "node"]
    wanted = f"node/{name.removeprefix('node/')}"
    if wanted not in ids:
        names = (each.removeprefix("node/") for each in ids)
        raise Stop(Exit.INPUT, f"the lab has no node {name}", help=_near(name, names))
    return wanted


def port_interface(plan: Plan, node: str, port: str) -> str:
    """The interface that a port of a node has in Linux; a node's only port needs no name."""
    ports = {
        resource.spec["name"]: str(resource.spec["interface"])
        for resource in plan.resources
        if resource.kind == "port" and resource.spec["node"] == node
    }
    if not port and len(ports) == 1:
        return next(iter(ports.values()))
    if port in ports:
        return ports[port]
    name = node.partition("/")[2]
    if not port:
        raise Stop(
            Exit.INPUT, f"{name} has {len(ports)} ports: say which", help=", ".join(f"{name}:{each}" for each in ports)
        )
    raise Stop(
        Exit.INPUT, f"{name} has no port {port}", help=_near(port, ports) or f"it has {', '.join(ports) or 'none'}"
    )


def _near(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, list(names), 1)
    return f"did you mean {near[0]}?" if near else ""
