"""Files a complaint at the end of the dialogue: assigns a number and builds the confirmation for the citizen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.agency.desk_settings import CHANNEL
from bot.agency.model import Agency
from bot.conversation.change import Change, Note
from bot.conversation.state import ConversationState
from bot.core.event_facts import ComplaintFacts
from bot.core.events import EventKind
from bot.core.logs import log
from bot.core.messages import CitizenMessage, Reply
from bot.handoff.complaints.form import Form
from bot.handoff.complaints.numbers import new_number
from bot.handoff.hours import ServiceHours
from bot.handoff.notices import team_name
from bot.turns.outcome import Decision

Clock = Callable[[], datetime]

# Reserves a complaint number; returns False if the number is in use.
Reserve = Callable[[str], Awaitable[bool]]
# Counts the complaint that a message files; returns False if the citizen filed too many.
Allow = Callable[[CitizenMessage], Awaitable[bool]]
MOST_DRAWS = 100  # attempts to draw a free number; with nine of ten in use, all fail once in 40,000 complaints


class Filing:
    """Files complaints; ``clock`` returns the current time with its time zone."""

    def __init__(
        self, agency: Agency, service_hours: ServiceHours, reserve: Reserve, allows: Allow, clock: Clock | None = None
    ) -> None:
        self._agency, self._service_hours, self._reserve, self.allows = agency, service_hours, reserve, allows
        self._clock = clock or agency.now

    def now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)

    async def filed(self, form: Form, state: ConversationState) -> Decision | None:
        """Returns the decision that logs the complaint, confirms it with its number and clears the form.

        Returns None if no number is free, since a number of two complaints would show a citizen the state of the other.
        """
        team = form.team if form.team in self._agency.teams else self._team(state)
        number = await self._number()
        if not number:
            return None
        facts = ComplaintFacts(number, team, form.what, form.location, form.place, form.photos)
        text = self._agency.say(
            "reclamo_listo", numero=number, equipo=team_name(self._agency, team), cuando=self._when(team)
        )
        note = Note(EventKind.COMPLAINT_FILED, facts)
        return Decision((Reply(text),), Change(buttons=(), complaint="", note=note))

    def _team(self, state: ConversationState) -> str:
        return self._agency.desk.team_for(self._agency.default_team, {CHANNEL: state.channel or "", **state.known})

    def _when(self, team: str) -> str:
        """Returns a Spanish phrase for the time from which staff can look at the complaint."""
        hours, now = self._service_hours.of(team), self._clock()
        if hours.is_open(now):
            return self._agency.say("reclamo_cuando_abierto")
        return self._agency.say("reclamo_cuando_cerrado", apertura=hours.next_opening_in_words(now))

    async def _number(self) -> str:
        """Generates and reserves an unused complaint number; returns '' if MOST_DRAWS numbers are in use."""
        for _ in range(MOST_DRAWS):
            number = new_number()
            if await self._reserve(number):
                return number
        log.error("complaints: no free number found")
        return ""
