"""What every test may use: golden files, and markers that say what a test needs of the machine."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Properties are about answers: how long one takes depends on what else the machine does.
settings.register_profile("labc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("labc")

GOLDEN = Path(__file__).parent / "golden"

Golden = Callable[[str, "str | bytes"], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew; read the diff in review"
    )


def pytest_configure() -> None:
    """A shell that starts us in the background has us ignore Ctrl-C, and so would all that the tests start."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with the reason printed, what this machine cannot run."""
    if item.get_closest_marker("root") and os.geteuid() != 0:
        pytest.skip("needs root")
    for marker in item.iter_markers("program"):
        for program in marker.args:
            if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
                pytest.skip(f"needs the program {program}")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """`golden("passes/segments/bridge.txt", text)`: the text equals the file under tests/golden, byte for byte.

    `pytest --update-golden` writes the file instead.
    """

    def check(name: str, text: str | bytes) -> None:
        path = GOLDEN / name
        data = text.encode() if isinstance(text, str) else text
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            return
        assert path.exists(), f"tests/golden/{name} is missing: pytest --update-golden writes it"
        expected = path.read_bytes()
        if isinstance(text, str):
            assert text == expected.decode()
        assert data == expected

    return check
