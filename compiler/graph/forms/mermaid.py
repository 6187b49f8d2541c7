"""The drawing for Mermaid, as Markdown pages of GitHub and GitLab show it: https://mermaid.js.org/syntax/flowchart.html."""

from __future__ import annotations

from ..picture import Bar, Picture


def write(picture: Picture) -> str:
    """A flowchart from top to bottom. Mermaid's own ids are numbers, since a lab's names may be any text."""
    ids = {name: f"n{number}" for number, name in enumerate((*picture.boxes, *picture.bars))}
    lines = ["flowchart TB"]
    for box in picture.boxes.values():
        tone = "physical" if box.physical else "virtual"
        lines.append(f'  {ids[box.id]}["{_text(box.name)}<br><small>{_text(box.kind)}</small>"]:::{tone}')
    lines += [f"  {ids[bar.id]}([{_label(bar)}]):::segment" for bar in picture.bars.values()]
    for wire in picture.wires:
        words = f"{wire.port} {wire.words}" if not wire.is_link else f"{wire.port} {wire.words} {wire.to_port}"
        lines.append(f'  {ids[wire.node]} ---|"{_text(words.strip())}"| {ids[wire.to]}')
    lines += [
        "  classDef virtual fill:#fdecea,stroke:#c62828,color:#263238",
        "  classDef physical fill:#e3effc,stroke:#1565c0,color:#263238",
        "  classDef segment fill:#eceff1,stroke:#607d8b,color:#263238",
    ]
    return "\n".join(lines) + "\n"


def _label(bar: Bar) -> str:
    return '"' + "<br>".join(map(_text, [bar.name, *bar.words])) + '"'


def _text(text: str) -> str:
    """Mermaid's entities: `#quot;` and so on; the `#` itself first."""
    for character, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;"), ("\n", " ")):
        text = text.replace(character, entity)
    return text
