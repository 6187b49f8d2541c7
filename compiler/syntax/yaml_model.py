"""The YAML spelling as pydantic models: what an editor knows of a lab.

Enters: nothing. Leaves: `Lab`, whose JSON Schema `schema.py` prints. The reader (`yaml.py`) does not use it, as it needs spans and
must not pay for pydantic; a test holds that both know the same keys.

Bodies hold what may stand in a thing, at its top and inside its `for` and `if` alike; `XFor` and `XIf` are such blocks.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from .yaml_model_base import (
    ELSE,
    FORS,
    IFS,
    LETS,
    SETS,
    WAS,
    ByName,
    Declared,
    Each,
    Expression,
    Expressions,
    Groups,
    ImportItem,
    Keys,
    Many,
    MaybeExpression,
    Sets,
    Short,
    Text,
    When,
)
from .yaml_model_site import Device, GearBody, HostBody, Instances, LabShare, Pool

# --- Segments, ports, links ---


class SegmentBody(Keys):
    """What may be said of a segment."""

    mtu: MaybeExpression = Field(None, description="The largest packet, in bytes.")
    vlan: MaybeExpression = Field(None, description="The VLAN id that it has on tagged ports.")
    split: MaybeExpression = Field(None, description="true: may be made of several bridges.")
    set: Sets = SETS
    let: Sets = LETS
    for_: Many[SegmentFor] = Field(None, alias="for", description=FORS)
    if_: Many[SegmentIf] = Field(None, alias="if", description=IFS)


class Segment(SegmentBody):
    """An L2 segment."""

    prefixes: Expressions = Field(None, description="Its prefixes, of both families.")
    was: Text | None = Field(None, description=WAS)


class SegmentFor(SegmentBody, Each):
    """Repeated."""


class SegmentIf(SegmentBody, When):
    """Conditional."""

    else_: SegmentIf | SegmentBody | None = Field(None, alias="else", description=ELSE)


class PortBody(Keys):
    """What may be said of a port or link."""

    mtu: MaybeExpression = Field(None, description="The largest packet, in bytes.")
    rate: MaybeExpression = Field(None, description="Its speed, such as 10Mbps.")
    set: Sets = SETS
    let: Sets = LETS
    for_: Many[PortFor] = Field(None, alias="for", description=FORS)
    if_: Many[PortIf] = Field(None, alias="if", description=IFS)


class Port(PortBody):
    """A port, or a logical one."""

    on: Expressions = Field(None, description="The segment it stands on.")
    tagged: Expressions = Field(None, description="Segments it carries with their VLAN tag.")
    untagged: Expressions = Field(None, description="Segments it carries without a tag, beside tagged ones.")
    over: Many[Text] = Field(None, description="The ports it stands on: a sub-interface or bond.")
    vlan: MaybeExpression = Field(None, description="The VLAN id of a sub-interface.")
    at: Expressions = Field(None, description="Its addresses, with or without a length, or dhcp.")
    mac: MaybeExpression = Field(None, description="Its MAC address.")
    was: Text | None = Field(None, description=WAS)


class PortFor(PortBody, Each):
    """Repeated."""


class PortIf(PortBody, When):
    """Conditional."""

    else_: PortIf | PortBody | None = Field(None, alias="else", description=ELSE)


class Link(PortBody):
    """A cable between two ports."""

    name: Text | None = Field(None, description="Its name; without one it is named by its ends.")
    ends: str | list[str] = Field(description="Its two ports, [a:eth0, b:eth0] or `a:eth0 -- b:eth0`.")
    on: Expressions = Field(None, description="Its prefixes; without them, one from the pool `links`.")
    was: Text | None = Field(None, description=WAS)


# --- Nodes and kinds ---


class Route(Keys):
    """A static route."""

    prefix: Expression = Field(description="Where to.")
    via: MaybeExpression = Field(None, description="The next hop: a node or an address.")
    metric: MaybeExpression = Field(None, description="Its metric; 0 by default.")
    blackhole: bool = Field(False, description="true: packets to the prefix are dropped.")


class Nat(Keys):
    """One address for another."""

    outside: Expression = Field(description="The address that others see.")
    inside: Expression = Field(description="The node or address behind it.")


class Napt(Keys):
    """Many addresses behind one, with ports translated."""

    from_: Expressions = Field(
        alias="from", description="Zones, segments, nodes or prefixes whose packets are translated."
    )
    to: Expression = Field(description="The address that they get.")


class Config(Keys):
    """A template that is rendered for the node."""

    template: Text = Field(description="The template's path; *.nft.j2 is loaded into nftables.")
    to: Text | None = Field(None, description="Where the file lies in the node.")


class ServeBody(Keys):
    """Fields of a served service."""

    set: Sets = SETS
    let: Sets = LETS
    for_: Many[ServeFor] = Field(None, alias="for", description=FORS)
    if_: Many[ServeIf] = Field(None, alias="if", description=IFS)


class Serve(ServeBody):
    """A service of this node."""

    service: str = Field(description="Its name: http, dns, …")
    on: Expressions = Field(None, description="Where it listens, such as tcp/8080; by default the service's own ports.")


class ServeFor(ServeBody, Each):
    """Repeated."""


class ServeIf(ServeBody, When):
    """Conditional."""

    else_: ServeIf | ServeBody | None = Field(None, alias="else", description=ELSE)


Demands = Annotated[
    str | list[str] | dict[str, Expression | None] | None,
    Field(description="{cpu: 1, isdn: '>= 1', kvm: } or [cpu = 1, isdn >= 1, kvm]."),
]


class Among(Keys):
    """Several things, and the label of hosts whose values count as places."""

    of: Expressions = Field(description="The nodes; for `exclusive` in a node, true: the node itself.")
    by: str | None = Field(None, description="A label of hosts: places are its values instead of single hosts.")


Affinities: TypeAlias = Among | Short | list[Expression | list[Expression] | Among]


class PrefersAmong(Keys):
    """An affinity that is paid for where it does not hold: one of its forms."""

    together: Expressions = Field(None, description="Nodes that should share a place.")
    apart: Expressions = Field(None, description="Nodes that should have different places.")
    balance: Expressions = Field(None, description="Nodes whose numbers should be even over the places.")
    exclusive: Expressions = Field(None, description="Nodes that should share their hosts with no others.")
    by: str | None = Field(None, description="A label of hosts: places are its values instead of single hosts.")
    weight: MaybeExpression = Field(None, description="How much it counts.")


class Prefers(PrefersAmong):
    """A soft requirement on a node's place: what its host should have, or an affinity."""

    want: Demands = Field(None, description="What the host should have.")
    on: Expressions = Field(None, description="Hosts, one of which should carry the node.")


