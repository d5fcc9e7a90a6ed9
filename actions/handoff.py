"""Requests a handoff for the intents ask_human, complaint, feedback_bad and the two requests about personal data.

The worker opens the ticket in the step that commits the reply, and adds the queue position.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.step import Domain, Events
from bot.agency.model import Agency
from bot.core.messages import Handoff, HandoffReason, Priority
from bot.core.payload import Payload


@dataclass(frozen=True)
class AskForPerson:
    """An action that sends a response of domain.yml with a handoff; ``values`` fill the response's ``{names}``."""

    name: str
    response: str
    handoff: Handoff
    values: dict[str, str] = field(default_factory=dict)

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        payload = Payload(handoff=self.handoff).to_data()
        dispatcher.utter_message(response=self.response, json_message=payload, **self.values)
        return []


def person_actions(agency: Agency) -> tuple[AskForPerson, ...]:
    """Returns the actions that always hand off."""
    team = agency.default_team
    privacy = Handoff(HandoffReason.PRIVACY_REQUEST, team=team)
    notice = {"privacy_url": agency.privacy_url}
    return (
        AskForPerson("action_ask_human", "utter_ask_human", Handoff(HandoffReason.ASKED_HUMAN, team=team)),
        AskForPerson("action_complaint", "utter_complaint", Handoff(HandoffReason.COMPLAINT, Priority.HIGH, team=team)),
        AskForPerson("action_feedback_bad", "utter_feedback_bad", Handoff(HandoffReason.NEGATIVE_FEEDBACK, team=team)),
        AskForPerson("action_my_data", "utter_my_data", privacy, notice),
        AskForPerson("action_delete_my_data", "utter_delete_my_data", privacy, notice),
    )
