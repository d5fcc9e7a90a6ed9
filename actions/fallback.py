"""Replies to small talk and insults; a second one in a row becomes a handoff.

The tracker tells whether it is the second: the payload of the first reply is marked with ``missed``.
"""

from __future__ import annotations

from dataclasses import dataclass

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.history import fell_back_before
from actions.step import Domain, Events
from actions.tracker import events_of
from bot.core.messages import Handoff, HandoffReason
from bot.core.payload import Payload


@dataclass(frozen=True)
class Fallback:
    """An action that sends a response of domain.yml, or hands off if the previous message was a fallback too."""

    name: str
    response: str
    team: str

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        if fell_back_before(events_of(tracker)):
            handoff = Handoff(HandoffReason.LOW_CONFIDENCE, team=self.team)
            dispatcher.utter_message(response="utter_missed_again", json_message=Payload(handoff=handoff).to_data())
        else:
            dispatcher.utter_message(response=self.response, json_message=Payload(missed=True).to_data())
        return []


def out_of_scope(team: str) -> Fallback:
    """Returns the action for small talk."""
    return Fallback("action_out_of_scope", "utter_out_of_scope_chitchat", team)


def insult(team: str) -> Fallback:
    """Returns the action for insults."""
    return Fallback("action_insult", "utter_insult", team)
