"""Plans: what is written is what is read, and equal labs give equal bytes."""

from __future__ import annotations

import random

import orjson
import pytest

from labc.compiler.ir.lab import Lab
from labc.compiler.plan.canonical import canonical, digest
from labc.compiler.plan.document import plan_schema
from labc.compiler.plan.read import PlanError, read_plan
from labc.compiler.plan.write import write_plan
from tests.conftest import Golden
from tests.unit.compiler.compiling import OFFICE, compiled, sound

POLICY = """
zone trusted = inside
policy edge {
  trusted -> outside allow tcp/7 icmp
  outside -> web allow http
  otherwise deny
}
test "the page stands" { expect net -> web http; cut fw:srv; heal fw:srv after 1s; within 5s expect net -> web http }
"""


@pytest.fixture
def plan() -> bytes:
    """The plan of the office with a policy and a test."""
    return write_plan(sound(OFFICE + POLICY))


def changed(plan: bytes, change: dict[str, object]) -> bytes:
    """A plan with other members and the digest that fits them."""
    document = {**orjson.loads(plan), **change}
    document.pop("digest")
    return orjson.dumps({**document, "digest": digest(canonical(document))})


def test_what_is_written_is_read(plan: bytes) -> None:
    """The models and the schema know every member that the writer writes."""
    document = orjson.loads(plan)
    read = read_plan(plan)
    assert read.digest == document["digest"]
    assert [resource.spec for resource in read.resources] == [each["spec"] for each in document["resources"]]
    assert list(read.tests) == document["tests"]


def test_a_plan_is_its_own_canonical_form(plan: bytes) -> None:
    assert plan == canonical(orjson.loads(plan))


def test_resources_and_tests_are_sorted(plan: bytes) -> None:
    document = orjson.loads(plan)
    for member in ("resources", "tests", "requirements"):
        ids = [each["id"] for each in document[member]]
        assert ids == sorted(set(ids))
        assert ids


def test_every_need_is_a_resource(plan: bytes) -> None:
    """The graph of needs closes over the plan."""
    resources = {each["id"]: each for each in orjson.loads(plan)["resources"]}
    assert {need for each in resources.values() for need in each["needs"]} <= resources.keys()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_declaration_means_nothing(plan: bytes, seed: int) -> None:
    """A lab whose statements are shuffled has the same plan, byte for byte."""
    header, *body = _statements(OFFICE + POLICY)
    random.Random(seed).shuffle(body)
    assert write_plan(sound("\n".join([header, *body]))) == plan


def _statements(text: str) -> list[str]:
    """The statements of a lab, each with its block."""
    found: list[str] = []
    open_braces = 0
    for line in text.strip().splitlines():
        if open_braces:
            found[-1] += "\n" + line
        else:
            found.append(line)
        open_braces += line.count("{") - line.count("}")
    return found


def test_comments_and_spacing_leave_all_digests() -> None:
    spaced = OFFICE.replace("  port", "        port").replace("lab office", "lab office   # ours")
    assert write_plan(sound(spaced)) == write_plan(sound(OFFICE))


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (("serve http", "serve https"), {"lab"}),
        (("param size: int = 1", "param size: int = 2"), {"parameters"}),
    ],
)
def test_digests_say_what_changed(change: tuple[str, str], touched: set[str]) -> None:
    """Only the digest of what was changed is another one."""
    text = OFFICE + "param size: int = 1\n"
    before = orjson.loads(write_plan(sound(text)))["digests"]
    after = orjson.loads(write_plan(sound(text.replace(*change))))["digests"]
    assert {key for key in before if before[key] != after[key]} == touched


def test_a_policy_is_part_of_the_lab() -> None:
    """The order of rules has a meaning, so it is part of the digest."""
    rules = ["  pc1 -> dmz allow tcp/80", "  inside -> web deny tcp/1..100"]
    texts = ["\n".join(["policy p {", *order, "}"]) for order in (rules, rules[::-1])]
    digests = [orjson.loads(write_plan(sound(OFFICE + text)))["digests"]["lab"] for text in texts]
    assert digests[0] != digests[1]


