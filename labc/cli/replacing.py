"""A file written anew: the whole new text or the whole old one, whatever happens in between.

Enters: a path and bytes. Called by the verbs that write into a user's own files: `fmt -w`, `site probe --write`.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path


def replace_file(target: Path, data: bytes, *, durable: bool = True) -> None:
    """As a whole or not at all, whoever is killed and whatever disk is full. A link stays a link, and the mode stays. `durable`: even when
    the power goes; what can be built again need not wait for the disk. Raises OSError."""
    from tempfile import NamedTemporaryFile  # 8 ms that only writing pays

    target = target.resolve()
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    mode = target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
            made = Path(file.name)
            made.chmod(mode)
            made.replace(target)
        except BaseException:
            Path(file.name).unlink()
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
