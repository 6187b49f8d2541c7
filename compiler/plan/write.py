"""Write a plan: the finished lab → canonical JSON (docs/plan.md).

Enters: a lab after the pass `schedule`. Leaves: the bytes of `lab.plan.json`, equal for equal meaning on any machine
and for any order of declaration. Called by the pipeline. No model of pydantic is made on the way: a test holds that
what is written here is what `model.py` reads.
"""

from __future__ import annotations

from operator import attrgetter

from ..ir.lab import Lab, Requirement, Resource
from .canonical import canonical, digest
from .digests import digests_of
from .format import FORMAT
from .plain import plain

_by_id = attrgetter("id")


def write_plan(lab: Lab) -> bytes:
    """The plan of a scheduled lab. Its own digest is of all that follows it: `digest` sorts before every other key."""
    hosts = sorted({resource.host for resource in lab.resources})
    body = canonical(
        {
            "format": FORMAT,
            "lab": lab.name,
            "digests": digests_of(lab),
            "parameters": plain(lab.parameters),
            "hosts": hosts,
            **(_of_site(hosts, lab) if lab.site.hosts else {}),
            "resources": [_resource(resource) for resource in sorted(lab.resources, key=_by_id)],
            "tests": [case.spec for case in sorted(lab.cases, key=_by_id)],
            "requirements": [_requirement(requirement) for requirement in sorted(lab.requirements, key=_by_id)],
        }
    )
    # One copy, not two: the plan of a hundred thousand nodes is 280 MB.
    return b"".join((b'{"digest":"%s",' % digest(body).encode(), memoryview(body)[1:]))


def _of_site(hosts: list[str], lab: Lab) -> dict[str, object]:
    fields = {host.name: host.fields for host in lab.site.hosts.values()}
    return {
        "placement": {"path": lab.placed.path, "proven": lab.placed.proven},
        # Of several hosts one that says nothing is not known to be this machine.
        "reach": {
            name: plain(fields[name].get("reach", ""))
            for name in hosts
            if "reach" in fields[name] or len(lab.site.hosts) > 1
        },
    }


def _resource(resource: Resource) -> dict[str, object]:
    return {
        "id": resource.id,
        "kind": resource.kind,
        "host": resource.host,
        "backend": resource.backend,
        "spec": resource.spec,
        "needs": resource.needs if len(resource.needs) < 2 else sorted(set(resource.needs)),
    }


def _requirement(requirement: Requirement) -> dict[str, object]:
    return {
        "id": requirement.id,
        "text": requirement.text,
        "policy": requirement.policy,
        "cases": sorted(requirement.cases),
        "note": requirement.note,
    }
