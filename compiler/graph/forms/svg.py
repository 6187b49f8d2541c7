"""The drawing as SVG: virtual red, physical blue, segments as pills, a tooltip on everything."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from ..picture import Picture
from ..place import PILL_HEIGHT, ROW_HEIGHT, TITLE_HEIGHT, Line, Pill, Place, Placed, place, text_width

_ZONES = ("#2e7d32", "#f9a825", "#6a1b9a", "#00838f", "#ef6c00", "#5d4037", "#9e9d24", "#455a64")
_LABELLED_LINKS = 12
STYLE = """
text{font-family:'DejaVu Sans','Segoe UI',Helvetica,Arial,sans-serif;fill:#263238}
.mono{font-family:'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:11px}
.name{font-size:14px;font-weight:700}
.kind{font-size:10px;fill:#78909c}
.node rect{stroke-width:1.6;rx:6}
.virtual .body{fill:#fff;stroke:#c62828}.virtual .head{fill:#fdecea;stroke:none}
.physical .body{fill:#fff;stroke:#1565c0}.physical .head{fill:#e3effc;stroke:none}
.wire{fill:none;stroke-width:1.4}
.wire.virtual{stroke:#d06b64}.wire.physical{stroke:#1565c0}.wire.tagged{stroke-dasharray:5 3}
.pill rect{fill:#eceff1;stroke:#607d8b;stroke-width:1.2;rx:11}
.pill.physical rect{fill:#e3effc;stroke:#1565c0}
.pill text{font-size:12px}.pill .strong{font-weight:700}
.dot.virtual{fill:#c62828}.dot.physical{fill:#1565c0}
.halo{paint-order:stroke;stroke:#fff;stroke-width:6px;font-size:11px}
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
        *_lines(placed),
        *(_pill(picture, pill) for pill in placed.pills),
        *(_dot(line) for line in placed.lines if not line.wire.is_link),
        *(_box(picture, each) for each in placed.boxes),
        *_link_words(placed),
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
        other = f"{wire.to.partition('/')[2]}{':' if wire.to_port else ''}{wire.to_port}"
        title = f"{wire.node.partition('/')[2]}:{wire.port} – {other} {wire.words}".strip()
        tagged = " tagged" if wire.tag is not None else ""
        yield (
            f'<path class="wire {_tone(wire.physical)}{tagged}" data-ends={quoteattr(f"{wire.node} {wire.to}")} '
            f'd="{_path(line)}"><title>{escape(title)}</title></path>'
        )


def _path(line: Line) -> str:
    points = [f"{x:.1f},{y:.1f}" for x, y in line.points]
    if line.curve:
        start, bow, end = points
        return f"M{start} Q{bow} {end}"
    return "M" + " L".join(points)


def _dot(line: Line) -> str:
    """Where a wire meets its segment, so that one that only passes by is told apart."""
    meeting = line.points[0] if len(line.points) == 3 else line.points[-1]
    return f'<circle class="dot {_tone(line.wire.physical)}" cx="{meeting[0]:.1f}" cy="{meeting[1]:.1f}" r="3"/>'


def _link_words(placed: Placed) -> Iterator[str]:
    links = [line for line in placed.lines if line.wire.is_link]
    if len(links) > _LABELLED_LINKS:
        return
    for line in links:
        (x1, y1), (x2, y2) = line.points[0], line.points[-1]
        x, y = (x1 + x2) / 2, (y1 + y2) / 2 + (26 if line.curve else 0)
        yield f'<text class="halo mono" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(line.wire.words)}</text>'


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
    rows = "".join(
        f'<text class="mono" x="{at.left + 10:.1f}" y="{at.top + TITLE_HEIGHT + 13 + index * ROW_HEIGHT:.1f}" '
        f'xml:space="preserve">{escape(row)}</text>'
        for index, row in enumerate(at.rows)
    )
    every_row = [f"{row.port} {row.text}".strip() for row in box.rows]
    return (
        f'<g class="node {_tone(box.physical)}" data-id={quoteattr(box.id)}>'
        f"<title>{escape(_told(f'{box.name} ({box.kind})', box.zones, every_row))}</title>"
        f'<rect class="head" x="{at.left:.1f}" y="{at.top:.1f}" width="{at.width:.1f}" height="{TITLE_HEIGHT}"/>'
        f'<text class="name" x="{at.x:.1f}" y="{at.top + 17:.1f}" text-anchor="middle">{escape(box.name)}</text>'
        f'<text class="kind" x="{at.x:.1f}" y="{at.top + 30:.1f}" text-anchor="middle">{escape(box.kind)}</text>'
        f"{rows}"
        f'<rect class="body" fill-opacity="0" x="{at.left:.1f}" y="{at.top:.1f}" width="{at.width:.1f}" '
        f'height="{at.height:.1f}"/>{_zone_marks(picture, box.zones, at.left + 9, at.top + 10)}</g>'
    )


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
