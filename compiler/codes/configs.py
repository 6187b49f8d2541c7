"""E07xx: configurations that templates could not give."""

from __future__ import annotations

from .model import Code

_WHY = "needs a template beside the lab"

CODES = [
    Code(
        code="E0701",
        title="a template that cannot be read",
        story="""Templates are written in Jinja (https://jinja.palletsprojects.com). This one has a mistake of syntax on the
line shown: a `{% for %}` without its `{% endfor %}`, a `{{` without `}}`, a filter or test that does not exist.

Templates cannot include or extend other files.
""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0702",
        title="a template that cannot be rendered",
        story="""While the template was filled in for the node named, the line shown asked for something that does not exist
or is not allowed: a name that nothing has, an attribute that the value lacks, the empty value, more than 200,000 turns
of loops (a big lab allows eight for each of its things), or a text of more than 64 MiB. A hole in a configuration would be worse than none, so labc stops here.

A template sees `node`, `ports`, `fields`, `routes`, `nat`, `napt`, `services`, `filtering` and `translations` of its node, and `nodes`,
`segments`, `zones`, `policies`, `lab` and `parameters` of the lab: `{{ ports.lan.address }}`, `{{ segments.dmz.prefix | host(5) }}`,
`{{ parameters.clients }}`; docs/templates.md lists all that these have. Use `{{ value | default("x") }}` or `{% if value is defined %}` for what may be missing.
""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="W0703",
        title="a rule set that nobody loads",
        story="""The template's text is a rule set of nftables, but its name is that of a plain file. Only templates whose names end
in `.nft` or `.nft.j2` are loaded; others become files in the node. A firewall would then filter by the rules that its kind makes from
the lab's policies, and all its tests would pass for rules that nobody wrote down.
""",
        example="",
        why_no_example=_WHY,
    ),
]
