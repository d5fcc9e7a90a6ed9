"""Builds the notices to citizens about the queue, the agent who attends them, and the end of a support session.

The texts come from agency.yml. ``{posicion}`` is left in the text: the Lua script that opens or requeues the ticket
replaces it with the queue position in the same step.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.agency.model import Agency
from bot.core.messages import Author, Button, Handoff, Priority, Reply
from bot.handoff.callback_offer import offer
from bot.handoff.forecast import Forecast, Forecasts
from bot.handoff.hours import OpeningHours, ServiceHours
from bot.public_notices.board import NoticeBoard
from bot.text.languages import OTHERS
from bot.text.translations import in_other_languages, joined, queue_sentences, titles
from bot.tickets.ticket import Ticket
from bot.tickets.transitions import Why
from bot.turns.buttons import NOTIFY_NEAR
from bot.turns.foreign_language import translated

REQUEUED = {Why.VANISHED: "vuelve_a_fila_corte", Why.SILENT: "vuelve_a_fila_silencio"}

CountWaiting = Callable[[str], Awaitable[int]]


class WaitingNotices:
    """Builds the notices for waiting citizens: their position and wait, the next opening, or that the queue is full.

    ``waiting(team)`` counts the tickets that wait for a team, and ``waiting("")`` those of all teams. ``board``
    contains the public notices, whose measures may add a text before the notice.
    """

    def __init__(
        self,
        agency: Agency,
        service_hours: ServiceHours,
        waiting: CountWaiting,
        forecasts: Forecasts,
        board: NoticeBoard | None = None,
    ) -> None:
        self._board = board or NoticeBoard()
        self._forecasts = forecasts
        self._agency = agency
        self._service_hours = service_hours
        self._waiting = waiting

    async def __call__(self, handoff: Handoff, now: datetime) -> Reply:
        """Returns the notice for a citizen who enters the queue of the handoff's team.

        Its translations contain only the overload text of a public notice (in Spanish); the position, the next opening,
        or that the queue is full; and the offers of a call-back and of a notice if the wait is long.
        """
        team, hours = handoff.team, self._service_hours.of(handoff.team)
        forecast = await self._forecasts.on_entering(team, handoff.priority, now)
        if not hours.is_open(now):
            text = self._agency.say("espera_fuera_de_horario", apertura=hours.next_opening_in_words(now))
            also = _closed(hours.next_opening(now))
        elif ahead := await self._too_many(team):
            text = self._agency.say("espera_fila_llena", en_espera=ahead)
            also = queue_sentences("fila_llena", en_espera=str(ahead))
            forecast = replace(forecast, is_long=True)
        else:
            text, also = self._agency.say("espera"), {}
        place, _, rest = text.strip().partition("\n\n")
        overload = self._board.effects.overload
        spanish = "\n\n".join(filter(None, (overload, place, forecast.words, rest)))
        word = {one.value: overload for one in OTHERS} if overload else {}
        return self._with_offers(_notice(spanish, joined(word, queue_sentences("en_la_fila"), also)), team, forecast)

    async def still(self, ticket: str, now: datetime) -> Reply:
        """Returns the notice for a citizen who is still waiting: the position, and the wait or the next opening."""
        forecast = await self._forecasts.while_waiting(ticket, now)
        hours = self._service_hours.of(await self._forecasts.team_of(ticket))
        lines = [self._agency.say("ya_en_espera"), forecast.words]
        if not hours.is_open(now):
            lines.insert(1, self._agency.say("espera_apertura", apertura=hours.next_opening_in_words(now)))
        return _notice("\n\n".join(filter(None, lines)), in_other_languages("ya_en_espera"))

    async def _too_many(self, team: str) -> int:
        """Returns the number of waiting tickets if it reaches the limit of the team or that of all teams; else 0."""
        limits = {team: self._agency.desk.full_at_of_team.get(team), "": self._agency.desk.full_at}
        for whose, limit in limits.items():
            if limit is not None and (count := await self._waiting(whose)) >= limit:
                return count
        return 0

    def _with_offers(self, notice: Reply, team: str, forecast: Forecast) -> Reply:
        """Returns the notice; if the wait is long, adds offers of a call-back and of a notice once the turn is near."""
        if not forecast.is_long:
            return notice
        offers = [self._agency.say("llamada_oferta")] if self._agency.desk.calls_back else []
        buttons = [offer(self._agency, team)] if self._agency.desk.calls_back else []
        offers.append(self._agency.say("aviso_oferta"))
        buttons.append(Button(self._agency.say("aviso_boton"), NOTIFY_NEAR, titles=titles("avisame")))
        text = "\n\n".join((notice.text, " ".join(offers)))
        keys = ("llamada", "avisame") if self._agency.desk.calls_back else ("avisame",)
        translations = joined(notice.translations, *map(queue_sentences, keys))
        return replace(notice, text=text, buttons=tuple(buttons), translations=translations)


def _closed(opening: datetime | None) -> dict[str, str]:
    """Returns the sentence about the next opening in each other language; ``opening`` is None if unknown."""
    if opening is None:
        return queue_sentences("cerrado_sin_fecha")
    return queue_sentences("cerrado", fecha=f"{opening:%d/%m}", hora=f"{opening:%H:%M}")


def claimed_notice(agency: Agency, *, name: str, team: str) -> Reply:
    """Returns the notice that states which agent attends the citizen; ``team`` is a key of the agency's teams."""
    return translated(agency, "atiende_persona", nombre=name, equipo=team_name(agency, team))


