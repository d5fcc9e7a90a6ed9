"""Estimates how long citizens wait: a range computed from their queue position, or nothing if too little is known.

The range counts only the team's opening hours. If it exceeds the day, the citizen is shown the next day's opening time;
outside the service hours, the time at which an agent will probably attend them. Unless the position improves, the
citizen is never shown a shorter wait than before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bot.agency.model import Agency
from bot.core.messages import Priority
from bot.handoff.estimate import clock_words, in_words
from bot.handoff.hours import OpeningHours, ServiceHours
from bot.public_notices.board import NoticeBoard
from bot.store.client import Store
from bot.tickets.announced_wait import AnnouncedWait
from bot.tickets.pace import Duty, Move, WaitRange, wait_range
from bot.tickets.presence import Presence, Presences
from bot.tickets.waits import Waits

LONG_MS = 30 * 60_000
LONG_PLACE = 10


@dataclass(frozen=True)
class Pace:
    """The data from which a team's waits are estimated.

    ``moves`` are the queue's recent moves, ``duty`` the recent numbers of agents on duty. ``agents`` is the number now,
    None outside the service hours.
    """

    moves: Sequence[Move]
    duty: Sequence[Duty]
    agents: int | None

    def wait(self, place: int, now: datetime) -> WaitRange | None:
        return wait_range(place, self.moves, self.duty, self.agents, _ms(now))


@dataclass(frozen=True)
class Forecast:
    """A forecast: its text for the citizen, which may be '', and whether the wait is long.

    If it is long, a call-back and a notice are offered.
    """

    words: str
    is_long: bool


class Forecasts:
    """Computes forecasts from the queues and the agents at the desk; may raise redis.RedisError."""

    def __init__(self, agency: Agency, service_hours: ServiceHours, waits: Waits, presences: Presences) -> None:
        self._agency = agency
        self.service_hours = service_hours
        self.waits = waits
        self.presences = presences

    @classmethod
    def from_agency(cls, agency: Agency, redis: Store, board: NoticeBoard | None = None) -> Self:
        return cls(agency, ServiceHours(agency, board), Waits(redis), Presences(redis, agency.desk.lease_s))

    async def agents_on_duty(self, team: str) -> int:
        """Returns the number of agents at the desk who serve the team and are not away."""
        everybody = await self.presences.everybody()
        return sum(one.presence is not Presence.AWAY and one.skills.serve(team) for one in everybody)

    async def pace(self, team: str, now: datetime) -> Pace:
        is_open = self.service_hours.of(team).is_open(now)
        agents = await self.agents_on_duty(team) if is_open else None
        return Pace(await self.waits.moves(team), await self.waits.duty(team), agents)

    async def team_of(self, ticket: str) -> str:
        return (await self.waits.place(ticket))[0]

    async def on_entering(self, team: str, priority: Priority, now: datetime) -> Forecast:
        """Returns the forecast for a citizen who enters the team's queue now."""
        place = await self.waits.next_place(team, priority)
        pace = await self.pace(team, now)
        return self._forecast(team, place, pace, pace.wait(place, now), now)

    async def while_waiting(self, ticket: str, now: datetime) -> Forecast:
        """Returns the forecast for a waiting citizen; stores its range, if any, as the last range shown to them."""
        team, place, announced = await self.waits.place(ticket)
        pace = await self.pace(team, now)
        wait = pace.wait(place, now) if place else None
        if wait:
            wait = at_least(wait, announced) if announced and place >= announced.place else wait
            await self.waits.announce(ticket, AnnouncedWait(place, wait, _ms(now)))
        return self._forecast(team, place, pace, wait, now)

    def words(self, team: str, wait: WaitRange, now: datetime) -> str:
        """Returns Spanish text for a wait that begins within the service hours.

        The text gives the wait in minutes or, if it might not end today, the opening time of the next open day.
        """
        hours = self.service_hours.of(team)
        low, high = (hours.after(now, length) for length in (wait.low_ms, wait.high_ms))
        if high is None or low is None or high.date() > now.astimezone(high.tzinfo).date():
            opening = hours.in_words(hours.next_day(now), now)
            return self._agency.say("espera_otro_dia", apertura=opening)
        return self._agency.say("espera_estimada", espera=in_words(_minutes(low, now), _minutes(high, now)))

    def _forecast(self, team: str, place: int, pace: Pace, wait: WaitRange | None, now: datetime) -> Forecast:
        is_long = place > LONG_PLACE if wait is None else wait.high_ms >= LONG_MS
        if pace.agents is None:
            return Forecast(self._realistic(self.service_hours.of(team), wait, place, now), True)
        if pace.agents == 0:
            return Forecast(self._agency.say("espera_sin_nadie", telefono=self._agency.phone), True)
        return Forecast(self.words(team, wait, now) if wait else self._agency.say("espera_sin_datos"), is_long)

    def _realistic(self, hours: OpeningHours, wait: WaitRange | None, place: int, now: datetime) -> str:
        """Returns Spanish text for the likely time after the next opening.

        Returns '' for the first citizen in the queue, and a general text if the time is unknown.
        """
        opening = hours.next_opening(now)
        if wait is None or opening is None or place <= 1:
            return self._agency.say("espera_por_orden") if place > 1 else ""
        low, high = (hours.after(opening, length) for length in (wait.low_ms, wait.high_ms))
        if low is None or low.date() > opening.date():
            return self._agency.say("espera_realista_otro_dia")
        day = hours.day_in_words(opening, now)
        if high is None or high.date() > opening.date():
            return self._agency.say("espera_realista_desde", dia=day, desde=clock_words(low, up=False))
        start, end = clock_words(low, up=False), clock_words(high, up=True)
        return self._agency.say("espera_realista", dia=day, desde=start, hasta=end)


def at_least(wait: WaitRange, announced: AnnouncedWait) -> WaitRange:
    """Returns ``wait`` with each end at least as late as in ``announced``, the wait that the citizen was last shown."""
    return WaitRange(max(wait.low_ms, announced.wait.low_ms), max(wait.high_ms, announced.wait.high_ms))


def _minutes(moment: datetime, now: datetime) -> float:
    return (moment - now).total_seconds() / 60


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
