"""Tests ratings: recorded once, deleted with their conversation, shown at the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select

from bot.agency.model import Agency
from bot.conversation.change import AnswerRating, Change, SurveyAnswer
from bot.conversation.event_log_entry import event_from
from bot.conversation.ratings import Ratings
from bot.core.events import Event
from bot.core.messages import Author, Provenance, Reply, Speaker
from bot.desk.pages.ratings import PATH
from bot.desk.queries.answer_ratings import AnswerRatings, EntryRatings
from bot.record.engine import Sessions
from bot.record.event_record import Logged, write_events
from bot.record.retention import forget
from bot.record.tables import Rating, Staff
from bot.record.tables.ratings import AnswerRating as AnswerRow
from bot.store.client import Store
from bot.store.keys import MAX_RATINGS_OF_AN_ANSWER
from bot.tickets.ticket import StaffRef
from tests.desk_world import DeskWorld, desk_world
from tests.faq_entry import BASE

ANA = "ana@losaromos.example"
MEAN = "<strong>2,0</strong> de 5"


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto")
        yield made


async def attended(world: DeskWorld) -> tuple[str, str]:
    """Returns the ids of a ticket that Ana closed and of its conversation."""
    ticket = await world.wait_for_person("hola")
    async with world.sessions() as session:
        staff = await session.scalar(select(Staff.id).where(Staff.email == ANA))
    ana = StaffRef(str(staff), "Ana Soto")
    await world.tickets.claim(ticket.id, ana, Reply("Te atiende Ana.", author=Author.SYSTEM))
    await world.tickets.close(ticket.id, ana, Reply("Ana cerró.", author=Author.SYSTEM))
    return ticket.id, ticket.conversation


def opened(redis: Store, fields: Mapping[str, str]) -> Event:
    name = fields["conversation"]
    return event_from(name, fields["id"], redis.words.opened(name, fields))


async def record(world: DeskWorld, redis: Redis) -> None:
    """Writes the events twice, as the recorder does, because a repeat must change nothing."""
    for _, fields in [*await redis.xrange("v:events"), *await redis.xrange("v:events")]:
        async with world.sessions.begin() as session:
            await write_events(session, [Logged(opened(redis, fields), fields["channel"])])


async def kept(world: DeskWorld) -> list[tuple[str, int, str]]:
    async with world.sessions() as session:
        rows = await session.execute(select(Rating.ticket_id, Rating.score, Rating.words))
        return [(ticket, score, words) for ticket, score, words in rows]


async def test_support_session_is_rated_once_by_its_own_citizen_when_over(world: DeskWorld, redis: Redis) -> None:
    ratings = Ratings(redis)
    waiting = await world.wait_for_person("hola")
    assert await ratings.give(waiting.conversation, waiting.id, 5, "") is False
    ticket, conversation = await attended(world)
    assert await ratings.give("another", ticket, 1, "") is False
    assert await ratings.give(conversation, ticket, 4, "bien") is True
    assert await ratings.give(conversation, ticket, 1, "mal") is False
    await record(world, redis)
    assert await kept(world) == [(ticket, 4, "bien")]


async def test_later_comment_joins_the_score_once(world: DeskWorld, redis: Redis) -> None:
    ticket, conversation = await attended(world)
    for survey_answer in (
        SurveyAnswer(ticket, words="sin nota"),
        SurveyAnswer(ticket, score=2),
        SurveyAnswer(ticket, score=5),
        SurveyAnswer(ticket, words="tarde"),
        SurveyAnswer(ticket, words="otra cosa"),
    ):
        message = await world.say(conversation, "…")
        await world.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(survey_answer=survey_answer))
    await record(world, redis)
    assert await kept(world) == [(ticket, 2, "tarde")]


async def test_rating_is_deleted_with_its_conversation(world: DeskWorld, redis: Redis) -> None:
    ticket, conversation = await attended(world)
    await Ratings(redis).give(conversation, ticket, 3, "más o menos")
    await record(world, redis)
    await forget(world.sessions, datetime.now(UTC) + timedelta(days=1))
    assert await kept(world) == []


async def test_desk_shows_ratings(world: DeskWorld, redis: Redis) -> None:
    ticket, conversation = await attended(world)
    await Ratings(redis).give(conversation, ticket, 2, "<b>tarde</b>")
    await record(world, redis)
    page = await (await world.sign_in(ANA)).get(PATH)
    assert MEAN in page.text and "1 opinión" in page.text
    assert "&lt;b&gt;tarde&lt;/b&gt;" in page.text
    assert "Ana Soto" in page.text
    assert (await world.browser().get(PATH)).status_code == 303


async def test_agents_read_ratings_of_their_team_and_themselves_and_others_all(world: DeskWorld, redis: Redis) -> None:
    ticket, conversation = await attended(world)
    await Ratings(redis).give(conversation, ticket, 2, "tarde")
    await record(world, redis)
    sees_it = {("agent", "atencion"): True, ("agent", "obras"): False, ("supervisor", "obras"): True}
    sees_it |= {("analyst", "obras"): True}
    for role, team in sees_it:
        await world.hire(f"{role}-{team}@x.cl", "P", roles=(role,), teams=(team,))
    await world.set_teams(ANA, "obras")
    readers = {f"{role}-{team}@x.cl": sees for (role, team), sees in sees_it.items()} | {ANA: True}
    for email, sees in readers.items():
        page = (await (await world.sign_in_elsewhere(email)).get(PATH)).text
        assert ("tarde" in page, MEAN in page) == (sees, sees), email


async def answered(world: DeskWorld, conversation: str, entry: str, rating_id: str) -> None:
    """Answers a message of the citizen from an entry, with a request for a rating."""
    proof = Provenance(entry, f"{entry}-v1", "¿Cómo?", 0.9)
    message = await world.say(conversation, "…")
    reply = Reply("Así.", provenance=proof, rating_id=rating_id)
    await world.inbox.commit([message], (reply,), speaker=Speaker.ASSISTANT, change=Change())


async def opinions(world: DeskWorld) -> list[tuple[str, str, str, bool, str]]:
    columns = (AnswerRow.answer, AnswerRow.entry, AnswerRow.version, AnswerRow.useful, AnswerRow.reason)
    async with world.sessions() as session:
        return [tuple(row) for row in await session.execute(select(*columns).order_by(AnswerRow.answer))]


async def test_answer_is_counted_once_with_its_newest_rating(world: DeskWorld, redis: Redis) -> None:
    ratings = Ratings(redis)
    await answered(world, "c", "licencia", "aaaaaaaa")
    await answered(world, "c", "patente", "bbbbbbbb")
    for useful, reason in ((True, ""), (False, ""), (False, "wrong"), (False, "wrong"), (False, "")):
        assert await ratings.rate_answer("c", AnswerRating("aaaaaaaa", useful, reason)) is True
    assert await ratings.rate_answer("c", AnswerRating("", useful=True)) is True  # the newest answer
    await record(world, redis)
    assert await opinions(world) == [
        ("aaaaaaaa", "licencia", "licencia-v1", False, "wrong"),
        ("bbbbbbbb", "patente", "patente-v1", True, ""),
    ]


async def test_late_rating_does_not_replace_a_newer_one(world: DeskWorld, redis: Redis) -> None:
    await answered(world, "c", "licencia", "aaaaaaaa")
    for useful in (True, False):
        await Ratings(redis).rate_answer("c", AnswerRating("aaaaaaaa", useful))
    for _, fields in reversed(await redis.xrange("v:events")):
        async with world.sessions.begin() as session:
            await write_events(session, [Logged(opened(redis, fields), fields["channel"])])
    assert [useful for *_, useful, _reason in await opinions(world)] == [False]


async def test_only_an_answer_about_which_its_citizen_was_asked_is_rated(world: DeskWorld, redis: Redis) -> None:
    ratings = Ratings(redis)
    await answered(world, "c", "licencia", "aaaaaaaa")
    await answered(world, "d", "patente", "")
    for conversation, answer in (("d", "aaaaaaaa"), ("c", "cccccccc"), ("d", ""), ("nobody", "aaaaaaaa")):
        assert await ratings.rate_answer(conversation, AnswerRating(answer, useful=False)) is False
    await record(world, redis)
    assert await opinions(world) == []


async def test_endless_changes_of_mind_do_not_fill_the_log(world: DeskWorld, redis: Redis) -> None:
    await answered(world, "c", "licencia", "aaaaaaaa")
    for number in range(3 * MAX_RATINGS_OF_AN_ANSWER):
        assert await Ratings(redis).rate_answer("c", AnswerRating("aaaaaaaa", useful=number % 2 == 0)) is True
    kinds = [fields["kind"] for _, fields in await redis.xrange("v:log:c")]
    assert kinds.count("answer_rated") == MAX_RATINGS_OF_AN_ANSWER


async def test_rating_of_an_answer_is_deleted_with_its_conversation(world: DeskWorld, redis: Redis) -> None:
    await answered(world, "c", "licencia", "aaaaaaaa")
    await Ratings(redis).rate_answer("c", AnswerRating("aaaaaaaa", useful=True))
    await record(world, redis)
    await forget(world.sessions, datetime.now(UTC) + timedelta(days=1))
    assert await opinions(world) == []


async def test_editors_and_readers_of_ratings_see_which_answers_helped(world: DeskWorld, redis: Redis) -> None:
    await answered(world, "c", "licencia", "aaaaaaaa")
    await answered(world, "d", "licencia", "bbbbbbbb")
    await Ratings(redis).rate_answer("c", AnswerRating("aaaaaaaa", useful=True))
    await Ratings(redis).rate_answer("d", AnswerRating("bbbbbbbb", useful=False, reason="missing"))
    await record(world, redis)
    assert await AnswerRatings(world.sessions).by_entry() == [EntryRatings("licencia", 1, 1, {"missing": 1})]
    world.faq.entries = (replace(BASE, id="licencia", question="¿Cómo renuevo mi licencia?"),)
    await world.hire("edi@x.cl", "Edi", roles=("editor",))
    for email, path in ((ANA, "/desk/opiniones"), ("edi@x.cl", "/desk/faltantes")):
        page = (await (await world.sign_in_elsewhere(email)).get(path)).text
        assert "¿Cómo renuevo mi licencia?" in page and "falta algo: 1" in page, path
