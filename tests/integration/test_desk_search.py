"""Tests search over recorded conversations, the citizen's card and the agent's day: within permissions and audited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import insert, select, text

from bot.agency.model import Agency
from bot.desk.api import search
from bot.desk.queries.callbacks import RESULTS
from bot.desk.queries.closings import CloseIn, Closings, Outcome
from bot.desk.queries.search import Search
from bot.record.engine import Sessions
from bot.record.tables import Audit, Message, Rating, Staff
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import PATIENCE_S
from tests.integration.past_conversations import NOW, found, recorded
from tests.recording import recording, until_recorded


def where_it_is_day() -> str:
    """Returns a time zone in which midnight is far away, so that a whole test happens «today»."""
    return f"Etc/GMT{NOW.hour - 12:+d}"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, replace(agency, timezone=where_it_is_day())) as made:
        await made.hire("ana@x.cl", "Ana Soto", teams=("transito",))
        await made.hire("eva@x.cl", "Eva Ríos", roles=("supervisor",))
        yield made


@pytest_asyncio.fixture
async def eva(world: DeskWorld) -> httpx.AsyncClient:
    return await world.sign_in("eva@x.cl")


@pytest.mark.parametrize("words", ["renovación", "renovacion", "RENOVACIONES licencia", '"renovación de la licencia"'])
async def test_words_are_found_with_or_without_accents_and_in_other_forms(
    world: DeskWorld, eva: httpx.AsyncClient, words: str
) -> None:
    await recorded(world, "c1", ("citizen", "hola"), ("citizen", "Pregunto por la renovación de la licencia"))
    await recorded(world, "c2", ("citizen", "¿cuándo pasa el camión?"))
    assert await found(eva, words) == ["c1"]


async def test_page_of_another_site_cannot_search(world: DeskWorld, eva: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    answer = await eva.post("/desk/api/search", json={"words": "camión"}, headers=headers)
    assert (answer.status_code, answer.json()["detail"]["error"]) == (403, "other_site")


async def test_result_shows_the_words_in_context(world: DeskWorld, eva: httpx.AsyncClient) -> None:
    await recorded(
        world, "c1", ("citizen", "el camión no pasa"), ("assistant", "El camión pasa los martes"), team="aseo"
    )
    (one,) = (await eva.post("/desk/api/search", json={"words": "camión"})).json()["found"]
    assert (one["author"], one["channel_words"], one["event"], one["ticket"]) == ("citizen", "Chat web", "0-0", "t-c1")
    assert one["pieces"] == [
        {"text": "el ", "hit": False},
        {"text": "camión", "hit": True},
        {"text": " no pasa", "hit": False},
    ]


async def test_closed_ticket_is_reopened_for_the_agent_once(world: DeskWorld, eva: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("mi licencia")
    path = f"/desk/api/tickets/{ticket.id}"
    await eva.post(f"{path}/claim")
    await eva.post(f"{path}/close", json={"outcome": "other"})
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    today = f"{datetime.now(ZoneInfo(world.agency.timezone)):%Y-%m-%d}"
    (closed,) = (await eva.post("/desk/api/search", json={"since": today})).json()["found"]
    assert (closed["ticket"], closed["outcome_words"], closed["open"]) == (ticket.id, "Otro", False)
    reopen = f"/desk/api/conversations/{ticket.conversation}/reopen"
    again = (await eva.post(reopen)).json()["ticket"]
    opened = await world.tickets.get(again)
    assert opened and opened.owner and (opened.owner.name, opened.summary) == ("Eva Ríos", "mi licencia")
    assert (await eva.post(reopen)).status_code == 409
    said = [event.text for event in await world.inbox.events(ticket.conversation) if event.author == "system"]
    assert "Ahora te atiende Eva Ríos" in said[-1]


async def test_ticket_whose_closing_is_not_recorded_yet_is_reopened_once_it_is(
    world: DeskWorld, eva: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await world.wait_for_person("mi licencia")
    await eva.post(f"/desk/api/tickets/{ticket.id}/claim")
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    reopen = f"/desk/api/conversations/{ticket.conversation}/reopen"
    refused = await eva.post(reopen)
    assert (refused.status_code, refused.json()["detail"]["error"]) == (409, "open")
    await eva.post(f"/desk/api/tickets/{ticket.id}/close", json={"outcome": "other"})
    monkeypatch.setattr(search, "RECORDED_WITHIN_S", 0)
    refused = await eva.post(reopen)
    assert (refused.status_code, refused.json()["detail"]["error"]) == (409, "saving")
    monkeypatch.setattr(search, "RECORDED_WITHIN_S", PATIENCE_S)
    looked, real = asyncio.Event(), Search.past

    async def past(*asked: Any) -> Any:
        found = await real(*asked)
        looked.set()
        return found

    monkeypatch.setattr(Search, "past", past)
    asked = asyncio.create_task(eva.post(reopen))
    await looked.wait()
    async with recording(world.redis, world.sessions):
        opened = await world.tickets.get((await asked).json()["ticket"])
    assert opened and opened.owner and opened.owner.name == "Eva Ríos"


async def test_agent_of_one_team_finds_and_opens_only_that_teams_conversations(
    world: DeskWorld, eva: httpx.AsyncClient
) -> None:
    ana = await world.sign_in("ana@x.cl")
    await recorded(world, "hers", ("citizen", "mi licencia"), team="transito")
    await recorded(world, "other", ("citizen", "mi licencia"), team="aseo")
    await recorded(world, "nobodys", ("citizen", "mi licencia"))
    assert await found(ana, "licencia") == ["hers"]
    assert sorted(await found(eva, "licencia")) == ["hers", "nobodys", "other"]
    opened = [(await ana.get(f"/desk/api/conversations/{name}")).status_code for name in ("hers", "other", "nobodys")]
    assert opened == [200, 404, 404]


async def test_opened_result_shows_the_whole_conversation_and_is_audited(
    world: DeskWorld, eva: httpx.AsyncClient
) -> None:
    await recorded(world, "c1", ("citizen", "<b>licencia</b>"), ("assistant", "Pide **hora**."), team="transito")
    await found(eva, "licencia")
    past = (await eva.get("/desk/api/conversations/c1")).json()
    assert [event["text"] for event in past["events"]] == ["<b>licencia</b>", "Pide **hora**."]
    assert (past["ticket"], "html" in past["events"][0]) == ("", False)
    async with world.sessions() as session:
        rows = list(await session.scalars(select(Audit).where(Audit.staff_id.is_not(None)).order_by(Audit.id)))
    kept = [(row.action, row.detail) for row in rows if row.action != "sign_in"]
    assert kept == [("conversations_searched", {"found": 1}), ("transcript_viewed", {"conversation": "c1"})]


async def test_words_of_a_search_are_in_no_address(eva: httpx.AsyncClient) -> None:
    assert (await eva.get("/desk/api/search", params={"words": "camión"})).status_code in {404, 405}


async def test_too_short_search_is_refused_and_odd_text_is_harmless(world: DeskWorld, eva: httpx.AsyncClient) -> None:
    assert (await eva.post("/desk/api/search", json={"words": "de"})).status_code == 422
    for words in ("'); DROP TABLE messages; --", "((((", "a & | b", '"""', "\x00\x02nul", "-licencia"):
        assert await found(eva, words) == []


