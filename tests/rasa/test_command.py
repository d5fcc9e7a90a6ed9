"""Tests the script that runs Rasa, in Rasa's own environment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rasa.inside import InRasa

COUNTING = "rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer"
CLASSIFYING = "rasa.nlu.classifiers.logistic_regression_classifier"

RESULTS = """
import absent
import command
absent.leave_out()
from jsonschema import Draft202012Validator, Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction
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


def test_bad_result_of_an_action_is_refused_without_validating_the_schema_again(in_rasa: InRasa) -> None:
    done = in_rasa(RESULTS.format())
    assert done.stdout.split() == ["refused", "none", "0"], done.stderr[-500:]


@pytest.mark.parametrize(
    ("changed", "change"),
    [
        ("rasa.core.run.configure_app", "ask_for_token"),
        ("rasa.core.actions.action.RemoteAction._validate_action_result", "validate_schema_once"),
        ("rasa.core.actions.action.RemoteAction._action_call_format", "send_less_to_actions"),
        ("rasa.core.processor.MessageProcessor._has_session_expired", "end_long_sessions"),
        ("rasa.server.validate_events_in_request_body", "trust_posted_events"),
        ("rasa.server.update_conversation_with_events", "add_posted_turns_once"),
        ("rasa.engine.training.graph_trainer.TrainingHook", "keep_no_steps"),
        (f"{COUNTING}.CountVectorsFeaturizer.process", "count_whole_texts"),
        (f"{CLASSIFYING}.LogisticRegressionClassifier._create_X", "count_whole_texts"),
    ],
)
def test_another_rasa_is_not_patched(in_rasa: InRasa, changed: str, change: str) -> None:
    owner, _, name = changed.rpartition(".")
    done = in_rasa(
        OTHER.format(
            module=re.sub(r"\.[A-Z]\w+$", "", owner),
            owner=owner,
            name=name,
            change=change,
        )
    )
    assert done.returncode == 1
    assert f"adapt {change}" in done.stderr


OTHER = """
import absent
absent.leave_out()
import command, inspect
import {module}

{owner}.{name} = inspect.getsource
command.{change}()
"""

CALLS = """
import absent
absent.leave_out()
import command
command.send_less_to_actions()
command.end_long_sessions()
from rasa.core.actions.action import RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

def tracker(messages, metadata):
    events = [UserUttered("hola", metadata=metadata) for _ in range(messages)]
    return DialogueStateTracker.from_events("c", events)

class Processor:
    domain = Domain.empty()

action = RemoteAction("action_answer_faq", None)
domain = Domain.from_dict({"responses": {"utter_x": [{"text": "x"}]}})
for metadata in ({"dialogue": []}, {}):
    call = action._action_call_format(tracker(3, metadata), domain)
    print(len(call["tracker"]["events"]), call["tracker"]["latest_message"]["text"], call["domain"])
for messages in (3, command.SESSION_EVENTS + 1):
    print(MessageProcessor._has_session_expired(Processor(), tracker(messages, {})))
"""


def test_actions_get_what_they_need_and_long_sessions_end(in_rasa: InRasa) -> None:
    done = in_rasa(CALLS)
    assert done.stdout.splitlines() == ["0 hola {}", "3 hola {}", "False", "True"], done.stderr[-500:]


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
    in_rasa: InRasa, command: str, arguments: list[str]
) -> None:
    done = in_rasa(ARGUMENTS.format(command=command), RASA_TOKEN="-secret")
    assert done.stdout.split() == arguments, done.stderr[-500:]


def test_server_without_a_token_does_not_start(in_rasa: InRasa) -> None:
    done = in_rasa(ARGUMENTS.format(command="run"))
    assert done.returncode == 1
    assert "RASA_TOKEN" in done.stderr


MATRICES = """
import sys
from pathlib import Path
import absent
absent.leave_out()
import command
from {counting} import CountVectorsFeaturizer
from {classifying} import LogisticRegressionClassifier
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

TEXTS = ("hola", "hola, buenas tardes", "quiero un humano", "gracias", "\U0001f600")

def featurizer(name, **settings):
    config = {{**CountVectorsFeaturizer.get_default_config(), **settings, "__class__": name}}
    context = ExecutionContext(GraphSchema({{}}), node_name=name)
    return CountVectorsFeaturizer(config, LocalModelStorage(Path(sys.argv[1])), Resource(name), context)

def matrix(featurizers):
    messages = [Message.build(text, intent="greet") for text in TEXTS]
    WhitespaceTokenizer(WhitespaceTokenizer.get_default_config()).process_training_data(TrainingData(messages))
    for one in featurizers:
        if one.vectorizers == {{}} or not any(one._collect_vectorizer_vocabularies().values()):
            one.train(TrainingData(messages))
        one.process_training_data(TrainingData(messages))
    return LogisticRegressionClassifier._create_X(None, messages).toarray()

both = [featurizer("words"), featurizer("letters", analyzer="char_wb", min_ngram=2, max_ngram=4)]
stock = matrix(both)
command.count_whole_texts()
ours = matrix(both)
print(stock.shape == ours.shape, (stock == ours).all(), stock.any(axis=1).sum())
"""


def test_whole_texts_are_counted_as_rasa_counts_them(in_rasa: InRasa, tmp_path: Path) -> None:
    script = MATRICES.format(counting=COUNTING, classifying=CLASSIFYING).replace("sys.argv[1]", repr(str(tmp_path)))
    done = in_rasa(script)
    assert done.stdout.split() == ["True", "True", "5"], done.stderr[-900:]
