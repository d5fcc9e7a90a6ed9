"""Tests who may read ratings: the agent and team concerned, and staff who may read all."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.desk.queries.ratings import SHOWN, Ratings
from bot.handoff.agent import Agent
from bot.privacy.corrections import Corrections
from bot.record.engine import Sessions
from tests.integration.recorded import NOW, conversation, judged, person, ticket

DAY = timedelta(days=1)


async def opinions_of_two_teams(sessions: Sessions) -> None:
    ana = await person(sessions, 1, "Ana")
    for name, team, by in (("a", "transito", str(ana)), ("b", "obras", "gone"), ("c", "obras", "eva")):
        await conversation(sessions, name)
        await ticket(sessions, f"t{name}", name, team=team, claimed_by=by)
        await judged(sessions, f"t{name}", name, {"a": 5, "b": 2, "c": 1}[name], ago=timedelta(minutes=ord(name)))


@pytest.mark.parametrize(
    ("reader", "scores"),
    [
        (Agent("x", "X"), [5, 2, 1]),
        (Agent("x", "X", own=("transito",)), [5]),
        (Agent("eva", "Eva", own=("transito",)), [5, 1]),
        (Agent("x", "X", own=("nobodys",)), []),
        (Agent("x", "X", own=("transito",), sees_all=True), [5, 2, 1]),
    ],
)
async def test_agent_reads_ratings_of_their_teams_and_of_themselves(
    database: Sessions, reader: Agent, scores: list[int]
) -> None:
    await opinions_of_two_teams(database)
    ratings = Ratings(database, "America/Santiago")
    assert [one.score for one in await ratings.latest(reader)] == scores
    summary = await ratings.summary(reader)
    mean = round(sum(scores) / len(scores), 1) if scores else None
    assert (summary.count, summary.mean) == (len(scores), mean)


async def test_mean_covers_thirty_days_and_the_list_everything(database: Sessions) -> None:
    await conversation(database, "c")
    for number, ago in ((1, 29 * DAY), (5, 31 * DAY)):
        await ticket(database, f"t{number}", "c")
        await judged(database, f"t{number}", "c", number, ago)
    ratings = Ratings(database, "America/Santiago")
    assert [one.score for one in await ratings.latest(Agent("x", "X"))] == [1, 5]
    assert (await ratings.summary(Agent("x", "X"))).mean == 1.0


async def test_rating_without_a_ticket_is_read_by_those_who_read_all(database: Sessions) -> None:
    await conversation(database, "c")
    await judged(database, "gone", "c", 3)
    ratings = Ratings(database, "America/Santiago")
    (one,) = await ratings.latest(Agent("x", "X"))
    assert (one.staff, one.score) == ("", 3)
    assert await ratings.latest(Agent("x", "X", own=("obras",))) == []


async def test_rating_of_a_blocked_conversation_is_counted_and_not_read(database: Sessions) -> None:
    for name, score in (("blocked", 1), ("open", 5)):
        await conversation(database, name)
        await judged(database, name, name, score)
    await Corrections(database).block("blocked")
    ratings = Ratings(database, "America/Santiago")
    assert [one.score for one in await ratings.latest(Agent("x", "X"))] == [5]
    assert (await ratings.summary(Agent("x", "X"))).count == 2


async def test_rating_list_is_limited_and_in_the_agencys_time_zone(database: Sessions) -> None:
    await conversation(database, "c")
    for number in range(SHOWN + 1):
        await judged(database, str(number), "c", 3, number * DAY)
    for zone in ("America/Santiago", "Pacific/Kiritimati"):
        shown = await Ratings(database, zone).latest(Agent("x", "X"))
        assert len(shown) == SHOWN
        moments = [datetime.strptime(one.at, "%d-%m-%Y %H:%M").replace(tzinfo=ZoneInfo(zone)) for one in shown]
        days = [(NOW - number * DAY).astimezone(ZoneInfo(zone)) for number in range(SHOWN)]
        assert [one.strftime("%d %H:%M") for one in moments] == [one.strftime("%d %H:%M") for one in days]
