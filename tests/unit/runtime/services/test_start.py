"""What the services' process loads: it must start at once and stay small."""

from __future__ import annotations

import subprocess
import sys

_HEAVY = ("dns", "cryptography", "asyncssh", "pyroute2", "pydantic", "ssl")


def test_nothing_heavy_is_loaded_before_it_is_served() -> None:
    """The process starts without the libraries of services that nobody asked for."""
    program = (
        "import sys, labc.runtime.services.__main__, labc.runtime.services.protocols.http\n"
        f"print([name for name in {_HEAVY} if name in sys.modules and name != 'ssl'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
