"""The JSON Schema of the YAML spelling.

Enters: nothing. Leaves: a schema of draft 2020-12 as plain dicts. Called by `labc schema lab`.
"""

from __future__ import annotations

from typing import Any  # JSON

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(which: str) -> dict[str, Any]:
    """What editors and validators know of a `lab.yaml` (`lab`) and of a site file (`site`). Raises KeyError for other words."""
    from .yaml_model import Lab  # pydantic would slow the start of every other command
    from .yaml_model_site import Site

    title = {"lab": "labc lab", "site": "labc site"}[which]
    made = (Lab if which == "lab" else Site).model_json_schema(by_alias=True, mode="validation")
    return {"$schema": DIALECT, **_tidied(made), "title": title}


def _tidied(value: Any) -> Any:
    """Without pydantic's titles, which repeat the keys, and without its defaults, all of them null or false."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: {name: _tidied(item) for name, item in part.items()} if key in ("properties", "$defs") else _tidied(part)
        for key, part in value.items()
        if not (key == "title" and isinstance(part, str)) and key != "default"
    }
