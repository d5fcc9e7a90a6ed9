"""What is not for the agency: everyday talk and insults. Said honestly once; a second time in a row a person follows.

Called by Rasa's rules for those intents, and by answer_faq.py when the answerer takes a message for everyday talk.
«In a row» is read from the tracker: each first miss is marked in its payload.
"""

from __future__ import annotations

from dataclasses import dataclass

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.history import fell_back_before
from actions.step import Domain, Events
from actions.tracker import read_events
from bot.core.messages import Handoff, HandoffReason
from bot.core.payload import Payload


@dataclass(frozen=True)
class Fallback:
    """Says the response of domain.yml, which offers a person; after another miss it asks for one."""

    name: str
    response: str
    team: str

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        if fell_back_before(read_events(tracker.events)):
            handoff = Handoff(HandoffReason.LOW_CONFIDENCE, team=self.team)
            dispatcher.utter_message(response="utter_missed_again", json_message=Payload(handoff=handoff).to_data())
        else:
            dispatcher.utter_message(response=self.response, json_message=Payload(missed=True).to_data())
        return []


def out_of_scope(team: str) -> Fallback:
    """For everyday talk, whoever recognised it."""
    return Fallback("action_out_of_scope", "utter_out_of_scope_chitchat", team)


def insult(team: str) -> Fallback:
    """For an insult: somebody who is angry twice is better off with a person."""
    return Fallback("action_insult", "utter_insult", team)
