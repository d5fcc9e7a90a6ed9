"""Tests an agent's own figures of the day, counted since midnight in the agency's time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from bot.desk.api.day import DayApi
from bot.record.engine import Sessions
from bot.record.tables import Audit, Closing, Message
from tests.desk_fakes import ANA, Browsers, browsing, gate_of, signed_in
from tests.integration.recorded import NOW, conversation, judged, ticket

ME, OTHER = str(ANA.id), uuid4()


def zone_where_it_is(hour: int) -> str:
    """Returns a time zone in which the time is now about ``hour`` o'clock."""
    return f"Etc/GMT{(NOW.hour - hour + 11) % 24 - 11:+d}"


async def day(sessions: Sessions, zone: str) -> dict[str, Any]:
    api = DayApi(guard=gate_of(Browsers(signed_in())), sessions=sessions, timezone=zone)
    async with browsing(api) as client:
        return dict((await client.get("/desk/api/day")).json())


async def attended(
    sessions: Sessions, name: str, *, ago: timedelta, after_s: int = 0, by: str = ME, **more: Any
) -> None:
    """Records a ticket claimed ``ago`` and answered after ``after_s`` seconds (0: not answered)."""
    await conversation(sessions, name)
    await ticket(sessions, f"t{name}", name, claimed_by=by, claimed_at=NOW - ago, **more)
    if after_s:
        await answered(sessions, name, NOW - ago + timedelta(seconds=after_s))


async def answered(sessions: Sessions, name: str, at: datetime, *, by: UUID = ANA.id, ticket: str = "") -> None:
    """Records a reply by an agent named Ana."""
    event = f"{int(at.timestamp() * 1000)}-0"
    row = {"conversation_id": name, "event_id": event, "author": "staff", "text": "hola"}
    async with sessions.begin() as session:
        await session.execute(insert(Message).values(**row, at=at, data={"name": ANA.name, "reply_id": "r"}))
    await audited(sessions, "ticket_replied", ticket or f"t{name}", at, by=by, event=event)


async def audited(sessions: Sessions, action: str, subject: str, at: datetime, *, by: UUID, **detail: str) -> None:
    async with sessions.begin() as session:
        session.add(Audit(action=action, staff_id=by, subject=subject, at=at, detail=detail))


async def test_empty_day_has_no_mean_and_no_median(database: Sessions) -> None:
    assert await day(database, "America/Santiago") == {
        "taken": 0,
        "closed": 0,
        "first_answer_s": None,
        "opinions": 0,
        "mean": None,
    }


async def test_day_begins_at_midnight_of_the_agency(database: Sessions) -> None:
    await attended(database, "c", ago=timedelta(hours=5))
    assert (await day(database, zone_where_it_is(8)))["taken"] == 1
    assert (await day(database, zone_where_it_is(3)))["taken"] == 0


async def test_day_counts_only_the_agents_own_work(database: Sessions) -> None:
    minute = timedelta(minutes=1)
    for name, after in (("a", 10), ("b", 20), ("c", 90), ("d", 0)):
        await attended(database, name, ago=2 * minute, after_s=after)
    await attended(database, "other", ago=2 * minute, after_s=50, by="somebody")
    for name, score in (("a", 5), ("b", 4), ("c", 4), ("other", 1)):
        await judged(database, f"t{name}", name, score)
    rows = [{"ticket_id": "ta", "staff_id": ME, "outcome": "solved", "topic": "", "at": NOW}]
    async with database.begin() as session:
        await session.execute(insert(Closing).values(rows))
    figures = await day(database, zone_where_it_is(12))
    assert figures == {"taken": 4, "closed": 1, "first_answer_s": 20, "opinions": 3, "mean": 4.3}


async def test_first_answer_is_the_agents_own_and_in_the_same_ticket(database: Sessions) -> None:
    minute = timedelta(minutes=1)
    await attended(database, "passed on", ago=9 * minute)
    await answered(database, "passed on", NOW - 8 * minute, by=OTHER)
    await answered(database, "passed on", NOW - 6 * minute)
    await attended(database, "unanswered", ago=9 * minute, closed_at=NOW - 7 * minute)
    await answered(database, "unanswered", NOW - 2 * minute, ticket="a later one")
    assert (await day(database, zone_where_it_is(12)))["first_answer_s"] == 180


async def test_first_answer_counts_since_the_agent_got_the_ticket(database: Sessions) -> None:
    minute = timedelta(minutes=1)
    for name in ("moved", "claimed"):
        await attended(database, name, ago=20 * minute)
        await answered(database, name, NOW - 5 * minute)
    await audited(database, "ticket_moved", "tmoved", NOW - 7 * minute, by=OTHER, to=ME)
    await audited(database, "ticket_moved", "tmoved", NOW - 6 * minute, by=ANA.id, to="obras")
    await audited(database, "ticket_claimed", "tclaimed", NOW - 6 * minute, by=ANA.id)
    await audited(database, "ticket_claimed", "tclaimed", NOW - minute, by=ANA.id)  # again, after the answer
    assert (await day(database, zone_where_it_is(12)))["first_answer_s"] == 90
