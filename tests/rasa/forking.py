"""Imports Rasa without its unused parts, then runs pieces of code, each in a fork. Runs in Rasa's environment.

Each line of the input is an object with the code, variables for its environment, and the files for its output. Each
line of the output is the exit status of one piece. Importing Rasa takes a second, a fork milliseconds.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Rasa prints while it is imported is no answer
    import absent  # type: ignore[import-not-found]

    absent.leave_out()
    import rasa.core.run
    import rasa.core.tracker_store
    import rasa.engine.recipes.default_recipe
    import rasa.server  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(run(**json.loads(line)))
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        answers.flush()


def run(code: str, variables: dict[str, str], output: str, errors: str) -> int:
    for path, descriptor in ((os.devnull, 0), (output, 1), (errors, 2)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), descriptor)
    os.environ.update(variables)
    status = status_of(code)
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def status_of(code: str) -> int:
    """Runs the code as ``python -c`` does, and returns its exit status."""
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(code, names)  # noqa: S102
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
            return 1
        return end.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main()
