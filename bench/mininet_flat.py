"""Mininet's side of `up.py`: `mininet_flat.py HOSTS`, hosts on one Linux bridge; prints the seconds of start and of stop."""

from __future__ import annotations

import sys
import time


def main(hosts: int) -> None:
    from mininet.net import Mininet  # Debian's, for the system's Python only
    from mininet.nodelib import LinuxBridge
    from mininet.topo import SingleSwitchTopo

    began = time.perf_counter()
    net = Mininet(topo=SingleSwitchTopo(k=hosts), switch=LinuxBridge, controller=None, ipBase="10.0.0.0/16")
    net.start()
    up = time.perf_counter() - began
    began = time.perf_counter()
    net.stop()
    print(up, time.perf_counter() - began)


if __name__ == "__main__":
    main(int(sys.argv[1]))
