"""The JSON Schema of the YAML spelling knows what the reader knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax import read, yaml_lab, yaml_model, yaml_model_base, yaml_model_site, yaml_site
from labc.compiler.syntax.schema import DIALECT, schema
from labc.compiler.syntax.yaml import FILE
from labc.compiler.syntax.yaml_out import format_yaml
from tests.unit.compiler.syntax.test_yaml import SAME

ROOT = Path(__file__).parents[4]
LABS = sorted(
    [
        *(ROOT / "tests/golden/yaml").glob("*.net"),
        *(ROOT / "stdlib").glob("*.net"),
        *(ROOT / "examples").glob("*/*.net"),
    ]
)
SCHEMA = schema("lab")


class Core(yaml.SafeLoader):
    """YAML 1.2's idea of booleans, which editors have: `on` is a text."""


Core.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("true|false"), ["t", "f"])


def problems(text: str, which: dict[str, Any] = SCHEMA) -> list[str]:
    value = yaml.load(text, Core)  # a SafeLoader
    return [error.message for error in jsonschema.Draft202012Validator(which).iter_errors(value)]


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """All mappings of a schema."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(inner)


def test_the_schema_is_one_of_draft_2020_12() -> None:
    """And says so."""
    assert SCHEMA["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_field_is_described() -> None:
    """In the lab itself and in everything that it holds."""
    bare = [name for part in inside(SCHEMA) for name, field in properties(part) if not field.get("description")]
    assert bare == []


def properties(part: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    given = part.get("properties")
    return list(given.items()) if isinstance(given, dict) and part.get("type") == "object" else []


def test_no_choice_is_a_bare_one_of() -> None:
    """Editors complete badly behind `oneOf`."""
    assert [part for part in inside(SCHEMA) if "oneOf" in part] == []


@pytest.mark.parametrize("path", LABS, ids=lambda path: str(path.relative_to(ROOT)))
def test_labs_that_labc_writes_are_valid(path: Path) -> None:
    """Every example, the standard library, and a lab with every construct."""
    written = format_yaml(read(Source(path.name, path.read_bytes()), Diagnostics()))
    assert problems(written.decode()) == []


def test_a_site_that_labc_writes_is_a_valid_site() -> None:
    """By the schema of labs, which may hold a site, and by that of sites."""
    path = ROOT / "tests/golden/yaml/site.net"
    written = format_yaml(read(Source(path.name, path.read_bytes()), Diagnostics())).decode()
    assert problems(written) == []
    assert problems(written, schema("site")) == []


@pytest.mark.parametrize(
    "text",
    [
        "site: s\nnodes: {a: linux.host}",
        "hosts: {h: {cpu: 4}}",
        "site: s\nhosts: {h: {nics: {e: {adress: 192.0.2.1/24}}}}",
        "site: s\ndevices: {d: {ports: {p: {overlay: true}}}}",
        "site: s\npools: {vni: {range: 1..9}}",
    ],
)
def test_what_is_no_site_is_refused(text: str) -> None:
    """A lab's elements, a site without a name, a mistyped key, a NIC's key in a port."""
    assert problems(text, schema("site")) != []


@pytest.mark.parametrize("name", SAME)
def test_what_the_reader_takes_is_valid(name: str) -> None:
    """Short forms and long ones."""
    assert problems(SAME[name][0]) == []


@pytest.mark.parametrize(
    "text",
    [
        "nods: {}",
        "nodes: 3",
        "nodes: {a: {gatway: b}}",
        "nodes: {a: {ports: {e: {onn: b}}}}",
        "nodes: {a: {routes: [{via: b}]}}",
        "nodes: {a: {for: [{each: i, ports: {}}]}}",
        "segments: {a: {prefix: 10.0.0.0/8}}",
        "params: {a: {defualt: 3}}",
        "links: [{ends: 3}]",
        "policies: {p: {otherwise: maybe}}",
        "policies: {p: {rules: [{from: a, to: b, alow: c}]}}",
        "tests: [{title: t, steps: [{snd: a}]}]",
        "tests: [{steps: []}]",
        "hosts: {h: {nics: {e: {sped: 1}}}}",
        "import: [{gti: x}]",
    ],
)
def test_broken_labs_are_refused(text: str) -> None:
    """What the reader reports, an editor underlines."""
    assert problems(text) != []
    diagnostics = Diagnostics()
    read(Source("lab.yaml", text.encode()), diagnostics)
    assert diagnostics.failed


@pytest.mark.parametrize(
    ("model", "table", "more"),
    [
        (yaml_model.Lab, FILE, ()),
        (yaml_model.Body, yaml_lab.DECLARATIONS | yaml_site.SITE, ("tests", "let", "for", "if")),
        (yaml_model.SegmentBody, yaml_lab.SEGMENT, ()),
        (yaml_model.PortBody, yaml_lab.PORT, ()),
        (yaml_model.NodeBody, yaml_lab.NODE, ()),
        (yaml_model.KindBody, yaml_lab.KIND, ()),
        (yaml_model.ServeBody, yaml_lab.SERVE, ()),
        (yaml_model.ServiceBody, yaml_lab.SERVICE, ()),
        (yaml_model_site.HostBody, yaml_site.HOST, ()),
        (yaml_model_site.GearBody, yaml_site.GEAR, ()),
        (yaml_model_site.NicBody, yaml_site.NIC, ()),
        (yaml_model_site.SocketBody, yaml_site.SOCKET, ()),
        (yaml_model_site.Site, yaml_site.SITE, ("params", "let", "for", "if", "import", "place")),
    ],
)
def test_reader_and_schema_know_the_same_keys(
    model: type[yaml_model_base.Keys], table: dict[str, Any], more: tuple[str, ...]
) -> None:
    """A key added to one of them is added to the other."""
    known = {field.alias or name for name, field in model.model_fields.items()}
    expected = {*table, *more} - ({"site"} if model is yaml_model.Body else set())
    assert known == expected
