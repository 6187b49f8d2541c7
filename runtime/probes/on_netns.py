"""The ground of probes in a lab of the netns backend. Runs inside the instance.

A cut takes the far end of a port's veth down, in the fabric; a direct link has no end there, so its other node's end goes down,
and with it that node's routes: they are put back when it is healed. A stopped node is cut from all links, its services are closed
and its processes stand still.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import ipaddress
import os
import signal
import socket
import struct
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from ..backends.netns import addresses, kernel, links, namespaces, netlink, routes
from ..services.client import ServicesClient, ServicesRefusedError, ServicesUnreachableError
from ..services.interfaces import hardware_of
from . import neighbours, trace
from .bench import BESIDE
from .cases import CaseError, End
from .ground import Place
from .lab import Lab, bare
from .ledger import Ledger

_UP, _RUNNING = 1, 0x40
_SETTLE, _PAUSE = 1.0, 0.002  # seconds
_FLAGS = 0x8913  # SIOCGIFFLAGS
Json = Mapping[str, Any]  # Any: JSON


class NetnsGround:
    """Enters by the pins of the instance; knows from the plan which port is where."""

    def __init__(self, resources: Iterable[Json], ledger: Ledger | None = None) -> None:
        self._lab = Lab.of(resources)
        self._ledger = ledger or Ledger()

    def network(self, node: str) -> AbstractContextManager[object]:
        return namespaces.network_of(node)

    # --- Disturbances -----------------------------------------------------------------------------------------

    def cut(self, target: str) -> None:
        self._ledger.note("heal", target)
        for port in self._ports(target):
            self._plug(port, up=False)

    def heal(self, target: str) -> None:
        self._plug_in(self._ports(target))
        self._ledger.strike("heal", target)

    def stop(self, target: str) -> None:
        self._ledger.note("start", target)
        if target.startswith("service/"):
            _services("stop", id=target)
            return
        node = bare(target)
        for port in self._lab.ports_of.get(node, ()):
            self._plug(port, up=False)
        _services("stop", node=node, missing_is_fine=True)
        _signal_all(node, signal.SIGSTOP)

    def start(self, target: str) -> None:
        if target.startswith("service/"):
            _services("start", id=target)
        else:
            node = bare(target)
            _signal_all(node, signal.SIGCONT)
            _services("start", node=node, missing_is_fine=True)
            self._plug_in(self._lab.ports_of.get(node, ()))
        self._ledger.strike("start", target)

    def state(self, target: str) -> str:
        if target.startswith("service/"):
            listed = _services("list", missing_is_fine=True).get("services", [])
            return next((str(one["state"]) for one in listed if one["id"] == target), "stopped")
        if target.startswith("node/"):
            return self._state_of_node(bare(target))
        return "up" if all(self._is_up(port) for port in self._ports(target)) else "down"

    def heal_all(self) -> list[str]:
        healed = []
        for undo, target in self._ledger.entries():
            with contextlib.suppress(OSError, CaseError):
                if undo == "sweep":
                    trace.sweep(self.network(target))
                else:
                    getattr(self, undo)(target)
                    healed.append(target)
            self._ledger.strike(undo, target)
        return healed

    def tracing(self, node: str, *, on: bool) -> None:
        (self._ledger.note if on else self._ledger.strike)("sweep", node)

    def _state_of_node(self, node: str) -> str:
        if ("start", f"node/{node}") in self._ledger.entries():
            return "down"
        try:
            with self.network(node):
                return "up"
        except OSError:
            return "down"

    def _ports(self, target: str) -> list[Json]:
        """A port itself; of a link or segment, all its ports."""
        resource = self._lab.resources.get(target)
        if resource is not None and resource["kind"] == "port":
            if resource["spec"]["form"] != "port":
                raise CaseError(f"{target} is a logical port: cut the port that it stands on")
            return [resource]
        kind, _, name = target.partition("/")
        segment = f"segment/{name}"
        ports = [port for every in self._lab.ports_of.values() for port in every if segment in _segments(port)]
        if kind not in ("link", "segment") or not ports:
            raise CaseError(f"there is no {target} that could be cut")
        return ports

    def _plug(self, port: Json, *, up: bool) -> None:
        if port["spec"]["form"] != "port":
            return
        with self._far_end(port) as (index, node), netlink.Socket() as opened:
            opened.request([links.change(index, up=up)])
            if up and node is not None:
                self._put_back(opened, index, node, port)

    def _plug_in(self, ports: Sequence[Json]) -> None:
        """Back only when packets pass: the kernel opens the way a moment after the link is up."""
        for port in ports:
            self._plug(port, up=True)
        deadline = time.monotonic() + _SETTLE
        while not all(map(self._carries, ports)) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        for node in self._lab.ports_of:
            with contextlib.suppress(OSError), self.network(node):
                neighbours.ask_again()

    def _carries(self, port: Json) -> bool:
        """Both ends; one that a hand took down carries nothing for whatever time is given."""
        spec = port["spec"]
        if spec["form"] != "port":
            return True
        with contextlib.suppress(OSError, CaseError):
            with self._far_end(port) as (index, _), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
                far = _interface_flags(opened, socket.if_indextoname(index))
            with self.network(bare(spec["node"])), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
                near = _interface_flags(opened, spec["interface"])
            return bool(far & near & _RUNNING) or not near & _UP
        return True

    def _put_back(self, opened: netlink.Socket, index: int, node: str, port: Json) -> None:
        """What an interface of a node loses when it goes down: IPv6 addresses and routes. What is there is left alone."""
        other = next(one for one in self._lab.ports_of[node] if _segments(one) == _segments(port))
        known = [
            one["spec"]
            for one in self._lab.resources.values()
            if one["kind"] == "route" and bare(one["spec"]["node"]) == node
        ]
        messages = [addresses.add(index, text) for text in other["spec"]["addresses"]]
        messages += [routes.add(route["prefix"], route["via"], route["metric"]) for route in known]
        opened.attempt(messages)

    def _is_up(self, port: Json) -> bool:
        with self._far_end(port) as (index, _node), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
            flags = _interface_flags(opened, socket.if_indextoname(index))
        return bool(flags & _UP)

    @contextmanager
    def _far_end(self, port: Json) -> Iterator[tuple[int, str | None]]:
        """Stand where the far end of a port is; its index, and its node when that is not the fabric."""
        direct = next((s for s in (self._lab.spec(one) for one in _segments(port)) if s.get("direct")), None)
        if direct is None:
            with namespaces.fabric():
                yield _index(links.fabric_name(port["id"])), None
            return
        node = bare(port["spec"]["node"])
        ends = [(bare(other), interface) for other, interface in direct["ends"]]
        other, interface = next(one for one in ends if one != (node, port["spec"]["interface"]))
        with self.network(other):
            yield _index(interface), other

    # --- Beside -----------------------------------------------------------------------------------------------

    @contextmanager
    def beside(self, end: End) -> Iterator[Place]:
        port = self._lab.resources.get(end.port)
        if port is None:
            raise CaseError(f"{end.port} is not in the plan")
        own = [ipaddress.ip_interface(text) for text in port["spec"]["addresses"]]
        stands_in = self._lab.stands_in(end)
        network = _new_network()
        far = f"t{os.urandom(5).hex()}"
        try:
            mac = self._mac(end) if stands_in else None
            self._attach(port, network, far, mac)
            if stands_in:
                self.cut(end.port)
            self._settle(network, end, own, stands_in=stands_in)
            yield lambda: _standing_in(network)
        finally:
            if stands_in:
                self.heal(end.port)
            with namespaces.fabric(), netlink.Socket() as opened, contextlib.suppress(OSError):
                opened.request([links.remove(_index(far))])
            os.close(network)

    def _attach(self, port: Json, network: int, far: str, mac: str | None) -> None:
        segment = next(iter(_segments(port)), "")
        if self._lab.spec(segment).get("direct"):
            raise CaseError(f"{segment} is a direct link: there is no room beside {port['spec']['node']}")
        with namespaces.fabric(), netlink.Socket() as opened:
            bridge = _index(links.fabric_name(segment))
            opened.request([links.new_port(0, far, bridge, network, BESIDE, mac, int(port["spec"]["mtu"] or 1500))])

    def _settle(
        self, network: int, end: End, own: list[ipaddress.IPv4Interface | ipaddress.IPv6Interface], *, stands_in: bool
    ) -> None:
        """Routes as the node has them; its addresses, of both families, or one more of theirs."""
        address = ipaddress.ip_address(end.address)
        length = next((one.network.prefixlen for one in own if address in one.network), address.max_prefixlen)
        known = [
            one["spec"]
            for one in self._lab.resources.values()
            if one["kind"] == "route" and bare(one["spec"]["node"]) == end.node
        ]
        with _standing_in(network), netlink.Socket() as opened:
            for name in ("ipv6/conf/all/accept_ra", f"ipv6/conf/{BESIDE}/accept_dad", f"ipv6/conf/{BESIDE}/accept_ra"):
                with contextlib.suppress(OSError):
                    Path("/proc/sys/net", name).write_text("0")
            index = _index(BESIDE)
            opened.request([links.change(links.LOOPBACK, up=True), links.change(index, up=True)])
            every = [str(one) for one in own] if stands_in else [f"{end.address}/{length}"]
            opened.request([addresses.add(index, text) for text in every])
            opened.attempt([routes.add(route["prefix"], route["via"], route["metric"]) for route in known])

    def _mac(self, end: End) -> str:
        """The node's own, so that its neighbours notice nothing."""
        with self.network(end.node):
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with opened:
            return hardware_of(opened, end.interface).hex(":")


