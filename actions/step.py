"""Defines the protocol of an action: a name that domain.yml lists and a ``run`` method."""

from __future__ import annotations

from typing import Any, Protocol

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

Events = list[dict[str, Any]]
Domain = dict[str, Any]


class Step(Protocol):
    """An action as rasa-sdk calls it; it replies through ``dispatcher`` and returns events for Rasa's tracker."""

    @property
    def name(self) -> str: ...

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events: ...


def citizens_words(tracker: Tracker) -> str:
    """Returns the text of the citizen's newest message; '' if there is none."""
    return str((tracker.latest_message or {}).get("text") or "")