async def test_search_uses_its_index(world: DeskWorld) -> None:
    async with world.sessions() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        older = "terms IS NULL AND search_words(coalesce(masked, text)) @@ search_query('licencia')"
        found = f"(terms @@ CAST('a' AS tsquery) OR {older}) AND author IN ('citizen', 'staff')"
        plan = "\n".join(await session.scalars(text(f"EXPLAIN SELECT id FROM messages WHERE {found}")))  # noqa: S608
        assert "messages_terms" in plan
        assert "Seq Scan" not in plan


async def test_card_shows_since_when_and_how_earlier_support_sessions_ended(
    world: DeskWorld, eva: httpx.AsyncClient
) -> None:
    ticket = await world.wait_for_person("otra vez yo")
    await recorded(
        world, ticket.conversation, ("citizen", "hola"), team="aseo", outcome="solved", owner_name="Ana Soto"
    )
    async with world.sessions() as session:
        ana = await session.scalar(select(Staff.id).where(Staff.email == "ana@x.cl"))
    said = CloseIn(outcome=Outcome.SOLVED, topic="Camión de la basura", summary="Espera el camión del martes")
    await Closings(world.sessions).note(
        f"t-{ticket.conversation}", ana, said, team="aseo", conversation=ticket.conversation
    )
    card = (await eva.get(f"/desk/api/tickets/{ticket.id}/card")).json()
    assert card["first_seen"] == int((NOW - timedelta(days=3)).timestamp() * 1000)
    (contact,) = card["contacts"]
    assert (contact["topic"], contact["reason_words"]) == ("Camión de la basura", "reclamo")
    assert (contact["outcome_words"], contact["name"]) == ("Resuelta", "Ana Soto")
    assert contact["summary"] == "Espera el camión del martes"


