"""The plan as the runtime holds it: records around specs and cases that stay JSON.

Enters: a plan's JSON. Leaves: a `Plan`. `write.py` makes the JSON straight from the IR, `read.py` holds files from elsewhere to
the contract in full (`document.py`, in pydantic); a test holds that what is written is what these records read. The runtime imports
nothing else of the compiler than `compiler.plan`.

Records of msgspec, which checks types while it decodes: a plan of 3,000 resources in 10 ms, and no 0.1 s for an import.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Kind = Literal["node", "segment", "tunnel", "attachment", "patch", "port", "route", "ruleset", "file", "service"]


class Resource(msgspec.Struct, frozen=True):
    """One thing that must exist: `spec` is its desired state with every default written out, `needs` what must exist before it."""

    id: str
    kind: Kind
    host: str
    backend: str
    spec: dict[str, Any]  # Any: JSON, by kind
    needs: tuple[str, ...]


class Requirement(msgspec.Struct, frozen=True):
    """One statement of a policy and the cases that prove it."""

    id: str
    text: str
    policy: str
    cases: tuple[str, ...]
    note: str = ""


class Digests(msgspec.Struct, frozen=True):
    lab: str
    site: str
    parameters: str


class Plan(msgspec.Struct, frozen=True):
    """A compiled lab. Members that it does not know are ignored: a newer minor version of the format only adds some."""

    format: str
    lab: str
    digests: Digests
    parameters: dict[str, Any]
    hosts: tuple[str, ...]
    resources: tuple[Resource, ...]
    tests: tuple[dict[str, Any], ...]
    requirements: tuple[Requirement, ...]
    digest: str
    reach: dict[str, str] = {}


def decode(data: bytes) -> Plan:
    """A plan that labc wrote itself a moment ago, or has read before. Raises msgspec.ValidationError for what is none."""
    return msgspec.json.decode(data, type=Plan)


def encode(plan: Plan) -> bytes:
    """As JSON, not in canonical form: for a journal or a process of ours, not for people."""
    return msgspec.json.encode(plan)


def as_json(record: msgspec.Struct) -> dict[str, Any]:
    """A record as a dict."""
    made: dict[str, Any] = msgspec.to_builtins(record)
    return made
