"""Tests that pages of figures from daily sums show exactly the numbers of the episodes, also after changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from bot.figures.counting import Counting
from bot.figures.daily import rollup
from bot.figures.daily.people import KINDS
from bot.figures.daily.rollup import Rollups
from bot.figures.daily.sums import Asked, days_of
from bot.figures.daily.values import CALLS, HANDED, PEOPLE, measured
from bot.figures.grouping import Grouping
from bot.figures.results import Counted, Period, month_of
from bot.figures.segments import EVERYTHING, Part, Selection
from bot.figures.windows.counting import DaySent
from bot.record.engine import Sessions
from bot.record.tables import Conversation, Episode, EpisodeDay, EpisodeMark, EpisodeSum, EpisodeValues, WindowDay
from tests.episode_rows import DAY, NOW, row, town, write

PERIODS = [
    Period((NOW - 29 * DAY).date(), (NOW + DAY).date()),
    Period((NOW - 6 * DAY).date(), (NOW + DAY).date()),
    month_of((NOW - 40 * DAY).date()),
]


async def everything(sessions: Sessions, period: Period, only: Selection = EVERYTHING) -> tuple[Any, ...]:
    counting, grouping = Counting(sessions), Grouping(sessions)
    segments = () if only.part else ("vuelve", "comuna", "idioma")  # a part is not divided by the others
    return (
        await counting.compared(period, NOW, only=only),
        await grouping.groups(period, only=only),
        await counting.entries(period, only=only),
        await grouping.segments_compared(segments, period, NOW, only=only),
        await grouping.people(period, segments, only=only),
    )


async def days(sessions: Sessions) -> int:
    async with sessions() as session:
        return int(await session.scalar(select(func.count()).select_from(EpisodeDay)) or 0)


async def test_sums_equal_those_of_the_episodes(database: Sessions) -> None:
    drill = row(20 * DAY, drill=True, entries=["bache"], useful=[True])
    await write(database, [*town(NOW, days=90, daily=30), drill])
    selections = EVERYTHING, Selection("whatsapp")
    raw = [[await everything(database, period, only) for period in PERIODS] for only in selections]
    assert await Rollups(database).roll(NOW) == 90
    summed = [[await everything(database, period, only) for period in PERIODS] for only in selections]
    assert summed == raw
    async with database.begin() as session:  # so the sums were read
        await session.execute(update(EpisodeSum).values(first=EpisodeSum.first + 1))
        await session.execute(update(EpisodeValues).values(count=EpisodeValues.count + 1))
    for only, before in zip(selections, raw, strict=True):
        compared, *others = await everything(database, PERIODS[0], only)
        was, *were = before[0]
        assert compared.teams["obras"]["conversaciones"] != was.teams["obras"]["conversaciones"]
        assert (compared.now["personas"].value or 0) > (was.now["personas"].value or 0)
        assert all(one != other for one, other in zip(others, were, strict=True))


async def test_times_are_kept_once_for_all_figures_about_them(database: Sessions) -> None:
    await write(database, town(NOW, days=20, daily=30))
    await Rollups(database).roll(NOW)
    async with database() as session:
        kinds = set(await session.scalars(select(EpisodeValues.kind)))
    times = {"espera_mediana", "respuesta_mediana", "nota", "llamada_mediana"}
    assert kinds == {PEOPLE, *KINDS, HANDED, *CALLS, *times}
    assert measured()["espera_p90"] == "espera_mediana"


PARTS = [Part("vuelve", "otra-vez"), Part("comuna", "los-aromos"), Part("comuna", "")]


@pytest.mark.parametrize("segments", [(), ("vuelve", "comuna")])
async def test_parts_of_segments_equal_the_sums_of_their_episodes(
    database: Sessions, segments: tuple[str, ...]
) -> None:
    await write(database, town(NOW, days=40, daily=30))
    selections = [Selection(channel, part) for channel in ("", "whatsapp") for part in PARTS]
    raw = [await everything(database, PERIODS[0], only) for only in selections]
    await Rollups(database, segments).roll(NOW)
    assert [await everything(database, PERIODS[0], only) for only in selections] == raw
    every = (await everything(database, PERIODS[0]))[0].now
    assert 0 < raw[0][0].now["conversaciones"].among < every["conversaciones"].among
    async with database.begin() as session:
        await session.execute(update(EpisodeSum).where(EpisodeSum.part != "").values(first=EpisodeSum.first + 1))
        await session.execute(delete(EpisodeValues).where(EpisodeValues.part != ""))
    changed = [await everything(database, PERIODS[0], only) for only in selections]
    assert all(one != other for one, other in zip(changed, raw, strict=True)) is bool(segments)


async def test_open_days_are_those_of_the_last_week_and_have_no_parts(database: Sessions) -> None:
    await write(database, town(NOW, days=20, daily=10))
    await Rollups(database, ["vuelve"]).roll(NOW)
    start, end = (NOW - 19 * DAY).date(), (NOW + DAY).date()
    async with database() as session:
        whole = await days_of(session, Asked(start, start, end), NOW)
        part = await days_of(session, Asked(start, start, end, Selection(part=Part("vuelve", "primera"))), NOW)
        other = await days_of(session, Asked(start, start, end, Selection(part=Part("comuna", ""))), NOW)
    assert (len(whole.summed), whole.others) == (20, [])
    assert {(NOW - ago * DAY).date() for ago in range(7)} <= set(whole.open)
    assert (set(part.summed), part.open, part.others) == (set(whole.summed) - set(whole.open), [], whole.open)
    assert (other.summed, len(other.others)) == ([], 20)


async def test_days_are_summed_again_for_a_segment_that_the_agency_adds(database: Sessions) -> None:
    await write(database, town(NOW, days=20, daily=10))
    assert await Rollups(database, ["comuna"]).roll(NOW) == 20
    assert await Rollups(database, ["comuna"]).roll(NOW) == 0
    assert 0 < await Rollups(database, ["comuna", "vuelve"]).roll(NOW) < 20  # open days have no parts
    assert await Rollups(database, ["vuelve"]).roll(NOW) == 0


async def test_change_of_what_whatsapp_carried_ends_the_sums_of_its_day(database: Sessions) -> None:
    await write(database, town(NOW, days=30, daily=5))
    counting, day = Counting(database), (NOW - 20 * DAY).date()
    sent = {"conversation_id": None, "channel": "whatsapp", "at": NOW - 20 * DAY, "windows": 1, "templates": 0}
    async with database.begin() as session:
        await session.execute(insert(WindowDay), [sent | {"day": day, "received": 3, "inside": 4}])
    raw = await counting.compared(PERIODS[0], NOW)
    await Rollups(database).roll(NOW)
    assert await counting.compared(PERIODS[0], NOW) == raw
    assert raw.now["enviados_whatsapp"] == Counted(4, 1)
    async with database.begin() as session:
        await session.execute(update(WindowDay).values(inside=9))
    assert (await counting.compared(PERIODS[0], NOW)).now["enviados_whatsapp"] == Counted(9, 1)
    assert await Rollups(database).roll(NOW) == 1
    assert (await counting.compared(PERIODS[0], NOW)).now["enviados_whatsapp"] == Counted(9, 1)


async def test_messages_of_each_day_are_read_from_its_sums(database: Sessions) -> None:
    await write(database, town(NOW, days=30, daily=5))
    counting, period = Counting(database), PERIODS[0]
    sent = {"conversation_id": None, "channel": "whatsapp", "windows": 1, "received": 3, "inside": 4, "templates": 2}
    async with database.begin() as session:
        for ago in (12, 20):
            at = NOW - ago * DAY
            await session.execute(insert(WindowDay), [sent | {"at": at, "day": at.date()}])
    raw = await counting.sent_by_day(period)
    await Rollups(database).roll(NOW)
    assert raw == await counting.sent_by_day(period) == [DaySent((NOW - ago * DAY).date(), 3, 4, 2) for ago in (20, 12)]
    async with database.begin() as session:
        await session.execute(update(EpisodeSum).where(EpisodeSum.key == "recibidos_whatsapp").values(first=5))
    assert [one.received for one in await counting.sent_by_day(period)] == [5, 5]


async def test_changed_episode_ends_the_sums_of_its_day(database: Sessions) -> None:
    await write(database, town(NOW, days=40, daily=20))
    await Rollups(database).roll(NOW)
    before = await days(database)
    async with database.begin() as session:
        await session.execute(update(Episode).where(Episode.day == (NOW - 20 * DAY).date()).values(ending="lost"))
        await session.execute(delete(Episode).where(Episode.day == (NOW - 21 * DAY).date()))
    await write(database, [row(22 * DAY)])
    assert await days(database) == before - 3
    async with database() as session:
        kept = set(await session.scalars(select(EpisodeValues.day)))
    assert not kept & {(NOW - ago * DAY).date() for ago in (20, 21, 22)}
    changed = await everything(database, PERIODS[0])
    assert await Rollups(database).roll(NOW) == 3
    assert await everything(database, PERIODS[0]) == changed
    assert await Rollups(database).roll(NOW) == 0


async def test_figures_stay_the_same_when_a_conversation_is_deleted(database: Sessions) -> None:
    await write(database, town(NOW, days=40, daily=20))
    await Rollups(database).roll(NOW)
    async with database.begin() as session:
        await session.execute(delete(Conversation).where(Conversation.id.like("web-1%")))
    unsummed = await everything(database, PERIODS[0])
    await Rollups(database).roll(NOW)
    assert await everything(database, PERIODS[0]) == unsummed


async def test_figures_that_time_still_changes_are_counted_until_the_day_is_settled(database: Sessions) -> None:
    at = NOW - 20 * DAY
    await write(database, [row(20 * DAY) | {"ended_at": NOW - 3 * DAY}, row(21 * DAY)])
    raw = await everything(database, PERIODS[0])
    assert await Rollups(database).roll(NOW) == 2
    assert await everything(database, PERIODS[0]) == raw
    assert await settled(database, at.date(), (at - DAY).date()) == [None, NOW]
    assert await Rollups(database).roll(NOW) == 0
    later = NOW + 5 * DAY
    figures = [await Counting(database).figures(["resueltas"], PERIODS[0], later)]
    assert await Rollups(database).roll(later) > 0
    assert await settled(database, at.date()) == [later]
    figures.append({"": {"resueltas": (await Counting(database).compared(PERIODS[0], later)).now["resueltas"]}})
    assert figures == [{"": {"resueltas": Counted(2, 2)}}] * 2


async def settled(sessions: Sessions, *days: date) -> list[datetime | None]:
    """Returns the time since when each day's sums are final (None if not yet), without the days that have no sums."""
    async with sessions() as session:
        rows = [await session.get(EpisodeDay, day) for day in days]
    return [row.settled_at for row in rows if row]


async def test_day_is_not_summed_while_a_conversation_has_no_number(database: Sessions) -> None:
    await write(database, [row(20 * DAY, conversation_id="web-1"), row(21 * DAY)])
    async with database.begin() as session:
        await session.execute(delete(EpisodeMark))
    assert await Rollups(database).roll(NOW) == await days(database)
    async with database() as session:
        assert await session.get(EpisodeDay, (NOW - 20 * DAY).date()) is None
        assert await session.get(EpisodeDay, (NOW - 21 * DAY).date()) is not None


async def test_other_definitions_need_other_sums(database: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    await write(database, town(NOW, days=20, daily=5))
    first = await Rollups(database).roll(NOW)
    monkeypatch.setattr(rollup, "version", lambda: "later")
    assert await Rollups(database).roll(NOW) == first
