"""Runs ``rasa`` in Rasa's own environment, without a slow repeated check: ``python serve.py run ...``.

Rasa checks the result of every action against a JSON schema and, each time, also checks the schema itself, which takes
half of Rasa's time. This script checks the schema only once. It imports nothing of ours, since our packages are not
installed in that environment.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
from typing import Any

REPLACED = "f8cdb4be68123961"  # fingerprint of the Rasa method that ``validate_schema_once`` replaces


def main() -> None:
    sys.path.pop(0)  # this folder: its modules must not hide those of Rasa
    # From the environment, since the process list shows arguments; one argument, since a token may begin with "-".
    sys.argv.append(f"--auth-token={os.environ.pop('RASA_TOKEN')}")
    validate_schema_once()
    from rasa.__main__ import main as rasa

    sys.exit(rasa())


def validate_schema_once() -> None:
    """Replaces a method of Rasa, so that the schema for the results of actions is checked only once, here.

    Raises SystemExit if the source of Rasa's method is not the one that the replacement was written for.
    """
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    if fingerprint(RemoteAction._validate_action_result) != REPLACED:
        sys.exit("Rasa validates results of actions in another way: adapt validate_schema_once of bot/rasa/serve.py")
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate(_action: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def fingerprint(method: Any) -> str:
    """Returns a hash (16 hex digits) of the source code of a method."""
    return hashlib.sha256(inspect.getsource(method).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
