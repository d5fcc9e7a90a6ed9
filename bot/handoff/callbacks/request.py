"""Creates the call-back request at the end of the dialogue, with its number and the confirmation for the citizen.

Committing the turn logs the request as an event, which the recorder writes into PostgreSQL with the encrypted contact.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.agency.model import Agency
from bot.conversation.change import Change, Note
from bot.conversation.state import ConversationState
from bot.core.event_facts import CallbackFacts
from bot.core.events import EventKind
from bot.core.messages import Button, Reply
from bot.handoff.callbacks.contact import ContactKind
from bot.handoff.callbacks.form import Form, Window
from bot.handoff.hours import OpeningHours, ServiceHours
from bot.text.translations import in_other_languages, said_in, titles
from bot.turns.buttons import offered, with_ids
from bot.turns.outcome import Decision

CALLBACK = "callback"
REVOKE = f"{CALLBACK}:revoke"
PARTS_OF_THE_DAY = {Window.MORNING: "llamada_en_la_manana", Window.AFTERNOON: "llamada_en_la_tarde"}

Clock = Callable[[], datetime]


class Requests:
    """Creates call-back requests; ``clock`` returns the current time with its time zone."""

    def __init__(self, agency: Agency, service_hours: ServiceHours, clock: Clock | None = None) -> None:
        self._agency = agency
        self._service_hours = service_hours
        self._clock = clock or agency.now

    def now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)

    def asks_when(self, team: str) -> bool:
        """Returns whether the team is open both in the morning and in the afternoon, so that the citizen can choose."""
        hours = self._service_hours.of(team)
        return all(hours.attends_in(window.span) for window in PARTS_OF_THE_DAY)

    def made(self, form: Form, window: Window, state: ConversationState) -> Decision:
        """Returns the decision that logs and confirms the request, makes the ticket a call-back and clears the form."""
        now = self._clock()
        due = self._service_hours.of(form.team).first_attended(now, window.span)
        number, due_at = new_number(), int((due or now).timestamp() * 1000)
        facts = CallbackFacts(
            number=number,
            of_ticket=state.ticket or "",
            team=form.team,
            contact_kind=form.kind or "",
            contact=form.shown,
            window=window,
            consented_at=form.consented_at,
            due_at=due_at,
        )
        confirmed = self._confirmation(form, window, number, (due, now))
        revoke = Button(self._agency.say("llamada_anular"), REVOKE, titles=titles("llamada_anular"))
        replies = with_ids((replace(confirmed, buttons=(revoke,)),))
        note = Note(EventKind.CALLBACK_REQUESTED, facts, form.encrypted)
        return Decision(replies, Change(buttons=offered(replies), form="", call_back_at=due_at, note=note))

    def _confirmation(self, form: Form, window: Window, number: str, times: tuple[datetime | None, datetime]) -> Reply:
        """Returns the confirmation; ``times`` are the due time (None if unknown) and the current time."""
        key = "llamada_confirmada_correo" if form.kind is ContactKind.EMAIL else "llamada_confirmada"
        hours, part = self._service_hours.of(form.team), PARTS_OF_THE_DAY.get(window)
        same = {"numero": number, "contacto": form.shown}
        own = {
            "franja": f" {self._agency.say(part)}" if part else "",
            "cuando": due_in_words(self._agency, hours, *times),
        }
        parts, whens = in_other_languages(part) if part else {}, due_in_other_languages(*times)
        translations = {
            one: said_in(one, key, **same, franja=f" {parts[one]}" if part else "", cuando=whens[one]) for one in whens
        }
        return Reply(self._agency.say(key, **same, **own), translations=translations)


def new_number() -> str:
    """Returns a random number such as ``381-204`` that the citizen may quote later."""
    return f"{secrets.randbelow(900) + 100}-{secrets.randbelow(900) + 100}"


def due_in_words(agency: Agency, hours: OpeningHours, due: datetime | None, now: datetime) -> str:
    """Returns Spanish text for the time after which the team will call.

    ``due`` is None if the next opening is unknown.
    """
    if due is not None and due <= now:
        return agency.say("llamada_desde_ahora")
    words = hours.in_words(due, now)
    return agency.say("llamada_desde", apertura=words) if due else words


def due_in_other_languages(due: datetime | None, now: datetime) -> dict[str, str]:
    """Returns, for each language other than Spanish, the text that says from when on the team will call."""
    if due is None or due <= now:
        return in_other_languages("llamada_desde_ahora")
    return in_other_languages("llamada_desde", apertura=f"{due:%d/%m}, {due:%H:%M}")
