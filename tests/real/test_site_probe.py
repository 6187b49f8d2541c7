"""`labc site probe` of a host behind a real SSH server: this machine, over loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from getpass import getuser
from pathlib import Path

import pytest

from labc.runtime.hosts.local import look_here

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.program("sshd", "ssh", "ssh-keygen")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
        return number


def key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """An SSH server with keys of its own on a free port; the command that enters it, and the port."""
    port, host_key, own = free_port(), key(tmp_path / "host"), key(tmp_path / "own")
    settings = tmp_path / "sshd_config"
    settings.write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {host_key}\nPidFile none\nUsePAM no\nStrictModes no\n"
        f"PermitRootLogin yes\nPasswordAuthentication no\nAuthorizedKeysFile {own}.pub\n"
    )
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {host_key.with_suffix('.pub').read_text()}")
    (tmp_path / "ssh_config").write_text(
        f"IdentityFile {own}\nIdentitiesOnly yes\nUserKnownHostsFile {tmp_path / 'known'}\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # it drops its rights there
    log = tmp_path / "log"
    program = shutil.which("sshd", path="/usr/sbin:/sbin:/usr/local/sbin:" + os.environ.get("PATH", ""))
    with log.open("wb") as said:
        running = subprocess.Popen([str(program), "-D", "-e", "-f", str(settings)], stdout=said, stderr=said)
    try:
        wait_for(port, running, log)
        yield f"ssh -F {tmp_path / 'ssh_config'}", port
    finally:
        running.terminate()
        running.wait()


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(f"sshd does not listen: {log.read_text()}")


def probe(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "labc", "site", "probe", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["site.net", "site.yaml"])
def test_a_host_behind_ssh_is_filled_in(tmp_path: Path, server: tuple[str, int], name: str) -> None:
    """The file then says what the machine has; a second look finds nothing to change, and the rest of the file stays."""
    ssh, port = server
    url, site = f"ssh://{getuser()}@127.0.0.1:{port}", tmp_path / name
    site.write_text(
        f'site s   # ours\nhost far {{ reach = "{url}" }}   # the one in the corner\n'
        if name == "site.net"
        else f"site: s   # ours\nhosts:\n  far:   # the one in the corner\n    reach: {url}\n"
    )

    asked = probe(tmp_path, "--ssh", ssh)
    assert asked.returncode == 1, asked.stderr
    assert f"+++ {name}" in asked.stdout
    written = probe(tmp_path, "--ssh", ssh, "--write")
    assert written.returncode == 0, written.stderr

    memory = look_here().memory // 2**20
    assert f"{memory}MiB" in site.read_text()
    assert site.read_text().startswith(("site s   # ours\n", "site: s   # ours\n"))
    assert "   # the one in the corner\n" in site.read_text()
    again = probe(tmp_path, "--ssh", ssh)
    assert (again.returncode, again.stdout) == (0, "")


def test_what_ssh_refuses_is_said_in_its_words(tmp_path: Path, server: tuple[str, int]) -> None:
    """A key that is not known, a port where nobody listens: exit status 6, and the file stays as it is."""
    ssh, port = server
    site = tmp_path / "site.net"
    site.write_text(
        f'site s\nhost shut {{ reach = "ssh://127.0.0.1:{free_port()}" }}\n'
        f'host strange {{ reach = "ssh://{getuser()}@127.0.0.1:{port}" }}\n'
    )
    before = site.read_bytes()

    asked = probe(tmp_path, "--write", "--ssh", f"{ssh} -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes")

    assert asked.returncode == 6
    assert "shut was not looked at: ssh: connect to host 127.0.0.1" in asked.stderr
    assert "strange was not looked at: Host key verification failed." in asked.stderr
    assert site.read_bytes() == before
