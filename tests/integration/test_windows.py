"""Tests the figures about WhatsApp's reply windows: filled from the record, counted by hand, shown, and priced."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio
from sqlalchemy import delete, insert, select, text, update

from bot.agency.model import Agency
from bot.agency.whatsapp_prices import PriceList, Prices
from bot.desk.pages.figures.month import Monthly
from bot.desk.pages.figures.month_pdf import month_pdf
from bot.desk.pages.figures.windows import windows_view
from bot.figures.counting import Counting
from bot.figures.definitions import Table, of_table
from bot.figures.facts.filling import Filling
from bot.figures.publishing import Months, Published
from bot.figures.report import Reports
from bot.figures.results import Counted, Period, month_of
from bot.figures.sampling.promise import Promise
from bot.figures.sampling.samples import Samples
from bot.figures.segments import Part, Selection
from bot.record.engine import Sessions
from bot.record.tables import Conversation, EpisodeMark, Message, WindowDay, WindowStart
from tests.desk_world import DeskWorld, desk_world
from tests.episode_rows import DAY, HOUR, MINUTE, NOW, row, write

EVA = "eva@losaromos.example"
LAST_MONTH = Period((NOW - 29 * DAY).date(), (NOW + DAY).date())
PRICES = Prices("USD", "utilidad", (PriceList(date(2026, 1, 1), 0.01, 0.02, 10, 0.5),))


def sent(days_ago: int, windows: int, received: int, inside: int, templates: int, **facts: Any) -> dict[str, Any]:
    at = facts.pop("now", NOW) - days_ago * DAY
    counts = {"windows": windows, "received": received, "inside": inside, "templates": templates}
    day = at.astimezone(ZoneInfo("America/Santiago")).date()
    return {"conversation_id": None, "channel": "whatsapp", "day": day, "at": at} | counts | facts


async def write_days(sessions: Sessions, rows: list[dict[str, Any]]) -> None:
    async with sessions.begin() as session:
        await session.execute(insert(WindowDay), rows)


WEEKS = [sent(3, 1, 5, 7, 0), sent(3, 1, 2, 2, 1), sent(1, 0, 4, 6, 0), sent(20, 0, 0, 0, 2), sent(40, 1, 9, 9, 3)]
# Counted by hand from WEEKS: the number, and the days of conversations that have any; then of the 30 days before.
TRUTH = {
    "ventanas_whatsapp": (Counted(2, 2), Counted(1, 1)),
    "recibidos_whatsapp": (Counted(11, 3), Counted(9, 1)),
    "enviados_whatsapp": (Counted(15, 3), Counted(9, 1)),
    "plantillas_whatsapp": (Counted(3, 2), Counted(3, 1)),
}


async def test_each_figure_is_what_was_counted_by_hand(database: Sessions) -> None:
    await write(database, [row(DAY)])
    await write_days(database, WEEKS)
    counting = Counting(database)
    assert list(TRUTH) == list(of_table(Table.WINDOWS))
    assert (await counting.figures(["conversaciones", *TRUTH], LAST_MONTH, NOW))[""] == {
        "conversaciones": Counted(1, 1),
        **{id: now for id, (now, _) in TRUTH.items()},
    }
    compared = await counting.compared(LAST_MONTH, NOW)
    assert {id: (compared.now[id], compared.before[id]) for id in TRUTH} == TRUTH
    web = await counting.compared(LAST_MONTH, NOW, only=Selection("web"))
    assert web.now["enviados_whatsapp"] == Counted(None, 0)
    part = await counting.compared(LAST_MONTH, NOW, only=Selection(part=Part("comuna", "los-aromos")))
    assert part.now["enviados_whatsapp"] == Counted(None, 0)


async def test_windows_are_read_from_the_record_and_outlive_their_conversation(database: Sessions) -> None:
    lines = [
        (0 * MINUTE, "citizen", {}),
        (MINUTE, "assistant", {}),
        (2 * DAY, "system", {"after_window": True, "notice": "1.1"}),
        (2 * DAY + MINUTE, "staff", {"delivery": {"state": "failed", "reason": "opted_out"}}),
    ]
    async with database.begin() as session:
        times = {"started_at": NOW, "last_at": NOW + 2 * DAY + MINUTE}
        await session.execute(insert(Conversation).values(id="c1", channel="whatsapp", **times))
        for number, (ago, author, data) in enumerate(lines):
            one = {"conversation_id": "c1", "event_id": f"{number}-0", "author": author, "text": "secreto"}
            await session.execute(insert(Message).values(at=NOW + ago, data=data, **one))
    filling = Filling(database, "America/Santiago", lambda _: "")
    for _ in range(2):  # the second time replaces the same rows
        await filling.rebuild()
    columns = (WindowDay.day, WindowDay.windows, WindowDay.received, WindowDay.inside, WindowDay.templates)
    expected = [(NOW.date(), 1, 1, 1, 0), ((NOW + 2 * DAY).date(), 0, 0, 0, 1)]
    async with database.begin() as session:
        assert [tuple(one) for one in await session.execute(select(*columns).order_by(WindowDay.day))] == expected
        await session.execute(delete(Conversation))
    async with database() as session:
        kept = (await session.execute(select(WindowDay.conversation_id, *columns).order_by(WindowDay.day))).all()
    assert [tuple(one) for one in kept] == [(None, *one) for one in expected]


async def test_busy_day_of_one_conversation_has_room(database: Sessions) -> None:
    await write_days(database, [sent(1, 1, 40_000, 40_000, 40_000)])
    figures = await Counting(database).compared(LAST_MONTH, NOW)
    assert figures.now["recibidos_whatsapp"] == Counted(40_000, 1)


async def test_mark_of_a_rebuild_is_readable_west_of_utc(database: Sessions) -> None:
    now = datetime.now(UTC)  # too new to be read at once
    async with database.begin() as session:
        await session.execute(insert(Conversation).values(id="c1", channel="whatsapp", started_at=now, last_at=now))
        await session.execute(insert(EpisodeMark).values(conversation_id="c1", read_up_to=now))
    await Filling(database, "America/Santiago", lambda _: "").rebuild()
    async with database() as session:
        await session.execute(text("SET LOCAL TIME ZONE 'America/Santiago'"))
        assert await session.scalar(select(EpisodeMark.read_up_to)) == datetime(1970, 1, 1, tzinfo=UTC)


async def test_report_has_the_cost_of_the_period_and_of_the_one_before(database: Sessions) -> None:
    await write_days(database, WEEKS)
    report = await Reports(database, prices=PRICES).of(LAST_MONTH, NOW)
    # 29 messages; of 15 within windows 10 are free in November; 3 templates.
    assert report.cost and (report.cost.messages, report.cost.charged, report.cost.templates) == (29, 5, 3)
    assert round(report.cost.total, 3) == round(29 * 0.01 + 5 * 0.02 + 3 * 0.5, 3)
    assert report.cost_before and (report.cost_before.messages, report.cost_before.charged) == (21, 0)
    assert (await Reports(database).of(LAST_MONTH, NOW)).cost is None
    long_ago = await Reports(database, prices=PRICES).of(month_of(date(2020, 1, 1)), NOW)
    assert (long_ago.cost, windows_view(long_ago, PRICES)) == (None, None)


async def test_period_with_days_before_the_first_counted_one_has_neither_figures_nor_cost(database: Sessions) -> None:
    await write_days(database, WEEKS)
    async with database.begin() as session:
        await session.execute(insert(WindowStart).values(day=LAST_MONTH.start))
    report = await Reports(database, prices=PRICES).of(LAST_MONTH, NOW)
    assert (report.now["recibidos_whatsapp"], report.before["recibidos_whatsapp"]) == (Counted(11, 3), Counted(None, 0))
    assert (report.cost, report.cost_before) == (None, None)  # free messages are counted from the start of the month
    async with database.begin() as session:
        await session.execute(update(WindowStart).values(day=LAST_MONTH.start + DAY))
    assert (await Counting(database).compared(LAST_MONTH, NOW)).now["recibidos_whatsapp"] == Counted(None, 0)


async def test_month_of_templates_only_is_counted(database: Sessions) -> None:
    await write_days(database, [sent(1, 0, 0, 0, 12)])
    ids = ["conversaciones", "plantillas_whatsapp"]
    expected = {"conversaciones": Counted(None, 0), "plantillas_whatsapp": Counted(12, 1)}
    counting = Counting(database)
    assert await counting.figures(ids, LAST_MONTH, NOW) == {"": expected}
    assert await counting.figures(ids, LAST_MONTH, NOW, by="channel") == {"whatsapp": expected}


async def test_month_is_published_with_windows_and_without_cost(database: Sessions, agency: Agency) -> None:
    at = datetime(2026, 10, 12, 15, tzinfo=UTC)
    await write(database, [row(DAY, now=at, channel="whatsapp") for _ in range(12)])
    await write_days(database, [sent(1, 1, 2, 3, 0, now=at) for _ in range(12)] + [sent(1, 0, 0, 0, 4, now=at)])
    months = Months(database, agency.timezone, 400)
    await months.publish_due(datetime(2026, 11, 9, tzinfo=UTC))
    (month,) = await months.newest(1)
    hidden = Published(None, None)
    told = {id: one for id, one in month.figures.items() if id.endswith("whatsapp")}
    assert told == {
        "ventanas_whatsapp": Published(12, None),
        "recibidos_whatsapp": Published(24, None),
        "enviados_whatsapp": Published(36, None),
        "plantillas_whatsapp": hidden,
    }


async def test_month_hides_windows_with_the_channel(database: Sessions, agency: Agency) -> None:
    at = datetime(2026, 10, 12, 15, tzinfo=UTC)
    await write(database, [row(DAY, now=at) for _ in range(40)] + [row(DAY, now=at, channel="whatsapp")] * 3)
    await write_days(database, [sent(1, 1, 20, 30, 0, now=at) for _ in range(3)])
    months = Months(database, agency.timezone, 400)
    await months.publish_due(datetime(2026, 11, 9, tzinfo=UTC))
    (month,) = await months.newest(1)
    assert month.channels["whatsapp"].is_hidden
    assert [month.figures[id].is_hidden for id in TRUTH] == [True] * 4


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, replace(agency, whatsapp_prices=PRICES)) as made:
        await made.hire(EVA, "Eva Ríos", roles=("supervisor",))
        await write(database, [row(HOUR, now=datetime.now(UTC), day=datetime.now(ZoneInfo(agency.timezone)).date())])
        yield made


async def test_page_and_file_show_windows_and_cost_and_lead_to_the_conversations(world: DeskWorld) -> None:
    eva = await world.sign_in(EVA)
    assert "WhatsApp y su costo" not in (await eva.get("/desk/cifras")).text
    talk = {"id": "c-secreta", "channel": "whatsapp", "started_at": NOW, "last_at": NOW}
    async with world.sessions.begin() as session:
        await session.execute(insert(Conversation).values(talk))
    now = datetime.now(UTC)
    await write_days(world.sessions, [sent(0, 1, 3, 4, 2, now=now, conversation_id="c-secreta")])
    page = (await eva.get("/desk/cifras?periodo=7")).text
    for words in (
        "WhatsApp y su costo",
        "Costo aproximado: 1,09\u00a0USD.",
        "de los que se pagan 0",
        "No es la factura",
    ):
        assert words in page
    rows = list(csv.reader(io.StringIO((await eva.get("/desk/cifras.csv?periodo=7")).text[1:]), delimiter=";"))
    told = {line[0]: line[3] for line in rows if line[0].endswith("whatsapp")}
    assert told == {
        "ventanas_whatsapp": "1",
        "recibidos_whatsapp": "3",
        "enviados_whatsapp": "4",
        "plantillas_whatsapp": "2",
        "costo_whatsapp": "1,09",
    }
    local = now.astimezone(ZoneInfo("America/Santiago"))
    for id in told:
        listed = await eva.get(f"/desk/cifras/{id}?periodo=7")
        assert (listed.status_code, f"{local:%d-%m-%Y %H:%M}" in listed.text) == (200, True)
    assert "enviados_whatsapp" not in (await eva.get("/desk/cifras?periodo=7&canal=web")).text


async def test_monthly_report_shows_windows_and_cost(database: Sessions, agency: Agency) -> None:
    local = datetime(2026, 11, 30, 12, tzinfo=ZoneInfo("America/Santiago"))
    await write(database, [row(DAY)])
    await write_days(database, WEEKS)
    for prices, words in ((PRICES, "Costo aproximado: 1,89\u00a0USD (antes "), (None, "")):
        priced = replace(agency, whatsapp_prices=prices)
        promise = Promise(database, agency.risk)
        monthly = Monthly(Reports.of_agency(database, priced), Samples(database), promise, priced)
        made = await monthly.of(local.date(), local)
        assert made.windows and [one.value for one in made.windows.figures] == ["2", "11", "15", "3"]
        assert [bool(words) and one.startswith(words) for one in made.windows.cost[:1]] == ([True] if words else [])
        assert month_pdf(made, agency.color).startswith(b"%PDF")


async def test_cost_of_a_period_that_begins_before_the_prices_is_not_shown(world: DeskWorld) -> None:
    late = Prices("USD", "utilidad", (replace(PRICES.lists[0], since=date(2090, 1, 1)),))
    await write_days(world.sessions, [sent(0, 1, 3, 4, 2, now=datetime.now(UTC))])
    async with desk_world(world.redis, world.sessions, replace(world.agency, whatsapp_prices=late)) as other:
        page = (await (await other.sign_in(EVA)).get("/desk/cifras")).text
    assert "rigen desde el 1 de enero de 2090" in page
    assert "Costo aproximado:" not in page
