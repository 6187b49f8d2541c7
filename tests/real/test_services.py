"""The services in real namespaces, heard by clients that are not ours where the machine has them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from labc.runtime.services.client import ServicesClient, ServicesRefusedError
from labc.runtime.services.control import Control, listen
from labc.runtime.services.house import House
from labc.runtime.services.leases import Leases
from labc.runtime.services.model import Request, ServiceError
from tests.real.tinynet import TinyNet

pytestmark = pytest.mark.root
WEB, WEB6, PC = "10.0.0.1", "fd00::1", "10.0.0.9"


@pytest.fixture(scope="module")
def net() -> Iterator[TinyNet]:
    """`web` and `pc` on one segment, `bare` on it without an address."""
    net = TinyNet()
    net.segment("s1")
    for node in ("web", "pc", "bare"):
        net.node(node)
    net.port("web", "eth0", "s1", f"{WEB}/24", "10.0.0.2/24", f"{WEB6}/64")
    net.port("pc", "eth0", "s1", f"{PC}/24", "fd00::9/64")
    net.port("bare", "eth0", "s1")
    yield net
    net.close()


Body = Callable[[House], Awaitable[None]]


def serving(net: TinyNet, body: Body, *requests: Request) -> None:
    """Run `body` while the requests are served."""

    async def run() -> None:
        house = House(net.inside)
        try:
            for request in requests:
                house.serve(request)
            await body(house)
        finally:
            house.close()
            await asyncio.sleep(0)

    asyncio.run(run())


def request(service: str, *listens: str, node: str = "web", **fields: Any) -> Request:
    return Request(f"service/{node}/{service}", node, service, listens, fields)


def client(net: TinyNet, family: int = socket.AF_INET, form: int = socket.SOCK_STREAM) -> socket.socket:
    with net.inside("pc"):
        opened = socket.socket(family, form)
    opened.settimeout(3)
    return opened


def say(net: TinyNet, address: str, port: int, data: bytes = b"", wanted: int = 1) -> bytes:
    """Connect from `pc`, say something, hear at least `wanted` bytes."""
    with client(net, socket.AF_INET6 if ":" in address else socket.AF_INET) as opened:
        opened.connect((address, port))
        opened.sendall(data)
        said = b""
        while len(said) < wanted and (more := opened.recv(65536)):
            said += more
        return said


def ask(net: TinyNet, address: str, port: int, data: bytes) -> tuple[bytes, str]:
    """Send a datagram from `pc`; the answer and who gave it."""
    with client(net, socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.sendto(data, (address, port))
        said, sender = opened.recvfrom(65536)
        return said, sender[0]


@pytest.mark.parametrize("address", [WEB, WEB6])
def test_http_is_heard_over_both_families(net: TinyNet, address: str) -> None:
    """A page comes back over IPv4 and over IPv6."""

    async def body(_house: House) -> None:
        said = await asyncio.to_thread(
            say, net, address, 80, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200
        )
        assert said.endswith(b"\r\n\r\nhello")

    serving(net, body, request("http", "tcp/80", page="hello"))


@pytest.mark.program("curl")
def test_curl_reads_https(net: TinyNet) -> None:
    """A client that is not ours gets the page over TLS."""

    async def body(_house: House) -> None:
        command = f"curl -sk --max-time 5 https://{WEB}/"
        assert await asyncio.to_thread(net.run, "pc", command) == "over tls"

    serving(net, body, request("https", "tcp/443", page="over tls"))


def test_https_makes_a_certificate_for_the_node(net: TinyNet) -> None:
    """The certificate names the node and is its own issuer."""

    def handshake() -> bytes:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with client(net) as opened:
            opened.connect((WEB, 443))
            with context.wrap_socket(opened) as secure:
                return secure.getpeercert(binary_form=True) or b""

    async def body(_house: House) -> None:
        assert b"web" in await asyncio.to_thread(handshake)

    serving(net, body, request("https", "tcp/443", page="x"))


@pytest.mark.program("ssh")
def test_ssh_shows_its_banner_and_lets_nobody_in(net: TinyNet) -> None:
    """OpenSSH's client sees the banner, then permission denied."""
    command = (
        f"ssh -v -o BatchMode=no -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o NumberOfPasswordPrompts=0 "
        f"-o PreferredAuthentications=password root@{WEB}"
    ).split()

    def ssh() -> subprocess.CompletedProcess[str]:
        with net.inside("pc"):
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        said, told = process.communicate(timeout=20)
        return subprocess.CompletedProcess(command, process.returncode, said, told)

    async def body(_house: House) -> None:
        done = await asyncio.to_thread(ssh)
        assert "keep out" in done.stderr
        assert "Permission denied" in done.stderr
        assert done.returncode == 255

    serving(net, body, request("ssh", "tcp/22", banner="keep out"))


