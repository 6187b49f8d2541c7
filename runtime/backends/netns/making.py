"""Making: a batch of actions, none of which needs another, done with as few calls as the kernel allows.

Runs inside. The messages of all actions are gathered first: those for the fabric go out on one socket, those for a node on one
socket in that node. An error belongs to its action alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import (
    addresses,
    kernel,
    links,
    namespaces,
    neighbours,
    netlink,
    nft,
    queueing,
    records,
    routes,
    routing_rules,
    settings,
)
from .facts import Known, families
from .netlink import Message
from .service_control import ServiceControl

Action = Mapping[str, Any]  # Any: JSON; the members of decide.Action
Fields = Mapping[str, Any]


class Batch:
    """Messages waiting to be sent, each with the id that answers for it."""

    __slots__ = ("descriptors", "errors", "fabric", "inside", "known")

    def __init__(self, known: Known) -> None:
        self.known = known
        self.fabric: list[tuple[str, Message]] = []
        self.inside: dict[str, list[tuple[str, Message]]] = {}
        self.errors: dict[str, str] = {}
        self.descriptors: dict[str, int] = {}

    def network(self, node: str) -> int:
        """A descriptor of the node's namespace that lives as long as the batch."""
        if node not in self.descriptors:
            self.descriptors[node] = namespaces.open_network(node)
        return self.descriptors[node]

    def put(self, node: str, identity: str, *messages: Message) -> None:
        self.inside.setdefault(node, []).extend((identity, message) for message in messages)

    def send(self) -> None:
        """First the fabric, since what follows in the nodes stands on it."""
        if self.fabric:
            with netlink.Socket() as socket:
                self._send(socket, self.fabric)
        for node, messages in self.inside.items():
            able = [(identity, message) for identity, message in messages if identity not in self.errors]
            if able:
                self._send_in(node, able)

    def close(self) -> None:
        for descriptor in self.descriptors.values():
            os.close(descriptor)

    def _send_in(self, node: str, messages: Sequence[tuple[str, Message]]) -> None:
        try:
            kernel.setns(self.network(node), kernel.CLONE_NEWNET)
        except OSError as error:
            self.errors.update((identity, f"{node}: {error.strerror}") for identity, _ in messages)
            return
        with netlink.Socket() as socket:
            self._send(socket, messages)

    def _send(self, socket: netlink.Socket, messages: Sequence[tuple[str, Message]]) -> None:
        answers = socket.attempt([message for _, message in messages])
        for (identity, message), answer in zip(messages, answers, strict=True):
            if answer is not None and not addresses.went_before(message, answer):
                self.errors.setdefault(identity, answer.strerror or str(answer))


def make(actions: Sequence[Action], known: Known, control: ServiceControl) -> dict[str, str]:
    """The errors by id."""
    batch = Batch(known)
    home = os.open(namespaces.FABRIC, os.O_RDONLY | os.O_CLOEXEC)
    try:
        for action in actions:
            with _blamed(batch, action):
                _GATHER.get(action["kind"], _nothing)(action, batch)
        kernel.setns(home, kernel.CLONE_NEWNET)
        batch.send()
        for action in actions:
            if action["kind"] in _AFTER and action["id"] not in batch.errors:
                with _blamed(batch, action):
                    _AFTER[action["kind"]](action, control)
    finally:
        kernel.setns(home, kernel.CLONE_NEWNET)
        os.close(home)
        batch.close()
    return batch.errors


@contextlib.contextmanager
def _blamed(batch: Batch, action: Action) -> Any:
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        what = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        batch.errors[action["id"]] = what + (getattr(error, "strerror", None) or str(error))


def _nothing(action: Action, batch: Batch) -> None:
    pass


def _node(action: Action, batch: Batch) -> None:
    """A new namespace, or the same work over again on one that stands: every step may be repeated."""
    fields, name = action["after"], action["id"].removeprefix("node/")
    _describe(name, action)
    if action["before"] is None:
        kernel.unshare(kernel.CLONE_NEWNET)
        settings.settle(fields, fresh=True)
        _pin(name)
    else:
        kernel.setns(batch.network(name), kernel.CLONE_NEWNET)
        settings.settle(fields, fresh=False)
        _undo(name, action)
    interfaces = batch.known.nodes.setdefault(name, {})
    if fields["bridge"] and links.BRIDGE not in interfaces:
        index = interfaces[links.BRIDGE] = batch.known.next_index()
        batch.put(name, action["id"], links.new_bridge(index, links.BRIDGE, links.bridge_mac(action["id"]), 1500))
    elif fields["bridge"]:
        batch.put(name, action["id"], links.change(interfaces[links.BRIDGE], up=True))
    if not fields["bridge"] and links.BRIDGE in interfaces:
        batch.put(name, action["id"], links.remove(interfaces.pop(links.BRIDGE)))
    batch.put(name, action["id"], links.change(links.LOOPBACK, up=True, alias=fields["label"]))


