"""Read a plan: the bytes of `lab.plan.json` → a checked `Plan`.

Enters: bytes. Leaves: a `Plan`, or a `PlanError` that says what is wrong with it. Called by the runtime and by `diff`.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import orjson

from .canonical import canonical, digest
from .format import FORMAT, MAJOR
from .model import Plan


class PlanError(Exception):
    """The bytes are no plan that this labc can carry out. The text says why, for the user."""


def read_plan(data: bytes, known: Callable[[str], str | None] = lambda _: None) -> Plan:
    """Refuses an unknown major, a digest that does not fit, and what the schema does not allow.

    `known` gives for a lab's name the digest of a plan that was read before: the same one is not held to the schema again, which
    takes 0.2 s.
    """
    document = _document(data)
    check_format(document.get("format"))
    _check_digest(document)
    if known(str(document.get("lab"))) != document["digest"]:
        _check_schema(document)
    try:
        return msgspec.convert(document, Plan)
    except msgspec.ValidationError as error:
        raise PlanError(f"the plan does not follow its schema: {error}") from None


def _check_schema(document: dict[str, object]) -> None:
    from pydantic import ValidationError  # 0.1 s, and the schema's models as much again

    from .document import PLAN

    try:
        PLAN.validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise PlanError(f"the plan does not follow its schema at {where}: {first['msg']}") from None


def _document(data: bytes) -> dict[str, object]:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise PlanError(f"this is no plan: {error}") from None
    if not isinstance(document, dict):
        raise PlanError("this is no plan: a plan is one JSON object")
    return document


def check_format(stated: object) -> None:
    major, dot, minor = stated.partition(".") if isinstance(stated, str) else ("", "", "")
    if not (dot and major.isdecimal() and minor.isdecimal()):
        raise PlanError("this is no plan: it does not say its format, such as " + f'"format": "{FORMAT}"')
    if int(major) != MAJOR:
        raise PlanError(f"the plan has format {stated}; this labc reads {MAJOR}.x. Build it again, or use a newer labc")


def _check_digest(document: dict[str, object]) -> None:
    body = {key: value for key, value in document.items() if key != "digest"}
    try:
        found = digest(canonical(body))
    except TypeError as error:
        raise PlanError(f"this is no plan: {error}") from None
    if document.get("digest") != found:
        raise PlanError(
            f"the plan was changed after it was built: its digest says {document.get('digest')}, its content has {found}"
        )
