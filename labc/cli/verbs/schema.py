"""Print the JSON Schema of a lab, a site, a plan or a comparison."""

from __future__ import annotations

import click

from ..exits import Exit
from ..talk import result


@click.command()
@click.argument("which", type=click.Choice(["lab", "plan", "site", "diff"]))
def command(which: str) -> int:
    """Print the JSON Schema (draft 2020-12) of lab.yaml, of a site file in YAML, of a plan, or of what `labc diff --format json`
    prints, for editors and tools."""
    import orjson

    result(orjson.dumps(_schema(which), option=orjson.OPT_INDENT_2).decode())
    return Exit.DONE


def _schema(which: str) -> dict[str, object]:
    if which == "plan":
        from ...compiler.plan.document import plan_schema

        return plan_schema()
    if which == "diff":
        import msgspec

        from ...compiler.diff.changes import Difference

        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Difference)}
    from ...compiler.syntax.schema import schema

    return schema(which)
