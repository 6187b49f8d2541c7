"""Addresses that only the running lab knows: a port addressed by DHCP has none in the plan, its ends say "".

Called by `process.py` before a case runs.
"""

from __future__ import annotations

import socket
from typing import Any

from ..services.interfaces import network_of_interface
from .cases import CaseError, Json, ends_in
from .ground import Ground


def with_addresses(case: Json, ground: Ground) -> Json:
    """The case with every empty address filled in. Raises CaseError where a port has no lease."""
    if all(end.get("address") for end in ends_in(case)):
        return case
    filled = _filled(case, ground)
    return filled if isinstance(filled, dict) else case


def _filled(said: Any, ground: Ground) -> Any:  # Any: JSON
    if isinstance(said, list):
        return [_filled(one, ground) for one in said]
    if not isinstance(said, dict):
        return said
    done = {key: _filled(value, ground) for key, value in said.items()}
    if done.get("address") == "" and "interface" in done:
        return {**done, "address": _address(done, ground)}
    target = done.get("to")
    if isinstance(target, dict):
        flow = done.get("flow")
        if isinstance(flow, dict) and flow.get("address") == "":
            done["flow"] = {**flow, "address": target["address"]}
        if "packets" in done:
            done["packets"] = [{**one, "address": one["address"] or target["address"]} for one in done["packets"]]
    return done


def _address(end: Json, ground: Ground) -> str:
    node = str(end["node"]).removeprefix("node/")
    try:
        with ground.network(node):
            opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        with opened:
            return str(network_of_interface(opened, str(end["interface"])).ip)
    except OSError:
        raise CaseError(f"{node} has no address on {end['interface']}: DHCP gave it none") from None
