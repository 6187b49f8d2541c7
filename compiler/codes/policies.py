"""Codes of policies and tests as designs, E0621 to W0631: rules that never decide, zones of nobody, tests of nothing."""

from .model import Code

_TWO_SIDES = """lab sample
import std.linux
segment inside 10.1.0.0/24
segment outside 10.2.0.0/24
node r: linux.router { port a on inside; port b on outside }
node pc: linux.host { port eth0 on inside; gateway r }
node web: linux.host { port eth0 on outside; gateway r }
"""

CODES = [
    Code(
        code="E0621",
        title="a rule that contradicts an earlier one",
        story="""The first rule that matches a packet decides. An earlier rule with the other action matches everything that this one does, so it
never decides anything: either it stands in the wrong place, or one of the two is not meant.""",
        example=_TWO_SIDES
        + "policy p {\n  inside -> outside allow any\n  pc -> web deny tcp/80\n  otherwise deny\n}\n",
    ),
    Code(
        code="W0622",
        title="a rule that adds nothing",
        story="An earlier rule with the same action already matches everything that this one does.",
        example=_TWO_SIDES + "policy p {\n  inside -> outside allow any\n  pc -> web allow tcp/80\n}\n",
    ),
    Code(
        code="E0624",
        title="two policies that contradict each other",
        story="""Both policies are tested, and each is right only when the other is wrong: all that this rule decides is decided the other way by a
rule of another policy.""",
        example=_TWO_SIDES
        + "policy one { inside -> outside allow tcp/80 }\npolicy two { inside -> outside deny tcp/80 }\n",
    ),
    Code(
        code="E0625",
        title="a zone or group without members",
        story="""A policy or test about it would check nothing and pass. Most often a loop or a pattern (`pc[*]`) found no element.""",
        example=_TWO_SIDES + "zone world = []\n",
    ),
    Code(
        code="W0626",
        title="a rule about nobody",
        story="""No port with an address belongs to one end of the rule, so no packet can match it and no test comes of it.""",
        example=_TWO_SIDES + "segment empty 10.3.0.0/24\npolicy p { empty -> web allow tcp/80 }\n",
    ),
    Code(
        code="E0627",
        title="a test that checks nothing",
        story="""Without an `expect`, a test passes whatever the lab does. That is worse than no test, since somebody relies on it.""",
        example=_TWO_SIDES + 'test "the web is there" { send pc -> web tcp/80 }\n',
    ),
    Code(
        code="W0628",
        title="nothing looks at a background flow",
        story="""A `ping` or `stream` runs until the test's end and is measured all the while, but no `expect` after it asks for its loss, its outage
or whether it is alive.""",
        example=_TWO_SIDES + 'test "t" {\n  ping pc -> web\n  expect pc -> web icmp\n}\n',
    ),
    Code(
        code="E0629",
        title="a check on a flow that does not run",
        story="""`outage`, `loss`, `alive`, `sent` and `received` are measured on a flow that started earlier in the test: the one with the label
that the check names, or the last one.""",
        example=_TWO_SIDES + 'test "t" { expect outage < 5s }\n',
    ),
    Code(
        code="W0630",
        title="a policy that says nothing",
        story="""It has no rule and no `otherwise`, so it allows nothing, denies nothing and makes no test.""",
        example=_TWO_SIDES + "policy p { }\n",
    ),
    Code(
        code="W0631",
        title="healing what was not cut",
        story="""`heal` ends a `cut` and `start` ends a `stop` of the same port, link, node or service, earlier in the test. Here there was none: most
often the two names differ by a slip.""",
        example=_TWO_SIDES + 'test "t" {\n  heal r:a\n  expect pc -> web icmp\n}\n',
    ),
]
