r"""A report as JUnit XML, in the form that Jenkins, GitLab and GitHub read: a failure is a failure, could not run is an error.

Any text gives valid XML 1.0: characters that it forbids are shown as `\xNN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from .report import Report, Tested, explained

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENT = {"failed": "failure", "could not run": "error"}


def junit(report: Report) -> bytes:
    """The report as bytes of an XML document."""
    root = ET.Element("testsuites", _counts(report.tested), name=_clean(report.lab), time=f"{report.seconds:.3f}")
    for name, cases in _suites(report.tested).items():
        suite = ET.SubElement(root, "testsuite", _counts(cases), name=_clean(name), time=_time(cases))
        for one in cases:
            suite.append(_case(name, one))
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _suites(tested: Iterable[Tested]) -> dict[str, list[Tested]]:
    """By policy; written tests are a suite of their own."""
    suites: dict[str, list[Tested]] = {}
    for one in tested:
        # policy/perimeter/3 → policy/perimeter
        name = one.requirements[0].rpartition("/")[0] if one.requirements else one.kind
        suites.setdefault("tests" if name == "script" else name, []).append(one)
    return suites


def _case(suite: str, one: Tested) -> ET.Element:
    element = ET.Element(
        "testcase", classname=_clean(suite), name=_clean(one.title), time=f"{one.milliseconds / 1000:.3f}"
    )
    if one.where:
        file, _, line = one.where.partition(":")
        element.set("file", _clean(file))
        element.set("line", _clean(line.partition(":")[0] or "1"))
    lines = explained(one)
    if (name := _ELEMENT.get(one.verdict)) is not None:
        told = ET.SubElement(element, name, message=_clean(one.reason), type=one.verdict)
        told.text = _clean("\n".join([one.reason, *lines]))
    elif lines:
        ET.SubElement(element, "system-out").text = _clean("\n".join(lines))
    return element


def _counts(tested: Iterable[Tested]) -> dict[str, str]:
    cases = list(tested)
    return {
        "tests": str(len(cases)),
        "failures": str(sum(one.verdict == "failed" for one in cases)),
        "errors": str(sum(one.verdict == "could not run" for one in cases)),
        "skipped": "0",
    }


def _time(cases: Iterable[Tested]) -> str:
    return f"{sum(one.milliseconds for one in cases) / 1000:.3f}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
