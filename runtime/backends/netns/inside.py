"""The worker: acts inside the holder for a client, one JSON line a request, one JSON line an answer.

    {"do": "key"}                         → {"key": hex}: with it texts are hashed
    {"do": "look"}                        → facts (facts.py), and what the services' process lists
    {"do": "remove", "actions": […]}      → {"errors": {id: text}}
    {"do": "make", "actions": […]}        → {"errors": {id: text}}
    {"do": "prepare"}                     → {}: there is much to make, so what encodes it is loaded while the client decides
    {"do": "warm"}                        → {}: the services' process starts in the background
    {"do": "settle", "ports": [ids]}      → {"errors": {…}}: when these have their leases

Ends when its client does: its standard input closes. Run by `backend.py` through `enter.inside`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

from . import messages, records
from .facts import Known, look
from .making import make
from .removing import remove
from .service_control import ServiceControl

Said = dict[str, Any]  # Any: JSON


class Worker:
    __slots__ = ("_control", "_known")

    def __init__(self) -> None:
        self._known = Known()
        self._control = ServiceControl()

    def answer(self, request: Said) -> Said:
        verb: Callable[[Said], Said] = getattr(self, f"_do_{request['do']}")
        return verb(request)

    def _do_key(self, request: Said) -> Said:
        return {"key": records.key().hex()}

    def _do_look(self, request: Said) -> Said:
        listed = self._control.listed()
        return {**look(self._known), "services": listed["services"], "leases": listed["leases"]}

    def _do_prepare(self, request: Said) -> Said:
        messages.prepare()
        return {}

    def _do_remove(self, request: Said) -> Said:
        return {"errors": remove(request["actions"], self._known, self._control)}

    def _do_make(self, request: Said) -> Said:
        return {"errors": make(request["actions"], self._known, self._control)}

    def _do_warm(self, request: Said) -> Said:
        self._control.warm()
        return {}

    def _do_settle(self, request: Said) -> Said:
        try:
            self._control.settle(request["ports"])
        except OSError as error:
            return {"errors": dict.fromkeys(request["ports"], str(error))}
        return {"errors": {}}


def _answered(worker: Worker, line: bytes) -> Said:
    """What no action answers for, such as a kernel out of memory or a lab that vanishes meanwhile, stops the run and says so."""
    try:
        return worker.answer(json.loads(line))
    except OSError as error:
        return {"broken": f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)}


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    worker = Worker()
    try:
        for line in sys.stdin.buffer:
            sys.stdout.write(json.dumps(_answered(worker, line), separators=(",", ":")) + "\n")
            sys.stdout.flush()
    except BrokenPipeError:
        os._exit(0)  # the client has gone, and so do we, without a word


if __name__ == "__main__":
    main()
