"""The netns backend as the engine sees it: nodes are network namespaces of one holder process on this host.

The client's half: it starts the holder, starts a worker inside it (`inside.py`), and speaks with it. Secrets are resolved
here and leave only through the pipe to the worker.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from ....compiler.plan.model import Resource
from ....compiler.plan.replaced import final
from ...decide import Action, Fields, Observed, Wanted
from ...errors import Held, Incomplete, Lacking
from ...instance import Instance
from ...secret import Secrets
from . import enter, requirements
from .fork import Forked
from .observed import observed
from .wanted import refuse, want

_WITH_SECRETS = frozenset({"ruleset", "file", "service"})
_GONE = ("the process that acts for this instance ended", "Run labc up again to continue.")


def connect(instance: Instance, lab: str, lock: int | None) -> NetnsBackend:
    return NetnsBackend(instance, lab, lock)


class NetnsBackend:
    """One worker, started when first needed; it ends when its pipe closes, at the latest when we die."""

    concurrency = 1  # the kernel makes links one at a time
    batch = 250

    __slots__ = ("_instance", "_key", "_lab", "_lock", "_secrets", "_unread", "_worker")

    def __init__(self, instance: Instance, lab: str, lock: int | None) -> None:
        self._instance = instance
        self._lab = lab
        self._lock = lock
        self._secrets = Secrets()
        self._key = b""
        self._unread = 0  # answers that nobody has asked for yet
        self._worker: subprocess.Popen[bytes] | Forked | None = None

    def want(self, resources: Sequence[Resource]) -> list[Wanted]:
        refuse(resources)  # before anything is made; so with a secret that is not there
        self._resolve(resources)
        if self._lock is not None and any(each.kind == "ruleset" for each in resources):
            requirements.require("nft")
        self._open()
        return want(resources, self._secrets, self._key)

    def observe(self, wanted: Sequence[Wanted]) -> dict[str, Observed]:
        self._open()
        if self._worker is None:
            return {}
        facts = self._read() if self._unread else self._ask({"do": "look"})
        if self._lock is not None and any(_needs_services(each) for each in wanted):
            self._tell({"do": "warm"})
            self._unread += 1
        return observed(
            {**facts, "nodes": {name: node for part in facts["nodes"] for name, node in part.items()}}, wanted
        )

    def replaces(self, kind: str, before: Fields, after: Fields) -> Collection[str]:
        return final(kind, before, after)

    def remove(self, actions: Sequence[Action]) -> Mapping[str, str]:
        return self._act("remove", actions)

    def make(self, actions: Sequence[Action]) -> Mapping[str, str]:
        return self._act("make", actions)

    def wait(self, wanted: Sequence[Wanted]) -> Mapping[str, str]:
        """Addresses skip detection and services listen when they are made: only leases take their time."""
        leased = [each.id for each in wanted if each.kind == "port" and each.fields.get("dhcp")]
        return dict(self._ask({"do": "settle", "ports": leased})["errors"]) if leased else {}

    def destroy(self) -> bool:
        return enter.end(self._instance)

    def close(self) -> None:
        if self._worker is None:
            return
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it was killed with a request unread
            self._worker.stdin.close()
        self._worker.stdout.close()  # first, since it may be telling what nobody wants to hear any more
        self._worker.wait()
        self._worker = None

    def _resolve(self, resources: Sequence[Resource]) -> None:
        try:
            for each in resources:
                if each.kind in _WITH_SECRETS:
                    self._secrets.resolve(each.spec)
        except Lacking as lacking:
            if enter.find(self._instance) is None:
                raise
            why = "The lab runs, and whether it has this value is seen with the value only, also where nothing was edited."
            raise Lacking(lacking.message, f"{lacking.help}\n{why}") from None

    def _open(self) -> None:
        """The holder is made only by who may write; others see nothing where there is none."""
        if self._worker is not None:
            return
        holder = enter.find(self._instance)
        fresh = holder is None
        if holder is None:
            if self._lock is None:
                return
            holder = enter.start(self._instance, self._lab, self._lock)
        if self._lab and self._lock is not None and holder.lab != self._lab:
            raise Held(
                f"instance {self._instance.name} runs the lab {holder.lab}, not {self._lab}",
                f"Take it down first (labc down --as {self._instance.name}), or name another instance with --as.",
            )
        self._worker = enter.worker(self._instance.name, self._lock)
        self._tell({"do": "key"})
        self._tell({"do": "look"})  # already now: it looks while we work out what is wanted
        self._unread = 1
        if fresh:
            self._tell({"do": "prepare"})
            self._unread += 1
        self._key = bytes.fromhex(self._answer()["key"])

    def _act(self, verb: str, actions: Sequence[Action]) -> dict[str, str]:
        answer = self._ask({"do": verb, "actions": [_sent(action) for action in actions]})
        return {identity: self._secrets.redact(text) for identity, text in answer["errors"].items()}

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
        while self._unread:
            self._read()
        self._tell(request)
        return self._answer()

    def _read(self) -> dict[str, Any]:
        self._unread -= 1
        return self._answer()

    def _tell(self, request: Mapping[str, Any]) -> None:
        assert self._worker is not None
        assert self._worker.stdin is not None
        try:
            self._worker.stdin.write(json.dumps(request, separators=(",", ":")).encode() + b"\n")
            self._worker.stdin.flush()
        except BrokenPipeError:
            raise Incomplete(*_GONE) from None

    def _answer(self) -> dict[str, Any]:
        assert self._worker is not None
        assert self._worker.stdout is not None
        line = self._worker.stdout.readline()
        if not line:
            raise Incomplete(*_GONE)
        answer: dict[str, Any] = orjson.loads(line)
        if "broken" in answer:
            raise Incomplete(self._secrets.redact(answer["broken"]), "Run labc up again to continue.")
        return answer


def _needs_services(wanted: Wanted) -> bool:
    return wanted.kind == "service" or (wanted.kind == "port" and wanted.fields.get("dhcp", False))


def _sent(action: Action) -> dict[str, Any]:
    return {
        "verb": action.verb,
        "id": action.id,
        "kind": action.kind,
        "before": action.before,
        "after": action.after,
        "content": action.content,
    }