class NodeBody(Keys):
    """What may be said of a node, and of a kind."""

    ports: ByName[Port | Short] | None = Field(None, description="Its ports by name; a bare value is the segment.")
    bonds: ByName[Port | Short] | None = Field(None, description="Ports made of several, named by `over`.")
    svis: ByName[Port | Short] | None = Field(None, description="Ports of a switch itself on a segment.")
    loopbacks: ByName[Port | Short] | None = Field(None, description="Loopback ports.")
    forward: MaybeExpression = Field(None, description="true: it routes packets between its ports, of both families.")
    bridge: MaybeExpression = Field(None, description="true: it joins its ports to one segment.")
    physical: MaybeExpression = Field(None, description="true: it stands for real gear.")
    probe: Text | None = Field(None, description="Where tests probe it from: inside, beside or agent.")
    backend: Text | None = Field(None, description="What makes it, such as netns.")
    gateway: Groups = Field(None, description="The default route: nodes or addresses.")
    routes: Many[Route] = Field(None, description="Static routes.")
    nat: Many[Nat] = Field(None, description="Addresses translated one to one.")
    napt: Many[Napt] = Field(None, description="Addresses translated many to one.")
    config: Many[Config | Text] = Field(
        None, description="Templates rendered for the node; a bare value is the template's path."
    )
    serve: Many[Serve | str] = Field(None, description="Services of the node; a bare value is the service's name.")
    needs: Demands = Field(None, description="What the node's host or device must have.")
    prefers: Many[Prefers | str] = Field(None, description="What its host should have.")
    together: Affinities = Field(None, description="Nodes that stand on the same host as this one.")
    apart: Affinities = Field(None, description="Nodes that stand on other hosts.")
    balance: Affinities = Field(None, description="Nodes with which it is spread evenly over the hosts.")
    exclusive: Affinities = Field(None, description="Nodes that alone may share its host; true: none.")
    on: Affinities = Field(None, description="The hosts, one of which carries it.")
    set: Sets = SETS
    let: Sets = LETS
    for_: Many[NodeFor] = Field(None, alias="for", description=FORS)
    if_: Many[NodeIf] = Field(None, alias="if", description=IFS)


class Node(NodeBody):
    """A node."""

    kind: str | None = Field(None, description="Its kind, such as linux.host.")
    was: Text | None = Field(None, description=WAS)


class NodeFor(NodeBody, Each):
    """Repeated."""


