"""The probes' process: runs the cases it is given, in the instance, and tells of each as it ends.

Enters: one JSON line `{"resources": […], "cases": […], "known": […]}`, `known` being all cases of the plan. Leaves: JSON lines, `{"event": "healed", "what": […]}` for what a
killed run had left, `{"event": "began", "case": id}`, `{"event": "ended", "result": {…}}`, `{"event": "done"}`.

Cases run side by side, except those that take something down (`alone`), and those whose probe stands in for a node, which unplugs
it: these run together with others that need the same nodes unplugged.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .allows import run_allow
from .bench import Bench
from .cases import CaseError, End, Json, end, ends_in
from .denies import run_deny
from .ground import Ground
from .lab import Lab
from .leased import with_addresses
from .result import Result, could_not_run
from .scripts import run_script

# Most of what cases do is wait; a few hundred packets at once are nothing.
AT_ONCE = 48
_KINDS = {"allow": run_allow, "deny": run_deny, "script": run_script}
Tell = Callable[[Mapping[str, Any]], None]


async def run_cases(ground: Ground, said: Json, tell: Tell) -> None:
    """Run all cases; returns when each has its result."""
    if healed := ground.heal_all():
        tell({"event": "healed", "what": healed})
    lab = Lab.of(said["resources"])
    bench = Bench(ground, lab, said.get("known") or said["cases"])
    try:
        for group, together in _groups(said["cases"], lab):
            bench.prepare(_probes(group))
            await _run_group(bench, group, tell, AT_ONCE if together else 1)
            bench.leave_beside()
    finally:
        bench.close()
    tell({"event": "done"})


async def _run_group(bench: Bench, cases: Iterable[Json], tell: Tell, at_once: int) -> None:
    places = asyncio.Semaphore(at_once)

    async def one(case: Json) -> None:
        async with places:
            tell({"event": "began", "case": case["id"]})
            began = time.monotonic()
            result = await _run(bench, case)
            result.milliseconds = round((time.monotonic() - began) * 1000, 1)
            tell({"event": "ended", "result": result.as_json()})

    async with asyncio.TaskGroup() as group:
        for case in cases:
            group.create_task(one(case))


async def _run(bench: Bench, case: Json) -> Result:
    """One case; whatever goes wrong in it is its own."""
    kind = _KINDS.get(case.get("kind", ""))
    if kind is None:
        return could_not_run(case["id"], f"no probe knows cases of the kind {case.get('kind')!r}")
    try:
        return await kind(bench, with_addresses(case, bench.ground))
    except CaseError as failure:
        return could_not_run(case["id"], str(failure))
    except OSError as failure:
        return could_not_run(case["id"], failure.strerror or str(failure))
    except Exception as broken:  # noqa: BLE001 - one case's trouble must not end the others
        return could_not_run(case["id"], f"the probe failed: {type(broken).__name__}: {broken}")


def _groups(cases: Iterable[Json], lab: Lab) -> Iterator[tuple[list[Json], bool]]:
    """What may run together, in the order of their first; then each that must be alone."""
    together: dict[frozenset[str], list[Json]] = {}
    alone = []
    for case in cases:
        if case.get("alone"):
            alone.append(case)
        else:
            together.setdefault(frozenset(_stood_in_for(case, lab)), []).append(case)
    for group in sorted(together.items(), key=lambda item: len(item[0])):
        yield group[1], True
    for case in alone:
        yield [case], False


def _probes(cases: Iterable[Json]) -> Iterator[tuple[End, bool]]:
    """Where the probes of allow and deny cases stand, and whether to receive there."""
    seen = set()
    for case in cases:
        with contextlib.suppress(CaseError, KeyError):
            both = [(end(case["from"]), False)] if case["kind"] == "deny" else []
            if case["kind"] == "deny" or case["flow"]["protocol"] == "icmp":
                both.append((end(case["to"]), True))
            for one in both:
                if one not in seen and one[0].address:
                    seen.add(one)
                    yield one


def _stood_in_for(case: Json, lab: Lab) -> Iterator[str]:
    """Ports whose node a probe of the case stands in for, with the node's own address."""
    for said in ends_in(case, answering=False):
        if said["place"] == "beside" and lab.stands_in(end(said)):
            yield str(said["port"])