def test_answers_leave_from_the_address_that_was_asked(net: TinyNet) -> None:
    """A node with several addresses answers a datagram from the one that it was sent to, in both families."""

    async def body(_house: House) -> None:
        for address in (WEB, "10.0.0.2", WEB6):
            assert await asyncio.to_thread(ask, net, address, 7, b"hi") == (b"hi", address)

    serving(net, body, request("echo", "udp/7"))


def test_an_unknown_service_answers_as_echo(net: TinyNet) -> None:
    """A service that the lab defines itself has something to answer."""

    async def body(_house: House) -> None:
        assert await asyncio.to_thread(say, net, WEB, 11000, b"are you there", 13) == b"are you there"

    serving(net, body, request("our-own git", "tcp/11000"))


def test_removal_closes_at_once(net: TinyNet) -> None:
    """Open connections end, the port refuses, and the same service can be served again."""

    async def body(house: House) -> None:
        def connect() -> socket.socket:
            opened = client(net)
            opened.connect((WEB, 80))
            return opened

        opened = await asyncio.to_thread(connect)
        with opened:
            house.remove(["service/web/http"])
            await asyncio.sleep(0)
            with contextlib.suppress(ConnectionResetError):
                assert await asyncio.to_thread(opened.recv, 10) == b""
        with pytest.raises(ConnectionRefusedError):
            await asyncio.to_thread(say, net, WEB, 80)
        house.serve(request("http", "tcp/80", page="x"))

    serving(net, body, request("http", "tcp/80", page="x"))


def test_stop_remembers_and_start_opens_again(net: TinyNet) -> None:
    """A stopped service is listed as stopped; started, it answers as before."""

    async def body(house: House) -> None:
        assert house.stop(lambda one: one.node == "web") == ["service/web/echo"]
        assert [one["state"] for one in house.list()] == ["stopped"]
        with pytest.raises(ConnectionRefusedError):
            await asyncio.to_thread(say, net, WEB, 7)
        assert house.start(lambda _: True) == ["service/web/echo"]
        assert await asyncio.to_thread(say, net, WEB, 7, b"x") == b"x"

    serving(net, body, request("echo", "tcp/7"))


