"""What stands in a plan, member by member: the contract that `labc schema plan` publishes and `read_plan` holds plans to.

Enters: nothing; these are types. `read.py` checks a document against `PLAN`, `plan_schema` gives it as JSON Schema.
A reader ignores members that it does not know: a newer minor version of the format only adds some.

Dicts with types, not classes: a big plan has a hundred thousand of them, and the runtime reads them as JSON.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter
from typing_extensions import TypedDict

_CONFIG = ConfigDict(strict=True, extra="ignore")

Protocol = Annotated[
    Literal["tcp", "udp", "icmp"], Field(description="icmp is an echo request, of ICMPv6 where the address is IPv6.")
]
PortNumber = Annotated[int, Field(ge=0, le=65535)]
JsonValue = Any  # any JSON: the fields of services and parameters are the user's own


class _Document(TypedDict):
    __pydantic_config__ = _CONFIG  # type: ignore[misc]  # pydantic's way to configure a TypedDict


# --- Resources -----------------------------------------------------------------------------------------------


class NodeSpec(_Document):
    """A node: a machine of the lab."""

    kind: Annotated[str, Field(description="Its kind in the lab, such as linux.host.")]
    hostname: Annotated[str, Field(description="What it calls itself: letters, digits and hyphens.")]
    forward: Annotated[bool, Field(description="Whether it routes packets between its ports, of both families.")]
    bridge: Annotated[bool, Field(description="Whether its ports are one broadcast domain: a switch.")]
    hosts: Annotated[list[list[str]], Field(description="Lines of /etc/hosts: [address, name].")]
    nameservers: Annotated[list[str], Field(description="Addresses for /etc/resolv.conf.")]
    probe: Annotated[Literal["inside", "beside", "agent"], Field(description="Where the probe of a test stands.")]
    device: NotRequired[
        Annotated[str, Field(description="Of real gear: the device of the site that is this node. Since 1.2.")]
    ]


class SegmentSpec(_Document):
    """A broadcast domain, or a host's part of one: a bridge, or one cable."""

    direct: Annotated[bool, Field(description="One cable between two ports, without a bridge.")]
    mtu: Annotated[int, Field(description="Bytes of an IP packet that it carries.")]
    ends: Annotated[list[list[str]], Field(description="Of a direct one: two [node id, interface]; else none.")]


class TunnelSpec(_Document):
    """The way from a host's part of a segment to all others: VXLAN with a static flood list (RFC 7348). Since 1.2."""

    segment: Annotated[str, Field(description="The segment's id, without a host.")]
    vni: Annotated[int, Field(ge=1, lt=1 << 24, description="The VXLAN network identifier of the default instance.")]
    local: Annotated[str, Field(description="The address of this host's end (VTEP).")]
    remotes: Annotated[list[str], Field(description="The addresses of the others' ends: where floods are sent.")]
    port: Annotated[PortNumber, Field(description="UDP.")]
    mtu: Annotated[int, Field(description="Bytes of an IP packet inside.")]


class Attachment(_Document):
    """A port's place on a segment."""

    segment: Annotated[str, Field(description="The segment's id.")]
    tag: Annotated[int | None, Field(description="The VLAN id with which its frames are tagged there; null: untagged.")]


class AttachmentSpec(_Document):
    """A host's NIC, to which real gear is cabled, on segments of the lab. Since 1.2."""

    port: Annotated[str, Field(description="The port's id.")]
    nic: Annotated[str, Field(description="The NIC's name.")]
    vlan: Annotated[
        int | None, Field(description="The VLAN of the patch fabric on a NIC that is a trunk; null: untagged.")
    ]
    segments: Annotated[list[Attachment], Field(description="The segments, and their tags inside.")]
    path: Annotated[
        list[list[str]], Field(description="[owner, port] of each end on the way from the device to the NIC.")
    ]


class PatchPort(_Document):
    """A port of a switch."""

    name: str
    tagged: Annotated[
        bool, Field(description="Whether frames there bear the VLAN: it is a trunk, and so is the other end.")
    ]


