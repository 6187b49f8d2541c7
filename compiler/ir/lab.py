"""The typed graph IR: what a lab is, once its text has been understood.

Enters: from `elaborate`, which fills a `Lab`. Every pass reads it and adds to it; `plan/` turns the finished one into
resources. Nothing here computes; `verify.py` states what must hold, `text.py` prints it, `graph.py` gives it as networkx.

Ids are text that users type, `KIND/NAME[/NAME]`, and never depend on order. Origins are shared, not copied.
Slotted records, since a lab can have 400,000 ports. Passes add to a Lab only what they declare (`writes`).
"""

from __future__ import annotations

from typing import NewType

from msgspec import Struct, field

from ..addresses import Address, Interface, Mac, Prefix
from ..quantities import Quantity, Service
from ..source import Origin

NodeId = NewType("NodeId", str)  # node/web
PortId = NewType("PortId", str)  # port/web/eth0
SegmentId = NewType("SegmentId", str)  # segment/dmz; segment/isp:up--internet:eth0 for a link
LinkId = NewType("LinkId", str)  # link/isp:up--internet:eth0, link/uplink
ZoneId = NewType("ZoneId", str)  # zone/world
GroupId = NewType("GroupId", str)  # group/clients
PolicyId = NewType("PolicyId", str)  # policy/perimeter
TestId = NewType("TestId", str)  # test/a download outlives the loss of a link
HostId = NewType("HostId", str)  # host/h1
DeviceId = NewType("DeviceId", str)  # device/ssg1

# A value of a parameter or field. Maps and lists nest.
Value = (
    "bool | int | float | str | Quantity | Service | Address | Prefix | Interface | Mac | Secret | list | dict | None"
)


class Secret(Struct, frozen=True):
    """`secret("env:NAME")`: where a secret lies, never what it is. Compilers carry it; only a backend resolves it."""

    reference: str

    def __str__(self) -> str:
        return f"<secret {self.reference}>"


class Attachment(Struct):
    """A port on a segment; `tag` is the VLAN id it is tagged with there, None untagged."""

    segment: SegmentId
    tag: int | None = None


class Port(Struct):
    """A port of a node, physical or logical.

    `form`: port, subinterface, bond, svi, loopback. `over`: the ports that a logical one stands on.
    `wanted`: addresses as the lab states them, length 0-less (an `Address` takes its length from the segment's prefix).
    `addresses`: filled by the pass `addresses`, in the order stated. `interface`: the name it has in Linux, at most
    15 bytes, where `name` is refused by it. `dhcp`: addressed by a DHCP server of the lab while it runs. `socket`: of real gear, the
    port of its device; `path`: (owner, port) of each end of a cable from there on; `entry`: the host at whose NIC it ends; all found by
    the pass `bind`. `fabric_vlan`: the VLAN that keeps its wire apart from others in the patch fabric, found by `overlays`.
    """

    id: PortId
    node: NodeId
    name: str
    origin: Origin
    form: str = "port"
    attachments: list[Attachment] = field(default_factory=list)
    link: LinkId | None = None
    over: tuple[PortId, ...] = ()
    vlan: int | None = None
    wanted: tuple[Address | Interface, ...] = ()
    addresses: tuple[Interface, ...] = ()
    dhcp: bool = False
    mac: Mac | None = None
    mtu: int | None = None
    rate: Quantity | None = None
    interface: str = ""
    was: str | None = None
    socket: str = ""
    path: tuple[tuple[str, str], ...] = ()
    entry: str = ""
    fabric_vlan: int | None = None


class Route(Struct):
    """A static route. `via_node`: stated as a node, resolved to addresses by the pass `addresses` into `via`.
    `prefix` None: the default route of every family that `via` has (a gateway). `via` empty: a black hole."""

    prefix: Prefix | None
    origin: Origin
    via_node: NodeId | None = None
    via: tuple[Address, ...] = ()
    metric: int = 0
    blackhole: bool = False


class NatRule(Struct):
    """One to one: `outside` is what others see of `inside` (an address, or a node whose address is found by `addresses`)."""

    outside: Address
    inside_node: NodeId | None
    origin: Origin
    inside: Address | None = None


class NaptRule(Struct):
    """Many to one: what comes from `sources` (prefixes; of `source_ids`, zones, segments, nodes, found by `addresses`)
    leaves with the address `to`. Towards other sources of the same rule nothing is translated."""

    to: Address
    source_ids: tuple[str, ...]
    origin: Origin
    sources: tuple[Prefix, ...] = ()


class Config(Struct):
    """A template of a node and, after the pass `configs`, its text.

    `loader`: `nft` for a rule set of nftables, `file` for a file at `path` in the node.
    `template`: the path shown to people; `source`: its text. `opaque`: labc does not understand what it does.
    """

    name: str
    loader: str
    path: str
    template: str
    source: str
    origin: Origin
    text: str = ""


