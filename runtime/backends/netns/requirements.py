"""What this machine must offer for labs of namespaces, each with the command that mends it.

Called by `labc doctor`, which prints all checks, and by `up` when the kernel refused something, to say what and why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...errors import Lacking

_FIRST_KERNEL = (5, 8)  # setns with a pidfd for several namespaces at once
_PACKAGE = "apt-get install nftables"


@dataclass(frozen=True, slots=True)
class Check:
    """`mend` is a command, or a sentence where no command can do it; empty when all is well. `optional`: labs run without it."""

    name: str
    well: bool
    found: str
    mend: str = ""
    optional: bool = False


def checks() -> list[Check]:
    """All of them, in the order in which one would mend them."""
    return [check for probe in _PROBES.values() for check in probe()]


def explain(step: str, number: int, why: str) -> Lacking:
    """The kernel refused `step` while a lab was being started: what is missing, as far as it can be told."""
    missing = [check for check in checks() if not check.well]
    helped = "\n".join(f"{check.found}: {check.mend}" for check in missing)
    return Lacking(f"this machine does not let a lab begin: {step}: {why}", helped or "labc doctor tells more.")


def require(name: str) -> None:
    """Raise when a check fails that what is wanted depends on."""
    missing = [check for check in _PROBES[name]() if not check.well]
    if missing:
        raise Lacking("; ".join(check.found for check in missing), "\n".join(check.mend for check in missing))


def with_system(path: str) -> str:
    """A search path with the system's programs: an ordinary user's often lacks them, and in a lab he is root."""
    return os.pathsep.join(dict.fromkeys([*path.split(os.pathsep), "/usr/local/sbin", "/usr/sbin", "/sbin"]))


def _kernel() -> Iterator[Check]:
    import platform  # slow to import, and wanted only by doctor

    release = platform.release()
    numbers = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdecimal())
    well = platform.system() == "Linux" and numbers >= _FIRST_KERNEL
    mend = "" if well else f"labs run on Linux {'.'.join(map(str, _FIRST_KERNEL))} or newer"
    yield Check("kernel", well, f"{platform.system()} {release}", mend)


def _program() -> Iterator[Check]:
    import shutil

    path = shutil.which("nft", path=with_system(os.environ.get("PATH", "")))
    yield Check("nft", path is not None, path or "the program nft is not installed", "" if path else _PACKAGE)


def _user_namespaces() -> Iterator[Check]:
    if os.geteuid() == 0 and _may_administer():
        yield Check("privilege", True, "root")
        return
    most = _number("/proc/sys/user/max_user_namespaces")
    yield Check(
        "user namespaces",
        most != 0,
        "user.max_user_namespaces is 0" if most == 0 else "allowed",
        "" if most != 0 else "sysctl -w user.max_user_namespaces=15000",
    )
    if _number("/proc/sys/kernel/unprivileged_userns_clone") == 0:
        yield Check(
            "unprivileged user namespaces",
            False,
            "kernel.unprivileged_userns_clone is 0",
            "sysctl -w kernel.unprivileged_userns_clone=1",
        )
    yield _tried()


def _tried() -> Check:
    """Do it, in a child: that tells what a list of settings cannot (AppArmor, SELinux, seccomp)."""
    child = os.fork()
    if child == 0:
        from . import kernel

        try:
            kernel.unshare(kernel.CLONE_NEWUSER)
            Path("/proc/self/setgroups").write_text("deny")
            kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)
        except OSError as error:
            os._exit(error.errno or 1)
        os._exit(0)
    number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number == 0:
        return Check("namespaces for ordinary users", True, "can be made")
    if _number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1:
        return Check(
            "namespaces for ordinary users",
            False,
            "AppArmor restricts user namespaces",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        )
    found = f"the kernel refuses them ({os.strerror(number)})"
    seccomp = _seccomp()
    mend = (
        "a seccomp filter is in force, as in a container: run labc outside, or as root"
        if seccomp
        else "run labc as root"
    )
    return Check("namespaces for ordinary users", False, found, mend)


def _limits() -> Iterator[Check]:
    most = _number("/proc/sys/user/max_net_namespaces")
    few = most is not None and most < 16
    mend = "sysctl -w user.max_net_namespaces=15000" if few else ""
    yield Check("network namespaces", not few, f"at most {most}" if most is not None else "no limit known", mend)


def _may_administer() -> bool:
    effective = _status("CapEff")
    return effective is not None and bool(int(effective, 16) >> 21 & 1)  # CAP_SYS_ADMIN


def _seccomp() -> bool:
    return _status("Seccomp") not in {None, "0"}


def _status(name: str) -> str | None:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split()[1]
    return None


def _number(path: str) -> int | None:
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):
        return None


_PROBES: dict[str, Callable[[], Iterator[Check]]] = {
    "kernel": _kernel,
    "nft": _program,
    "user namespaces": _user_namespaces,
    "network namespaces": _limits,
}
