"""The syntax tree: one tree for both spellings, `.net` and YAML.

Enters: nothing; these are records. `parse.py` and `yaml.py` make them, `format.py` and `yaml_out.py` print them,
`edit.py` finds spans in them, `elaborate/` gives them meaning. Every record has the `span` that it covers.

A tree says what was written, not what it means: names are not resolved and nothing is computed.
Records are msgspec structs, not frozen: a tree of a big lab has a million of them, 0.3 µs each (docs/decisions/structs.md).
Nobody changes one after the parser made it.
"""

from __future__ import annotations

from msgspec import Struct

from ..addresses import Address, Interface, Mac
from ..quantities import Quantity, Service
from ..source import Source, Span

# --- Files -------------------------------------------------------------------------------------------------


class File(Struct):
    """A whole file: a lab, a module or a site file, told apart by what it declares."""

    source: Source
    body: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()


class Comment(Struct):
    """`# text` up to the end of the line. `own_line`: nothing but blanks stands before it."""

    span: Span
    own_line: bool


# --- Expressions -------------------------------------------------------------------------------------------


class Expression(Struct):
    span: Span


Value = bool | int | float | str | Quantity | Service | Address | Interface | Mac


class Literal(Expression):
    """`true`, `3`, `"text"`, `10ms`, `tcp/443`, `10.0.0.1`, `10.0.0.0/24` (an Interface until its use is known), a MAC."""

    value: Value


class Interpolation(Expression):
    """`"pc{i}"`: literal texts and expressions in turn."""

    parts: tuple[str | Expression, ...]


class Reference(Expression):
    """A bare name: a variable, parameter, field, or an element of the lab."""

    name: str


class Attribute(Expression):
    """`base.name`."""

    base: Expression
    name: str


class Index(Expression):
    """`base[index]`; `index` is None for `base[*]`. On a name that is no variable it means the family of
    elements `base1`, `base2`, …: `leaf[2]` is `leaf2`, `leaf[1..3]` three of them, `leaf[*]` all."""

    base: Expression
    index: Expression | None


class Call(Expression):
    """`name(args…, key = value…)`."""

    function: str
    arguments: tuple[Expression, ...]
    keywords: tuple[tuple[str, Expression], ...] = ()


class Unary(Expression):
    """`-x`, `not x`."""

    operator: str
    operand: Expression


class Binary(Expression):
    """`or and == != < <= > >= in + - * / %`, and `host` (`10.0.0.0/24 host 5`)."""

    operator: str
    left: Expression
    right: Expression


class Subnet(Expression):
    """`PREFIX subnet LENGTH at INDEX`."""

    prefix: Expression
    length: Expression
    index: Expression


class Range(Expression):
    """`low..high`, both ends included."""

    low: Expression
    high: Expression


class Conditional(Expression):
    """`if test then a else b`."""

    test: Expression
    then: Expression
    otherwise: Expression


class ListOf(Expression):
    """`[a, b, c]`."""

    items: tuple[Expression, ...]


class MapOf(Expression):
    """`{ key: value, "other key": value }`; keys are names or strings."""

    items: tuple[tuple[str, Expression], ...]


class Comprehension(Expression):
    """`[item for names in iterable if condition]`."""

    item: Expression
    names: tuple[str, ...]
    iterable: Expression
    condition: Expression | None


class Endpoint(Expression):
    """`node:port`. `node` is any expression that names nodes."""

    node: Expression
    port: Name


# --- Names -------------------------------------------------------------------------------------------------


class Name(Struct):
    """The name of something declared or pointed at: texts and expressions in turn.
    `web` is ("web",); `"pc{i}"` and `pc[i]` are both ("pc", Reference i)."""

    span: Span
    parts: tuple[str | Expression, ...]

    @property
    def plain(self) -> str | None:
        """The text where nothing has to be computed."""
        if len(self.parts) == 1 and isinstance(self.parts[0], str):
            return self.parts[0]
        return None


class Dotted(Struct):
    """`firewall.nftables`: the name of a kind, a service or a module."""

    span: Span
    names: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.names)


# --- Statements --------------------------------------------------------------------------------------------


class Statement(Struct):
    span: Span


class Broken(Statement):
    """What the parser could not read; it was reported and the tree goes on behind it. `body` holds the statements of
    the block behind a header that could not be read."""

    body: tuple[Statement, ...] = ()


class LabHeader(Statement):
    """`lab NAME`."""

    name: Name


class SiteHeader(Statement):
    """`site NAME`."""

    name: Name


class ImportItem(Struct):
    """`std.linux` (form `module`), `"file.net"` (`path`), `git "URL" at "REV" path "SUB"` (`git`), each with `as NAME`."""

    span: Span
    form: str
    target: str
    revision: str | None = None
    subpath: str | None = None
    alias: str | None = None


class Import(Statement):
    items: tuple[ImportItem, ...]


