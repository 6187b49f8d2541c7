"""The drawing for Graphviz: https://graphviz.org/doc/info/lang.html."""

from __future__ import annotations

from ..picture import Bar, Box, Picture, Wire

_RED, _BLUE = "#c62828", "#1565c0"


def write(picture: Picture) -> str:
    """An undirected graph; segments are ovals, links are edges between nodes."""
    lines = [
        f"graph {_quoted(picture.name)} {{",
        '  graph [overlap=false, splines=true, fontname="Helvetica"];',
        '  node [fontname="Helvetica", fontsize=11];',
        '  edge [fontname="Helvetica", fontsize=9];',
        *(_box(box) for box in picture.boxes.values()),
        *(_bar(bar) for bar in picture.bars.values()),
        *(_wire(wire) for wire in picture.wires),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A string of dot, in which a line break is written as an escape."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _colour(physical: bool) -> str:
    return _BLUE if physical else _RED


def _box(box: Box) -> str:
    label = f"{box.name}\n{box.kind}"
    return f'  {_quoted(box.id)} [shape=box, style=rounded, color="{_colour(box.physical)}", label={_quoted(label)}];'


def _bar(bar: Bar) -> str:
    label = "\n".join([bar.name, *bar.words])
    return (
        f'  {_quoted(bar.id)} [shape=oval, style=filled, fillcolor="#eceff1", color="#607d8b", label={_quoted(label)}];'
    )


def _wire(wire: Wire) -> str:
    near = f"{wire.port}\n{wire.words}".strip() if not wire.is_link else wire.port
    marks = [f'color="{_colour(wire.physical)}"', f"taillabel={_quoted(near)}"]
    if wire.is_link:
        marks += [f"headlabel={_quoted(wire.to_port)}", f"label={_quoted(wire.words)}"]
    if wire.tag is not None:
        marks.append("style=dashed")
    return f"  {_quoted(wire.node)} -- {_quoted(wire.to)} [{', '.join(marks)}];"