class NodeIf(NodeBody, When):
    """Conditional."""

    else_: NodeIf | NodeBody | None = Field(None, alias="else", description=ELSE)


class KindBody(NodeBody):
    """What may be said of a kind."""

    fields_: ByName[Declared | Short] | None = Field(
        None, alias="fields", description="Fields by name; a bare value is the default."
    )
    for_: Many[KindFor] = Field(None, alias="for", description=FORS)  # type: ignore[assignment]
    if_: Many[KindIf] = Field(None, alias="if", description=IFS)  # type: ignore[assignment]


class Kind(KindBody):
    """A named definition of nodes."""

    extends: str | None = Field(None, description="The kind that it adds to.")


class KindFor(KindBody, Each):
    """Repeated."""


class KindIf(KindBody, When):
    """Conditional."""

    else_: KindIf | KindBody | None = Field(None, alias="else", description=ELSE)


class ServiceBody(Keys):
    """What may be said of a service."""

    fields_: ByName[Declared | Short] | None = Field(
        None, alias="fields", description="Fields by name; a bare value is the default."
    )
    set: Sets = SETS
    let: Sets = LETS
    for_: Many[ServiceFor] = Field(None, alias="for", description=FORS)
    if_: Many[ServiceIf] = Field(None, alias="if", description=IFS)


class Service(ServiceBody):
    """A service that nodes can serve."""

    on: Expressions = Field(None, description="Where it listens, such as tcp/80.")


class ServiceFor(ServiceBody, Each):
    """Repeated."""


class ServiceIf(ServiceBody, When):
    """Conditional."""

    else_: ServiceIf | ServiceBody | None = Field(None, alias="else", description=ELSE)


# --- Zones, policies, tests ---


class Zone(Keys):
    """A zone of the policy."""

    members: Expressions = Field(None, description="Zones, segments, nodes, groups, prefixes, addresses.")
    was: Text | None = Field(None, description=WAS)


class Rule(Keys):
    """A rule; or {otherwise}, or a block {each, in, rules}, {when, rules, else}, in its place among the rules."""

    from_: Expressions = Field(None, alias="from", description="Who begins.")
    to: Expressions = Field(None, description="Whom they reach.")
    both: bool = Field(False, description="true: the other way round as well.")
    allow: Expressions = Field(None, description="Services allowed: tcp/80, icmp, http, any.")
    deny: Expressions = Field(None, description="Services denied.")
    otherwise: Literal["deny", "allow"] | None = Field(None, description="What holds for all that no rule names.")
    each: str | list[str] | None = Field(None, description="Of a block: its variables.")
    in_: MaybeExpression = Field(None, alias="in", description="Of a block: what to go through.")
    when: MaybeExpression = Field(None, description="Of a block: the condition.")
    rules: Many[Rule | str] = Field(None, description="Of a block: its rules.")
    let: Sets = Field(None, description="Alone in an item: values by name, known to the rules.")
    else_: Rule | list[Rule | str] | None = Field(None, alias="else", description=ELSE)


class Policy(Keys):
    """What must be let through and what must not."""

    rules: Many[Rule | str] = Field(
        None, description="Its rules, in order; `inside -> web allow tcp/80`, or a mapping."
    )
    otherwise: Literal["deny", "allow"] | None = Field(None, description="What holds for all that no rule names.")


class Flow(Keys):
    """Who talks to whom over what."""

    from_: Expression = Field(alias="from", description="The node that begins.")
    to: Expression = Field(description="The node or address that it speaks to.")
    service: MaybeExpression = Field(None, description="tcp/80, icmp, or a service's name. A ping's is icmp.")
    source_port: MaybeExpression = Field(None, description="The source port; by default a fresh one.")


FlowText = Annotated[str | Flow, Field(description="`pc1 -> web tcp/80 from port 53`, or a mapping.")]


class Check(Keys):
    """Something measured or observed."""

    subject: str = Field(description="outage, loss, received, …; or the state: up, running, alive.")
    of: MaybeExpression = Field(None, description="The background flow, port, node or service that it is about.")
    operator: str | None = Field(None, description="<, <=, ==, !=, >=, >.")
    value: MaybeExpression = Field(None, description="What it is compared with.")