class Serving(Struct):
    """A service that a node serves: its name (`http`), where it listens, its fields in full, and the module that defines it."""

    name: str
    listens: tuple[Service, ...]
    fields: dict[str, object]
    origin: Origin


class Demand(Struct):
    """`key operator value`; a bare key is `key == True`. `weight` None: hard."""

    key: str
    operator: str
    value: object
    origin: Origin
    weight: int | None = None


class Affinity(Struct):
    """`form`: together, apart, balance, exclusive, on. `members`: node ids, or for `on` the node and the hosts' names.
    `by`: the label of hosts whose values count as places (`by rack`); None: each host is one. `weight` None: hard."""

    form: str
    members: tuple[str, ...]
    origin: Origin
    by: str | None = None
    weight: int | None = None


class Node(Struct):
    """A node of the lab.

    `kinds`: its kind and the kinds that it extends, nearest first (`firewall.nftables`, `linux.router`, …, `node`).
    `forwards`: routes packets between its ports. `bridges`: its ports are one broadcast domain per VLAN.
    `physical`: bound to real gear by its kind. `probe`: where a test's probe stands: inside, beside, agent.
    `backend`: which backend makes it. `fields`: all fields of the kind with their values, defaults written out.
    `device`: of real gear, the one that stands for it, found by the pass `bind`. `host`: the name of the host that carries it,
    found by the pass `placement`; of real gear, the one that reaches it. `called`: of real gear, what a site may call its kind, as the
    lab writes it first; `*.ssg` is any name that ends so.
    """

    id: NodeId
    name: str
    kind: str
    origin: Origin
    kinds: tuple[str, ...] = ()
    backend: str = "netns"
    forwards: bool = False
    bridges: bool = False
    physical: bool = False
    probe: str = "inside"
    fields: dict[str, object] = field(default_factory=dict)
    ports: list[PortId] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    nat: list[NatRule] = field(default_factory=list)
    napt: list[NaptRule] = field(default_factory=list)
    configs: list[Config] = field(default_factory=list)
    services: list[Serving] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)
    was: str | None = None
    device: DeviceId | None = None
    host: str = ""
    called: tuple[str, ...] = ()


class Link(Struct):
    """A cable between two ports; the pass `segments` gives it a segment."""

    id: LinkId
    name: str
    ends: tuple[PortId, PortId]
    origin: Origin
    prefixes: tuple[Prefix, ...] = ()
    mtu: int | None = None
    rate: Quantity | None = None
    segment: SegmentId | None = None
    was: str | None = None


class Segment(Struct):
    """A broadcast domain as declared, or of a link. `domain`: after the pass `segments`, the id of the whole
    broadcast domain that it belongs to through bridging nodes (its smallest member). `direct`: two ports, no bridge. `hosts`: those that carry a part of it, sorted, and `vni`: of one that
    crosses hosts (RFC 7348), `room`: the MTU that encapsulation leaves somewhere in its domain; all found by the pass `overlays`."""

    id: SegmentId
    name: str
    origin: Origin
    prefixes: tuple[Prefix, ...] = ()
    vlan: int | None = None
    mtu: int | None = None
    ports: list[PortId] = field(default_factory=list)
    link: LinkId | None = None
    domain: SegmentId | None = None
    direct: bool = False
    split: bool = False
    was: str | None = None
    hosts: tuple[str, ...] = ()
    vni: int | None = None
    room: int | None = None


class Zone(Struct):
    """A named set for policies: `members` are ids of segments, nodes, groups, zones, or prefixes as text."""

    id: ZoneId
    name: str
    members: tuple[str, ...]
    origin: Origin
    was: str | None = None


class Group(Struct):
    id: GroupId
    name: str
    members: tuple[NodeId, ...]
    origin: Origin


class Rule(Struct):
    """Ends are ids (`zone/…`, `segment/…`, `node/…`, `group/…`), prefixes or addresses as text. Action: allow, deny.
    `services` empty: any."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    action: str
    services: tuple[Service, ...]
    origin: Origin


class Policy(Struct):
    """Rules in order, the first that matches decides; `otherwise` is None where the policy is silent about the rest."""

    id: PolicyId
    name: str
    rules: list[Rule]
    otherwise: str | None
    origin: Origin
    otherwise_origin: Origin | None = None


# --- Written tests: steps with everything resolved to ids ---------------------------------------------------


class Flow(Struct):
    """Ends are ids of nodes, groups, zones or segments, or addresses as text."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    service: Service
    source_port: int | None
    origin: Origin
    application: str | None = None  # http, dns, … where the flow named a service of the library


