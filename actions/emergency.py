"""The second net for emergencies: what bot/crisis did not catch by its phrases but Rasa's intent did.

Rasa also takes "hay un hoyo en mi calle" for one: a message without any word of danger is a question for the FAQ.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.payload import Payload
from actions.step import Domain, Events, Step, citizens_words
from bot.agency import Agency
from bot.crisis import emergency
from bot.messages import Handoff, HandoffReason, Priority


class Emergency:
    """Gives the right number at once and hands off before everybody else."""

    name = "action_emergency"

    def __init__(self, agency: Agency, otherwise: Step) -> None:
        self._agency, self._otherwise = agency, otherwise

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        kind = emergency.guess(citizens_words(tracker))
        if kind is None:
            return await self._otherwise.run(dispatcher, tracker, domain)
        handoff = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, team=self._agency.default_team)
        text = self._agency.emergencies.get(kind) or self._agency.emergencies["general"]
        dispatcher.utter_message(json_message=Payload(text, handoff=handoff).to_message())
        return []
