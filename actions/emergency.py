"""The second net for emergencies: what bot/crisis did not catch by its phrases but Rasa's intent did.

Rasa also takes "hay un hoyo en mi calle" for one: a message without any word of danger is a question for the FAQ.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.step import Domain, Events, Step, citizens_words
from bot.agency.model import Agency
from bot.core.messages import Handoff, HandoffReason, Priority
from bot.core.payload import Payload
from bot.crisis import emergency


class Emergency:
    """Gives the right number at once and hands off before everybody else."""

    name = "action_emergency"

    def __init__(self, agency: Agency, otherwise: Step) -> None:
        self._agency, self._otherwise = agency, otherwise

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        kind = emergency.guess(citizens_words(tracker))
        if kind is None:
            return await self._otherwise.run(dispatcher, tracker, domain)
        dispatcher.utter_message(json_message=numbers(self._agency, kind).to_data())
        return []


def numbers(agency: Agency, kind: str) -> Payload:
    """The agency's text for that kind of emergency, or for any, and a handoff before everybody else."""
    handoff = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, team=agency.default_team)
    return Payload(agency.emergencies.get(kind) or agency.emergencies["general"], handoff=handoff)
