"""The texts of a node's /etc: hosts, resolv.conf, hostname. Pure; the client compares their digests, the worker writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def hosts(names: Sequence[Sequence[str]], hostname: str) -> str:
    own = [("127.0.0.1", "localhost"), ("::1", "localhost ip6-localhost")]
    if all(name != hostname for _, name in names):
        own.append(("127.0.1.1", hostname))
    return "".join(f"{address}\t{name}\n" for address, name in (*own, *names))


def resolver(nameservers: Sequence[str]) -> str:
    return "".join(f"nameserver {address}\n" for address in nameservers)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
