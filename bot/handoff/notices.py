"""What the citizen is told when a person is asked for, takes the conversation, and gives it back.

Wordings are the agency's own, in agency.yml.
``{posicion}`` is left as it is: the script that opens the ticket writes the place in line, in the same step.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.agency.model import Agency
from bot.core.messages import Author, Reply
from bot.handoff.callback_offer import offer
from bot.handoff.estimate import in_words, sentence
from bot.handoff.hours import ServiceHours
from bot.tickets.transitions import Why

REQUEUED = {Why.VANISHED: "vuelve_a_fila_corte", Why.SILENT: "vuelve_a_fila_silencio"}

CountWaiting = Callable[[str], Awaitable[int]]


class RecentWaits(Protocol):
    """``bot.tickets.waits.Waits``."""

    async def median_ms(self, team: str, since: datetime) -> int | None: ...
    async def of_ticket(self, ticket: str) -> str: ...


class WaitingNotices:
    """What who enters the line is told: the place; when somebody will be there, if nobody of the team attends now; that
    the line is full. ``waiting(team)`` counts who waits for a team, ``waiting("")`` all."""

    def __init__(self, agency: Agency, service_hours: ServiceHours, waiting: CountWaiting, waits: RecentWaits) -> None:
        self._waits = waits
        self._agency = agency
        self._service_hours = service_hours
        self._waiting = waiting

    async def __call__(self, team: str, now: datetime) -> Reply:
        hours = self._service_hours.of(team)
        if not hours.is_open(now):
            return self._with_offer("espera_fuera_de_horario", team, apertura=hours.next_opening_in_words(now))
        if ahead := await self._too_many(team):
            return self._with_offer("espera_fila_llena", team, en_espera=ahead)
        return _system(f"{self._agency.say('espera')}\n\n{await self._recent_wait_words(team, now)}")

    async def still(self, ticket: str, now: datetime) -> Reply:
        """What who waits is told when they ask how long, and now and then: the place, and the usual wait."""
        team = await self._waits.of_ticket(ticket)
        hours, place = self._service_hours.of(team), self._agency.say("ya_en_espera")
        if hours.is_open(now):
            return _system(f"{place}\n\n{await self._recent_wait_words(team, now)}")
        opening = self._agency.say("espera_apertura", apertura=hours.next_opening_in_words(now))
        return _system(f"{place}\n\n{opening}")

    async def _recent_wait_words(self, team: str, now: datetime) -> str:
        since = self._service_hours.of(team).open_since(now) or now
        return sentence(self._agency, await self._waits.median_ms(team, since))

    async def _too_many(self, team: str) -> int:
        """How many wait, when that is as many as the agency says or more; else 0."""
        limits = {team: self._agency.desk.full_at_of_team.get(team), "": self._agency.desk.full_at}
        for whose, limit in limits.items():
            if limit is not None and (count := await self._waiting(whose)) >= limit:
                return count
        return 0

    def _with_offer(self, key: str, team: str, **values: object) -> Reply:
        text = self._agency.say(key, **values)
        if not self._agency.desk.calls_back:
            return _system(text)
        return Reply(
            f"{text}\n\n{self._agency.say('llamada_oferta')}", (offer(self._agency, team),), author=Author.SYSTEM
        )


def claimed_notice(agency: Agency, *, name: str, team: str) -> Reply:
    """Who answers from now on; ``team`` is a key of the agency's teams."""
    return _system(agency.say("atiende_persona", nombre=name, equipo=team_name(agency, team)))


def assigned_notice(agency: Agency) -> Reply:
    """The same while it is not known yet who and of which team: the script fills in ``{nombre}`` and ``{equipo}``."""
    return _system(agency.say("atiende_persona"))


def closed_notice(agency: Agency, *, name: str, about: str = "") -> Reply:
    """The conversation is the assistant's again; ``about``: the question that it goes on with, '' for none."""
    goes_on = (agency.say("cierre_seguimos", pregunta=about),) if about else ()
    return _system("\n\n".join((agency.say("cierre_atencion", nombre=name), *goes_on)))


def requeued_notice(agency: Agency, why: Why, *, name: str = "") -> Reply:
    """Why the citizen waits again; ``{posicion}`` is left to the script, as in ``waiting_notice``."""
    return _system(agency.say(REQUEUED.get(why, "vuelve_a_fila"), nombre=name))


def changed_wait_notice(agency: Agency, wait_ms: int) -> Reply:
    """The usual wait is no longer what the citizen was told."""
    return _system(agency.say("espera_cambio", espera=in_words(wait_ms)))


def other_team_notice(agency: Agency, team: str) -> Reply:
    """The citizen waits for another team now."""
    return _system(agency.say("pasa_a_equipo", equipo=team_name(agency, team)))


def no_answer_notice(agency: Agency) -> Reply:
    """The attention was closed because the citizen wrote no more."""
    return _system(agency.say("cierre_sin_respuesta"))


def team_name(agency: Agency, team: str) -> str:
    """The team's public name; an unknown or empty key is the default team's."""
    return agency.teams.get(team) or agency.teams[agency.default_team]


def team_list(agency: Agency, teams: Sequence[str]) -> list[str]:
    """The names of several, each once."""
    return list(dict.fromkeys(team_name(agency, team) for team in teams))


def team_names(agency: Agency) -> dict[str, str]:
    """Of all teams, and under '' what a team that is no more is called: see ``team_name``."""
    return agency.teams | {"": team_name(agency, "")}


def _system(text: str) -> Reply:
    return Reply(text=text, author=Author.SYSTEM)
