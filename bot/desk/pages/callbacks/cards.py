"""Formats call-back requests as cards, with all texts ready for the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.agency.model import Agency
from bot.core.channels import name_of
from bot.core.texts import say
from bot.desk.queries.callbacks import MAX_ATTEMPTS, Attempt, Listed
from bot.handoff.callbacks.contact import ContactKind, spoken
from bot.handoff.hours import ServiceHours
from bot.handoff.notices import team_name


@dataclass(frozen=True)
class Card:
    """A call-back request as the page shows it, with Spanish texts; ``shown`` is the masked contact.

    ``contact`` is the decrypted contact, or '' if the agent has not revealed it; ``link`` is its ``tel:`` or
    ``mailto:`` URL. ``asked`` states when and on which channel the citizen asked; ``when`` states from when the call is
    due. ``attempt`` is the number of the next attempt. ``matter`` is the subject of the call in the citizen's words, ''
    if the citizen stated none.
    """

    id: int
    ticket: str
    number: str
    team: str
    kind: str
    shown: str
    contact: str
    link: str
    asked: str
    when: str
    due: bool
    part_of_day: str
    matter: str
    owner: str
    mine: bool
    attempts: tuple[str, ...]
    notes: tuple[str, ...]
    attempt: str
    last_try: bool


class Cards:
    """Builds cards; ``service_hours`` formats times in Spanish, relative to each team's opening hours."""

    def __init__(self, agency: Agency, service_hours: ServiceHours) -> None:
        self._agency = agency
        self._service_hours = service_hours

    def make(self, one: Listed, *, me: str, now: datetime, contact: str = "", matter: str = "") -> Card:
        row, due = one.row, one.row.due_at <= now
        when = self.moment(row.team, row.due_at, now)
        return Card(
            id=row.id,
            ticket=row.ticket_id,
            number=row.number,
            team=team_name(self._agency, row.team),
            kind=say(f"desk.llamadas.tipos.{row.contact_kind}"),
            shown=row.shown,
            contact=spoken(contact),
            link=_link(row.contact_kind, contact),
            asked=self._asked(one, now),
            when=say("desk.llamadas.vencida" if due else "desk.llamadas.desde", cuando=when),
            due=due,
            part_of_day=say(f"desk.llamadas.franjas.{row.part_of_day}"),
            matter=matter,
            owner=one.owner.name if one.owner else "",
            mine=one.owner is not None and one.owner.id == me,
            attempts=tuple(self._tried(attempt, row.team, now) for attempt in one.attempts),
            notes=tuple(attempt.note for attempt in one.attempts),
            attempt=say("desk.llamadas.intento", n=len(one.attempts) + 1, total=MAX_ATTEMPTS),
            last_try=one.tries_left <= 1,
        )

    def moment(self, team: str, at: datetime, now: datetime) -> str:
        """Formats a time in Spanish, such as ``hoy a las 15:00``; on past days, as date and time."""
        local = at.astimezone(now.tzinfo)
        if local.date() < now.date():
            return f"{local:%d-%m-%Y %H:%M}"
        return self._service_hours.of(team).in_words(local, now)

    def _asked(self, one: Listed, now: datetime) -> str:
        channel = name_of(one.channel)
        return say("desk.llamadas.pidio", cuando=_stamp(one.row.asked_at, now), canal=channel)

    def _tried(self, attempt: Attempt, team: str, now: datetime) -> str:
        return say(
            "desk.llamadas.intento_hecho",
            cuando=_stamp(attempt.at, now),
            nombre=attempt.name or say("desk.llamadas.alguien"),
            resultado=say(f"desk.llamadas.resultados.{attempt.result}"),
        )


def sections(cards: Sequence[Card]) -> dict[str, list[Card]]:
    """Splits the cards into ``para_ahora`` (due) and ``mas_tarde`` (later), keeping their order."""
    return {"para_ahora": [one for one in cards if one.due], "mas_tarde": [one for one in cards if not one.due]}


def _stamp(at: datetime, now: datetime) -> str:
    return f"{at.astimezone(now.tzinfo):%d-%m %H:%M}"


def _link(kind: str, contact: str) -> str:
    if not contact:
        return ""
    return f"mailto:{contact}" if kind == ContactKind.EMAIL else f"tel:{contact}"
