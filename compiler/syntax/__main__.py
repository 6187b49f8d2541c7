"""Makes tables.json anew after a change of the grammar: `python -m labc.compiler.syntax`."""

from __future__ import annotations

import json

from .tables import GRAMMAR, TABLES, build

TABLES.write_text(json.dumps(build(GRAMMAR.read_bytes()), separators=(",", ":")) + "\n")