class Step(Keys):
    """One step of a test: one verb and what belongs to it."""

    send: FlowText | None = Field(None, description="Send packets.")
    count: MaybeExpression = Field(None, description="How many `send` sends.")
    expect: FlowText | None = Field(None, description="The flow must work.")
    expect_not: FlowText | None = Field(None, description="The flow must not work.")
    check: Many[str | Check] = Field(None, description="What must hold: `outage < 5s`, `stream alive`, `edge:srv up`.")
    within: MaybeExpression = Field(None, description="How long `expect` and `check` may wait for it.")
    ping: FlowText | None = Field(None, description="Ping in the background: `a -> b`.")
    stream: FlowText | None = Field(None, description="Keep a flow running in the background.")
    every: MaybeExpression = Field(None, description="The time between two packets in the background.")
    as_: str | None = Field(None, alias="as", description="A label for the background flow.")
    cut: str | None = Field(None, description="Take a port or link down.")
    heal: str | None = Field(None, description="Bring it up again.")
    stop: str | None = Field(None, description="Stop a node or one of its services.")
    start: str | None = Field(None, description="Start it again.")
    after: MaybeExpression = Field(None, description="The time to wait before; alone in a step, just to wait.")
    repeat: MaybeExpression = Field(None, description="How often to do `steps`.")
    each: str | list[str] | None = Field(None, description="Of a block: its variables.")
    in_: MaybeExpression = Field(None, alias="in", description="Of a block: what to go through.")
    when: MaybeExpression = Field(None, description="Of a block: the condition.")
    steps: Many[Step] = Field(None, description="The steps of a block or of `repeat`.")
    let: Sets = Field(None, description="Alone in an item: values by name, known to the steps.")
    else_: Step | list[Step] | None = Field(None, alias="else", description=ELSE)


class Test(Keys):
    """A written test."""

    title: Text = Field(description="What it shows, in a sentence.")
    steps: Many[Step] = Field(None, description="Its steps, in order.")


# --- The file ---


class Body(Keys):
    """What may stand in a file, and in its `for` and `if`."""

    params: ByName[Declared | Short] | None = Field(None, description="Parameters; a bare value is the default.")
    let: Sets = LETS
    segments: ByName[Segment | Short] | None = Field(None, description="Segments; a bare value is its prefixes.")
    nodes: ByName[Node | str | None] | None = Field(None, description="Nodes; a bare value is the kind.")
    links: Many[Link | str] = Field(None, description="Cables; a bare value is the two ends.")
    groups: ByName[Expressions] | None = Field(None, description="Groups of nodes.")
    zones: ByName[Zone | Short] | None = Field(None, description="Zones; a bare value is the members.")
    policies: ByName[Policy | list[Rule | str] | None] | None = Field(
        None, description="Policies; a bare list is the rules."
    )
    tests: Many[Test] = Field(None, description="Written tests.")
    place: Literal["pack", "spread"] | None = Field(
        None, description="How hosts are filled where nothing else decides."
    )
    together: Affinities = Field(None, description="Nodes that stand on one host.")
    apart: Affinities = Field(None, description="Nodes that stand on different hosts.")
    balance: Affinities = Field(None, description="Nodes spread evenly: numbers per host differ by one at most.")
    exclusive: Affinities = Field(None, description="Nodes that share their hosts with no others.")
    prefers: Many[PrefersAmong] = Field(None, description="Affinities that are paid for where they do not hold.")
    kinds: ByName[Kind | None] | None = Field(None, description="Kinds of nodes.")
    services: ByName[Service | Short] | None = Field(None, description="Services; a bare value is where it listens.")
    hosts: ByName[HostBody | None] | None = Field(None, description="Machines that carry nodes (site file).")
    devices: ByName[Device | str | None] | None = Field(
        None, description="Real gear (site file); a bare value is the kind."
    )
    switches: ByName[GearBody | None] | None = Field(None, description="Patch fabric (site file).")
    pools: ByName[Pool | Short] | None = Field(
        None, description="Pools that labs draw from (site file): vni, vlan, links, …; a bare value is the ranges."
    )
    labs: ByName[LabShare] | None = Field(None, description="Shares of pools for single labs (site file).")
    instances: Instances | None = Field(None, description="Shares of pools for instances (site file).")
    for_: Many[BodyFor] = Field(None, alias="for", description=FORS)
    if_: Many[BodyIf] = Field(None, alias="if", description=IFS)


class BodyFor(Body, Each):
    """Repeated."""


class BodyIf(Body, When):
    """Conditional."""

    else_: BodyIf | Body | None = Field(None, alias="else", description=ELSE)


class Lab(Body):
    """A lab, a module or a site file of labc. The order of keys means nothing; the order of rules and steps does."""

    lab: Text | None = Field(None, description="The lab's name.")
    site: Text | None = Field(None, description="The site's name, in a site file.")
    import_: Many[ImportItem | str] = Field(
        None, alias="import", description="Modules: std.linux, a path with `/` or an ending, or a mapping."
    )
