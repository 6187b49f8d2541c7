"""The YAML spelling says what `.net` says, construct by construct."""

from __future__ import annotations

import pytest
from msgspec import Struct

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax import read, tree
from tests.unit.compiler.syntax.meaning import meaning


def sound(path: str, text: str) -> tree.File:
    diagnostics = Diagnostics()
    file = read(Source(path, text.encode()), diagnostics)
    assert [(found.code, found.summary) for found in diagnostics] == []
    return file


SAME = {
    "lab": ("lab: firewall-change", "lab firewall-change"),
    "site": ("site: room", "site room"),
    "imports": ("import: [std.linux, site.net, parts/fw]", 'import std.linux, "site.net", "parts/fw"'),
    "import as": ("import: {module: std.firewall, as: fw}", "import std.firewall as fw"),
    "import from git": (
        "import: [{git: 'https://h/l.git', at: v1, path: fw, as: x}]",
        'import git "https://h/l.git" at "v1" path "fw" as x',
    ),
    "parameters": (
        "params: {n: {type: int, in: 1..9, default: 2}, m: 3, names: {type: 'list[string]', default: ['\"a\"']}}",
        'param n: int in 1..9 = 2\nparam m = 3\nparam names: list[string] = ["a"]',
    ),
    "choices": ('params: {m: {type: \'"a" | "b"\'}}', 'param m: "a" | "b"'),
    "values": ("let: {a: 10.0.0.0/8 subnet 24 at 3, b: {x: 1}}", "let a = 10.0.0.0/8 subnet 24 at 3\nlet b = { x: 1 }"),
    "segments": (
        "segments: {a: 10.0.0.0/24, b: [10.1.0.0/24, '2001:db8::/64'], c: {was: d, mtu: 1400, set: {x: 1}}}",
        "segment a 10.0.0.0/24\nsegment b 10.1.0.0/24, 2001:db8::/64\nsegment c was d { mtu = 1400; x = 1 }",
    ),
    "empty things": ("segments: {a: }\nnodes: {n: , m: {}}", "segment a\nnode n\nnode m"),
    "nodes": ("nodes: {a: linux.host, b: {kind: linux.host, was: c}}", "node a: linux.host\nnode b: linux.host was c"),
    "names with values in them": (
        "for: {each: i, in: 1..3, nodes: {'pc{i}': , 'sw[i]': }}",
        'for i in 1..3 { node "pc{i}"; node sw[i] }',
    ),
    "names with plain braces": (r"nodes: {'a\{b': , 'c\\d': , 'e\[0]': }", r'node "a\{b"; node "c\\d"; node "e[0]"'),
    "ports": (
        "nodes: {a: {ports: {e0: red, e1: {on: red, at: [10.0.0.1, 10.0.0.2/8], mac: 02:00:00:00:00:01, mtu: 1400}}}}",
        "node a { port e0 on red; port e1 on red at 10.0.0.1, 10.0.0.2/8 mac 02:00:00:00:00:01 { mtu = 1400 } }",
    ),
    "vlans": (
        "nodes: {a: {ports: {t: {tagged: [r, b], untagged: g}, t.1: {over: t, vlan: 1, on: r, at: dhcp}}}}",
        "node a { port t tagged r, b untagged g; port t.1 over t vlan 1 on r at dhcp }",
    ),
    "logical ports": (
        "nodes: {a: {bonds: {b: {over: [p, q]}}, svis: {v: red}, loopbacks: {l: {at: 10.0.0.1/32}}}}",
        "node a { bond b over p, q; svi v on red; loopback l at 10.0.0.1/32 }",
    ),
    "gateways": (
        "nodes: {a: {gateway: r}, b: {gateway: [r, 10.0.0.1]}, c: {gateway: [[r], [s]]}}",
        "node a { gateway r }\nnode b { gateway r, 10.0.0.1 }\nnode c { gateway r; gateway s }",
    ),
    "routes": (
        "nodes: {a: {routes: [{prefix: 10.0.0.0/8, via: r, metric: 5}, {prefix: 10.9.0.0/16, blackhole: true}]}}",
        "node a { route 10.0.0.0/8 via r metric 5; route 10.9.0.0/16 blackhole }",
    ),
    "translation": (
        "nodes: {a: {nat: {outside: 203.0.113.5, inside: web}, napt: [{from: [x, y], to: 203.0.113.6}]}}",
        "node a { nat 203.0.113.5 <-> web; napt x, y to 203.0.113.6 }",
    ),
    "configs": (
        "nodes: {a: {config: ['{m}/a.nft.j2', {template: b.j2, to: /etc/b}]}}",
        'node a { config "{m}/a.nft.j2"; config "b.j2" to "/etc/b" }',
    ),
    "services": (
        "nodes: {a: {serve: [ssh, {service: http, on: tcp/8080, set: {page: '\"hi\"'}}]}}",
        'node a { serve ssh; serve http on tcp/8080 { page = "hi" } }',
    ),
    "needs": (
        "nodes: {a: {needs: {cpu: 1, kvm: , isdn: '>= 1'}}, b: {needs: [cpu = 1, kvm, isdn >= 1]}}",
        "node a { needs cpu = 1, kvm, isdn >= 1 }\nnode b { needs cpu = 1, kvm, isdn >= 1 }",
    ),
    "places": (
        "nodes: {a: {prefers: [ssd, {want: ssd, weight: 10}], together: b, apart: [c, d], on: h1}}",
        "node a { prefers ssd; prefers ssd weight 10; together b; apart c, d; on h1 }",
    ),
    "fields of a node": (
        "nodes: {a: {forward: true, probe: beside, set: {x: '\"t\"'}}}",
        'node a { forward = true; probe = "beside"; x = "t" }',
    ),
    "links": (
        "links: ['a:e0 -- b:e0', {ends: ['a:Gi0/0', 'b:up{i}'], name: u, on: 10.0.0.0/31, mtu: 9000}]",
        'link a:e0 -- b:e0\nlink u: a:"Gi0/0" -- b:"up{i}" on 10.0.0.0/31 { mtu = 9000 }',
    ),
    "links of families": ("links: ['pc{i}:e0 -- leaf[i]:e{i}']", 'link "pc{i}":e0 -- leaf[i]:"e{i}"'),
    "groups and zones": (
        "groups: {g: ['pc[*]', web]}\nzones: {z: world, y: {members: [a, 10.0.0.0/8], was: x}}",
        "group g = pc[*], web\nzone z = world\nzone y was x = a, 10.0.0.0/8",
    ),
    "policies": (
        (
            "policies: {p: {rules: [{from: [a, b], to: c, allow: [tcp/80, icmp]}, {from: a, to: c, both: true, deny: }],"
            " otherwise: deny}}"
        ),
        "policy p { a, b -> c allow tcp/80 icmp; a <-> c deny; otherwise deny }",
    ),
    "rules as text": (
        "policies: {p: ['a -> b allow tcp/80', {otherwise: deny}]}",
        "policy p { a -> b allow tcp/80; otherwise deny }",
    ),
    "blocks of rules": (
        (
            "policies: {p: [{let: {w: any}}, {each: z, in: zs, rules: ['z -> a allow w']},"
            " {when: x, rules: ['a -> b allow'], else: {when: y, rules: ['a -> c allow'], else: ['a -> d allow']}}]}"
        ),
        (
            "policy p { let w = any; for z in zs { z -> a allow w }\n"
            " if x { a -> b allow } else if y { a -> c allow } else { a -> d allow } }"
        ),
    ),
    "flows": (
        (
            "tests: [{title: t, steps: [{send: 'a -> b udp/5 from port 53', count: 3}, {expect: a -> b http, within: 1s},"
            " {expect_not: {from: a, to: b, service: tcp/22, source_port: 53}}]}]"
        ),
        (
            'test "t" { send 3 a -> b udp/5 from port 53; within 1s expect a -> b http\n'
            " expect not a -> b tcp/22 from port 53 }"
        ),
    ),
    "background flows": (
        (
            "tests: {title: 'n {x}', steps: [{ping: a -> b, every: 1s, as: p}, {stream: a -> b tcp/80, as: s},"
            " {ping: {from: a, to: b}}]}"
        ),
        'test "n {x}" { ping a -> b every 1s as p; stream a -> b tcp/80 as s; ping a -> b }',
    ),
    "disturbances": (
        "tests: [{title: t, steps: [{cut: 'a:e0'}, {heal: 'a:e0', after: 2s}, {stop: web.http}, {start: web}, {after: 2s}]}]",
        'test "t" { cut a:e0; heal a:e0 after 2s; stop web.http; start web; after 2s }',
    ),
    "checks": (
        (
            "tests: [{title: t, steps: [{check: [outage of p < 5s, stream s alive, 'a:e0 up', web.http running], within: 1s},"
            " {check: {subject: loss, operator: <, value: 1%}}]}]"
        ),
        'test "t" { within 1s expect outage of p < 5s, stream s alive, a:e0 up, web.http running\nexpect loss < 1% }',
    ),
    "repeated steps": (
        "tests: [{title: t, steps: [{repeat: 3, steps: [{after: 1s}]}, {each: i, in: 1..2, steps: [{expect: 'pc[i] -> a icmp'}]}]}]",
        'test "t" { repeat 3 { after 1s }; for i in 1..2 { expect pc[i] -> a icmp } }',
    ),
    "kinds": (
        "kinds: {k: {extends: linux.router, fields: {n: {type: int, default: 1}, m: 2}, ports: {e0: }}}",
        "kind k extends linux.router { field n: int = 1; field m = 2; port e0 }",
    ),
    "services of a module": (
        "services: {s: {on: [tcp/70, udp/70], fields: {f: 1}}, t: tcp/1}",
        "service s on tcp/70, udp/70 { field f = 1 }\nservice t on tcp/1",
    ),
    "loops": (
        "for: [{each: [k, v], in: 'zip(a, b)', nodes: {x: {for: {each: j, in: 1..2, ports: {'e{j}': }}}}}]",
        'for k, v in zip(a, b) { node x { for j in 1..2 { port "e{j}" } } }',
    ),
    "conditions": (
        "if: {when: a > 1, nodes: {x: }, else: {when: b, nodes: {y: }, else: {nodes: {z: }}}}",
        "if a > 1 { node x } else if b { node y } else { node z }",
    ),
    "comprehensions": ("let: {x: '[y * 2 for y in [1, 2] if y > 1]'}", "let x = [y * 2 for y in [1, 2] if y > 1]"),
    "together and apart": ("together: [[a, b], [c, d]]\napart: [a, c]", "together a, b\ntogether c, d\napart a, c"),
    "places by a label": (
        "together: {of: [a, b], by: rack}\napart: [[a, b], {of: 'c[*]', by: rack}]\nbalance: {of: [a, b]}\nexclusive: [a, b]",
        "together a, b by rack\napart a, b\napart c[*] by rack\nbalance a, b\nexclusive a, b",
    ),
    "alone, and on one of several hosts": (
        "nodes: {a: {exclusive: true, on: [h1, h2]}, b: {exclusive: [c, d]}, e: {exclusive: [[c], {of: true}]}}",
        "node a { exclusive; on h1, h2 }\nnode b { exclusive c, d }\nnode e { exclusive c; exclusive }",
    ),
    "wishes": (
        (
            "prefers: [{together: [a, b], by: rack, weight: 5}, {exclusive: a}]\n"
            "nodes: {a: {prefers: [{on: [h1, h2], weight: 3}, {exclusive: true}, {balance: b}]}}"
        ),
        (
            "prefers together a, b by rack weight 5\nprefers exclusive a\n"
            "node a { prefers on h1, h2 weight 3; prefers exclusive; prefers balance b }"
        ),
    ),
    "a strategy": ("place: spread", "place spread"),
    "a pool with exceptions": (
        "pools: {vni: {ranges: [1..9, 20..29], except: [3, 5..6]}, vlan: {ranges: 7}}",
        "pool vni 1..9, 20..29 except 3, 5..6\npool vlan 7",
    ),
    "what NICs, switches and their ports say": (
        (
            "hosts: {h: {nics: {e: {address: 192.0.2.1/24, mtu: 9000, overlay: true, trunk: false}}}}\n"
            "switches: {s: {driver: eos, cuts: true, host: h, ports: {p: {cable: 'h:e', trunk: true, mtu: 9000}}}}"
        ),
        (
            "host h { nic e { address = 192.0.2.1/24; mtu = 9000; overlay = true; trunk = false } }\n"
            'switch s { driver = "eos"; cuts = true; host = h; port p cable h:e { trunk = true; mtu = 9000 } }'
        ),
    ),
    "a host by a computed name, and one by a text": (
        "devices: {a: {host: 'h{i}'}, b: {host: h}, c: {set: {host: '\"h\"'}}}",
        'device a { host = "h{i}" }\ndevice b { host = h }\ndevice c { host = "h" }',
    ),
    "hosts": (
        "hosts: {h: {cpu: 4, memory: 1GiB, reach: 'ssh://h', nics: {e0: {speed: 1Gbps}, e1: }, set: {rack: 3}}}",
        'host h { cpu = 4; memory = 1GiB; reach = "ssh://h"; nic e0 { speed = 1Gbps }; nic e1; rack = 3 }',
    ),
    "devices": (
        "devices: {d: {kind: juniper.ssg, model: SSG20, set: {isdn: 1}, ports: {e0: {cable: 'h:e2', speed: 1Gbps}, e1: 'h:e3'}}}",
        'device d: juniper.ssg { model = "SSG20"; isdn = 1; port e0 cable h:e2 { speed = 1Gbps }; port e1 cable h:e3 }',
    ),
    "switches and pools": (
        "switches: {s: {ports: {p: 'h:e0'}}}\npools: {vni: 1..2, links: [10.0.0.0/8]}",
        "switch s { port p cable h:e0 }\npool vni 1..2\npool links 10.0.0.0/8",
    ),
    "shares": (
        "labs: {x-y: {uses: {vni: 1..2}}}\ninstances: {use: {vni: 3..4, vlan: 5..6}}",
        "lab x-y uses vni 1..2\ninstances use vni 3..4\ninstances use vlan 5..6",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_each_construct_is_the_same_tree_in_both_spellings(name: str) -> None:
    """What YAML says is what `.net` says."""
    yaml, net = SAME[name]
    assert meaning(sound("a.yaml", yaml)) == meaning(sound("a.net", net))


def test_the_words_of_yaml_1_1_mean_nothing_special() -> None:
    """`on`, `no` and `1:30` stay what they are in `.net`."""
    file = sound("a.yaml", "nodes: {no: {ports: {on: {on: off}}}}")
    (node,) = file.body
    assert isinstance(node, tree.NodeDecl)
    (port,) = node.body
    assert isinstance(port, tree.PortDecl)
    assert (node.name.plain, port.name.plain) == ("no", "on")
    assert meaning(file) == meaning(sound("a.net", 'node no { port "on" on off }'))


def test_aliases_and_merges_repeat_what_they_name() -> None:
    """An alias stands for its anchor, `<<` gives keys that are not there yet."""
    yaml = "nodes:\n  a: &host {kind: linux.host, gateway: r}\n  b: *host\n  c:\n    <<: *host\n    gateway: s\n"
    net = "node a: linux.host { gateway r }\nnode b: linux.host { gateway r }\nnode c: linux.host { gateway s }"
    assert meaning(sound("a.yaml", yaml)) == meaning(sound("a.net", net))


def test_a_section_may_be_a_list_of_mappings() -> None:
    """Several parts of one section, each a mapping by name."""
    assert meaning(sound("a.yaml", "nodes:\n  - {a: x.y}\n  - {b: x.y}")) == meaning(
        sound("a.net", "node a: x.y\nnode b: x.y")
    )


def test_an_empty_file_is_an_empty_tree() -> None:
    """Nothing, or only comments, is no mistake of the spelling."""
    assert sound("a.yaml", "").body == ()
    assert sound("a.yaml", "# later\n---\n").body == ()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("nodes: {a: {gateway: edge}}", "edge"),
        ("nodes: {a: {gateway: 'edge'}}", "edge"),
        ('nodes: {a: {gateway: "edge"}}', "edge"),
        ("nodes: {ä: {gateway: edge}}", "edge"),
        ("\ufeffnodes: {a: {gateway: edge}}", "edge"),
        ("nodes:\r\n  ä:\r\n    gateway: edge\r\n", "edge"),
        ("nodes:\n  a:\n    gateway: |\n      edge\n", "edge"),
        ("nodes: {a: {gateway: &x edge}}", "edge"),
        ('nodes: {a: {gateway: "\\x65dge"}}', "\\x65dge"),
        ("nodes:\n  a:\n    gateway: if x\n      then edge else y\n", "edge"),
    ],
)
def test_a_name_is_underlined_where_it_stands(text: str, where: str) -> None:
    """Spans are bytes of the YAML source, whatever the style of the scalar."""
    file = sound("a.yaml", text)
    references = [found for found in everything(file) if isinstance(found, tree.Reference) and found.name == "edge"]
    assert [reference.span.shown for reference in references] == [where]
    assert references[0].span.source is file.source


def test_a_part_of_an_expression_is_underlined_where_it_stands() -> None:
    """In the middle of a quoted scalar with quotes in it."""
    text = "let: {x: 'f(\"it''s\", edge)'}"
    (reference,) = [found for found in everything(sound("a.yaml", text)) if isinstance(found, tree.Reference)]
    assert reference.span.start == text.index("edge")


def test_comments_are_kept_in_the_tree() -> None:
    """A `#` inside a text is none."""
    file = sound("a.yaml", "# one\nlab: x # two\nlet: {a: '\"# no\"', b: c#d}\n".replace(", b: c#d", ""))
    assert [(comment.span.shown, comment.own_line) for comment in file.comments] == [("# one", True), ("# two", False)]


def everything(value: object) -> list[object]:
    """All records of a tree."""
    if type(value) is tuple:
        return [found for item in value for found in everything(item)]
    if not isinstance(value, Struct):
        return []
    inner = [everything(getattr(value, field)) for field in value.__struct_fields__]
    return [value, *(found for part in inner for found in part)]