class TypeName(Struct):
    """`int`, `list[string]`, `"a" | "b"` (choices). Names: bool int float string address prefix mac duration rate
    size ratio service node segment list map any."""

    span: Span
    name: str
    arguments: tuple[TypeName, ...] = ()
    choices: tuple[str, ...] = ()


class Param(Statement):
    """`param clients: int in 1..100 = 2`."""

    name: Name
    type: TypeName | None
    within: Expression | None
    default: Expression | None


class Field(Statement):
    """Inside a kind or a service: `field port: int in 1..65535 = 80`. Without a default it must be set."""

    name: Name
    type: TypeName | None
    within: Expression | None
    default: Expression | None


class Let(Statement):
    """`let spines = 4`."""

    name: Name
    value: Expression


class Assign(Statement):
    """`mtu = 1400`: sets a field of the element around it."""

    name: Name
    value: Expression


class For(Statement):
    """`for i in 1..n { … }`, `for i, x in pairs { … }`. Stands wherever statements stand."""

    names: tuple[str, ...]
    iterable: Expression
    body: tuple[Statement, ...]


class If(Statement):
    """`if a { … } else if b { … } else { … }`."""

    branches: tuple[tuple[Expression, tuple[Statement, ...]], ...]
    otherwise: tuple[Statement, ...] | None


class SegmentDecl(Statement):
    """`segment dmz 10.0.0.0/24, 2001:db8::/64 { mtu = 1400; vlan = 10 }`."""

    name: Name
    prefixes: tuple[Expression, ...]
    was: Name | None = None
    body: tuple[Statement, ...] = ()


class NodeDecl(Statement):
    """`node edge: firewall.nftables was old { … }`."""

    name: Name
    kind: Dotted | None
    was: Name | None = None
    body: tuple[Statement, ...] = ()


class KindDecl(Statement):
    """`kind nftables extends linux.router { … }`: fields, and whatever a node's body may say."""

    name: Name
    base: Dotted | None
    body: tuple[Statement, ...]


class ServiceDecl(Statement):
    """`service http on tcp/80 { field page: string = "…" }`, in modules: a service that nodes can `serve`."""

    name: Name
    listens: tuple[Expression, ...]
    body: tuple[Statement, ...] = ()


class Attachment(Struct):
    """How a port stands on a segment: `on dmz` (tagged None), `tagged red` (True), `untagged blue` (False)."""

    span: Span
    segment: Expression
    tagged: bool | None


class PortDecl(Statement):
    """`port wan on outside at 203.0.113.2, 2001:db8::2 mac 02:00:00:00:00:01`, and the logical ports
    `port wan.100 over wan vlan 100 …` (sub-interface), `bond b0 over p1, p2 …`, `svi vlan10 on red …`, `loopback lo0 at …`.
    `form` is port, bond, svi or loopback. `at` holds expressions; `at dhcp` is Reference("dhcp")."""

    form: str
    name: Name
    attachments: tuple[Attachment, ...] = ()
    over: tuple[Name, ...] = ()
    vlan: Expression | None = None
    at: tuple[Expression, ...] = ()
    mac: Expression | None = None
    was: Name | None = None
    body: tuple[Statement, ...] = ()


class LinkDecl(Statement):
    """`link a:p -- b:q`, `link uplink: a:p -- b:q on 10.0.0.0/31 { mtu = 9000 }`."""

    name: Name | None
    ends: tuple[Endpoint, Endpoint]
    prefixes: tuple[Expression, ...] = ()
    was: Name | None = None
    body: tuple[Statement, ...] = ()


class Gateway(Statement):
    """`gateway edge` or `gateway 10.0.0.1, fe80::1`: the default route, of each family that the target has."""

    via: tuple[Expression, ...]


class RouteDecl(Statement):
    """`route 10.0.0.0/8 via edge metric 10`, `route 10.0.0.0/8 blackhole`."""

    prefix: Expression
    via: Expression | None
    metric: Expression | None = None


class Nat(Statement):
    """`nat 203.0.113.5 <-> web`: one to one."""

    outside: Expression
    inside: Expression


class Napt(Statement):
    """`napt inside, dmz to 203.0.113.6`: many to one, ports translated."""

    sources: tuple[Expression, ...]
    to: Expression


class ConfigDecl(Statement):
    """`config "edge.nft.j2"`, `config "frr.conf.j2" to "/etc/frr/frr.conf"`."""

    template: Expression
    path: Expression | None = None


class Serve(Statement):
    """`serve http on tcp/8080 { page = "hello" }`."""

    service: Dotted
    listens: tuple[Expression, ...] = ()
    body: tuple[Statement, ...] = ()


class Demand(Struct):
    """`cpu = 1`, `isdn >= 1`, `kvm`."""

    span: Span
    key: str
    operator: str | None = None
    value: Expression | None = None


class Needs(Statement):
    """`needs cpu = 1, memory = 256MiB`; hard."""

    demands: tuple[Demand, ...]


class Prefers(Statement):
    """`prefers ssd weight 10`; soft."""

    demands: tuple[Demand, ...]
    weight: Expression | None = None


