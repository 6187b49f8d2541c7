"""The command `labc`: calls the verb, and answers for whatever escapes it.

Enters: the process's arguments. Leaves: an exit status (`cli/exits.py`). A user never sees a traceback of ours:
what nobody foresaw goes to a file, with a word on how to report it.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from .cli.exits import Exit
from .cli.streams import complain, let_out, settle

# What a command makes lives to its end mostly: to look for garbage at each 700 costs a short one a tenth of its time.
_SELDOM = 50_000


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script."""
    settle()
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say and give the exit status; never raises."""
    gc.set_threshold(_SELDOM)
    _look_where_administrators_look()
    try:
        status = _called(arguments)
        return Exit.LACKING if let_out() else status
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except (BrokenPipeError, SystemExit):  # click turns the first into the second
        return _pipe_closed()
    except OSError as error:
        return _machine_refused(error)
    except ModuleNotFoundError as error:
        if (error.name or "labc").partition(".")[0] == "labc":
            return _our_fault(error)
        complain(f"the Python package {error.name} is missing: install labc with its dependencies")
        return Exit.LACKING
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _our_fault(error)


def _called(arguments: Sequence[str] | None) -> int:
    if (sys.argv[1:] if arguments is None else list(arguments)) in (["-h"], ["--help"]):
        from .cli.overview import overview

        print(overview(), end="")
        return Exit.DONE
    import click  # here, so that Ctrl-C during the import is answered like any other

    from .cli.app import cli

    try:
        status = cli.main(arguments, prog_name="labc", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return status if isinstance(status, int) else Exit.DONE


def _look_where_administrators_look() -> None:
    """Debian keeps nft out of an ordinary user's PATH."""
    path = os.environ.get("PATH", os.defpath)
    missing = [folder for folder in ("/usr/sbin", "/sbin") if folder not in path.split(os.pathsep)]
    os.environ["PATH"] = os.pathsep.join([path, *missing])


def _pipe_closed() -> int:
    """Die as other programs do whose reader went away (`labc graph | head`): of SIGPIPE, silently."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    return Exit.DONE


def _machine_refused(error: OSError) -> int:
    if not let_out():  # else that was it
        complain(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error))
    return Exit.LACKING


def _our_fault(error: Exception) -> int:
    from .cli.bug import report

    report(error)
    return Exit.BUG


if __name__ == "__main__":
    main()
