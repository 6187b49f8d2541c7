"""Edits by machine of a YAML file: what is named changes, and every other byte stays."""

from __future__ import annotations

import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax import read
from labc.compiler.syntax.edit import Add, Change, EditError, Remove, Rename, SetValue, edit

SITE = """\
site: rack   # ours
hosts:
  h1:
    cpu: 4   # of sixteen
    nics:
      eth0: {speed: 1Gbps}
      eth1:   # not plugged in
    # the machine in the corner

    set: {rack: 4}

  h2:
  h3: {kvm: true, nics: {e: }, set: {tags: [1]}}
  h4: ~
for:
  - each: i
    in: 1..3
    hosts:
      node{i}:
        cpu: 8
devices: {ssg1: {ports: {p: {cable: h1:eth0}}}}
nodes:
  web: linux.host
  db:
    ports:
      e: {on: lan}
pools:
  vni: 1..9"""


def edited(*changes: Change) -> str:
    return edit(Source("site.yaml", SITE.encode()), changes).decode()


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (SetValue("host/h1#cpu", "16"), "cpu: 4   #", "cpu: 16   #"),
        (SetValue("nic/h1/eth0#speed", "10Gbps"), "1Gbps}", "10Gbps}"),
        (SetValue("host/h1#rack", '"r4"'), "rack: 4}", "rack: '\"r4\"'}"),
        (SetValue("nic/h1/eth0#mtu", "9000"), "1Gbps}", "1Gbps, mtu: 9000}"),
        (SetValue("nic/h1/eth1#speed", "1Gbps"), "# not plugged in\n", "# not plugged in\n        speed: 1Gbps\n"),
        (SetValue("host/h1#room", "3"), "{rack: 4}", "{rack: 4, room: 3}"),
        (SetValue("host/h1#memory", "64GiB"), "set: {rack: 4}\n", "set: {rack: 4}\n    memory: 64GiB\n"),
        (SetValue("host/h2#reach", '"ssh://h2"'), "  h2:\n", "  h2:\n    reach: ssh://h2\n"),
        (SetValue("host/h3#kvm", "false"), "kvm: true", "kvm: false"),
        (SetValue("nic/h3/e#mtu", "1400"), "{e: }", "{e: {mtu: 1400} }"),
        (SetValue("host/h4#cpu", "1"), "h4: ~", "h4: {cpu: 1}"),
        (SetValue("host/node{i}#cpu", "9"), "cpu: 8", "cpu: 9"),
        (SetValue("port/ssg1/p#speed", "1Gbps"), "h1:eth0}", "h1:eth0, speed: 1Gbps}"),
        (SetValue("port/db/e#mtu", "1400"), "{on: lan}", "{on: lan, mtu: 1400}"),
        (
            Add("host/h1", "nic eth2 { speed = 10Gbps; address = 192.0.2.1/24 }"),
            "# not plugged in\n",
            "# not plugged in\n      eth2: {speed: 10Gbps, address: 192.0.2.1/24}\n",
        ),
        (Add("host/h2", "nic e"), "  h2:\n", "  h2:\n    nics:\n      e:\n"),
        (Add("", "host h9 { cpu = 1 }"), "  h4: ~\n", "  h4: ~\n  h9: {cpu: 1}\n"),
        (Add("", "pool vlan 1..9"), "vni: 1..9", "vni: 1..9\n  vlan: 1..9\n"),
        (Add("", "place pack"), "vni: 1..9", "vni: 1..9\nplace: pack\n"),
    ],
)
def test_one_change_touches_one_place(change: Change, old: str, new: str) -> None:
    """The bytes named by the path change, and only they; what comes out is read without a mistake."""
    assert SITE.count(old) == 1
    assert edited(change) == SITE.replace(old, new)
    found = Diagnostics()
    read(Source("site.yaml", edited(change).encode()), found)
    assert not found.failed


def test_changes_are_made_one_after_the_other() -> None:
    """The second sees what the first has made."""
    after = edited(Add("host/h2", "nic e"), SetValue("nic/h2/e#mtu", "9000"), SetValue("host/h2#cpu", "2"))
    assert "  h2:\n    nics:\n      e:\n        mtu: 9000\n    cpu: 2\n" in after


@pytest.mark.parametrize(
    "change",
    [
        SetValue("host/h9#cpu", "1"),
        SetValue("nic/h1/eth9#mtu", "1500"),
        SetValue("host/h1#cpu", "= 3"),
        SetValue("host/h3#tags", "2"),
        SetValue("node/web#forward", "true"),
        Add("host/h1", "nic eth0"),
        Add("host/h1", "nonsense here"),
        Remove("host/h1"),
        Rename("host/h1", "h5"),
    ],
)
def test_what_cannot_be_done_is_refused(change: Change) -> None:
    """With the path and the reason."""
    with pytest.raises(EditError, match=change.path.partition("#")[0]):
        edited(change)


def test_what_an_anchor_shares_is_refused() -> None:
    """Else one host's change would be every host's."""
    text = "site: s\nhosts:\n  a: &like {cpu: 1}\n  b: *like\n"
    with pytest.raises(EditError, match="alias"):
        edit(Source("site.yaml", text.encode()), [SetValue("host/b#memory", "1GiB")])


def test_letters_of_many_bytes_move_nothing() -> None:
    """Places are counted in bytes."""
    text = "site: s # räck\nhosts:\n  h1: # für alle\n    cpu: 1\n"
    made = edit(Source("site.yaml", text.encode()), [SetValue("host/h1#cpu", "2")])
    assert made.decode() == text.replace("cpu: 1", "cpu: 2")
