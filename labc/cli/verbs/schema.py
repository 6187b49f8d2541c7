"""Print the JSON Schema of a lab, a site or a plan."""

from __future__ import annotations

import click

from ..exits import Exit
from ..talk import result


@click.command()
@click.argument("which", type=click.Choice(["lab", "plan", "site"]))
def command(which: str) -> int:
    """Print the JSON Schema (draft 2020-12) of lab.yaml, of a site file in YAML, or of a plan, for editors and tools."""
    import orjson

    result(orjson.dumps(_schema(which), option=orjson.OPT_INDENT_2).decode())
    return Exit.DONE


def _schema(which: str) -> dict[str, object]:
    if which == "plan":
        from ...compiler.plan.document import plan_schema

        return plan_schema()
    from ...compiler.syntax.schema import schema

    return schema(which)
