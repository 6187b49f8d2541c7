"""What a user sees of a mistake of ours: three lines and a file to send."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback

from .streams import complain


def report(error: Exception) -> None:
    """Keep the traceback in a file of its own and say where it is."""
    complain(f"this is a bug in labc: {type(error).__name__}: {error}")
    text = "".join(traceback.format_exception(error))
    about = f"labc {version()}, Python {platform.python_version()}, {platform.platform()}\n{sys.argv}\n\n"
    with tempfile.NamedTemporaryFile("w", prefix="labc-bug-", suffix=".txt", delete=False, encoding="utf-8") as file:
        file.write(about + text)
    complain(f"please report it with the lab that shows it and the file {file.name}")


def version() -> str:
    """The package's version; a checkout that was never installed has none."""
    from importlib import metadata

    try:
        return metadata.version("labc")
    except metadata.PackageNotFoundError:
        return "(not installed)"
