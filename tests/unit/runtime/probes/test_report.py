"""What a run comes to: status, coverage, JSON, JUnit."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labc.runtime.probes import denies
from labc.runtime.probes import report as reports
from labc.runtime.probes.cases import Packet
from labc.runtime.probes.junit import junit
from labc.runtime.probes.report import Report, Verdict, coverage_of, explained
from labc.runtime.probes.wire import Sent

RULE = {
    "rule": "udp sport 53 accept",
    "configuration": {"template": "edge.nft.j2", "line": 14, "text": "udp sport 53 accept"},
}


def a_case(verdict: Verdict = "passed", case: str = "c", **more: Any) -> reports.Tested:
    return reports.Tested(**{"case": case, "title": f"title of {case}", "kind": "deny", "verdict": verdict, **more})


def report(*cases: reports.Tested, requirements: list[dict[str, Any]] | None = None) -> Report:
    return Report("lab", "instance", cases, coverage_of(requirements or [], cases, {}), 1.5)


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        (["passed"], 0),
        (["passed", "failed"], 1),
        (["passed", "could not run"], 4),
        (["failed", "could not run"], 1),
        ([], 4),
    ],
)
def test_the_status_tells_failed_from_could_not_run(verdicts: list[Verdict], status: int) -> None:
    """A failure wins; what could not run is no success; neither is nothing."""
    assert report(*(a_case(verdict, str(n)) for n, verdict in enumerate(verdicts))).status == status


def test_a_requirement_is_as_good_as_its_worst_case() -> None:
    """And one without a case is named with its note."""
    requirements = [
        {"id": "policy/p/1", "text": "a", "policy": "policy/p", "cases": ["x", "y"]},
        {"id": "policy/p/2", "text": "b", "policy": "policy/p", "cases": ["z"]},
        {"id": "policy/p/3", "text": "c", "policy": "policy/p", "cases": [], "note": "no device can enforce this"},
    ]
    found = report(a_case(case="x"), a_case("failed", "y"), requirements=requirements)
    assert [one.verdict for one in found.coverage] == ["failed", "not run", "not tested"]
    assert [(one.id, one.note) for one in found.uncovered] == [("policy/p/3", "no device can enforce this")]


def test_a_part_of_the_cases_is_counted_as_a_part() -> None:
    """One of two that passed is no more than that; in JSON as well, and the summary says how many were not chosen."""
    requirements = [{"id": "policy/p/1", "text": "a", "policy": "policy/p", "cases": ["x", "y"]}]
    (part,) = coverage_of(requirements, [a_case(case="x")], {})
    assert (part.verdict, part.counted, part.tried) == ("passed", "1 of 2", ("x",))
    (whole,) = coverage_of(requirements, [a_case(case="x"), a_case(case="y")], {})
    assert whole.counted == "2"
    said = Report("lab", "i", (a_case(case="x"),), (part,), 1.5, left_out=1)
    assert said.summary == "1 passed, 0 failed, 0 could not run, 1 not chosen in 1.5 s"
    assert said.as_json()["left_out"] == 1
    assert said.as_json()["coverage"][0]["tried"] == ("x",)


def test_several_packets_on_one_way_show_it_once() -> None:
    """With the first packet that was seen at each hop, in the order of the way."""
    way = ["pc eth0 out (a → b:80)", "fw lan in (a → b:80)", "pc eth0 out (a → b:443)", "fw lan in (a → b:443)"]
    assert explained(a_case("failed", evidence={"path": way})) == [f"way: {step}" for step in way[:2]]


def test_junit_tells_failures_from_errors() -> None:
    """Counts, suites by policy, the reason, the evidence, the place of the rule."""
    data = junit(
        report(
            a_case(requirements=("policy/perimeter/1",), notes=("seen",)),
            a_case(
                "failed",
                "f",
                reason="it leaks",
                requirements=("policy/perimeter/2",),
                where="lab.net:12:3",
                evidence={"rules": [RULE]},
            ),
            a_case("could not run", "e", reason="no control", kind="script"),
        )
    )
    root = ET.fromstring(data)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    assert [suite.get("name") for suite in root] == ["policy/perimeter", "tests"]
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "it leaks"
    assert "edge.nft.j2 (rendered line 14): udp sport 53 accept" in (failure.text or "")
    case = root.findall(".//testcase")[1]
    assert (case.get("file"), case.get("line")) == ("lab.net", "12")
    assert root.find(".//error") is not None


@given(st.text(), st.text(), st.text())
def test_junit_is_xml_whatever_the_text(title: str, reason: str, note: str) -> None:
    """No text of a lab or of a kernel makes the file unreadable."""
    one = a_case("failed", title=title, reason=reason, notes=(note,), where=title)
    ET.fromstring(junit(Report(title, "i", (one,), (), 1.0)))


def test_the_report_is_json() -> None:
    """All of it, evidence included."""
    said = json.loads(json.dumps(report(a_case("failed", evidence={"rules": [RULE]})).as_json()))
    assert (said["status"], said["cases"][0]["verdict"]) == (1, "failed")


def test_the_template_line_is_shown_where_it_is_known() -> None:
    """Else the line of what it rendered to."""
    known = {**RULE, "configuration": {**RULE["configuration"], "template_line": 9}}  # type: ignore[dict-item]
    assert explained(a_case("failed", evidence={"rules": [known]})) == ["edge.nft.j2:9: udp sport 53 accept"]


def test_a_leak_of_everything_is_told_in_a_line() -> None:
    """Six sorts of packets, and how many more there are."""
    packets = [Packet("udp", source, port, "10.0.0.1") for source in range(1, 10) for port in range(10, 18)]
    told = denies._told([Sent(each, "10.0.1.1", each.source_port, ()) for each in packets])
    assert told.startswith(
        "72 denied packets arrived: udp from source port 1 to 10.0.0.1 port 10, 11, 12, 13, 14, 15 and more; "
    )
    assert told.endswith("; and 3 more sorts")