def test_a_reformatted_plan_is_read(plan: bytes) -> None:
    """The digest is of the meaning, so a plan that was pretty-printed for review still holds."""
    assert read_plan(orjson.dumps(orjson.loads(plan), option=orjson.OPT_INDENT_2)) == read_plan(plan)


def test_a_changed_plan_is_refused(plan: bytes) -> None:
    with pytest.raises(PlanError, match="changed after it was built"):
        read_plan(plan.replace(b'"mtu":1500', b'"mtu":1400', 1))


@pytest.mark.parametrize("version", ["2.0", "0.9"])
def test_an_unknown_major_is_refused(plan: bytes, version: str) -> None:
    with pytest.raises(PlanError, match=f"has format {version}"):
        read_plan(changed(plan, {"format": version}))


def test_a_newer_minor_may_add_members(plan: bytes) -> None:
    """A plan of 1.7 is read; what it adds is ignored."""
    assert read_plan(changed(plan, {"format": "1.7", "weather": "fine"})).format == "1.7"


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"{}", b'{"format": 1}', b'{"format": "1"}', b"\xff"])
def test_what_is_no_plan_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(PlanError, match="no plan"):
        read_plan(data)


def test_a_spec_of_the_wrong_type_is_refused(plan: bytes) -> None:
    """The digest may fit: a spec is checked member by member, and the message says where."""
    document = orjson.loads(plan)
    port = next(each for each in document["resources"] if each["kind"] == "port")
    port["spec"]["mtu"] = "1500"
    with pytest.raises(PlanError, match=r"resources\.\d+\.port\.spec\.mtu"):
        read_plan(changed(plan, {"resources": document["resources"]}))


def test_the_schema_describes_every_spec() -> None:
    """Each member of each spec has a description or a closed list of values."""
    schema = plan_schema()
    for name, definition in schema["$defs"].items():
        if name.endswith("Spec"):
            for member, said in definition["properties"].items():
                assert said.get("description") or said.get("enum"), f"{name}.{member}"


def test_secrets_stay_marks() -> None:
    """A secret stands in a field as its reference, in a text as a mark."""
    lab = sound(
        """lab x
import std.linux
segment lan 10.0.0.0/24
kind k extends linux.host { field pw: string = secret("env:PW") }
node a: k { port eth0 on lan; config "motd.j2" to "/etc/motd"; serve telnet { banner = secret("env:BANNER") } }
""",
        motd_j2="key {{ fields.pw }} and {{ 'x' ~ fields.pw }}",
    )
    specs = {each["id"]: each["spec"] for each in orjson.loads(write_plan(lab))["resources"]}
    assert specs["service/a/telnet"]["fields"]["banner"] == {"secret": "env:BANNER"}
    text = next(spec["text"] for identity, spec in specs.items() if identity.startswith("file/"))
    assert text == "key \0secret:env:PW\0 and x\0secret:env:PW\0"


def test_the_plan_of_the_office(golden: Golden) -> None:
    """A whole plan, to be read in review."""
    lab: Lab | None = compiled(OFFICE).lab
    assert lab is not None
    golden("plan/office.json", orjson.dumps(orjson.loads(write_plan(lab)), option=orjson.OPT_INDENT_2))


def test_a_plan_that_was_read_before_is_not_held_to_the_schema_again(
    plan: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest tells that it is the same; it must still fit its content."""
    monkeypatch.setattr("labc.compiler.plan.read._check_schema", lambda _: pytest.fail("looked at again"))
    said = orjson.loads(plan)

    assert read_plan(plan, lambda lab: said["digest"] if lab == said["lab"] else None).digest == said["digest"]
    with pytest.raises(PlanError, match="changed after it was built"):
        read_plan(plan.replace(b'"mtu":1500', b'"mtu":1501', 1), lambda _: said["digest"])
