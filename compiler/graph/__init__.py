"""Drawings of a lab: SVG, an HTML page, Graphviz's dot, Mermaid.

Enters: a compiled lab. Leaves: text. Called by `labc graph` and `labc build --emit graph`. Virtual is red, physical is blue.
`picture.py` says what is drawn, `layers.py` and `place.py` where, `forms/` how it is written; a new form is a new file there.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from ..ir.lab import Lab
from . import forms
from .picture import picture_of

FORMS = tuple(sorted(module.name for module in iter_modules(forms.__path__)))


def draw(lab: Lab, form: str) -> str:
    """The lab in one of `FORMS`; the same lab gives the same bytes."""
    text: str = import_module(f".forms.{form}", __package__).write(picture_of(lab))
    return text
