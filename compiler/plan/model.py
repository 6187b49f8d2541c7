"""The plan as the runtime holds it: records around specs and cases that stay JSON.

Enters: a document that `document.py` was checked against. Leaves: a `Plan`. `write.py` makes the JSON straight from the IR; a
test holds that what it writes is what these models read. The runtime imports nothing else of the compiler than `compiler.plan`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Record(BaseModel):
    """Members that it does not know are ignored: a newer minor version of the format only adds some."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Resource(_Record):
    """One thing that must exist."""

    id: str = Field(description="What users type: KIND/NAME[/NAME].")
    kind: Literal["node", "segment", "port", "route", "ruleset", "file", "service"]
    host: str = Field(description="The host of the site that carries it.")
    backend: str = Field(description="The backend that makes it.")
    spec: dict[str, Any] = Field(description="Desired state, every default written out.")  # Any: JSON, by kind
    needs: tuple[str, ...] = Field(description="Ids that must exist before it.")


class Requirement(_Record):
    """One statement of a policy and the cases that prove it."""

    id: str
    text: str
    policy: str
    cases: tuple[str, ...]
    note: str = ""


class Digests(_Record):
    lab: str
    site: str
    parameters: str


class Plan(_Record):
    """A compiled lab."""

    format: str = Field(description="major.minor; a reader refuses a major that it does not know.")
    lab: str
    digests: Digests
    parameters: dict[str, Any]
    hosts: tuple[str, ...]
    resources: tuple[Resource, ...]
    tests: tuple[dict[str, Any], ...]
    requirements: tuple[Requirement, ...]
    digest: str

    @classmethod
    def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:  # Any: pydantic's own signature
        """The contract in full, every spec and case by its kind (`document.py`)."""
        from .document import plan_schema  # not needed to hold a plan

        return plan_schema()
