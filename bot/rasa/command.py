"""Runs Rasa's command line in Rasa's own environment: ``python command.py run ...``, ``... train ...`` and so on.

This script leaves out the parts of Rasa that this project does not use (absent.py), and replaces a few methods of Rasa
(CHANGES, and TRAINING_CHANGES while it trains): most of them take much time, or more and more time as a conversation
grows; one must check the token. It confines the process if it serves Rasa (confinement.py). Of this project, the script
imports only these two modules, since the project is not installed in that environment.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import os
import sys
from functools import wraps
from typing import Any

TOKEN_HEADER = "X-Rasa-Token"  # noqa: S105  (a name), also in bot/turns/rasa_client.py
SESSION_EVENTS = 200  # Rasa reads and writes the events of a session with each message


def main() -> None:
    from absent import leave_out  # type: ignore[import-not-found]  # beside this file
    from confinement import confine_run  # type: ignore[import-not-found]

    sys.path.pop(0)  # this folder: its modules must not hide those of Rasa
    leave_out()
    if sys.argv[1:2] == ["run"]:
        try:
            confined = ", ".join(confine_run(sys.argv[1:], os.environ)) or "nothing, since this kernel has no Landlock"
        except OSError as error:  # the assistant must answer even if the process cannot be confined
            confined = f"nothing, {error}"
        sys.stderr.write(f"confined: {confined}\n")
        # From the environment, since the process list shows arguments; one argument, since a token may begin with "-".
        sys.argv.append(f"--auth-token={os.environ.pop('RASA_TOKEN')}")
    for change in TRAINING_CHANGES if sys.argv[1:2] == ["train"] else CHANGES:
        change()
    from rasa.__main__ import main as rasa

    sys.exit(rasa())


def validate_schema_once() -> None:
    """Makes Rasa check its schema for action results only once, at start, instead of with each result.

    Each result is still validated against the schema.
    """
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    expect(RemoteAction._validate_action_result, "f8cdb4be68123961", validate_schema_once)
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate(_action: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate


def send_less_to_actions() -> None:
    """Makes Rasa send the action server no domain, and no events if the message carries its dialogue.

    The dialogue is in the message's metadata (bot/turns/rasa_client.py).
    """
    from rasa.core.actions.action import RemoteAction
    from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

    expect(RemoteAction._action_call_format, "428795b944f22edb", send_less_to_actions)
    stock = RemoteAction._action_call_format

    class Brief:
        """A tracker whose state contains no events."""

        def __init__(self, tracker: DialogueStateTracker) -> None:
            self._tracker, self.sender_id = tracker, tracker.sender_id

        def current_state(self, _verbosity: EventVerbosity) -> dict[str, Any]:
            return {**self._tracker.current_state(EventVerbosity.NONE), "events": []}

    class Empty:
        """An empty domain, since rasa-sdk refuses a request without a domain."""

        def does_custom_action_explicitly_need_domain(self, _name: str) -> bool:
            return True

        def as_dict(self) -> dict[str, Any]:
            return {}

    def call_format(action: RemoteAction, tracker: DialogueStateTracker, _domain: Any) -> Any:
        message = tracker.latest_message
        has_dialogue = message is not None and "dialogue" in (message.metadata or {})
        return stock(action, Brief(tracker) if has_dialogue else tracker, Empty())

    RemoteAction._action_call_format = call_format


def end_long_sessions() -> None:
    """Makes Rasa also start a new session once the tracker has more than SESSION_EVENTS events, not only on expiry.

    Otherwise, the cost of a message would grow with the length of the session.
    """
    from rasa.core.processor import MessageProcessor

    expect(MessageProcessor._has_session_expired, "aa0e659a9cfa1f70", end_long_sessions)
    stock = MessageProcessor._has_session_expired

    def has_expired(processor: MessageProcessor, tracker: Any) -> bool:
        return stock(processor, tracker) or len(tracker.events) > SESSION_EVENTS

    MessageProcessor._has_session_expired = has_expired


def trust_posted_events() -> None:
    """Makes Rasa accept posted events without checking them against a schema, since only our bot posts events.

    Rasa still parses each event.
    """
    import rasa.server

    expect(rasa.server.validate_events_in_request_body, "8e1d7dc6a8415112", trust_posted_events)
    rasa.server.validate_events_in_request_body = lambda _request: None


def add_posted_turns_once() -> None:
    """Makes Rasa ignore posted events of turns that the tracker already has.

    The bot posts a turn again if it got no answer, such as from a busy Rasa; all events of a turn have one timestamp.
    Rasa reads the tracker's last session only; earlier sessions are read if an event is older than that.
    """
    import rasa.server
    from rasa.shared.core.events import UserUttered, do_events_begin_with_session_start

    expect(rasa.server.update_conversation_with_events, "7b8d34be69f8939a", add_posted_turns_once)

    def times_of_turns(tracker: Any) -> set[float]:
        return {event.timestamp for event in tracker.events if isinstance(event, UserUttered)} if tracker else set()

    async def update(conversation: str, processor: Any, domain: Any, events: list[Any]) -> Any:
        begins = do_events_begin_with_session_start(events)
        fetch = processor.get_tracker if begins else processor.fetch_tracker_with_initial_session
        tracker = await fetch(conversation)
        known = times_of_turns(tracker)
        if tracker.events and min(event.timestamp for event in events) < tracker.events[0].timestamp:
            known |= times_of_turns(await processor.tracker_store.retrieve_full_tracker(conversation))
        for event in events:
            if event.timestamp not in known:
                tracker.update(event, domain)
        return tracker

    rasa.server.update_conversation_with_events = update


def ask_for_token() -> None:
    """Makes the REST channel respond 403 to requests without Rasa's token in TOKEN_HEADER.

    Without this change, Rasa accepts all requests.
    """
    from rasa.core import run
    from sanic import response
    from sanic.request import Request

    expect(run.configure_app, "72da30416f74c648", ask_for_token)
    stock = run.configure_app

    def configure(*given: Any, **named: Any) -> Any:
        token: str = inspect.signature(stock).bind(*given, **named).arguments["auth_token"]
        app = stock(*given, **named)

        @app.middleware("request")  # type: ignore[untyped-decorator]
        async def refuse(request: Request) -> response.HTTPResponse | None:
            sent = request.headers.get(TOKEN_HEADER, "")
            known = hmac.compare_digest(sent.encode(), token.encode())
            return None if known or not request.path.startswith("/webhooks") else response.empty(403)

        return app

    run.configure_app = configure


def keep_no_steps() -> None:
    """Makes Rasa keep no steps of a training for the next one: comparing them took a third of the time.

    bot/rasa/training.py knows whether any input changed.
    """
    from rasa.engine.training import graph_trainer

    expect(graph_trainer.TrainingHook, "2f73b837731d8ff4", keep_no_steps)

    class NothingKept:
        """Stands for the hook that compares and keeps each step."""

        def __init__(self, **_given: Any) -> None: ...

        def on_before_node(self, **_given: Any) -> dict[str, Any]:
            return {}

        def on_after_node(self, **_given: Any) -> None: ...

    graph_trainer.TrainingHook = NothingKept


def count_whole_texts() -> None:
    """Makes Rasa count the words of whole texts, many at a time, and not of each word of each text alone.

    Only components that this project does not use read the counts of single words.
    """
    from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
    from rasa.nlu.constants import DENSE_FEATURIZABLE_ATTRIBUTES
    from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
    from rasa.shared.nlu.constants import TEXT
    from scipy.sparse import vstack

    expect(CountVectorsFeaturizer.process, "95cd0baaa70c8983", count_whole_texts)
    expect(LogisticRegressionClassifier._create_X, "6f50b5eef8a879c4", count_whole_texts)
    stock = LogisticRegressionClassifier._create_X

    @wraps(CountVectorsFeaturizer.process)  # Rasa checks names and types of its parameters
    def process(featurizer: Any, messages: list[Any]) -> list[Any]:
        for attribute in set(featurizer._attributes) & set(DENSE_FEATURIZABLE_ATTRIBUTES):
            if not (vectorizer := featurizer.vectorizers.get(attribute)):
                continue
            split = [featurizer._get_processed_message_tokens_by_attribute(one, attribute) for one in messages]
            given = [(message, " ".join(words)) for message, words in zip(messages, split, strict=True) if words]
            counts = vectorizer.transform([text for _, text in given]) if given else []
            for (message, _), row in zip(given, counts, strict=True):
                row.sort_indices()
                featurizer.add_features_to_message(None, row.tocoo(), attribute, message)
        return messages

    def matrix(classifier: Any, messages: list[Any]) -> Any:
        counted = [message.get_sparse_features(attribute=TEXT)[1] for message in messages]
        return vstack([one.features for one in counted], format="csr") if all(counted) else stock(classifier, messages)

    CountVectorsFeaturizer.process = process
    LogisticRegressionClassifier._create_X = matrix


TRAINING_CHANGES = (keep_no_steps, count_whole_texts)
CHANGES = (
    ask_for_token,
    validate_schema_once,
    send_less_to_actions,
    end_long_sessions,
    trust_posted_events,
    add_posted_turns_once,
    count_whole_texts,
)


def expect(method: Any, known: str, change: Any) -> None:
    """Raises SystemExit if the source of Rasa's ``method`` differs from the source for which ``change`` was written."""
    if fingerprint(method) != known:
        sys.exit(f"{method.__qualname__} of Rasa is another one: adapt {change.__name__} of bot/rasa/command.py")


def fingerprint(method: Any) -> str:
    """Returns a hash (16 hex digits) of the source code of a method."""
    return hashlib.sha256(inspect.getsource(method).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
