"""The engine's small protocol: what a backend must offer. One folder in backends/ each, none importing another.

`backends/NAME/backend.py` offers `connect(instance, lab, lock) -> Backend`; the name is the one that the plan's resources bear.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from ..compiler.plan.model import Resource
from .decide import Action, Fields, Observed, Wanted
from .errors import NotYet
from .instance import Instance


class Backend(Protocol):
    concurrency: int  # batches that it takes at once
    batch: int  # actions in a batch

    def want(self, resources: Sequence[Resource]) -> list[Wanted]:
        """The resources as fields that can be compared; `NotYet` for a construct that it cannot make."""

    def observe(self, wanted: Sequence[Wanted]) -> dict[str, Observed]:
        """What is there, by id: of the wanted, and all else that bears the instance's label. It may tell more fields than are
        wanted; a port's `leased` is the address that DHCP gave it."""

    def replaces(self, kind: str, before: Fields, after: Fields) -> Collection[str]:
        """The fields whose difference cannot be changed in place."""

    def remove(self, actions: Sequence[Action]) -> Mapping[str, str]:
        """Take away what `delete` and `replace` name; the errors by id. What is gone already is no error."""

    def make(self, actions: Sequence[Action]) -> Mapping[str, str]:
        """Make or change what `create`, `update` and `replace` name, none of which needs another; the errors by id."""

    def wait(self, wanted: Sequence[Wanted]) -> Mapping[str, str]:
        """Return when all is ready to use; by id what is not."""

    def destroy(self) -> bool:
        """Take the whole instance away; false when nothing was there."""

    def close(self) -> None: ...


_PLANNED_ONLY = (
    "it plans real gear and labs on several hosts, and does not make them yet; or the plan was made for a newer labc"
)


def connect(name: str, instance: Instance, lab: str, lock: int | None) -> Backend:
    """`lock` is the writer's descriptor, for the process that acts to inherit; without one nothing may be changed."""
    path = f"{__package__}.backends.{name}.backend"
    try:
        module: Any = importlib.import_module(path)  # Any: found by name
    except ModuleNotFoundError as error:
        if error.name is not None and path.startswith(error.name):
            raise NotYet(f"this labc has no backend {name!r} yet", _PLANNED_ONLY) from None
        raise
    backend: Backend = module.connect(instance, lab, lock)
    return backend