def _undo(name: str, action: Action) -> None:
    """What a hand has added to a node, in which we stand."""
    before, after = action["before"], action["after"]
    differing = {field for field in ("rules", "tables", "neighbours") if before.get(field) != after[field]}
    with netlink.Socket() as socket:
        if "rules" in differing:
            routing_rules.settle(socket, families(six=after["ipv6"]))
        if "neighbours" in differing:
            neighbours.clear(socket)
    if "tables" in differing:
        nft.delete(nft.strange(records.read(name)["rulesets"]))


def _describe(name: str, action: Action) -> None:
    """The node's /etc, in its record and, where something runs in the node, in its files."""
    record = records.read(name)
    for path, text in (
        (records.HOSTS, action["content"]["hosts"]),
        (records.RESOLVER, action["content"]["resolver"]),
        (records.HOSTNAME, action["after"]["hostname"] + "\n"),
    ):
        record["files"][path] = {"text": text, "mode": 0o644, "id": action["id"]}
        if action["before"] is not None:
            records.put(name, path, text, 0o644)
    records.write(name, record)
    if action["before"] is not None:
        records.call(name, action["after"]["hostname"])


def _pin(name: str) -> None:
    path = namespaces.pin(name)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o444)
    except FileExistsError:  # left by a killed run
        with contextlib.suppress(OSError):
            kernel.unmount(path)
    else:
        os.close(descriptor)
    kernel.mount("/proc/thread-self/ns/net", path, None, kernel.MS_BIND)


def _segment(action: Action, batch: Batch) -> None:
    fields, identity = action["after"], action["id"]
    if fields["direct"]:
        _pair(action, batch)
        return
    name = links.fabric_name(identity)
    index = batch.known.fabric.get(name)
    if index is None:
        index = batch.known.fabric[name] = batch.known.next_index()
        batch.fabric.append((identity, links.new_bridge(index, name, fields["mac"], fields["mtu"])))
        batch.fabric.append((identity, links.change(index, alias=identity)))
    else:
        batch.fabric.append(
            (identity, links.change(index, up=True, mac=fields["mac"], mtu=fields["mtu"], alias=identity))
        )


def _pair(action: Action, batch: Batch) -> None:
    (one, here), (other, there) = action["after"]["ends"]
    for node, interface in ((one, here), (other, there)):
        _clear(node, interface, batch)
    index = batch.known.next_index(2)
    ends = (batch.network(one), here), (batch.network(other), there)
    batch.fabric.append((action["id"], links.new_pair(index, *ends, action["content"]["mtu"])))
    _interfaces(one, batch)[here] = index
    _interfaces(other, batch)[there] = index + 1


def _clear(node: str, interface: str, batch: Batch) -> None:
    """What a killed run left under this name goes first. `remove` has taken all that was known to be wrong."""
    found = _interfaces(node, batch).pop(interface, None)
    if found is not None:
        with namespaces.network_of(node), netlink.Socket() as socket:
            socket.attempt([links.remove(found)])


def _interfaces(node: str, batch: Batch) -> dict[str, int]:
    return batch.known.nodes.setdefault(node.removeprefix("node/"), {})


def _port(action: Action, batch: Batch) -> None:
    fields = action["after"]
    if fields["form"] == "loopback":
        _address(action, links.LOOPBACK, batch)
    elif action["before"] is None or action["verb"] == "replace":
        _new_port(action, batch)
    else:
        _change_port(action, batch)


def _new_port(action: Action, batch: Batch) -> None:
    fields, identity, node = action["after"], action["id"], action["after"]["node"]
    interfaces = _interfaces(node, batch)
    if not fields["direct"]:
        _plug(action, interfaces, batch)
    index = interfaces[fields["interface"]]
    mac = fields.get("mac") if fields["direct"] else None
    mtu = fields["mtu"] if fields["direct"] else None
    master = interfaces[links.BRIDGE] if fields["bridged"] else None
    batch.put(
        node, identity, links.change(index, up=True, mac=mac, mtu=mtu, alias=identity, master=master, promote=True)
    )
    if fields["rate"]:
        batch.put(node, identity, queueing.limit(index, fields["rate"], fields["mtu"]))
    _address({**action, "before": None}, index, batch)


def _plug(action: Action, interfaces: dict[str, int], batch: Batch) -> None:
    fields, identity, node = action["after"], action["id"], action["after"]["node"]
    name, interface = links.fabric_name(identity), fields["interface"]
    stale = batch.known.fabric.pop(name, None)
    if stale is not None:
        batch.fabric.append((identity, links.remove(stale)))
    bridge = batch.known.fabric[links.fabric_name(fields["segment"])] if fields["segment"] else None
    index = batch.known.next_index(2)
    request = links.new_port(index, name, bridge, batch.network(node), interface, fields.get("mac"), fields["mtu"])
    batch.fabric += [(identity, request), (identity, links.change(index, alias=identity))]
    if fields["rate"]:
        batch.fabric.append((identity, queueing.limit(index, fields["rate"], fields["mtu"])))
    batch.known.fabric[name], interfaces[interface] = index, index + 1