class PatchSpec(_Document):
    """A VLAN of the patch fabric in one switch. Since 1.2."""

    switch: Annotated[str, Field(description="The switch's name in the site.")]
    vlan: Annotated[int, Field(ge=1, le=4094, description="The VLAN of the default instance.")]
    stacks: Annotated[
        bool,
        Field(
            description="Whether the frames that it carries may have tags of their own: ports that are not tagged put the VLAN "
            "before these and take it off again (IEEE 802.1ad)."
        ),
    ]
    ports: Annotated[list[PatchPort], Field(description="Its ports in that VLAN.")]
    carries: Annotated[
        list[str], Field(description="The ids of the ports of real gear that it joins or leads to hosts.")
    ]


class PortSpec(_Document):
    """A port of a node, physical or logical."""

    node: Annotated[str, Field(description="The node's id.")]
    name: Annotated[str, Field(description="Its name in the lab.")]
    interface: Annotated[str, Field(description="Its name in Linux, at most 15 bytes.")]
    form: Literal["port", "subinterface", "bond", "svi", "loopback"]
    segments: Annotated[list[Attachment], Field(description="The segments that it stands on.")]
    over: Annotated[list[str], Field(description="The interfaces that a logical port stands on.")]
    vlan: Annotated[int | None, Field(description="The VLAN id of a sub-interface.")]
    mac: Annotated[str | None, Field(description="Its MAC address; null: the backend's choice.")]
    mtu: Annotated[int, Field(description="Bytes of an IP packet.")]
    rate: Annotated[int | None, Field(description="Bits a second that it sends at most; null: no limit.")]
    addresses: Annotated[list[str], Field(description="ADDRESS/LENGTH, of both families.")]
    dhcp: Annotated[bool, Field(description="Whether it asks a DHCP server for its address.")]
    socket: NotRequired[
        Annotated[str, Field(description="Of real gear: the port of the device that it is. Since 1.2.")]
    ]


class RouteSpec(_Document):
    """A static route."""

    node: Annotated[str, Field(description="The node's id.")]
    prefix: Annotated[str, Field(description="Where to; 0.0.0.0/0 and ::/0 are the default routes.")]
    via: Annotated[list[str], Field(description="Next hops; several: equal cost; none: a black hole.")]
    metric: Annotated[int, Field(description="The lower one is used.")]


class RulesetSpec(_Document):
    """A rule set of nftables. Texts may hold secrets' marks: NUL, `secret:REFERENCE`, NUL."""

    node: Annotated[str, Field(description="The node's id.")]
    table: Annotated[str, Field(description="The rule set's name.")]
    tables: Annotated[list[str], Field(description="FAMILY NAME of each table that it makes and owns.")]
    text: Annotated[str, Field(description="What nft reads, in one transaction.")]
    template: Annotated[str, Field(description="The template that it came from, for people.")]


class FileSpec(_Document):
    """A file in a node. Texts may hold secrets' marks: NUL, `secret:REFERENCE`, NUL."""

    node: Annotated[str, Field(description="The node's id.")]
    path: Annotated[str, Field(description="Where it lies in the node.")]
    text: Annotated[str, Field(description="What it holds.")]
    mode: Annotated[int, Field(description="Its permissions, as chmod counts.")]


class ServiceSpec(_Document):
    """A service that a node serves."""

    node: Annotated[str, Field(description="The node's id.")]
    service: Annotated[str, Field(description="Its name, such as http.")]
    listens: Annotated[list[str], Field(description="Where: tcp/80, udp/5000..5010.")]
    fields: Annotated[dict[str, JsonValue], Field(description="All its fields; a secret is {secret: REFERENCE}.")]


class _Resource(_Document):
    id: Annotated[str, Field(description="What users type: KIND/NAME[/NAME].")]
    host: Annotated[str, Field(description="The host of the site that carries it.")]
    backend: Annotated[str, Field(description="The backend that makes it.")]
    needs: Annotated[list[str], Field(description="Ids that must exist before it.")]


class NodeResource(_Resource):
    kind: Literal["node"]
    spec: NodeSpec


