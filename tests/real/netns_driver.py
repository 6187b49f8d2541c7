"""One verb of the engine as a process of its own, for tests that kill it or run it as another user.

`python netns_driver.py VERB INSTANCE [PLAN]` prints one JSON line: status, actions, failed, found.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from labc.compiler.plan.model import decode
from labc.runtime import attach, engine
from labc.runtime.errors import RuntimeStop


def main(verb: str, instance: str, *rest: str) -> int:
    try:
        answer = _do(verb, instance, *rest)
    except RuntimeStop as stop:
        answer = {"status": stop.status, "message": stop.message, "help": stop.help}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def _do(verb: str, instance: str, *rest: str) -> dict[str, object]:
    if verb == "status":
        status = engine.status(instance)
        return {
            "running": status.running,
            "found": dict(status.found),
            "drift": [str(action) for action in status.drift],
        }
    if verb == "down":
        outcome = engine.down(instance)
    else:
        plan = decode(Path(rest[0]).read_bytes())
        outcome = engine.up(plan, instance, dry_run=verb == "dry-run")
    actions = [str(action) for action in outcome.actions]
    return {
        "status": outcome.status,
        "actions": actions,
        "failed": dict(outcome.failed),
        "waiting": dict(outcome.waiting),
    }


if __name__ == "__main__":
    if sys.argv[1] == "exec":
        sys.exit(attach.execute(sys.argv[2], sys.argv[3], sys.argv[4:], terminal=False))
    sys.exit(main(*sys.argv[1:]))