def assigned_notice(agency: Agency) -> Reply:
    """Returns the text of ``claimed_notice`` with ``{nombre}`` and ``{equipo}`` left for the Lua script to fill in."""
    return translated(agency, "atiende_persona")


def closed_notice(agency: Agency, *, name: str, about: str = "") -> Reply:
    """Returns the notice that the assistant is answering the citizen again.

    ``about`` is the question of the entry that the session was about, which the notice names; '' if none is known.
    """
    goes_on = (agency.say("cierre_seguimos", pregunta=about),) if about else ()
    text = "\n\n".join((agency.say("cierre_atencion", nombre=name), *goes_on))
    return _notice(text, in_other_languages("cierre_atencion", nombre=name))


def requeued_notice(agency: Agency, why: Why, *, name: str = "", emergency: bool = False) -> Reply:
    """Returns the notice with the reason why the citizen is back in the queue; the Lua script fills in ``{posicion}``.

    In an emergency, the notice contains the numbers to call and no position. ``name`` is the agent's name, '' if
    ``why`` is VANISHED or SILENT.
    """
    if emergency:
        return translated(agency, "vuelve_emergencia")
    text = agency.say(REQUEUED.get(why, "vuelve_a_fila"), nombre=name)
    return _notice(text, in_other_languages("vuelve_a_fila"))


def back_notice(agency: Agency, ticket: Ticket | None, why: Why, hours: ServiceHours, *, name: str = "") -> Reply:
    """Returns ``requeued_notice`` as it fits the ticket, if known: in an emergency, or outside its team's hours."""
    if ticket is not None and ticket.priority is Priority.EMERGENCY:
        return requeued_notice(agency, why, emergency=True)
    return with_opening(agency, requeued_notice(agency, why, name=name), hours.of(ticket.team if ticket else ""))


def changed_wait_notice(agency: Agency, words: str, *, is_longer: bool) -> Reply:
    """Returns the notice that the wait changed; ``words`` states in Spanish how long it is now."""
    key = "espera_mas" if is_longer else "espera_cambio"
    return _notice(f"{agency.say(key)} {words}", in_other_languages(key))


def near_notice(agency: Agency) -> Reply:
    """Returns the notice for a citizen who asked to be notified once their turn is near."""
    return translated(agency, "aviso_casi")


def other_team_notice(agency: Agency, team: str) -> Reply:
    """Returns the notice that the citizen now waits for another team."""
    return translated(agency, "pasa_a_equipo", equipo=team_name(agency, team))


def with_opening(agency: Agency, notice: Reply, hours: OpeningHours) -> Reply:
    """Returns the notice that the citizen waits again; outside ``hours``, those of the team, with its next opening."""
    now = agency.now()
    if hours.is_open(now):
        return notice
    opens = agency.say("espera_apertura", apertura=hours.next_opening_in_words(now))
    translations = joined(notice.translations, _closed(hours.next_opening(now)))
    return replace(notice, text=f"{notice.text}\n\n{opens}", translations=translations)


def no_answer_notice(agency: Agency) -> Reply:
    """Returns the notice that the support session was closed because the citizen did not write again."""
    return translated(agency, "cierre_sin_respuesta")


def team_name(agency: Agency, team: str) -> str:
    """Returns the team's public name; the default team's name if the key is unknown or empty."""
    return agency.teams.get(team) or agency.teams[agency.default_team]


def team_list(agency: Agency, teams: Sequence[str]) -> list[str]:
    """Returns the public names of the teams without duplicates."""
    return list(dict.fromkeys(team_name(agency, team) for team in teams))


def team_names(agency: Agency) -> dict[str, str]:
    """Maps the key of every team to its public name; '' maps to the default team's, for teams that no longer exist."""
    return agency.teams | {"": team_name(agency, "")}


def _notice(text: str, translations: Mapping[str, str] | None = None) -> Reply:
    return Reply(text, author=Author.SYSTEM, translations=translations or {})
