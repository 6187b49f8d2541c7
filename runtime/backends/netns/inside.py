"""The worker: acts inside the holder for a client, one JSON line a request, one JSON line an answer.

    {"do": "key"}                         → {"key": hex}: with it texts are hashed
    {"do": "look"}                        → facts (facts.py), nodes in parts, and what the services' process lists
    {"do": "remove", "actions": […]}      → {"errors": {id: text}}
    {"do": "make", "actions": […]}        → {"errors": {id: text}}
    {"do": "prepare"}                     → {}: there is much to make, so what encodes it is loaded while the client decides
    {"do": "warm"}                        → {}: the services' process starts in the background
    {"do": "settle", "ports": [ids]}      → {"errors": {…}}: when these have their leases

Ends when its client does: its standard input closes. Run by `backend.py` through `enter.worker`.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import IO, Any

import orjson

from . import messages, records
from .facts import Known, Sight, look
from .making import make
from .removing import remove
from .service_control import ServiceControl

Said = dict[str, Any]  # Any: JSON


class Worker:
    __slots__ = ("_control", "_known", "_sight")

    def __init__(self) -> None:
        self._known: Known | None = None
        self._sight = Sight([], ())
        self._control = ServiceControl()

    def answer(self, request: Said) -> Said:
        verb: Callable[[Said], Said] = getattr(self, f"_do_{request['do']}")
        return verb(request)

    def known(self) -> Known:
        """What the last look saw, taken apart when there is something to do."""
        if self._known is None:
            self._known = Known.of(self._sight)
        return self._known

    def _do_key(self, request: Said) -> Said:
        return {"key": records.key().hex()}

    def _do_look(self, request: Said) -> Said:
        listed = self._control.listed()
        self._sight, self._known = look(), None
        parts = [orjson.Fragment(part) for part in self._sight.nodes]
        return {
            "fabric": self._sight.fabric,
            "nodes": parts,
            "services": listed["services"],
            "leases": listed["leases"],
        }

    def _do_prepare(self, request: Said) -> Said:
        messages.prepare()
        return {}

    def _do_remove(self, request: Said) -> Said:
        return {"errors": remove(request["actions"], self.known(), self._control)}

    def _do_make(self, request: Said) -> Said:
        return {"errors": make(request["actions"], self.known(), self._control)}

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


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the client has gone, without a word."""
    os.umask(0o022)  # what is made for a lab does not depend on who makes it
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    gc.disable()  # a look makes a hundred thousand values that all live until they are told
    worker = Worker()
    with contextlib.suppress(BrokenPipeError):
        for line in requests:
            answers.write(_json(_answered(worker, line)) + b"\n")
            answers.flush()
    os._exit(0)  # nothing is left to be put away, and the client waits for our end


def _json(said: Said) -> bytes:
    try:
        return orjson.dumps(said)
    except TypeError:  # a name or a word of a program that is no UTF-8
        return json.dumps(said, separators=(",", ":")).encode()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
