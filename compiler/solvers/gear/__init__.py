"""Real gear: devices for nodes, sockets for ports, ways over cables and patch switches to hosts."""
