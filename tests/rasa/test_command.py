"""Tests the script that runs Rasa, in Rasa's own environment."""

from __future__ import annotations

import pytest

from tests.rasa.inside import in_rasa

RESULTS = """
import absent
import command
absent.leave_out()
from jsonschema import Draft202012Validator, Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction

if "{before}" == "changed":
    RemoteAction._validate_action_result = RemoteAction.name
command.validate_schema_once()
validated = []
for validator in (Draft7Validator, Draft202012Validator):
    validator.check_schema = lambda schema: validated.append(schema)
action = RemoteAction("action_answer", None)
action._validate_action_result({{"events": [{{"event": "slot", "name": "a", "value": 1}}], "responses": []}})
try:
    action._validate_action_result({{"events": "none"}})
except ValidationError as error:
    print("refused", error.instance, len(validated))
"""


def test_bad_result_of_an_action_is_refused_without_validating_the_schema_again() -> None:
    done = in_rasa(RESULTS.format(before=""))
    assert done.stdout.split() == ["refused", "none", "0"], done.stderr[-500:]


def test_another_rasa_is_not_patched() -> None:
    done = in_rasa(RESULTS.format(before="changed"))
    assert done.returncode == 1
    assert "adapt validate_schema_once" in done.stderr


ARGUMENTS = """
import sys
import command

sys.argv = ["rasa", {command!r}]
sys.path.insert(0, "popped by main")
import absent
absent.leave_out()
import rasa.__main__ as rasa
absent.leave_out = lambda: None
rasa.main = lambda: print(*sys.argv[1:])
command.main()
"""


@pytest.mark.parametrize(("command", "arguments"), [("run", ["run", "--auth-token=-secret"]), ("train", ["train"])])
def test_token_that_begins_with_a_dash_is_no_option_and_only_the_server_gets_it(
    command: str, arguments: list[str]
) -> None:
    done = in_rasa(ARGUMENTS.format(command=command), RASA_TOKEN="-secret")
    assert done.stdout.split() == arguments, done.stderr[-500:]


def test_server_without_a_token_does_not_start() -> None:
    done = in_rasa(ARGUMENTS.format(command="run"))
    assert done.returncode == 1
    assert "RASA_TOKEN" in done.stderr