async def test_daily_figures_count_only_the_agents_own_work(world: DeskWorld, eva: httpx.AsyncClient) -> None:
    async with world.sessions() as session:
        staff = dict((await session.execute(select(Staff.email, Staff.id))).all())
    hers = {"claimed_by": str(staff["eva@x.cl"]), "claimed_at": NOW - timedelta(minutes=2)}
    await recorded(world, "c1", ("citizen", "hola"), ("staff", "Hola"), team="aseo", **hers)
    await recorded(world, "c2", ("citizen", "hola"), team="aseo", claimed_by=str(staff["ana@x.cl"]), claimed_at=NOW)
    await Closings(world.sessions).note("t-c1", staff["eva@x.cl"], CloseIn(), team="aseo", conversation="c1")
    async with world.sessions.begin() as session:
        judged = {"ticket_id": "t-c1", "conversation_id": "c1", "at": NOW, "score": 4, "words": ""}
        await session.execute(insert(Rating).values(**judged))
        reply = await session.scalar(select(Message.event_id).where(Message.author == "staff"))
        session.add(Audit(action="ticket_replied", staff_id=staff["eva@x.cl"], subject="t-c1", detail={"event": reply}))
    day = (await eva.get("/desk/api/day")).json()
    assert day == {"taken": 1, "closed": 1, "first_answer_s": 60, "opinions": 1, "mean": 4.0}


async def test_daily_figures_are_counted_from_the_event_stream(world: DeskWorld, eva: httpx.AsyncClient) -> None:
    for words in ("una", "dos"):
        await world.wait_for_person(words)
        ticket = (await eva.post("/desk/api/next")).json()["ticket"]["id"]
    path = f"/desk/api/tickets/{ticket}"
    await eva.post(f"{path}/replies", json={"reply_id": "r-000001", "text": "Hola"})
    await eva.post(f"{path}/close", json={"outcome": "solved"})
    assert (await eva.get("/desk/api/day")).json()["taken"] == 0
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    day = (await eva.get("/desk/api/day")).json()
    assert (day["taken"], day["closed"]) == (2, 1)
    assert 0 <= day["first_answer_s"] < 60


async def test_filter_offers_every_outcome_that_a_result_may_show(world: DeskWorld, eva: httpx.AsyncClient) -> None:
    page = (await eva.get("/desk")).text
    filters = page[page.index('id="search-filters"') :].partition("</form>")[0]
    missing = [outcome for outcome in (*Outcome, *RESULTS) if f'<option value="{outcome}">' not in filters]
    await recorded(world, "c1", ("citizen", "me llaman"), team="aseo", outcome="reached")
    asked = {"words": "llaman", "outcome": "reached"}
    (one,) = (await eva.post("/desk/api/search", json=asked)).json()["found"]
    assert (missing, one["outcome_words"]) == ([], "Se le contactó")


async def test_account_reads_so_many_recorded_conversations_an_hour(
    world: DeskWorld, eva: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_AN_HOUR", dict.fromkeys(search.Reading, 2))
    await recorded(world, "c1", ("citizen", "el camión no pasa"), team="transito")
    ticket = await world.wait_for_person("mi licencia")
    past, again = "/desk/api/conversations/c1", await world.sign_in("eva@x.cl")
    told = [(await one.get(past)).status_code for one in (eva, again, eva, again)]
    assert told == [200, 200, 429, 429]
    assert "se pueden en una hora" in (await eva.get(past)).json()["detail"]["message"]
    searches = [(await eva.post("/desk/api/search", json={"words": "camión"})).status_code for _ in range(3)]
    assert searches == [200, 200, 429]
    ana = await world.sign_in("ana@x.cl")
    assert (await ana.get(past)).status_code == 200
    assert (await eva.post(f"/desk/api/tickets/{ticket.id}/claim")).status_code == 200
