"""Tests the script that runs Rasa, in Rasa's own environment."""

from __future__ import annotations

import os
import subprocess

from tests.home import ROOT
from tests.rasa.speaking import RASA

RESULTS = """
import sys
sys.path.insert(0, {folder!r})
import serve
from jsonschema import Draft202012Validator, Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction

if "{before}" == "changed":
    RemoteAction._validate_action_result = RemoteAction.name
serve.validate_schema_once()
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


def in_rasa(before: str = "") -> subprocess.CompletedProcess[str]:
    code = RESULTS.format(folder=str(ROOT / "bot" / "rasa"), before=before)
    return subprocess.run([RASA.parent / "python", "-c", code], capture_output=True, text=True, timeout=300)


def test_bad_result_of_an_action_is_refused_without_validating_the_schema_again() -> None:
    done = in_rasa()
    assert done.stdout.split() == ["refused", "none", "0"], done.stderr[-500:]


def test_another_rasa_is_not_patched() -> None:
    done = in_rasa("changed")
    assert done.returncode == 1
    assert "adapt validate_schema_once" in done.stderr


def test_token_that_begins_with_a_dash_is_no_option() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'bot' / 'rasa')!r}); import serve; "
    code += "import rasa.__main__ as rasa; rasa.main = lambda: print(*sys.argv[1:]); serve.main()"
    done = subprocess.run(
        [RASA.parent / "python", "-c", code, "run"],
        env=os.environ | {"RASA_TOKEN": "-secret"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.split() == ["run", "--auth-token=-secret"], done.stderr[-500:]