def test_idle_connections_cannot_lock_others_out(net: TinyNet, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a service has as many connections as it takes, the oldest gives way."""
    monkeypatch.setattr("labc.runtime.services.stream.MAX_CONNECTIONS", 5)

    async def body(_house: House) -> None:
        def crowd() -> bytes:
            opened = [client(net) for _ in range(20)]
            for one in opened:
                one.connect((WEB, 80))
            said = say(net, WEB, 80, b"GET / HTTP/1.0\r\n\r\n", 100)
            for one in opened:
                one.close()
            return said

        assert (await asyncio.to_thread(crowd)).endswith(b"hello")

    serving(net, body, request("http", "tcp/80", page="hello"))


def test_garbage_ends_nothing(net: TinyNet) -> None:
    """Random bytes to every port, over TCP and UDP; all services go on, and keep no connection open."""
    everything = [
        request("http", "tcp/80", page="hello"),
        request("https", "tcp/443"),
        request("dns", "udp/53", "tcp/53"),
        request("dhcp", "udp/67", first="", last="", gateway="", lease=0),
        request("ntp", "udp/123"),
        request("ssh", "tcp/22"),
        request("telnet", "tcp/23"),
        request("echo", "tcp/7", "udp/7"),
    ]

    def throw() -> None:
        chance = random.Random(7)
        for port_ in [port_ for one in everything for port_ in one.listens]:
            protocol, _, port = port_.partition("/")
            for size in (0, 1, 15, 16, 17, 300, 1400):
                data = chance.randbytes(size)
                form = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
                with client(net, form=form) as opened, contextlib.suppress(ConnectionError):
                    opened.connect((WEB, int(port)))
                    opened.send(data)
                    opened.send(b"\x00labc-exch" + data)

    async def body(house: House) -> None:
        await asyncio.to_thread(throw)
        said = await asyncio.to_thread(say, net, WEB, 80, b"GET / HTTP/1.0\r\n\r\n", 100)
        assert said.endswith(b"hello")
        assert await asyncio.to_thread(say, net, WEB, 7, b"x") == b"x"
        assert {one["state"] for one in house.list()} == {"running"}

    serving(net, body, *everything)


def test_a_port_is_served_once(net: TinyNet) -> None:
    """Two services on one port of a node are refused, by name."""

    async def body(house: House) -> None:
        with pytest.raises(ServiceError, match="service/web/http does"):
            house.serve(request("echo", "tcp/80"))
        house.serve(request("echo", "tcp/80", node="pc"))

    serving(net, body, request("http", "tcp/80", page="x"))


def test_a_request_opens_everything_or_nothing(net: TinyNet) -> None:
    """When the second port cannot be opened, the first is closed again."""
    with net.inside("web"), socket.socket() as taken:
        taken.bind(("0.0.0.0", 53))
        taken.listen()

        async def body(house: House) -> None:
            with pytest.raises(ServiceError, match="Address already in use"):
                house.serve(request("dns", "udp/53", "tcp/53"))
            taken.close()
            house.serve(request("dns", "udp/53", "tcp/53"))

        serving(net, body)


def test_a_thousand_services_open_within_a_second(net: TinyNet) -> None:
    """One process serves a whole lab, and starts at once."""

    async def body(house: House) -> None:
        began = time.monotonic()
        for number in range(1000):
            house.serve(Request(f"s/{number}", ("web", "pc")[number % 2], "http", (f"tcp/{20000 + number}",), {}))
        assert time.monotonic() - began < 1

    serving(net, body)


def test_dhcp_gives_a_port_its_address_and_takes_it_back(net: TinyNet) -> None:
    """The address and the default route stand on the interface, stay over a renewal, and go with the lease."""

    heard: list[tuple[str, Sequence[str]]] = []

    async def body(_house: House) -> None:
        leases = Leases(net.inside, lambda node, servers: heard.append((node, servers)))
        leases.add("port/bare/eth0", "bare", "eth0")
        await leases.settle(None, 5)
        (said,) = leases.list()
        assert said["state"] == "bound"
        assert said["address"] in net.run("bare", "ip -o -4 address show dev eth0")
        assert int(said["address"].split(".")[3].split("/")[0]) in range(100, 111)
        assert f"default via {WEB}" in net.run("bare", "ip route")
        assert heard == [("bare", [WEB, "10.0.0.2"])]
        first = said["address"]
        leases.remove(["port/bare/eth0"])
        assert net.run("bare", "ip -o -4 address show dev eth0") == ""
        assert heard[-1] == ("bare", [])
        leases.add("port/bare/eth0", "bare", "eth0")
        await leases.settle(None, 5)
        assert leases.list()[0]["address"] == first
        leases.close()
        await asyncio.sleep(0)

    serving(
        net,
        body,
        request(
            "dhcp",
            "udp/67",
            first="10.0.0.100",
            last="10.0.0.110",
            gateway=WEB,
            dns=[WEB, "10.0.0.2"],
            lease=3600 * 10**9,
        ),
    )


def test_dhcp_does_not_give_away_what_somebody_has(net: TinyNet) -> None:
    """An address that answers ARP is passed over."""

    async def body(_house: House) -> None:
        leases = Leases(net.inside)
        leases.add("port/bare/eth0", "bare", "eth0")
        await leases.settle(None, 5)
        assert leases.list()[0]["address"] == "10.0.0.10/24"
        leases.close()
        await asyncio.sleep(0)

    # .9 is the neighbour's, so of two only .10 is left.
    serving(net, body, request("dhcp", "udp/67", first=PC, last="10.0.0.10", gateway="", lease=3600 * 10**9))


def test_a_lease_is_renewed_before_it_ends(net: TinyNet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client asks again at half time, and keeps its address."""
    monkeypatch.setattr("labc.runtime.services.leases._SHORTEST_LEASE", 1)
    monkeypatch.setattr("labc.runtime.services.protocols.dhcp._SHORTEST", 2)
    grants: list[bytes] = []
    renewed = asyncio.Event()
    from labc.runtime.services.protocols.dhcp import DhcpServer

    before = DhcpServer._grant

    def counted(server: DhcpServer, message: Any, *more: Any) -> None:
        grants.append(message.client)
        before(server, message, *more)
        if len(grants) > 1:
            renewed.set()

    monkeypatch.setattr(DhcpServer, "_grant", counted)

    async def body(_house: House) -> None:
        leases = Leases(net.inside)
        leases.add("port/bare/eth0", "bare", "eth0")
        await leases.settle(None, 5)
        address = leases.list()[0]["address"]
        async with asyncio.timeout(5):
            await renewed.wait()
        assert socket.inet_ntoa(grants[1]) == address.split("/")[0]
        assert leases.list()[0]["state"] == "bound"
        leases.close()
        await asyncio.sleep(0)

    serving(net, body, request("dhcp", "udp/67", first="", last="", gateway="", lease=2 * 10**9))


def test_a_port_without_a_server_says_so(net: TinyNet) -> None:
    """`settle` names the port that no server answered."""

    async def body(_house: House) -> None:
        leases = Leases(net.inside)
        leases.add("port/bare/eth0", "bare", "eth0")
        with pytest.raises(ServiceError, match="port/bare/eth0: no DHCP server answered"):
            await leases.settle(None, 0.2)
        leases.close()
        await asyncio.sleep(0)

    serving(net, body)


@pytest.mark.program("dhclient")
def test_a_foreign_client_gets_a_lease(net: TinyNet, tmp_path: Path) -> None:
    """ISC's client is content with the server's answers."""
    command = [
        "dhclient",
        "-1",
        "-v",
        "-sf",
        "/bin/true",
        "-lf",
        f"{tmp_path}/leases",
        "-pf",
        f"{tmp_path}/pid",
        "eth0",
    ]

    async def body(_house: House) -> None:
        def run() -> str:
            with net.inside("bare"):
                return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stderr

        assert "bound to 10.0.0." in await asyncio.to_thread(run)

    def end() -> None:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)

    serving(net, body, request("dhcp", "udp/67", first="", last="", gateway=WEB, lease=3600 * 10**9))
    end()


