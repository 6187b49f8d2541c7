"""Configs: templates in their sandbox, and the rule sets that labc writes itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from labc.compiler.diagnostics import Diagnostic
from tests.conftest import Golden
from tests.unit.compiler.compiling import OFFICE, compiled, sound

LAB = """lab x
import std.linux
param clients: int = 2
segment lan 10.0.0.0/24, 2001:db8::/64
kind k extends linux.host { field asn: int = 65001; field peer: node = b; field near: segment = lan }
node a: k { port eth0 on lan at 10.0.0.5, 2001:db8::5; config "t.j2" to "/etc/t" }
node b: linux.host { port eth0 on lan at 10.0.0.6 }
zone inner = lan, a
"""


def rendered(template: str) -> str:
    return sound(LAB, t_j2=template).nodes["node/a"].configs[0].text  # type: ignore[index]  # an id


def mistake(template: str) -> Diagnostic:
    found = list(compiled(LAB, t_j2=template).diagnostics)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ node.name }} {{ node.kind }} {{ lab.name }} {{ parameters.clients }}", "a k x 2"),
        ("{{ ports.eth0.address }} {{ ports.eth0.prefix }} {{ ports.eth0.addresses | last }}", "10.0.0.5 10.0.0.0/24 2001:db8::5/64"),
        ("{{ ports.eth0.address | netmask }} {{ ports.eth0.address | wildcard }}", "255.255.255.0 0.0.0.255"),
        ("{{ ports.eth0.prefix | host(-2) }} {{ ports.eth0.address | network }}", "10.0.0.254 10.0.0.0"),
        ("{{ ports.eth0.address.prefix }} {{ ports.eth0.address | prefix }} {{ nodes.b.address.prefix | host(1) }}", "10.0.0.0/24 10.0.0.0/24 10.0.0.1"),
        ("{{ ports.eth0.address | broadcast }} {{ ports.eth0.address | prefixlen }}", "10.0.0.255 24"),
        ("{{ '10.0.0.0/8' | subnet(24, 3) }} {{ '10.0.0.9/24' | ip }}", "10.0.3.0/24 10.0.0.9"),
        ("{{ ports.eth0.addresses | ipv6 | join }} {{ '::1' | family }}", "2001:db8::5/64 6"),
        ("{{ fields.asn }} {{ fields.peer }} {{ fields.peer.address }} {{ fields.near.prefix }}", "65001 b 10.0.0.6 10.0.0.0/24"),
        ("{{ nodes.b.address }} {{ segments.lan.prefix }} {{ zones.inner.prefixes | join(' ') }}", "10.0.0.6 10.0.0.0/24 10.0.0.0/24 2001:db8::/64"),
        ("{% for port in ports %}{{ port.name }} {{ port.mtu }} {{ ports[port].segment }}{% endfor %} {{ ports | length }}", "eth0 1500 lan 1"),
        ("{% if nodes.ghost is defined %}x{% else %}no ghost{% endif %}", "no ghost"),
        ("{{ 'a' ~ 1 ~ node.name }} {{ true }}", "a1a true"),
    ],
)  # fmt: skip
def test_what_a_template_sees(template: str, text: str) -> None:
    """Views and filters print what stands in a configuration."""
    assert rendered(template) == text


def test_an_unknown_name_is_pointed_at_in_the_template() -> None:
    """The span is the word in the template, the line of the lab stands beside it, and a near name is offered."""
    found = mistake("first\nuse {{ ports.eth0.adress }}\n")
    assert found.code == "E0702"
    assert found.span is not None
    assert (found.span.source.path, found.span.shown) == ("t.j2", "adress")
    assert found.span.source.position(found.span.start).line == 2
    assert "did you mean `address`" in found.help
    assert found.labels[0].span.source.path == "lab.net"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ nod.name }}", "did you mean `node`"),
        ("{{ nodes.bb }}", "did you mean `b`"),
        ("{{ parameters.client }}", "did you mean `clients`"),
    ],
)
def test_unknown_names_get_a_suggestion(template: str, said: str) -> None:
    assert said in mistake(template).help


RULED = (
    LAB.replace("node a: k {", "node a: k { serve dns; nat 10.0.0.200 <-> b; ")
    + """
