"""How a probe talks to a service, one application a file, named as the service.

A module has `talk(reader, writer, fields) -> text` for TCP and, for UDP, `question(fields) -> bytes` and
`heard(question, data, fields) -> text`, None for data that is no answer to it. `fields` are the service's.
`Wrong` tells of an answer that is wrong.
"""

from __future__ import annotations

import importlib
from types import ModuleType


class Wrong(Exception):  # noqa: N818 - what an answer is
    """An answer came, and it is the wrong one."""


def speaker(application: str | None, protocol: str) -> ModuleType:
    """The module that speaks it; `plain` for an unknown one, or one that does not speak this protocol."""
    needed = "talk" if protocol == "tcp" else "question"
    if application and application.isidentifier():
        name = f"{__package__}.{application}"
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name != name:
                raise
        else:
            if hasattr(module, needed):
                return module
    from . import plain

    return plain