class SegmentResource(_Resource):
    kind: Literal["segment"]
    spec: SegmentSpec


class TunnelResource(_Resource):
    kind: Literal["tunnel"]
    spec: TunnelSpec


class AttachmentResource(_Resource):
    kind: Literal["attachment"]
    spec: AttachmentSpec


class PatchResource(_Resource):
    kind: Literal["patch"]
    spec: PatchSpec


class PortResource(_Resource):
    kind: Literal["port"]
    spec: PortSpec


class RouteResource(_Resource):
    kind: Literal["route"]
    spec: RouteSpec


class RulesetResource(_Resource):
    kind: Literal["ruleset"]
    spec: RulesetSpec


class FileResource(_Resource):
    kind: Literal["file"]
    spec: FileSpec


class ServiceResource(_Resource):
    kind: Literal["service"]
    spec: ServiceSpec


AnyResource = Annotated[
    NodeResource
    | SegmentResource
    | TunnelResource
    | AttachmentResource
    | PatchResource
    | PortResource
    | RouteResource
    | RulesetResource
    | FileResource
    | ServiceResource,
    Field(discriminator="kind"),
]


# --- Cases ---------------------------------------------------------------------------------------------------


class EndDocument(_Document):
    """Where a probe stands."""

    node: Annotated[str, Field(description="The node's id.")]
    port: Annotated[str, Field(description="The port's id.")]
    interface: Annotated[str, Field(description="The port's name in Linux.")]
    address: Annotated[str, Field(description="The probe's address; empty: the one that DHCP gave.")]
    place: Annotated[
        Literal["inside", "beside", "agent"],
        Field(
            description="beside: in a namespace of its own on the port's segment, for the node or at an address of its own."
        ),
    ]


class PacketDocument(_Document):
    """A packet that is sent."""

    protocol: Protocol
    source_port: Annotated[PortNumber, Field(description="0: a fresh ephemeral one.")]
    port: Annotated[PortNumber, Field(description="Destination port; 0 for icmp.")]
    address: Annotated[
        str, Field(description="Destination as sent, before any translation; empty: the receiver's leased one.")
    ]
    flags: NotRequired[
        Annotated[
            Literal["ack", "syn-ack"],
            Field(description="Of tcp: it claims a connection that nobody opened. Left out: a SYN. Since 1.1."),
        ]
    ]


_From = TypedDict("_From", {"from": EndDocument})  # `from` is a keyword of Python


class ControlDocument(_From, _Document):
    """What must arrive while the denied packets must not."""

    flow: PacketDocument
    service: Annotated[str | None, Field(description="The lab's service that answers; null: the probe listens.")]
    same_path: Annotated[bool, Field(description="Whether it passes the firewalls that the denied packets meet.")]


class FlowDocument(_From, _Document):
    """Who talks to whom over what."""

    to: EndDocument
    flow: PacketDocument
    service: Annotated[str | None, Field(description="The lab's service that answers; null: the probe listens.")]
    application: Annotated[str | None, Field(description="What is spoken: http, dns, …; null: bytes.")]


class CheckDocument(_Document):
    """A condition of a written test, in base units: ns, parts per million, counts."""

    subject: Annotated[str, Field(description="alive, outage, loss, sent, received, or state.")]
    label: Annotated[str | None, Field(description="Which background flow; of a state, the id that is looked at.")]
    operator: str
    value: JsonValue


class StepDocument(_Document):
    """One step of a written test."""

    verb: Literal["send", "expect", "expect-not", "check", "ping", "stream", "cut", "heal", "stop", "start", "wait"]
    flow: FlowDocument | None
    checks: list[CheckDocument]
    target: Annotated[str | None, Field(description="What is cut, healed, stopped or started.")]
    ports: Annotated[
        list[str], Field(description="Of a cut or heal: the ports that go down or up; both ends of a link.")
    ]
    count: Annotated[int, Field(description="How many packets a send sends.")]
    within: Annotated[int | None, Field(description="ns in which the expectation must come true.")]
    after: Annotated[int | None, Field(description="ns to wait before the step.")]
    every: Annotated[int | None, Field(description="ns between the packets of a ping or stream.")]
    label: Annotated[str | None, Field(description="The name of a background flow.")]


