"""Tests the published months: once, complete, unchanged later, with small counts hidden."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import delete

from bot.figures.definitions import definitions
from bot.figures.publishing import Month, Months, Published
from bot.record.engine import Sessions
from bot.record.tables import Episode
from tests.episode_rows import row, write

OCTOBER, ON_THE_EIGHTH = datetime(2026, 10, 10, 15, tzinfo=UTC), datetime(2026, 11, 8, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KEEP_DAYS = 120
HIDDEN = Published(None, None)


def many(count: int, ending: str = "answered", at: datetime = OCTOBER, **facts: Any) -> list[dict[str, Any]]:
    return [row(timedelta(), ending, now=at, **facts)] * count


async def published(sessions: Sessions, now: datetime, segments: Sequence[str] = ()) -> list[Month]:
    months = Months(sessions, "America/Santiago", KEEP_DAYS, segments)
    await months.publish_due(now)
    return await months.newest(12)


async def test_month_is_published_on_the_eighth_and_never_changes(database: Sessions) -> None:
    await write(database, many(40))
    assert await published(database, ON_THE_EIGHTH - DAY) == []
    (month,) = await published(database, ON_THE_EIGHTH)
    assert (month.month, month.since) == (date(2026, 10, 1), date(2026, 10, 10))
    assert month.figures["conversaciones"] == Published(40, None)
    assert month.figures["respondidas"] == Published(40, 40)
    async with database.begin() as session:
        await session.execute(delete(Episode))
    assert await published(database, ON_THE_EIGHTH + 3 * DAY) == [month]


async def test_months_in_which_nobody_wrote_are_published_too(database: Sessions) -> None:
    await write(database, [*many(40, at=datetime(2026, 8, 1, 15, tzinfo=UTC)), *many(50)])
    months = await published(database, ON_THE_EIGHTH)
    counts = [(one.month.month, one.figures.get("conversaciones")) for one in months]
    assert counts == [(10, Published(50, None)), (9, None), (8, Published(40, None))]
    assert months[-1].since is None


async def test_months_of_which_conversations_were_deleted_are_not_published(database: Sessions) -> None:
    await write(database, [*many(40, at=datetime(2026, 7, 1, 15, tzinfo=UTC)), *many(50)])
    assert [one.month.month for one in await published(database, ON_THE_EIGHTH)] == [10, 9, 8]


async def test_published_month_is_counted_again_only_on_request(database: Sessions) -> None:
    await write(database, many(40))
    months = Months(database, "America/Santiago", KEEP_DAYS)
    await months.publish_due(ON_THE_EIGHTH)
    await write(database, many(10))
    await months.publish_due(ON_THE_EIGHTH + 300 * DAY)
    assert (await months.newest(12))[-1].figures["conversaciones"] == Published(40, None)
    await months.publish_again(ON_THE_EIGHTH + 300 * DAY)
    (*_, october) = await months.newest(12)
    assert (october.figures["conversaciones"], october.since) == (Published(50, None), date(2026, 10, 10))


async def test_small_counts_are_hidden_with_what_would_reveal_them(database: Sessions) -> None:
    facts: dict[str, Any] = {"channel": "whatsapp", "theme": "aseo"}
    rows = [*many(60, theme="calle"), *many(20, "person", reason="asked_human", **facts), *many(3, "lost", reason="x")]
    await write(database, rows)
    (month,) = await published(database, ON_THE_EIGHTH)
    assert month.figures["sin_respuesta"] == month.figures["atendidas"] == HIDDEN
    assert month.figures["respondidas"] == Published(60, 83)
    assert month.figures["nota"] == month.figures["sirvio"] == HIDDEN
    assert month.channels == {"web": Published(63, None), "whatsapp": Published(20, None)}
    assert month.durable == {"web": HIDDEN, "whatsapp": HIDDEN}  # all but 3 of the web
    assert month.themes == {"calle": Published(60, None), "aseo": HIDDEN, "": HIDDEN}


async def test_no_number_of_cases_of_a_time_or_mark_is_published(database: Sessions) -> None:
    """Of 200 conversations, 142 were answered, 40 are complaints and 15 got a reply, so 15 would reveal the 3."""
    taken = {"reason": "asked_human", "handed_at": OCTOBER, "claimed_at": OCTOBER + DAY, "stars": 4}
    replied = many(15, "person", replied_at=OCTOBER + 2 * DAY, **taken)
    rows = [*many(142), *replied, *many(3, "lost", reason="x"), *many(40, "complaint")]
    await write(database, rows)
    (month,) = await published(database, ON_THE_EIGHTH)
    assert month.figures["conversaciones"] == Published(200, None)
    assert month.figures["respondidas"] == Published(142, 200)
    assert month.figures["reclamos"] == Published(40, 200)
    assert month.figures["atendidas"] == month.figures["sin_respuesta"] == HIDDEN
    assert month.figures["espera_mediana"] == Published(86400, None)
    assert month.figures["respuesta_mediana"] == Published(2 * 86400, None)
    assert month.figures["nota"] == Published(4, None)
    public = definitions()
    assert all(one.among is None for id, one in month.figures.items() if not public[id].is_share)


async def test_segments_are_published_if_the_agency_chooses_it_with_small_counts_hidden(database: Sessions) -> None:
    here, away = ({"segments": {"comuna": commune}} for commune in ("los-aromos", "otra-comuna"))
    await write(database, [*many(60, **here), *many(9, **away), *many(12)])
    (month,) = await published(database, ON_THE_EIGHTH, ["comuna"])
    assert month.segments == {"comuna": {"los-aromos": Published(60, None), "otra-comuna": HIDDEN, "": HIDDEN}}


async def test_segments_are_not_published_unless_the_agency_chooses_it(database: Sessions) -> None:
    await write(database, many(60, segments={"comuna": "los-aromos"}))
    (month,) = await published(database, ON_THE_EIGHTH)
    assert month.segments == {}


def test_month_of_an_earlier_release_has_no_segments() -> None:
    data = {"figures": {"conversaciones": [40, None]}, "channels": {}, "durable": {}, "themes": {}, "since": None}
    assert Month.from_data(date(2026, 10, 1), data).segments == {}


def test_month_of_an_earlier_release_gives_no_cases_of_times_and_marks() -> None:
    figures = {"conversaciones": [200, None], "respondidas": [142, 200], "respuesta_mediana": [3.5, 15]}
    old = {"since": None, "figures": figures, "channels": {}, "durable": {}, "themes": {}}
    month = Month.from_data(date(2026, 10, 1), old)
    assert month.figures["respondidas"] == Published(142, 200)
    assert month.figures["respuesta_mediana"] == Published(3.5, None)
