"""Builds the notices to citizens about the queue, the agent who attends them, and the end of a support session.

The texts come from agency.yml. ``{posicion}`` is left in the text: the Lua script that opens or requeues the ticket
replaces it with the queue position in the same step.
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
    """The measured waits that the notices need; ``bot.tickets.waits.Waits`` implements this protocol."""

    async def median_ms(self, team: str, since: datetime) -> int | None: ...
    async def of_ticket(self, ticket: str) -> str: ...


class WaitingNotices:
    """Builds the notices for waiting citizens: position and usual wait, or next opening, or that the queue is full.

    ``waiting(team)`` counts the tickets that wait for a team, ``waiting("")`` those of all teams.
    """

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
        """Returns the notice for a citizen who keeps waiting: the position, and the usual wait or the next opening."""
        team = await self._waits.of_ticket(ticket)
        hours, already_waiting = self._service_hours.of(team), self._agency.say("ya_en_espera")
        if hours.is_open(now):
            return _system(f"{already_waiting}\n\n{await self._recent_wait_words(team, now)}")
        opening = self._agency.say("espera_apertura", apertura=hours.next_opening_in_words(now))
        return _system(f"{already_waiting}\n\n{opening}")

    async def _recent_wait_words(self, team: str, now: datetime) -> str:
        since = self._service_hours.of(team).open_since(now) or now
        return sentence(self._agency, await self._waits.median_ms(team, since))

    async def _too_many(self, team: str) -> int:
        """Returns the number of waiting tickets if it reaches the limit of the team or that of all teams; else 0."""
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
    """Returns the notice telling the citizen which agent attends them; ``team`` is a key of the agency's teams."""
    return _system(agency.say("atiende_persona", nombre=name, equipo=team_name(agency, team)))


def assigned_notice(agency: Agency) -> Reply:
    """Returns the text of ``claimed_notice`` with ``{nombre}`` and ``{equipo}`` left for the Lua script to fill in."""
    return _system(agency.say("atiende_persona"))


def closed_notice(agency: Agency, *, name: str, about: str = "") -> Reply:
    """Returns the notice telling the citizen that the assistant is answering again.

    ``about`` is the question that the assistant resumes, '' for none.
    """
    goes_on = (agency.say("cierre_seguimos", pregunta=about),) if about else ()
    return _system("\n\n".join((agency.say("cierre_atencion", nombre=name), *goes_on)))


def requeued_notice(agency: Agency, why: Why, *, name: str = "") -> Reply:
    """Returns the notice telling the citizen why they are back in the queue; the Lua script fills in ``{posicion}``."""
    return _system(agency.say(REQUEUED.get(why, "vuelve_a_fila"), nombre=name))


def changed_wait_notice(agency: Agency, wait_ms: int) -> Reply:
    """Returns the notice telling the citizen that the usual wait has changed to ``wait_ms``."""
    return _system(agency.say("espera_cambio", espera=in_words(wait_ms)))


def other_team_notice(agency: Agency, team: str) -> Reply:
    """Returns the notice telling the citizen that they now wait for another team."""
    return _system(agency.say("pasa_a_equipo", equipo=team_name(agency, team)))


def no_answer_notice(agency: Agency) -> Reply:
    """Returns the notice telling the citizen that the support session was closed because they did not write again."""
    return _system(agency.say("cierre_sin_respuesta"))


def team_name(agency: Agency, team: str) -> str:
    """Returns the team's public name; the default team's name if the key is unknown or empty."""
    return agency.teams.get(team) or agency.teams[agency.default_team]


def team_list(agency: Agency, teams: Sequence[str]) -> list[str]:
    """Returns the public names of the teams without duplicates."""
    return list(dict.fromkeys(team_name(agency, team) for team in teams))


def team_names(agency: Agency) -> dict[str, str]:
    """Returns the public name of every team; the key '' has the default team's, for teams that no longer exist."""
    return agency.teams | {"": team_name(agency, "")}


def _system(text: str) -> Reply:
    return Reply(text=text, author=Author.SYSTEM)
