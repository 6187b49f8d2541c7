"""VLANs: tags that clash on a port, tags that do not exist, two segments without a tag on one port."""

from __future__ import annotations

from ...ir.lab import Attachment, Port, Segment
from .design import Design, called, there

_TAGS = range(1, 4095)  # IEEE 802.1Q: 0 and 4095 are reserved


def check(design: Design) -> None:
    for segment in design.lab.segments.values():
        if segment.vlan is not None and segment.vlan not in _TAGS and "#" not in segment.id:
            _no_such_tag(segment, design)
    stacked: dict[tuple[str, int], Port] = {}
    for port in design.lab.ports.values():
        if port.vlan is not None:
            _subinterface(port, stacked, design)
        if len(port.attachments) > 1:
            _attachments(port, design)


def _no_such_tag(segment: Segment, design: Design) -> None:
    design.say(
        "E0407",
        f"there is no VLAN {segment.vlan}",
        segment.origin,
        "tags run from 1 to 4094",
        mark=segment.vlan,
        reason="IEEE 802.1Q reserves 0 and 4095",
    )


def _subinterface(port: Port, stacked: dict[tuple[str, int], Port], design: Design) -> None:
    vlan = port.vlan
    if vlan is None:
        return
    if vlan not in _TAGS:
        design.say(
            "E0407",
            f"there is no VLAN {vlan}",
            port.origin,
            "tags run from 1 to 4094",
            mark=vlan,
            reason="IEEE 802.1Q reserves 0 and 4095",
        )
    for over in port.over:
        first = stacked.setdefault((over, vlan), port)
        if first is not port:
            design.say(
                "E0405",
                f"VLAN {vlan} of {called(design.lab.ports[over])} has two sub-interfaces",
                port.origin,
                f"{called(port)} would take the same frames",
                mark=vlan,
                labels=[there(first.origin, f"{called(first)} has them already", vlan)],
                reason="a tagged frame goes to one sub-interface",
                help="give one of them another VLAN",
            )


def _attachments(port: Port, design: Design) -> None:
    stated = port.attachments[:-1] if port.link is not None else port.attachments
    by_tag: dict[int | None, Attachment] = {}
    for attachment in stated:
        first = by_tag.setdefault(attachment.tag, attachment)
        if first.segment == attachment.segment:
            continue
        one, other = design.lab.segments[first.segment], design.lab.segments[attachment.segment]
        if attachment.tag is None:
            _two_untagged(port, one, other, design)
        else:
            _one_tag_twice(port, attachment.tag, one, other, design)


def _two_untagged(port: Port, one: Segment, other: Segment, design: Design) -> None:
    design.say(
        "E0406",
        f"{called(port)} carries two segments without a tag",
        port.origin,
        f"{one.name} and {other.name} could not be told apart",
        mark=other.name,
        help=f"write `tagged {other.name}`, or give {other.name} a port of its own",
    )


def _one_tag_twice(port: Port, tag: int, one: Segment, other: Segment, design: Design) -> None:
    design.say(
        "E0405",
        f"{called(port)} carries two segments with tag {tag}",
        port.origin,
        f"{one.name} and {other.name} could not be told apart",
        mark=other.name,
        labels=[there(segment.origin, f"{segment.name} is VLAN {tag}") for segment in (one, other)],
        help="give one of the segments another `vlan`",
    )