def test_control_speaks_json_lines(net: TinyNet, tmp_path: Path) -> None:
    """`serve` is answered once it listens; `list` says what is served; a refusal says why; many requests go in one go."""

    async def run() -> None:
        house, leases = House(net.inside), Leases(net.inside)
        server = await listen(tmp_path / "services.sock", Control(house, leases))

        def talk() -> None:
            with ServicesClient(tmp_path / "services.sock") as control:
                control.ask(
                    "serve",
                    id="a",
                    node="node/web",
                    service="echo",
                    listens=["tcp/7"],
                    fields={"k": "v"},
                    shown={"settings": "x"},
                )
                assert say(net, WEB, 7, b"x") == b"x"
                (said,) = control.ask("list")["services"]
                assert {key: said[key] for key in ("id", "node", "state", "fields")} == {
                    "id": "a",
                    "node": "web",
                    "state": "running",
                    "fields": {"settings": "x"},
                }
                with pytest.raises(ServicesRefusedError, match="no node nowhere"):
                    control.ask("serve", id="b", node="nowhere", service="echo", listens=["tcp/7"])
                answers = control.ask_all(
                    {"do": "serve", "id": f"c{n}", "node": "pc", "service": "echo", "listens": [f"tcp/{3000 + n}"]}
                    for n in range(500)
                )
                assert all(answer["ok"] for answer in answers)
                control.ask("remove", node="web")
                assert len(control.ask("list")["services"]) == 500

        try:
            await asyncio.to_thread(talk)
        finally:
            server.close()
            house.close()
            await asyncio.sleep(0.01)

    asyncio.run(run())


def test_the_control_socket_is_for_its_owner(net: TinyNet, tmp_path: Path) -> None:
    """Nobody else may tell the process what to serve."""

    async def run() -> None:
        server = await listen(tmp_path / "s", Control(House(net.inside), Leases(net.inside)))
        assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600
        server.close()

    asyncio.run(run())
