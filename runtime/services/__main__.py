"""The services' process: `python -m labc.runtime.services [SOCKET]`, started inside an instance.

Serves until SIGTERM. Prints one line, `ready`, once the control socket listens.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from pathlib import Path

from .client import SOCKET
from .control import Control, listen
from .house import House
from .leases import Leases, Tell
from .model import Network


async def serve(path: Path, network: Network, tell: Tell) -> None:
    """Serve until told to end."""
    house, leases = House(network), Leases(network, tell)
    server = await listen(path, Control(house, leases))
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await ended.wait()
    server.close()
    leases.close()
    house.close()


def main() -> None:
    from ..backends.netns.first import learn_nameservers
    from ..backends.netns.namespaces import network_of

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(serve(Path(sys.argv[1]) if len(sys.argv) > 1 else SOCKET, network_of, learn_nameservers))


if __name__ == "__main__":
    main()
