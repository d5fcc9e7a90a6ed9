"""Runs ``rasa`` in Rasa's own environment as we need it: ``python command.py run ...``, ``... train ...`` and so on.

Without the parts that we do not use (absent.py), and without a check that takes half of its time: Rasa validates each
result of an action against a schema, and validates the schema itself again each time. Here the schema is validated
once. Imports nothing of ours but absent.py, since Rasa's environment does not have it.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
from typing import Any

REPLACED = "f8cdb4be68123961"  # fingerprint of the method that ``validate_schema_once`` replaces


def main() -> None:
    from absent import leave_out  # type: ignore[import-not-found]  # beside this file

    sys.path.pop(0)  # this folder, whose modules are no part of Rasa
    leave_out()
    if sys.argv[1:2] == ["run"]:
        # In the environment, since arguments show in the process list; in one word, since it may begin with a dash.
        sys.argv.append(f"--auth-token={os.environ.pop('RASA_TOKEN')}")
    validate_schema_once()
    from rasa.__main__ import main as rasa

    sys.exit(rasa())


def validate_schema_once() -> None:
    """Makes all actions share one validator. Raises SystemExit if Rasa's method is not the one that is replaced."""
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    if fingerprint(RemoteAction._validate_action_result) != REPLACED:
        sys.exit("Rasa validates results of actions in another way: adapt validate_schema_once of bot/rasa/command.py")
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate(_action: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def fingerprint(method: Any) -> str:
    """Returns the first 16 hex digits of the hash of a method's source."""
    return hashlib.sha256(inspect.getsource(method).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
