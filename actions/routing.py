"""Wraps an action to set the team of its handoffs, and to add citizens' user attributes to its replies."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import asker_of
from actions.step import Domain, Events, Step
from actions.tracker import events_of
from actions.user_attributes import newest
from bot.agency.model import Agency
from bot.core.payload import KEY, Payload


class Routed:
    """Runs ``step`` and completes the payloads of its replies.

    Sets the team of a handoff according to ``mesa.rutas`` of agency.yml, and adds the user attribute that the message
    states, unless the citizen declined to state it.
    """

    def __init__(self, step: Step, agency: Agency) -> None:
        self._step = step
        self._agency = agency

    @property
    def name(self) -> str:
        return self._step.name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        events = await self._step.run(dispatcher, tracker, domain)
        known, attribute = asker_of(tracker, self._agency), newest(events_of(tracker))
        for payload in filter(None, ((one.get("custom") or {}).get(KEY) for one in dispatcher.messages)):
            if handoff := payload.get("handoff"):
                handoff["team"] = self._agency.desk.team_for(handoff["team"] or self._agency.default_team, known)
            if attribute and attribute.value:
                payload["known"] = {attribute.dimension: attribute.value}
        return events


def with_team(reply: Payload, tracker: Tracker, agency: Agency) -> Payload:
    """Returns ``reply`` with the team of its handoff, if any, as ``Routed`` sets it."""
    if reply.handoff is None:
        return reply
    team = agency.desk.team_for(reply.handoff.team or agency.default_team, asker_of(tracker, agency))
    return replace(reply, handoff=replace(reply.handoff, team=team))
