"""Act: carry out actions in the order of their needs, in batches, each backend within its bounds.

Enters: actions. Leaves: how each ended. A failed action stops what depends on it, and nothing else. Called by the engine; the
one place with threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from .backend import Backend
from .decide import Action
from .events import Acted

Report = Callable[[Sequence[Acted]], None]


def act(actions: Mapping[str, Sequence[Action]], backends: Mapping[str, Backend], report: Report) -> bool:
    """By backend's name; true when all went well. `report` hears of every batch as it ends."""
    removed = [_remove(backends[name], ours, report) for name, ours in actions.items()]
    made = _make({name: _makings(ours) for name, ours in actions.items()}, backends, report)
    return all(removed) and made


def _remove(backend: Backend, actions: Sequence[Action], report: Report) -> bool:
    """`decide` has put what stands on others first. The half of a replacement that removes is told only when it fails."""
    removals = [action for action in actions if action.verb == "delete"]
    replacements = [action for action in actions if action.verb == "replace"]
    well = True
    for batch in _cut([*reversed(replacements), *removals], backend.batch):
        errors = backend.remove(batch)
        well = well and not errors
        report(
            [
                Acted(action, errors.get(action.id, ""))
                for action in batch
                if action.verb == "delete" or action.id in errors
            ]
        )
    return well


def _makings(actions: Sequence[Action]) -> list[Action]:
    return [action for action in actions if action.verb != "delete"]


def _make(actions: Mapping[str, Sequence[Action]], backends: Mapping[str, Backend], report: Report) -> bool:
    owner = {action.id: name for name, ours in actions.items() for action in ours}
    failed: set[str] = set()
    for layer in _layers([action for ours in actions.values() for action in ours]):
        skipped = [action for action in layer if failed.intersection(action.needs)]
        if skipped:
            failed.update(action.id for action in skipped)
            report([Acted(action, _blamed(action, failed), skipped=True) for action in skipped])
        able = [action for action in layer if action.id not in failed]
        for batch, errors in _run(able, owner, backends):
            failed.update(errors)
            report([Acted(action, errors.get(action.id, "")) for action in batch])
    return not failed


def _blamed(action: Action, failed: set[str]) -> str:
    return f"not tried: {', '.join(need for need in action.needs if need in failed)} could not be made"


def _layers(actions: Sequence[Action]) -> Iterator[list[Action]]:
    """Each layer needs only those before it. What is not among the actions stands already."""
    depth: dict[str, int] = {}
    by_id = {action.id: action for action in actions}
    layers: dict[int, list[Action]] = {}
    for action in actions:
        layers.setdefault(_depth(action, by_id, depth), []).append(action)
    yield from (layers[level] for level in sorted(layers))


def _depth(action: Action, by_id: Mapping[str, Action], depth: dict[str, int]) -> int:
    """How many layers lie below; a plan has no circles, and its chains are a handful of kinds long."""
    known = depth.get(action.id)
    if known is None:
        below = (_depth(by_id[need], by_id, depth) for need in action.needs if need in by_id)
        known = depth[action.id] = max(below, default=-1) + 1
    return known


def _run(
    actions: Sequence[Action], owner: Mapping[str, str], backends: Mapping[str, Backend]
) -> Iterator[tuple[Sequence[Action], Mapping[str, str]]]:
    work = [
        (backend, batch)
        for name, backend in backends.items()
        for batch in _cut([action for action in actions if owner[action.id] == name], backend.batch)
    ]
    bound = sum(backend.concurrency for backend in backends.values())
    if bound == 1 or len(work) == 1:
        for backend, batch in work:
            yield batch, backend.make(batch)
        return
    from concurrent.futures import ThreadPoolExecutor, as_completed  # 10 ms that one backend alone does not need

    with ThreadPoolExecutor(bound) as pool:
        running = {pool.submit(backend.make, batch): batch for backend, batch in work}
        for future in as_completed(running):
            yield running[future], future.result()


def _cut(actions: Sequence[Action], size: int) -> Iterator[Sequence[Action]]:
    for start in range(0, len(actions), size):
        yield actions[start : start + size]
