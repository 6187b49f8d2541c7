"""The text form of a lab."""

from __future__ import annotations

from labc.compiler.ir.text import fingerprint, lab_text
from tests.unit.compiler.building import Building


def test_a_record_is_a_line_with_what_differs_from_its_defaults() -> None:
    """Fields that hold their default are left out, and so are origins."""
    lab = Building().segment("dmz", "10.0.0.0/24").node("web").port("web:eth0", "dmz", "10.0.0.1").lab
    assert lab_text(lab) == (
        "lab/test\n"
        "node/web name=web kind=linux.host ports=[port/web/eth0]\n"
        "port/web/eth0 node=node/web name=eth0 attachments=[(segment=segment/dmz)] wanted=[10.0.0.1]\n"
        "segment/dmz name=dmz prefixes=[10.0.0.0/24]\n"
    )


def test_the_text_does_not_depend_on_the_order_of_declaration() -> None:
    """Records are sorted by id."""
    one = Building().node("a").node("b").segment("s").segment("t").lab
    other = Building().segment("t").node("b").segment("s").node("a").lab
    assert lab_text(one) == lab_text(other)


def test_the_fingerprint_tells_which_field_changed() -> None:
    """Only the field that was written has another number."""
    lab = Building().segment("dmz").node("web").port("web:eth0", "dmz").lab
    before = fingerprint(lab)
    next(iter(lab.ports.values())).interface = "eth0"
    after = fingerprint(lab)
    assert [name for name in after if after[name] != before[name]] == ["ports.interface"]