policy office { inner -> b allow http; otherwise deny }
"""
)


@pytest.mark.parametrize(
    ("template", "said", "help_", "marked"),
    [
        ("{% for r in filtering %}{% endfor %}", "`filtering` is a filter, not a list", "its lists are `filtering.lines`, `filtering.spoofed`", "filtering"),
        ("{% for r in policies[0] %}{% endfor %}", "`policies[0]` is a policy, not a list", "did you mean `policies[0].rules`?", "policies[0]"),
        ("{% for r in segments.lan %}{% endfor %}", "`segments.lan` is a segment, not a list", "did you mean `segments.lan.prefixes`?", "segments.lan"),
        ('{% for r in nodes["b"].ports.eth0.segment %}{% endfor %}', '`nodes["b"].ports.eth0.segment` is a segment, not a list', 'did you mean `nodes["b"].ports.eth0.segment.prefixes`?', 'nodes["b"].ports.eth0.segment'),
        ("{% for r in ports.eth0.prefix %}{{ r }}{% endfor %}", "`ports.eth0.prefix` is a prefix, not a list", "", "ports.eth0.prefix"),
        ("{% for r in lab.name | length %}{% endfor %}", "this number stands where a list must", "", ""),
        ("{{ filtering | length }}", "`filtering` stands where a list must", "its lists are `lines`, `spoofed`", ""),
        ("{{ zones.inner | join(', ') }}", "the zone `inner` stands where a list must", "its lists are `addresses`, `nodes`, `prefixes`", ""),
        ("{{ filtering.rules }}", "`filtering` has no `rules`", "did you mean `lines`?", "rules"),
        ("{{ filtering.chain }}", "`filtering` has no `chain`", "it has `lines`, `otherwise`, `spoofed`", "chain"),
        ("{{ services[0].listens[0].port }}", "this service has no `port`", "it has `first`, `last`, `protocol`", "port"),
        ("{{ policies.office }}", "this list has no `office`", "the items of a list have numbers from 0, and this one has 1", "office"),
        ("{{ napt[0].to }}", "this list has no `0`", "this list is empty", "0"),
        ("{{ node.name.uper() }}", "this text has no `uper`", "did you mean `upper`?", "uper"),
        ("{{ zzz }}", "nothing is called `zzz`", "a template sees `nodes`, `segments`, `zones`, `policies`, `lab`, `parameters`, `node`, `ports`, `fields`, `routes`, `nat`, `napt`, `services`, `filtering`, `translations`", "zzz"),
        ("{{ filtering }}", "`filtering` is no text; write one of its members: `lines`, `otherwise`, `spoofed`", "", ""),
        ("{{ filtering.lines[0] }}", "this line of the filter is no text; write one of its members: `comment`, `match`, `verdict`", "", ""),
        ("{{ nat[0] }}", "this translation is no text; write one of its members: `inside`, `outside`, `sources`", "", ""),
        ("{{ 'x' ~ nodes }}", "`nodes` is a list, no text; loop over it", "", ""),
        ("{{ node | network }}", "the node `a` is no address and no prefix", "", ""),
        ("{{ [] | first }}", "no first item, sequence was empty.", "", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_said_in_the_words_of_the_template(template: str, said: str, help_: str, marked: str) -> None:
    """Who writes a template knows filters and zones, not the classes behind them; what can be done stands beside it."""
    (found,) = (each for each in compiled(RULED, t_j2=template).diagnostics if each.severity == "error")
    assert found.span is not None
    assert (found.label, found.help, found.span.shown) == (said, help_, marked or template)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% for name, port in ports %}{% endfor %}", "a port cannot be taken apart into several names"),
        ("{% if 'a' in node %}{% endif %}", "a node holds nothing: `in` wants a list, a map or a text"),
        ("{{ ports.eth0.address + 1 }}", "an address of a port and a number do not go together by `+`"),
        ("{{ node < 1 }}", "a node and a number cannot be compared"),
        ("{{ node() }}", "a node is not a function"),
        ("{{ node | selectattr('x') | list }}", "a list is wanted here, not a node"),
    ],
)
def test_what_python_says_of_values_is_said_in_words(template: str, said: str) -> None:
    assert mistake(template).label == said


def test_every_thing_has_a_word() -> None:
    """A view without one would be told by its class."""
    from labc.compiler.passes.configs.views import THINGS
    from labc.compiler.passes.configs.words import WORDS

    assert [thing.__name__ for thing in THINGS if thing.__name__ not in WORDS] == []


@pytest.mark.parametrize("template", ["{% for x in ports %}", "{{", "{{ 1 | nosuch }}", "{% nosuch %}"])
def test_a_mistake_of_syntax_has_its_own_code(template: str) -> None:
    found = mistake("fine\n" + template)
    assert found.code == "E0701"
    assert found.span is not None
    assert found.span.source.position(found.span.start).line == 2


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}",
        "{{ 'a' * 10**9 }}",
        "{{ 9 ** 99999 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ 'x' | center(999999999) }}",
        "{{ 'x'.ljust(999999999) }}",
        "{{ ('a' * 9999) | replace('a', 'a' * 9999) }}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
        "{% set s = namespace(t='aaaaaaaaaaaaaaaa') %}{% for i in range(40) %}{% set s.t = s.t ~ s.t %}{% endfor %}",
        "{% set s = namespace(t='aaaaaaaaaaaaaaaa') %}{% for i in range(40) %}{% set s.t = s.t + s.t %}{% endfor %}",
        "{% set s = 'a' * 10**6 %}{% for i in range(99) %}{{ s }}{% endfor %}",
        "{% set s = 'a' * 10**6 %}{% set t %}{% for i in range(99) %}{{ s }}{% endfor %}{% endset %}",
        "{% set s = 'a' * 10**6 %}{% for i in range(9999) %}{% set t %}{{ s }}{% endset %}{% endfor %}",
        "{% for i in range(10**9) %}{% endfor %}",
        "{% for i in 'a' * 10**6 %}{% endfor %}",
        *(
            "{% set ns = namespace(x=['a'], y=['a']) %}{% for i in range(60) %}{% set ns.x = STEP %}"
            "{% set ns.y = OTHER %}{% endfor %}{{ ns.x == ns.y }}".replace("STEP", step).replace(
                "OTHER", step.replace("x", "y")
            )
            for step in (
                "[ns.x, ns.x]",
                "(ns.x, ns.x)",
                "{1: ns.x, 2: ns.x}",
                "dict(a=ns.x, b=ns.x)",
                "(ns.x+ns.x)|batch(4)|list",
            )
        ),
    ],
)
def test_no_template_takes_all_time_or_memory(template: str) -> None:
    """Small texts that ask for much end in a diagnostic."""
    assert mistake(template).code == "E0702"


@pytest.mark.parametrize(
    "template",
    [
        "{{ node._of }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ node.name.__class__ }}",
        "{{ node.__class__ }}",
        "{{ node['_of'] }}",
        "{{ node | attr('__class__') }}",
        "{{ ports.eth0 | attr('_lab') }}",
        "{{ ports.__init__.__globals__ }}",
        "{{ ports.eth0.address.__class__ }}",
        "{{ '{0.__class__}'.format(node) }}",
        "{{ '{0._lab}'.format(node) }}",
        "{{ lab.__init__.__globals__ }}",
        "{{ segments.values.__func__ }}",
        "{{ (ports | list)[0]._of }}",
        "{{ namespace.__init__.__globals__ }}",
        "{% include 'lab.net' %}",
        "{% import 'lab.net' as x %}",
        "{{ [].append(1) }}",
    ],
)
def test_nothing_of_a_template_gets_outside(template: str) -> None:
    """The sandbox refuses what leads to Python, to files, or changes the lab."""
    assert mistake(template).code == "E0702"


def test_a_mistake_in_the_template_of_many_nodes_is_said_once() -> None:
    """With how many nodes met it; endless ones are not tried again for each."""
    lab = LAB + 'for i in 1..9 { node c[i]: k { port eth0 on lan; config "t.j2" to "/etc/t" } }\n'
    for template in ("{{ node.adress }}", "{% for i in range(10**9) %}{% endfor %}", "{% if %}"):
        (found,) = compiled(lab, t_j2=template).diagnostics
        assert "and for 9 more nodes" in found.labels[0].message


def test_a_big_lab_allows_more_turns() -> None:
    """A spine of a hundred thousand ports loops over all of them, and over their addresses."""
    from labc.compiler.passes.configs.sandbox import TURNS, Engine, TemplateFault

    engine = Engine.make(frozenset())
    names = {"ports": ["x"] * (TURNS * 2)}
    assert len(engine.render("{% for port in ports %}{{ port }}{% endfor %}", names, TURNS * 3)) == TURNS * 2
    with pytest.raises(TemplateFault, match="more than 200,000 times"):
        engine.render("{% for port in ports %}{{ port }}{% endfor %}", names)


@pytest.mark.parametrize("template", ["{{ none }}", "{{ node.ports.items }}", "{{ [1] }}", "{{ [node] | map('upper') }}", "{{ '%s' % node.ports.items }}", "{{ '\\ud800' }}"])  # fmt: skip
def test_what_has_no_spelling_is_refused(template: str) -> None:
    """Nothing prints as Python would print it: that differs from run to run."""
    assert mistake(template).code == "E0702"


POLICY = """
zone trusted = inside
policy edge {
  trusted -> outside allow tcp/7 udp/6000..6010 icmp
  pc1 -> db allow tcp/5432
  inside -> db deny tcp
  outside -> 192.0.2.80 allow http
  otherwise deny
}
""".replace("deny tcp\n", "deny tcp/1..100\n")


def test_the_rule_sets_of_a_firewall(golden: Golden) -> None:
    """A firewall without rules of its own is given the lab's policies; one that translates, a table for it."""
    configs = sound(OFFICE + POLICY).nodes["node/fw"].configs  # type: ignore[index]  # an id
    golden("plan/office.nft", "\n".join(config.text for config in configs))


@pytest.mark.program("nft", "unshare")
@pytest.mark.root
def test_nft_loads_the_rule_sets() -> None:
    """The kernel takes both, in a namespace of their own."""
    configs = sound(OFFICE + POLICY).nodes["node/fw"].configs  # type: ignore[index]  # an id
    text = "".join(config.text for config in configs)
    loaded = subprocess.run(
        ["unshare", "-n", "nft", "-f", "-"], input=text, text=True, capture_output=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr


def test_silence_lets_through() -> None:
    """A policy without `otherwise` says nothing about the rest."""
    text = OFFICE + "policy p { outside -> web deny tcp/80 }\n"
    configs = {config.name: config.text for config in sound(text).nodes["node/fw"].configs}  # type: ignore[index]  # an id
    assert 'accept comment "otherwise"' in "".join(configs.values())


def test_a_lab_without_templates_imports_no_engine() -> None:
    """jinja2 and pydantic cost more than compiling a small lab does."""
    program = (
        "import sys; from tests.unit.compiler.compiling import compiled;"
        "made = compiled('lab x\\nimport std.linux\\nnode a: linux.host\\n');"
        "assert made.plan; print([name for name in ('jinja2', 'pydantic') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