class _Case(_Document):
    id: Annotated[str, Field(description="What users type after `-k`.")]
    title: Annotated[str, Field(description="What it proves, for people.")]
    alone: Annotated[bool, Field(description="Whether nothing else may run beside it.")]
    requirement: Annotated[list[str], Field(description="Ids of the requirements that it proves.")]


class AllowCase(_From, _Case):
    """A flow that must work end to end."""

    kind: Literal["allow"]
    to: EndDocument
    flow: PacketDocument
    service: Annotated[str | None, Field(description="The lab's service that answers; null: the probe listens.")]
    application: Annotated[str | None, Field(description="What is spoken: http, dns, …; null: bytes.")]


class DenyCase(_From, _Case):
    """Packets that must not get through."""

    kind: Literal["deny"]
    to: EndDocument
    packets: list[PacketDocument]
    via: Annotated[
        str | None,
        Field(description="The MAC of the firewall that the packets are handed to; null: the sender's routes decide."),
    ]
    capture: Annotated[
        Literal["port", "stack"],
        Field(
            description="Where they must not be seen: at the receiver's port, or behind the filter of the receiver itself."
        ),
    ]
    control: ControlDocument | None


class ScriptCase(_Case):
    """A written test."""

    kind: Literal["script"]
    steps: list[StepDocument]


AnyCase = Annotated[AllowCase | DenyCase | ScriptCase, Field(discriminator="kind")]


# --- The whole -----------------------------------------------------------------------------------------------


class RequirementDocument(_Document):
    """One statement of a policy and the cases that prove it."""

    id: Annotated[str, Field(description="policy/NAME/NUMBER, or policy/NAME/otherwise.")]
    text: Annotated[str, Field(description="The statement in the language's words.")]
    policy: Annotated[str, Field(description="The policy's id.")]
    cases: Annotated[list[str], Field(description="Ids of the cases that prove it.")]
    note: Annotated[str, Field(description="Why there are none, or not for all.")]


class PlacementDocument(_Document):
    """How the hosts were found."""

    path: Annotated[
        Literal["only", "kept", "exact", "quality", "fast", "tight"],
        Field(
            description="only: there was no choice. kept: by the lock, with a few additions. exact, quality, fast, tight: which solver decided."
        ),
    ]
    proven: Annotated[bool, Field(description="Whether it is proven that no placement costs less.")]


class DigestsDocument(_Document):
    """Of what was compiled: what it says, not how it is spelt."""

    lab: str
    site: str
    parameters: str


class PlanDocument(_Document):
    """A compiled lab: desired state and the tests that prove it."""

    format: Annotated[str, Field(description="major.minor; a reader refuses a major that it does not know.")]
    lab: Annotated[str, Field(description="The lab's name.")]
    digests: DigestsDocument
    parameters: Annotated[dict[str, JsonValue], Field(description="The values of all parameters.")]
    hosts: Annotated[list[str], Field(description="The hosts of the site that carry something.")]
    reach: NotRequired[
        Annotated[
            dict[str, str],
            Field(
                description="How hosts are reached, by name; empty: one of several, of which the site does not say it. Since 1.2."
            ),
        ]
    ]
    placement: NotRequired[Annotated[PlacementDocument, Field(description="Since 1.2; only of a lab with a site.")]]
    resources: Annotated[list[AnyResource], Field(description="All that must exist, sorted by id.")]
    tests: Annotated[list[AnyCase], Field(description="All cases, sorted by id.")]
    requirements: Annotated[list[RequirementDocument], Field(description="What the policies say, sorted by id.")]
    digest: Annotated[str, Field(description="SHA-256 of the canonical form (RFC 8785) of all other members.")]


PLAN: TypeAdapter[PlanDocument] = TypeAdapter(PlanDocument)


def plan_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    schema = PLAN.json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A plan of labc"}
