"""What each standard service says, one a file, named as the service; `opening.py` finds them by name.

A module offers what it speaks of these:
`stream(request) -> Speech` for TCP, `datagram(request) -> Answer` for UDP, and
`open_service(request, network) -> list[Closable]` when it opens its sockets itself.
"""