def _segments(port: Json) -> list[str]:
    return [one["segment"] for one in port["spec"]["segments"]]


def _index(name: str) -> int:
    try:
        return socket.if_nametoindex(name)
    except OSError:
        raise OSError(errno.ENODEV, f"there is no interface {name}: the lab is not whole") from None


def _interface_flags(opened: socket.socket, name: str) -> int:
    answer = fcntl.ioctl(opened, _FLAGS, name.encode().ljust(40, b"\0"))
    return int(struct.unpack_from("=H", answer, 16)[0])


def _new_network() -> int:
    """A descriptor of a fresh namespace; it has no name, so it ends with this process."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        kernel.unshare(kernel.CLONE_NEWNET)
        return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        kernel.setns(home, kernel.CLONE_NEWNET)
        os.close(home)


@contextmanager
def _standing_in(network: int) -> Iterator[None]:
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        kernel.setns(network, kernel.CLONE_NEWNET)
        yield
    finally:
        kernel.setns(home, kernel.CLONE_NEWNET)
        os.close(home)


def _services(do: str, *, missing_is_fine: bool = False, **said: str) -> dict[str, Any]:
    try:
        with ServicesClient() as client:
            return client.ask(do, **said)
    except ServicesUnreachableError:
        if missing_is_fine:
            return {}
        raise CaseError("the services' process does not run; labc up starts it") from None
    except ServicesRefusedError as refused:
        raise CaseError(str(refused)) from None


def _signal_all(node: str, number: signal.Signals) -> None:
    """Signal every process that stands in a node's network, except the services' process and ourselves."""
    with namespaces.network_of(node):
        wanted = Path("/proc/thread-self/ns/net").stat().st_ino
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if (entry / "ns/net").stat().st_ino == wanted:
                    os.kill(int(entry.name), number)
