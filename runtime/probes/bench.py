"""What the cases of one run share: places, captures, raw sockets, listeners, fresh ports. Made by `process.py`.

Everything is opened when first asked for and closed with the bench; a run that ends leaves nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from functools import partial

from ..services.model import Closable, Request, ServiceError
from ..services.opening import open_listeners
from .capture import Capture, PortCapture, StackCapture
from .cases import CaseError, End, Flow, Json, Packet
from .conntrack import Forgetter
from .ground import Ground, Place
from .lab import Lab
from .ports import FreshPorts
from .pulse import Pulse
from .trail import clock
from .wire import Wire

# Evidence takes programs and rule sets: a few at a time, and not for hundreds of failures.
_TRACED_AT_ONCE, _MOST_INQUIRIES = 8, 40
_AGAIN_AT_ONCE = 4


class Bench:
    """`known`: all cases of the plan, of which the run's are some."""

    def __init__(self, ground: Ground, lab: Lab, known: Sequence[Json] = ()) -> None:
        self.ground = ground
        self.lab = lab
        self.known = known
        self.ports = FreshPorts(_constants(known))
        self.tracing = asyncio.Semaphore(_TRACED_AT_ONCE)
        # By protocol and ports: packets that a trace could not tell apart are traced one after the other.
        self.alike: dict[tuple[str, frozenset[int]], asyncio.Lock] = defaultdict(asyncio.Lock)
        self.quiet = asyncio.Semaphore(_AGAIN_AT_ONCE)  # for what is tried again as the machine was busy
        self._inquiries = _MOST_INQUIRIES
        self.pulse = Pulse()
        self.pulse.start()
        self._stack = ExitStack()
        self._clock = clock()
        self._places: dict[tuple[str, str], Place] = {}
        self._forgetters: dict[str, Forgetter] = {}
        self._wires: dict[tuple[str, str], Wire] = {}
        self._captures: dict[tuple[str, str, str], Capture] = {}
        self._listeners: dict[tuple[str, str, str, int], tuple[list[Closable], int]] = {}

    def prepare(self, ends: Iterable[tuple[End, bool]]) -> None:
        """Open what these ends need, before anything is timed: making namespaces can take the kernel long. True: it receives."""
        for end, receives in ends:
            with contextlib.suppress(CaseError, OSError):
                if receives:
                    self.capture(end)
                else:
                    self.wire(end)

    def close(self) -> None:
        self.pulse.close()
        for listeners, _users in self._listeners.values():
            for listener in listeners:
                listener.close()
        everything: list[Closable] = [
            self._clock,
            *self._wires.values(),
            *self._forgetters.values(),
            *self._captures.values(),
        ]
        for opened in everything:
            opened.close()
        self._stack.close()

    def place(self, end: End) -> AbstractContextManager[object]:
        """Stand where the end's probe does. Raises CaseError where that cannot be."""
        if end.place != "beside":
            return self.ground.network(end.node)
        where = self._where(end)
        place = self._places.get(where)
        if place is None:
            try:
                place = self._stack.enter_context(self.ground.beside(end))
            except OSError as failure:
                raise CaseError(f"no probe can stand beside {end.node}: {failure.strerror or failure}") from None
            self._places[where] = place
        return place()

    def leave_beside(self) -> None:
        """Take all probes beside away, and what they opened; nodes that they stood in for are plugged in again."""
        for where in [w for w in self._wires if w in self._places]:
            self._wires.pop(where).close()
        for key in [k for k in self._captures if k[:2] in self._places]:
            self._captures.pop(key).close()
        self._places.clear()
        self._stack.close()

    def _where(self, end: End) -> tuple[str, str]:
        """The place's key. Who stands in for a node has all addresses of its port: two with one MAC would take each other's
        packets away."""
        if end.place != "beside":
            return end.node, ""
        return end.node, end.port if self.lab.stands_in(end) else f"{end.port} {end.address}"

    def wire(self, end: End) -> Wire:
        """Raw sockets where the end's probe stands."""
        wire = self._wires.get(self._where(end))
        if wire is None:
            with _explained(end):
                wire = self._wires[self._where(end)] = Wire(self.place(end))
        return wire

    def capture(self, end: End, form: str = "port") -> Capture:
        """The capture at a receiver: of its port, or of its stack."""
        key = (*self._where(end), "stack" if form == "stack" else self.interface(end))
        capture = self._captures.get(key)
        if capture is None:
            with _explained(end):
                place = self.place(end)
                capture = StackCapture(place) if form == "stack" else PortCapture(place, self.interface(end))
                self._captures[key] = capture
        return capture

    def interface(self, end: End) -> str:
        """The name of the end's port where its probe stands: a probe beside has one port, with a name of its own."""
        return BESIDE if end.place == "beside" else end.interface

    def may_inquire(self) -> bool:
        """Whether one more failure is looked into: where everything fails, the first few dozen tell why."""
        self._inquiries -= 1
        return self._inquiries >= 0

    def forget_flow(self, source: str, packet: Packet) -> None:
        """Make the lab's firewalls forget a flow of fixed numbers, which a run before may have used too."""
        if not packet.source_port:
            return
        for node in self.lab.rulesets_of:
            forgetter = self._forgetters.get(node)
            if forgetter is None:
                try:
                    forgetter = self._forgetters[node] = Forgetter(self.ground.network(node))
                except OSError:
                    continue
            forgetter.forget(packet.protocol, source, packet.address, packet.source_port, packet.port)

    @asynccontextmanager
    async def listener(self, flow: Flow) -> AsyncIterator[None]:
        """Something that answers at the receiver: the lab's service where there is one, else a listener of ours meanwhile."""
        end, packet = flow.target, flow.packet
        if end is None or flow.service is not None or packet.protocol == "icmp":
            yield
            return
        port = packet.port  # NAT of labs translates addresses, never ports
        key = (*self._where(end), packet.protocol, port)
        listeners, users = self._listeners.get(key, ([], 0))
        if not users:
            listeners = self._listen(end, packet.protocol, port, flow.application)
        self._listeners[key] = (listeners, users + 1)
        try:
            yield
        finally:
            listeners, users = self._listeners[key]
            self._listeners[key] = (listeners, users - 1)
            if users == 1:
                del self._listeners[key]
                for listener in listeners:
                    listener.close()

    def _listen(self, end: End, protocol: str, port: int, application: str | None) -> list[Closable]:
        # dhcp's server would give addresses away; its port is tried with plain datagrams.
        service = "echo" if application in (None, "dhcp") else str(application)
        request = Request(f"probe/{end.node}", end.node, service, (f"{protocol}/{port}",), {})
        place = partial(self.place, end)
        try:
            return open_listeners(request, lambda _node: place(), shared=False)
        except ServiceError as failure:
            if failure.taken:
                return []  # somebody listens there already: he answers
            raise CaseError(str(failure)) from None


# The port of a probe that stands beside a node.
BESIDE = "probe0"


def _constants(said: object) -> Iterator[int]:
    """All ports that cases name."""
    if isinstance(said, Mapping):
        for key, value in said.items():
            if key in ("port", "source_port") and isinstance(value, int):
                yield value
            else:
                yield from _constants(value)
    elif isinstance(said, list | tuple):
        for value in said:
            yield from _constants(value)


@contextlib.contextmanager
def _explained(end: End) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise CaseError(f"no probe can stand at {end}: {failure.strerror or failure}") from None
