"""What the probes need of the backend that made the lab, and nothing more: to stand somewhere, and to disturb.

`on_netns.py` is the one of the netns backend; tests bring their own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from .cases import End

# Stand in a namespace for the time of a `with`.
Place = Callable[[], AbstractContextManager[object]]


class Ground(Protocol):
    """Blocking calls, each of a millisecond or so. Nodes are bare names, ports and links whole ids."""

    def network(self, node: str) -> AbstractContextManager[object]:
        """Stand in a node's network namespace. Raises OSError where there is none."""
        ...

    def beside(self, end: End) -> AbstractContextManager[Place]:
        """Make a namespace on the segment of the end's port for the time of a `with`; its value stands in it when called.

        Where the end has the node's own address, it has all of that port's, and its MAC, and the node is unplugged meanwhile:
        one such place a port at a time. Raises OSError, CaseError.
        """
        ...

    def cut(self, target: str) -> None:
        """Take a port or link down. Raises OSError, CaseError."""

    def heal(self, target: str) -> None:
        """Bring it up again."""

    def stop(self, target: str) -> None:
        """Stop a node or a service (`service/NODE/NAME`)."""

    def start(self, target: str) -> None:
        """Start it again."""

    def state(self, target: str) -> str:
        """What it is now: up, down (ports, links, nodes), running, stopped (services)."""
        ...

    def heal_all(self) -> list[str]:
        """Undo all that was cut or stopped and not healed, also by a run that was killed; gives what."""
        ...

    def tracing(self, node: str, *, on: bool) -> None:
        """Say that a table of ours is, or is no more, in a node, so that a killed run's can be found."""
