"""The drawing as SVG: virtual red, physical blue, segments as pills, a tooltip on everything."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from ..paper import PILL_HEIGHT, ROW_HEIGHT, TITLE_HEIGHT, Label, Line, Pill, Place, Placed
from ..picture import Box, Picture
from ..place import place
from ..sizes import text_width

_ZONES = ("#2e7d32", "#f9a825", "#6a1b9a", "#00838f", "#ef6c00", "#5d4037", "#9e9d24", "#455a64")
STYLE = """
text{font-family:'DejaVu Sans','Segoe UI',Helvetica,Arial,sans-serif;fill:#263238}
.mono{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:11px}
.name{font-size:14px;font-weight:700}
.kind{font-size:10px;fill:#78909c}
.node rect{stroke-width:1.6;rx:6}
.virtual .body{fill:#fff;stroke:#c62828}.virtual .head{fill:#fdecea;stroke:none}
.physical .body{fill:#fff;stroke:#1565c0}.physical .head{fill:#e3effc;stroke:none}
.virtual .line{fill:#fdecea;stroke:#c62828}.physical .line{fill:#e3effc;stroke:#1565c0}.node .line{stroke-width:1;rx:4}
.wire{fill:none;stroke-width:1.4}
.wire.virtual{stroke:#d06b64}.wire.physical{stroke:#1565c0}.wire.tagged{stroke-dasharray:5 3}
.pill rect{fill:#eceff1;stroke:#607d8b;stroke-width:1.2;rx:11}
.pill.physical rect{fill:#e3effc;stroke:#1565c0}
.pill text{font-size:12px}.pill .strong{font-weight:700}
.trunk{stroke:#607d8b;stroke-width:2}
.dot.virtual{fill:#c62828}.dot.physical{fill:#1565c0}
.label rect{fill:#fff}.label text{fill:#37474f}.port{font-size:9px;fill:#607d8b}
.compact{font-size:11px;font-weight:700}
.zone{font-size:10px}
""".strip()


def write(picture: Picture) -> str:
    """A whole SVG file."""
    placed = place(picture)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg(picture, placed)}\n'


def svg(picture: Picture, placed: Placed) -> str:
    """The `<svg>` element, which the HTML page holds as well."""
    legend = list(_legend(picture, placed))
    width = max(placed.width, _legend_width(picture))
    height = placed.height + 40
    parts = [
        _opening(picture.name, width, height),
        f"<title>{escape(picture.name)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
        '<g class="wires">',
        *_lines(placed),
        "</g>",
        *(_pill(picture, pill) for pill in placed.pills),
        *_dots(placed),
        *(_box(picture, each) for each in placed.boxes),
        *map(_label, placed.labels),
        *legend,
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


def _opening(name: str, width: float, height: float) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label={quoteattr(f"network {name}")}>'


def zone_colour(picture: Picture, zone: str) -> str:
    return _ZONES[picture.zones.index(zone) % len(_ZONES)]


def _tone(physical: bool) -> str:
    return "physical" if physical else "virtual"


def _lines(placed: Placed) -> Iterator[str]:
    for line in placed.lines:
        wire = line.wire
        if wire is None:
            yield f'<path class="wire trunk" data-ends={quoteattr(f"{line.to} {line.to}")} d="{_path(line)}"/>'
            continue
        other = f"{wire.to.partition('/')[2]}{':' if wire.to_port else ''}{wire.to_port}"
        title = f"{wire.node.partition('/')[2]}:{wire.port} – {other} {wire.words}".strip()
        tagged = " tagged" if wire.tag is not None else ""
        yield (
            f'<path class="wire {_tone(wire.physical)}{tagged}" data-ends={quoteattr(f"{wire.node} {wire.to}")} '
            f'd="{_path(line)}"><title>{escape(title)}</title></path>'
        )


def _path(line: Line) -> str:
    return "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in line.points)


def _dots(placed: Placed) -> Iterator[str]:
    """Where a wire meets its segment, so that one that only passes by is told apart."""
    met: dict[tuple[float, float], bool] = {}
    for line in placed.lines:
        if line.dot and line.wire:
            met[line.dot] = met.get(line.dot, True) and line.wire.physical
    for (x, y), physical in met.items():
        yield f'<circle class="dot {_tone(physical)}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def _label(label: Label) -> str:
    """A link's prefix breaks its line; a port's name stands beside it."""
    left, top, right, bottom = label.rectangle
    if label.about == "port":
        return f'<text class="mono port" x="{left + 1:.1f}" y="{label.y + 3.5:.1f}">{escape(label.text)}</text>'
    return (
        f'<g class="label"><rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"/>'
        f'<text class="mono" x="{label.x:.1f}" y="{label.y + 4:.1f}" text-anchor="middle">{escape(label.text)}</text></g>'
    )


def _pill(picture: Picture, pill: Pill) -> str:
    bar = picture.bars[pill.id]
    width = pill.right - pill.left
    words = f'<tspan class="strong">{escape(bar.name)}</tspan>  {escape("  ".join(bar.words))}'
    return (
        f'<g class="pill {_tone(bar.physical) if bar.physical else ""}" data-id={quoteattr(pill.id)}>'
        f"<title>{escape(_told(bar.name, bar.zones, bar.words))}</title>"
        f'<rect x="{pill.left:.1f}" y="{pill.y:.1f}" width="{width:.1f}" height="{PILL_HEIGHT}"/>'
        f'<text x="{pill.left + width / 2:.1f}" y="{pill.y + 15.5:.1f}" text-anchor="middle">{words}</text>'
        f"{_zone_marks(picture, bar.zones, pill.left + 10, pill.y + PILL_HEIGHT / 2)}</g>"
    )


def _told(name: str, zones: list[str], words: list[str]) -> str:
    return "\n".join([name, *words, *(f"zone {zone}" for zone in zones)])


def _zone_marks(picture: Picture, zones: list[str], x: float, y: float) -> str:
    return "".join(
        f'<circle cx="{x + 9 * index:.1f}" cy="{y:.1f}" r="4" fill="{zone_colour(picture, zone)}">'
        f"<title>zone {escape(zone)}</title></circle>"
        for index, zone in enumerate(zones)
    )


def _box(picture: Picture, at: Place) -> str:
    box = at.box
    if at.compact:
        return _compact_box(picture, at)
    rows = "".join(
        f'<text class="mono" x="{at.left + 10:.1f}" y="{at.top + TITLE_HEIGHT + 13 + index * ROW_HEIGHT:.1f}" '
        f'xml:space="preserve">{escape(row)}</text>'
        for index, row in enumerate(at.rows)
    )
    return (
        f"{_opening_of(box)}"
        f'<rect class="head" x="{at.left:.1f}" y="{at.top:.1f}" width="{at.width:.1f}" height="{TITLE_HEIGHT}"/>'
        f'<text class="name" x="{at.x:.1f}" y="{at.top + 17:.1f}" text-anchor="middle">{escape(box.name)}</text>'
        f'<text class="kind" x="{at.x:.1f}" y="{at.top + 30:.1f}" text-anchor="middle">{escape(box.kind)}</text>'
        f"{rows}"
        f'<rect class="body" fill-opacity="0" x="{at.left:.1f}" y="{at.top:.1f}" width="{at.width:.1f}" '
        f'height="{at.height:.1f}"/>{_zone_marks(picture, box.zones, at.left + 9, at.top + 10)}</g>'
    )


def _compact_box(picture: Picture, at: Place) -> str:
    """A host in a big stack: one line, the rest in its tooltip."""
    words, marks = " ".join(at.rows), 9 * len(at.box.zones)
    middle = at.top + at.height / 2
    return (
        f"{_opening_of(at.box)}"
        f'<rect class="body line" x="{at.left:.1f}" y="{at.top:.1f}" width="{at.width:.1f}" height="{at.height:.1f}"/>'
        f'<text class="compact" x="{at.left + 8 + marks:.1f}" y="{middle + 4:.1f}">{escape(at.box.name)}</text>'
        f'<text class="mono" x="{at.right - 8:.1f}" y="{middle + 4:.1f}" text-anchor="end">{escape(words)}</text>'
        f"{_zone_marks(picture, at.box.zones, at.left + 8, middle)}</g>"
    )


def _opening_of(box: Box) -> str:
    """A node's group, with everything about it in its tooltip."""
    every_row = [f"{row.port} {row.text}".strip() for row in box.rows]
    told = escape(_told(f"{box.name} ({box.kind})", box.zones, every_row))
    return f'<g class="node {_tone(box.physical)}" data-id={quoteattr(box.id)}><title>{told}</title>'


def _legend_entries(picture: Picture) -> list[tuple[str, str]]:
    entries = [("virtual", "#c62828"), ("physical", "#1565c0")]
    return entries + [(f"zone {zone}", zone_colour(picture, zone)) for zone in picture.zones]


def _legend_width(picture: Picture) -> float:
    return 60 + sum(text_width(word, 11) + 34 for word, _ in _legend_entries(picture))


def _legend(picture: Picture, placed: Placed) -> Iterator[str]:
    x, y = 30.0, placed.height + 18
    for word, colour in _legend_entries(picture):
        shape = (
            f'<circle cx="{x + 5:.1f}" cy="{y - 4:.1f}" r="5" fill="{colour}"/>'
            if word.startswith("zone ")
            else f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="12" height="12" rx="3" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        yield f'{shape}<text x="{x + 18:.1f}" y="{y:.1f}" font-size="11">{escape(word)}</text>'
        x += text_width(word, 11) + 34
