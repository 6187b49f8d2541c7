"""The drawing as one HTML page that needs nothing else: drag, zoom, search, and a node's details beside it."""

from __future__ import annotations

from html import escape
from pathlib import Path

import orjson

from ..picture import Picture
from ..place import place
from .svg import svg

_PAGE = Path(__file__).with_name("page.html")


def write(picture: Picture) -> str:
    """`page.html` with the drawing and the details put in. `<` is escaped in the data, so that no name can end the script."""
    details: dict[str, dict[str, object]] = {
        **{box.id: box.details | {"zones": box.zones} for box in picture.boxes.values()},
        **{
            bar.id: {"name": bar.name, "kind": "segment", "words": bar.words, "zones": bar.zones}
            for bar in picture.bars.values()
        },
    }
    data = (
        orjson.dumps(details).decode().replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )
    page = _PAGE.read_text(encoding="utf-8")
    parts = {"@NAME@": escape(picture.name), "@SVG@": svg(picture, place(picture)), "@DATA@": data}
    head, *pieces = page.split("@@")
    return head + "".join(parts.get(f"@{piece}@", piece) for piece in pieces)
