"""A deny case: what is denied is sent, then what is allowed; when the allowed has arrived and the denied has not, it holds.

Order makes waiting needless: both take one way, and the control is sent last. It goes once before as well: then every ARP entry
of the way is there, so nothing denied can still sit in a queue when the control has passed it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace

from .bench import Bench
from .capture import Capture, Watch
from .cases import End, Flow, Handed, Json, Packet, end, flow, packet
from .evidence import why_it_passed
from .result import Result, could_not_run, failed, passed
from .wire import Sent, prepare

CONTROL_WITHIN = 3.0
_TOLD, _SORTS = 6, 6  # ports, and sorts of packets, that the reason names
_CONTROL_EVERY = (0.05, 0.1, 0.2, 0.4)


async def run_deny(bench: Bench, case: Json) -> Result:
    """Run one deny case of the plan."""
    identifier, source, target = case["id"], end(case["from"]), end(case["to"])
    handed = Handed(bench.interface(source), case["via"]) if case.get("via") else None
    denied = [replace(packet(said), handed=handed) for said in case["packets"]]
    if not denied:
        return could_not_run(identifier, "the case has no packets: it would check nothing")
    if not case.get("control"):
        return could_not_run(
            identifier, "no control: nothing is allowed to reach this receiver, so silence proves nothing"
        )
    control = flow(case["control"], default_target=target)
    capture = bench.capture(target, str(case.get("capture") or "port"))
    try:
        leaks, sent = await deny(bench, source, denied, control, capture)
    except SilentControlError as silent:
        return could_not_run(identifier, str(silent))
    notes = (
        []
        if case["control"].get("same_path", True)
        else [f"the control came from {control.source}, not over the same path"]
    )
    if leaks:
        result = failed(identifier, _told(leaks), **await why_it_passed(bench, source, target, leaks))
        result.notes += notes
        result.evidence["command"] = f"from {source}: " + "; ".join(str(leak.packet) for leak in leaks[:_TOLD])
        result.evidence["counters"] = {"sent": len(sent), "arrived": len(leaks)}
        return result
    if never := [one for one in sent if not one.routed]:
        notes.append(f"{len(never)} of {len(sent)} packets never left {source.node}: {never[0].problem}")
    return passed(identifier, *notes)


class SilentControlError(Exception):
    """The control did not arrive, so that nothing can be said."""


async def deny(
    bench: Bench,
    source: End,
    denied: Sequence[Packet],
    control: Flow,
    capture: Capture,
    patience: float = CONTROL_WITHIN,
) -> tuple[list[Sent], list[Sent]]:
    """Send and watch; gives what arrived though denied, and all that was sent. Raises SilentControlError."""
    lost = capture.lost()
    await _control(bench, control, capture, patience)
    wire = bench.wire(source)
    prepared = [prepare(source, one, bench.ports) for one in denied]
    watches = [capture.watch(*one.keys) for one in prepared]
    try:
        for one in prepared:
            bench.forget_flow(source.address, one.packet)
        sent = [wire.send(one) for one in prepared]
        await _control(bench, control, capture)
        if any(one.packet.address != control.packet.address for one in prepared):
            # Another address has ARP entries of its own: what waited for them has gone by now, a second pair shows it.
            await _control(bench, control, capture)
        capture.drain()
        if capture.lost() > lost:
            raise SilentControlError("the capture lost packets: the machine is too busy")
        return [one for one, watch in zip(sent, watches, strict=True) if watch.arrived], sent
    finally:
        for watch in watches:
            capture.forget(watch)


async def _control(bench: Bench, control: Flow, capture: Capture, patience: float = CONTROL_WITHIN) -> None:
    """Send the control until one copy of it arrives."""
    wire, deadline, problem = bench.wire(control.source), bench.pulse.deadline(patience), ""
    for wait in itertools.chain(_CONTROL_EVERY, itertools.repeat(_CONTROL_EVERY[-1])):
        if deadline.left() <= 0:
            break
        prepared = prepare(control.source, control.packet, bench.ports)
        watch = capture.watch(*prepared.keys)
        try:
            problem = wire.send(prepared).problem
            if await _arrives(watch, min(wait, deadline.left())):
                return
        finally:
            capture.forget(watch)
    raise SilentControlError(
        f"the control ({control}) did not arrive, so silence proves nothing" + (f": {problem}" if problem else "")
    )


async def _arrives(watch: Watch, wait: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, wait)):
            await watch.event.wait()
    except TimeoutError:
        return bool(watch.arrived)
    return True


def _told(leaks: Sequence[Sent]) -> str:
    """`3 denied packets arrived: udp from source port 53 to port 53, 80, 443`."""
    sorts: dict[str, list[str]] = {}
    for leak in leaks:
        packet = leak.packet
        source = f" from source port {packet.source_port}" if packet.source_port else ""
        to = f" at {packet.address}" if packet.protocol == "icmp" else f" to {packet.address} port"
        sorts.setdefault(f"{packet.protocol}{packet.claim}{source}{to}", []).append(str(packet.port or ""))
    told = [
        f"{sort} {', '.join(ports[:_TOLD])}{' and more' if len(ports) > _TOLD else ''}".strip()
        for sort, ports in sorts.items()
    ]
    more = [f"and {len(told) - _SORTS} more sorts"] if len(told) > _SORTS else []
    count = "a denied packet" if len(leaks) == 1 else f"{len(leaks)} denied packets"
    return f"{count} arrived: {'; '.join([*told[:_SORTS], *more])}"