class Affinity(Statement):
    """`together a, b by rack`, `apart …`, `balance …`, `exclusive …` (form), in a node's body or at the top; `on h1, h2` (form `on`,
    in a node). `exclusive` alone, in a node, has no targets. `soft`: it stood behind `prefers`, where alone a weight may stand."""

    form: str
    targets: tuple[Expression, ...]
    by: str | None = None
    soft: bool = False
    weight: Expression | None = None


class Placing(Statement):
    """`place pack`, `place spread`: how hosts are filled where nothing else decides."""

    strategy: Name


class GroupDecl(Statement):
    """`group clients = pc[*], laptop`."""

    name: Name
    members: tuple[Expression, ...]


class ZoneDecl(Statement):
    """`zone world = outside, internet`."""

    name: Name
    members: tuple[Expression, ...]
    was: Name | None = None


class Rule(Statement):
    """`inside, dmz -> world allow tcp/80 icmp`; `both`: written `<->`."""

    sources: tuple[Expression, ...]
    targets: tuple[Expression, ...]
    both: bool
    action: str
    services: tuple[Expression, ...]


class Otherwise(Statement):
    """`otherwise deny`: every pair and service that no rule names."""

    action: str


class PolicyDecl(Statement):
    name: Name
    rules: tuple[Statement, ...]


# --- Tests -------------------------------------------------------------------------------------------------


class TestDecl(Statement):
    """`test "title" { steps }`."""

    title: Expression
    body: tuple[Statement, ...]


class Flow(Struct):
    """`pc1 -> web tcp/80 from port 53`: who talks to whom over what. `source_port` None: an ephemeral one."""

    span: Span
    source: Expression
    target: Expression
    service: Expression
    source_port: Expression | None = None


class Send(Statement):
    """`send 10 pc1 -> web udp/5000`: packets on their way; an `expect` looks at what came of them."""

    flow: Flow
    count: Expression | None = None


class ExpectFlow(Statement):
    """`expect pc1 -> web tcp/80`, `expect not pc1 -> db tcp/22`, `within 10s expect …`."""

    flow: Flow
    negated: bool
    within: Expression | None = None


class Check(Struct):
    """`outage < 5s`, `stream alive`, `loss < 1%`, `received == 10`, `edge:srv up`, `web.http running`.
    `subject` is what is measured (outage, loss, received), `of` the label of the background flow (None: the last one).
    A state has no operator and no value: its word is the subject (alive, up, down, running, stopped), and `of` the label
    of the flow (None: the last one), an Endpoint, a node or link, or `node.service`."""

    span: Span
    subject: str
    of: Expression | None
    operator: str | None
    value: Expression | None


class Expect(Statement):
    """`expect outage < 5s, stream alive`."""

    checks: tuple[Check, ...]
    within: Expression | None = None


class Background(Statement):
    """`ping pc1 -> web every 100ms as p`, `stream pc1 -> web tcp/80 as s`. `form` is ping or stream; a ping's service is icmp."""

    form: str
    flow: Flow
    every: Expression | None = None
    label: str | None = None


class Disturb(Statement):
    """`cut edge:srv`, `heal edge:srv after 2s`, `stop web`, `start web.http`. `form` is cut, heal, stop or start.
    The target is an Endpoint, a reference to a link or node, or `node.service`."""

    form: str
    target: Expression
    after: Expression | None = None


class Wait(Statement):
    """`after 2s`: let time pass in the lab."""

    time: Expression


class Repeat(Statement):
    """`repeat 5 { … }`."""

    count: Expression
    body: tuple[Statement, ...]


# --- The site file -----------------------------------------------------------------------------------------


class HostDecl(Statement):
    """`host h1 { cpu = 16; memory = 64GiB; nic eth2 { speed = 10Gbps }; reach "ssh://h1" }`."""

    name: Name
    body: tuple[Statement, ...]


class Nic(Statement):
    name: Name
    body: tuple[Statement, ...] = ()


class DeviceDecl(Statement):
    """`device ssg1: juniper.ssg { isdn = 1; port eth0 cable h1:eth2 }`."""

    name: Name
    kind: Dotted | None
    body: tuple[Statement, ...]


class SwitchDecl(Statement):
    """`switch patch1 { port p1 cable h1:eth2 }`: patch fabric."""

    name: Name
    body: tuple[Statement, ...]


class Socket(Statement):
    """`port eth0 cable h1:eth2 { speed = 1Gbps }` inside a device or switch."""

    name: Name
    cable: Endpoint | None
    body: tuple[Statement, ...] = ()


class Pool(Statement):
    """`pool vni 10000..19999 except 10100..10199`, `pool links 10.255.0.0/16`."""

    name: Name
    ranges: tuple[Expression, ...]
    reserved: tuple[Expression, ...] = ()


class Uses(Statement):
    """`lab firewall-change uses vni 10000..10255`; `instances use vni 20000..20999` has lab None."""

    lab: Name | None
    pool: str
    ranges: tuple[Expression, ...]
