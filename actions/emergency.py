"""Handles emergencies that Rasa recognizes but that the phrases of bot/crisis miss.

Since Rasa also mistakes "hay un hoyo en mi calle" for an emergency, a message without any danger word goes to the FAQ.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.step import Domain, Events, Step, citizens_words
from bot.agency.model import Agency
from bot.core.messages import Handoff, HandoffReason, Priority, RecognizedDanger
from bot.core.payload import Payload
from bot.crisis import emergency


class Emergency:
    """Sends the emergency number for the kind of emergency and hands off with the highest priority.

    Runs ``otherwise`` instead if the message has no danger word, or if it has an emergency phrase. A message with an
    emergency phrase reaches Rasa only if the danger classifier doubts the phrase; ``otherwise`` then shows the number.
    """

    name = "action_emergency"

    def __init__(self, agency: Agency, otherwise: Step) -> None:
        self._agency, self._otherwise = agency, otherwise

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        words = citizens_words(tracker)
        kind = None if emergency.find_doubtful(words) else emergency.guess(words)
        if kind is None:
            return await self._otherwise.run(dispatcher, tracker, domain)
        dispatcher.utter_message(json_message=numbers(self._agency, kind).to_data())
        return []


def numbers(agency: Agency, kind: str) -> Payload:
    """Returns a top-priority handoff with the agency's text for this kind of emergency, or else its general text."""
    handoff = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, team=agency.default_team)
    return Payload(agency.emergency_reply(kind), handoff=handoff, danger=RecognizedDanger(kind, sure=True))
