"""Plans written by hand, for tests of the runtime: small builders, one a kind of resource."""

from __future__ import annotations

from typing import Any

from labc.compiler.plan.model import Digests, Plan, Resource


def plan(*resources: Resource, lab: str = "t") -> Plan:
    nothing = Digests(lab="sha256:0", site="sha256:0", parameters="sha256:0")
    ordered = tuple(sorted(resources, key=lambda each: each.id))
    digest = f"sha256:{hash(repr(ordered)) & 0xFFFFFFFF:08x}"
    return Plan(
        format="1.0", lab=lab, digests=nothing, parameters={}, hosts=("local",), resources=ordered, tests=(), requirements=(), digest=digest
    )  # fmt: skip


def node(name: str, backend: str = "netns", **spec: Any) -> Resource:
    stated = {"kind": "linux.host", "hostname": name, "forward": False, "bridge": False, "hosts": [], "nameservers": [], "probe": "inside"}  # fmt: skip
    return _resource(f"node/{name}", "node", stated | spec, (), backend)


def segment(name: str, backend: str = "netns", **spec: Any) -> Resource:
    stated: dict[str, Any] = {"direct": False, "mtu": 1500, "ends": []} | spec
    return _resource(f"segment/{name}", "segment", stated, tuple(sorted({end[0] for end in stated["ends"]})), backend)


def port(owner: str, name: str, on: str | None, *addresses: str, backend: str = "netns", **spec: Any) -> Resource:
    segments = [{"segment": f"segment/{on}", "tag": None}] if on else []
    stated = {
        "node": f"node/{owner}", "name": name, "interface": name, "form": "port", "segments": segments, "over": [], "vlan": None,
        "mac": None, "mtu": 1500, "rate": None, "addresses": list(addresses), "dhcp": False,
    }  # fmt: skip
    needs = (f"node/{owner}", *([f"segment/{on}"] if on else []))
    return _resource(f"port/{owner}/{name}", "port", stated | spec, needs, backend)


def route(
    owner: str, prefix: str, *via: str, metric: int = 0, backend: str = "netns", needs: tuple[str, ...] = ()
) -> Resource:
    spec = {"node": f"node/{owner}", "prefix": prefix, "via": list(via), "metric": metric}
    identity = f"route/{owner}/{prefix}" + (f"/{metric}" if metric else "")
    return _resource(identity, "route", spec, (f"node/{owner}", *needs), backend)


def ruleset(owner: str, name: str, text: str, backend: str = "netns") -> Resource:
    spec = {"node": f"node/{owner}", "table": name, "text": text, "template": ""}
    return _resource(f"ruleset/{owner}/{name}", "ruleset", spec, (f"node/{owner}",), backend)


def file(owner: str, name: str, path: str, text: str, mode: int = 0o644, backend: str = "netns") -> Resource:
    spec = {"node": f"node/{owner}", "path": path, "text": text, "mode": mode}
    return _resource(f"file/{owner}/{name}", "file", spec, (f"node/{owner}",), backend)


def service(owner: str, name: str, *listens: str, backend: str = "netns", **fields: Any) -> Resource:
    spec = {"node": f"node/{owner}", "service": name, "listens": list(listens), "fields": fields}
    return _resource(f"service/{owner}/{name}", "service", spec, (f"node/{owner}",), backend)


def _resource(identity: str, kind: Any, spec: dict[str, Any], needs: tuple[str, ...], backend: str) -> Resource:
    return Resource(id=identity, kind=kind, host="local", backend=backend, spec=spec, needs=needs)