class Check(Struct):
    """`subject`: alive, outage, loss, sent, received, or `state` of an id. Values in base units (ns, ppm, counts)."""

    subject: str
    label: str | None
    operator: str
    value: object
    origin: Origin


class Step(Struct):
    """One step of a written test.

    `verb`: send, expect, expect-not, check, ping, stream, cut, heal, stop, start, wait. `repeat` is unrolled.
    `target`: for cut, heal: a port or link id; for stop, start: a node id or `service/NODE/NAME`.
    `within`, `after`, `every`: nanoseconds.
    """

    verb: str
    origin: Origin
    flow: Flow | None = None
    checks: tuple[Check, ...] = ()
    target: str | None = None
    count: int = 1
    within: int | None = None
    after: int | None = None
    every: int | None = None
    label: str | None = None


class Test(Struct):
    id: TestId
    title: str
    steps: list[Step]
    origin: Origin


# --- The site ------------------------------------------------------------------------------------------------


class Nic(Struct):
    name: str
    fields: dict[str, object]
    origin: Origin


class Host(Struct):
    id: HostId
    name: str
    fields: dict[str, object]
    nics: dict[str, Nic]
    origin: Origin


class Socket(Struct):
    """A port of real gear; `cable` is where it leads: (host, device or switch name, port or NIC name)."""

    name: str
    cable: tuple[str, str] | None
    fields: dict[str, object]
    origin: Origin


class Device(Struct):
    """Real gear (`form` device) or patch fabric (`form` switch)."""

    id: DeviceId
    name: str
    form: str
    kind: str
    fields: dict[str, object]
    sockets: dict[str, Socket]
    origin: Origin


class Pool(Struct):
    """`vni`, `vlan`: ranges of integers, ends included; others: prefixes. `lab` None and `instances`: kept for instances.
    `reserved`: of a whole pool, the parts that are not labc's to give."""

    name: str
    ranges: tuple[tuple[int, int] | Prefix, ...]
    origin: Origin
    lab: str | None = None
    instances: bool = False
    reserved: tuple[tuple[int, int] | Prefix, ...] = ()


class Site(Struct):
    """With no site file: one host `local`, no limits, the fixed pools."""

    name: str = "local"
    hosts: dict[HostId, Host] = field(default_factory=dict)
    devices: dict[DeviceId, Device] = field(default_factory=dict)
    pools: list[Pool] = field(default_factory=list)


# --- The lab -------------------------------------------------------------------------------------------------


class Case(Struct):
    """A test case of the plan, made by the pass `tests`; `spec` is its JSON form (docs/plan.md)."""

    id: str
    spec: dict[str, object]
    origin: Origin


class Requirement(Struct):
    """One statement of a policy and the ids of the cases that prove it; `note` says why there are none."""

    id: str
    text: str
    policy: PolicyId
    cases: tuple[str, ...]
    note: str
    origin: Origin


class Placed(Struct, frozen=True):
    """How the hosts were found: `path` as of `solvers.problem.Answer`; `proven`: no better placement exists. `question`: a digest of
    what was asked, by which a lock knows that its answer is to the same question; empty without a site."""

    path: str = "only"
    proven: bool = True
    question: str = ""


class Resource(Struct):
    """One thing that must exist, made by the pass `schedule`; `spec` is its JSON form (docs/plan.md).
    `needs`: ids that must exist before it."""

    id: str
    kind: str
    host: str
    backend: str
    spec: dict[str, object]
    needs: list[str]
    origin: Origin


class Lab(Struct):
    """A whole lab. Dicts keep the order of declaration, on which nothing may depend; whoever prints sorts."""

    name: str
    origin: Origin
    parameters: dict[str, object] = field(default_factory=dict)
    site: Site = field(default_factory=Site)
    nodes: dict[NodeId, Node] = field(default_factory=dict)
    ports: dict[PortId, Port] = field(default_factory=dict)
    segments: dict[SegmentId, Segment] = field(default_factory=dict)
    links: dict[LinkId, Link] = field(default_factory=dict)
    zones: dict[ZoneId, Zone] = field(default_factory=dict)
    groups: dict[GroupId, Group] = field(default_factory=dict)
    policies: dict[PolicyId, Policy] = field(default_factory=dict)
    tests: dict[TestId, Test] = field(default_factory=dict)
    affinities: list[Affinity] = field(default_factory=list)
    strategy: str = ""  # `place pack`, `place spread`
    placed: Placed = field(default_factory=Placed)
    cases: list[Case] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    # What `lab.lock` holds: values as text by (id, what), for example ("port/web/eth0", "address") → ("10.0.0.5/24",).
    held: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
