"""Removing: a batch of actions that take things away. What is gone already is no error.

Runs inside. Ends what runs in a node before its namespace goes: a process would keep it alive, unnamed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import addresses, kernel, links, namespaces, netlink, nft, records, routes
from .facts import Known
from .netlink import Message
from .service_control import ServiceControl

Action = Mapping[str, Any]  # Any: JSON; the members of decide.Action

_GONE = {errno.ENODEV, errno.ESRCH, errno.ENOENT, errno.EADDRNOTAVAIL, errno.EINVAL}


def remove(actions: Sequence[Action], known: Known, control: ServiceControl) -> dict[str, str]:
    """In the order given; the errors by id."""
    errors: dict[str, str] = {}
    for action in actions:
        try:
            _KINDS[action["kind"]](action, known, control)
        except OSError as error:
            if error.errno not in _GONE:
                errors[action["id"]] = error.strerror or str(error)
    return errors


def _service(action: Action, known: Known, control: ServiceControl) -> None:
    control.remove([action["id"]])


def _ruleset(action: Action, known: Known, control: ServiceControl) -> None:
    node = action["before"]["node"]
    record = records.read(node)
    loaded = record["rulesets"].pop(action["id"], None)
    if loaded is None:
        return
    with namespaces.network_of(node):
        nft.delete(loaded["tables"])
    records.write(node, record)


def _file(action: Action, known: Known, control: ServiceControl) -> None:
    node = action["before"]["node"]
    record = records.read(node)
    for path in [path for path, held in record["files"].items() if held["id"] == action["id"]]:
        records.unlink(node, path)
        del record["files"][path]
    records.write(node, record)


def _route(action: Action, known: Known, control: ServiceControl) -> None:
    before = action["before"]
    _tell(before["node"], [routes.remove(before["prefix"], before["metric"])])


def _port(action: Action, known: Known, control: ServiceControl) -> None:
    before = action["before"]
    if before["form"] == "loopback":
        _tell(before["node"], [addresses.remove(links.LOOPBACK, text) for text in before["addresses"]])
        return
    if before["dhcp"]:
        control.remove([action["id"]])
    if before["form"] == "fabric":  # its node is gone, or was never reached
        index = known.fabric.pop(before["interface"], None)
        _tell_fabric([links.remove(index)] if index else [])
        return
    index = known.nodes.get(before["node"].removeprefix("node/"), {}).pop(before["interface"], None)
    known.fabric.pop(links.fabric_name(action["id"]), None)
    _tell(before["node"], [links.remove(index)] if index else [])


def _segment(action: Action, known: Known, control: ServiceControl) -> None:
    """A direct one has nothing of its own: it goes with its ports."""
    index = known.fabric.pop(action["before"].get("name") or links.fabric_name(action["id"]), None)
    _tell_fabric([links.remove(index)] if index else [])


def _node(action: Action, known: Known, control: ServiceControl) -> None:
    name = action["id"].removeprefix("node/")
    control.remove_node(name)
    end_first(name)
    with contextlib.suppress(OSError):
        kernel.unmount(namespaces.pin(name))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(namespaces.pin(name))
    records.discard(name)
    known.nodes.pop(name, None)


def end_first(node: str) -> None:
    """Kill a node's first process, and all others of its pid namespace with it; return when they are gone."""
    pid = records.first(node)
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            select.select([descriptor], [], [])
        finally:
            os.close(descriptor)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(records.live(node) + "/first")


def _tell(node: str, messages: Sequence[Message]) -> None:
    with namespaces.network_of(node), netlink.Socket() as socket:
        _expect(socket, messages)


def _tell_fabric(messages: Sequence[Message]) -> None:
    with netlink.Socket() as socket:
        _expect(socket, messages)


def _expect(socket: netlink.Socket, messages: Sequence[Message]) -> None:
    for error in socket.attempt(messages):
        if error is not None and error.errno not in _GONE:
            raise error


_KINDS: dict[str, Callable[[Action, Known, ServiceControl], None]] = {
    "service": _service,
    "ruleset": _ruleset,
    "file": _file,
    "route": _route,
    "port": _port,
    "segment": _segment,
    "node": _node,
}