def _change_port(action: Action, batch: Batch) -> None:
    before, after, identity = action["before"], action["after"], action["id"]
    interfaces = _interfaces(after["node"], batch)
    index = interfaces[after["interface"]]
    far = batch.known.fabric.get(links.fabric_name(identity))
    differing = {name for name in after if before.get(name) != after[name]}
    if before.get("bridged") == links.ISOLATED:
        batch.put(after["node"], identity, links.change(index, master=0))  # a port taken back is one as new
    if differing & {"mtu", "mac", "label", "group", "bridged", "up", "arp"}:
        master = (interfaces[links.BRIDGE] if after["bridged"] else 0) if "bridged" in differing else None
        request = links.change(
            index, up=True, mac=after.get("mac"), mtu=after["mtu"], alias=identity, master=master, claim=True
        )
        batch.put(after["node"], identity, request)
    if far is not None and differing & {"mtu", "segment", "plugged"}:
        bridge = batch.known.fabric[links.fabric_name(after["segment"])] if after["segment"] else 0
        batch.fabric.append(
            (identity, links.change(far, up=after["plugged"], mtu=after["mtu"], master=bridge, alias=identity))
        )
    if "rate" in differing:
        _rate(after, index, far, identity, batch)
    _address(action, index, batch)


def _rate(after: Fields, index: int, far: int | None, identity: str, batch: Batch) -> None:
    def request(interface: int) -> Message:
        return queueing.limit(interface, after["rate"], after["mtu"]) if after["rate"] else queueing.unlimit(interface)

    batch.put(after["node"], identity, request(index))
    if far is not None:
        batch.fabric.append((identity, request(far)))


def _address(action: Action, index: int, batch: Batch) -> None:
    """New addresses come before old ones go: routes that both would carry stay. One that lost its own comes anew."""
    after, identity = action["after"], action["id"]
    found = set((action["before"] or {}).get("addresses", ()))
    have = {text for text in found if not text.endswith(addresses.ROUTELESS)}
    lame = (text.removesuffix(addresses.ROUTELESS) for text in found - have)
    batch.put(after["node"], identity, *(addresses.remove(index, text) for text in sorted(lame)))
    wanted = set(after["addresses"])
    batch.put(after["node"], identity, *(addresses.add(index, text) for text in sorted(wanted - have)))
    batch.put(after["node"], identity, *(addresses.remove(index, text) for text in sorted(have - wanted)))


def _route(action: Action, batch: Batch) -> None:
    fields = action["after"]
    batch.put(fields["node"], action["id"], routes.add(fields["prefix"], fields["via"], fields["metric"]))


def _ruleset(action: Action, control: ServiceControl) -> None:
    fields, identity, node = action["after"], action["id"], action["after"]["node"]
    text = action["content"]["text"]
    tables = set(nft.tables_of(text))
    record = records.read(node)
    before = record["rulesets"].get(identity, {"tables": {}})
    with namespaces.network_of(node):
        others = nft.fingerprints().keys() - before["tables"].keys()
        nft.load(text, tables | set(before["tables"]))
        now = nft.fingerprints()
    loaded = {table: now[table] for table in now if table in tables or table not in others}
    record["rulesets"][identity] = {"text": fields["text"], "tables": loaded}
    records.write(node, record)


def _file(action: Action, control: ServiceControl) -> None:
    fields, identity, node = action["after"], action["id"], action["after"]["node"]
    path, text, mode = fields["path"], action["content"]["text"], int(fields["mode"], 8)
    records.inside(path)
    record = records.read(node)
    for old in [old for old, held in record["files"].items() if held["id"] == identity and old != path]:
        records.unlink(node, old)
        del record["files"][old]
    record["files"][path] = {"text": text, "mode": mode, "id": identity}
    records.write(node, record)
    records.put(node, path, text, mode)


def _service(action: Action, control: ServiceControl) -> None:
    control.serve(action["id"], action["after"]["node"], action["content"], action["after"]["settings"])


def _lease(action: Action, control: ServiceControl) -> None:
    """A lease whose address somebody took away counts as none: it is given back and asked for anew."""
    before, after = action["before"] or {}, action["after"]
    had = before.get("dhcp", False) and action["verb"] == "update"
    if before and before.get("dhcp") != after.get("dhcp"):
        control.remove([action["id"]])
    if after.get("dhcp") and not had:
        control.lease(action["id"], after["node"], after["interface"])


_GATHER: dict[str, Callable[[Action, Batch], None]] = {
    "node": _node,
    "segment": _segment,
    "port": _port,
    "route": _route,
}
_AFTER: dict[str, Callable[[Action, ServiceControl], None]] = {
    "port": _lease,
    "ruleset": _ruleset,
    "file": _file,
    "service": _service,
}
