"""Codes of the YAML spelling, E0150 to E0169."""

from .model import Code

_WHY = "it concerns the YAML spelling; docs/yaml.md shows what is right"

CODES = [
    Code(
        code="E0150",
        title="this is no YAML",
        story="""The file breaks YAML's own rules: a tab in the indentation, a bracket that is not closed, a `: ` inside a plain text, a
line that stands further left or right than its neighbours, or bytes that are not UTF-8. What stands before the mistake is checked all the
same; what comes behind it is not, since YAML gives no place to go on from. Texts with `: `, ` #`, or one of `[]{},&*!|>'"%@` at their
beginning stand in quotes.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0151",
        title="an unknown key",
        story="""Every key of the YAML spelling is known, so that a mistyped one is found here and not in the running lab. Fields of kinds,
hosts and devices that have no key of their own stand under `set:`

    nodes:
      fw: {kind: vendor.firewall, set: {licence: '"trial"'}}""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0152",
        title="a value of the wrong shape",
        story="""YAML knows single values, lists and mappings, and one of them stands where another belongs. Sections such as `nodes`,
`segments` and `zones` are mappings by name; `links`, `routes`, `tests` and `rules` are lists. Where a list may stand, its only item may
stand alone.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0153",
        title="a key stands twice",
        story="""In YAML a key stands once in a mapping, and most readers silently keep the last one. labc does not guess which of the two
was meant. To add to a section in two places, make it a list of mappings:

    nodes:
      - web: {kind: linux.host}
      - db: {kind: linux.host}""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0154",
        title="a key is missing",
        story="""Something was said by half: a route without a prefix, a link without its ends, a rule that neither allows nor denies.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0155",
        title="a YAML tag",
        story="""Tags such as `!!str` or `!secret` mean nothing in a lab: what a value is follows from where it stands. A text in the place
of an expression is written with quotes of its own, `'"10"'`; a secret is `secret("env:NAME")`.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0156",
        title="an alias that leads nowhere, or too far",
        story="""An alias `*name` repeats what stands behind the anchor `&name` earlier in the file. Here there is no such anchor, the alias
stands inside what it repeats, or aliases of aliases unfold to more than two million values. Loops (`for`) and kinds say the same in the
language itself, and diagnostics then show which turn of the loop they mean.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0157",
        title="several YAML documents in one file",
        story="""A line `---` begins a new document. A lab, a module and a site file are one document each; put the others into files of
their own and name them under `import:`.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0158",
        title="a brace that is never closed",
        story="""In names, titles and paths `{EXPRESSION}` stands for its value: `pc{i}`. A brace that is only text is written `\\{`.""",
        example="",
        why_no_example=_WHY,
    ),
    Code(
        code="E0159",
        title="a value is missing",
        story="""A key stands there with nothing behind it, which YAML reads as null. A node, port or segment may be empty; a value, such as
that of `mtu`, may not. Write one, or remove the key.""",
        example="",
        why_no_example=_WHY,
    ),
]
