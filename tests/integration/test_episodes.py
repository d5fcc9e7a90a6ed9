"""Tests the episodes that are read from the record: written once, replaced, kept without their conversation."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import delete, insert, select, update

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Place, Reply, Speaker
from bot.figures.facts.filling import Filling
from bot.figures.facts.reading import talks_of
from bot.privacy.corrections import Corrections
from bot.record.engine import Sessions
from bot.record.locks import Lock, take
from bot.record.tables import Callback, CallbackAttempt, Conversation, Message, Ticket
from bot.record.tables.episodes import Episode
from bot.record.tables.ratings import AnswerRating, Rating
from bot.turns.attachments import stated_commune
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded

MONDAY = datetime(2026, 11, 2, 13, 30, tzinfo=UTC)  # 10:30 in Santiago
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
LATER = MONDAY + 90 * DAY
PROOF = {"entry": "bache", "version": "v1", "question": "¿?", "confidence": 0.875}
ANSWER = {"provenance": PROOF, "rating_id": "r1"}


def filling(sessions: Sessions, agency: Agency | None = None) -> Filling:
    segments = agency.figure_segments if agency else ()
    return Filling(sessions, "America/Santiago", {"bache": "calle"}.get, segments)  # type: ignore[arg-type]


async def know(sessions: Sessions, name: str, **known: str) -> None:
    """Writes the known facts about the citizen of a conversation."""
    async with sessions.begin() as session:
        await session.execute(update(Conversation).where(Conversation.id == name).values(known=known))


async def talk(sessions: Sessions, name: str, *lines: tuple[datetime, str, dict[str, Any]]) -> None:
    """Writes a conversation that ends with its last line."""
    async with sessions.begin() as session:
        times = {"started_at": lines[0][0], "last_at": lines[-1][0]}
        await session.execute(insert(Conversation).values(id=name, channel="whatsapp", **times))
        for number, (at, author, data) in enumerate(lines):
            row = {"conversation_id": name, "event_id": f"{number}-0", "at": at, "author": author, "text": "secreto"}
            await session.execute(insert(Message).values(**row, data=data))


async def episodes(sessions: Sessions) -> list[Episode]:
    async with sessions() as session:
        return list(await session.scalars(select(Episode).order_by(Episode.started_at)))


async def test_episodes_that_stay_the_same_are_not_written_again(database: Sessions) -> None:
    """Checks this, so that the sums of their days stay valid; the last episode changes, since the citizen came back."""
    again = (MONDAY + DAY, "citizen", {})
    await talk(database, "c1", (MONDAY, "citizen", {}), (MONDAY + MINUTE, "assistant", ANSWER), again)
    await filling(database).fill(LATER)
    first, second = await episodes(database)
    async with database.begin() as session:
        at = MONDAY + 3 * DAY
        row = {"conversation_id": "c1", "event_id": "9-0", "at": at, "author": "citizen", "text": "", "data": {}}
        await session.execute(insert(Message).values(row))
        await session.execute(update(Conversation).values(last_at=at))
    await filling(database).fill(LATER)
    same, changed, added = await episodes(database)
    assert (same.id, same.probabilities) == (first.id, first.probabilities)
    assert changed.id != second.id
    assert (changed.returned_at, added.started_at) == (at, at)


async def test_blocked_conversation_is_not_read_until_unblocked_and_what_was_counted_stays(database: Sessions) -> None:
    await talk(database, "c1", (MONDAY, "citizen", {}))
    await filling(database).fill(LATER)
    await talk(database, "c2", (MONDAY, "citizen", {}))
    for name in ("c1", "c2"):
        await Corrections(database).block(name)
    assert (await filling(database).rebuild(), len(await episodes(database))) == (0, 1)
    await Corrections(database).unblock("c2")
    assert (await filling(database).fill(LATER), len(await episodes(database))) == (1, 2)


async def test_answer_and_return_are_two_episodes(database: Sessions) -> None:
    again = MONDAY + 3 * DAY
    await talk(
        database,
        "c1",
        (MONDAY, "citizen", {}),
        (MONDAY + MINUTE, "assistant", ANSWER),
        (MONDAY + DAY, "system", {}),  # sent unasked: no episode
        (again, "citizen", {"button": "b"}),
    )
    async with database.begin() as session:
        said = {"at": MONDAY, "entry": "bache", "version": "v1", "useful": False, "reason": "other"}
        await session.execute(insert(AnswerRating).values(conversation_id="c1", answer="r1", **said))
    assert await filling(database).fill(LATER) == 1
    first, second = await episodes(database)
    assert (first.ended_at, first.returned_at, first.ending, first.theme) == (
        MONDAY + MINUTE,
        again,
        "answered",
        "calle",
    )
    assert (first.entries, first.versions, first.probabilities, first.useful) == (["bache"], ["v1"], [0.875], [False])
    assert (first.asked_useful, first.said_useful, first.said_useless, first.said_other) == (1, 0, 1, 1)
    assert (first.day.isoformat(), first.hour, first.first_of_month) == ("2026-11-02", 10, True)
    assert (second.ending, second.trigger, second.first_of_month) == ("silent", "button", False)


async def test_attention_of_days_is_one_episode_with_its_times(database: Sessions) -> None:
    handed, claimed, closed = MONDAY + MINUTE, MONDAY + DAY, MONDAY + DAY + HOUR
    lines = (MONDAY, "citizen", {}), (handed, "assistant", {"danger": {"kind": "gas", "sure": True}})
    later = (claimed, "citizen", {}), (claimed + MINUTE, "staff", {"name": "Ana"}), (closed, "citizen", {})
    await talk(database, "c1", *lines, *later)
    async with database.begin() as session:
        times = {"opened_at": handed, "claimed_at": claimed, "closed_at": closed + MINUTE, "changed_at": closed}
        row = {"id": "1", "conversation_id": "c1", "reason": "emergency", "priority": "emergency", "team": "seguridad"}
        row |= {"candidates": [], "state": "closed", "outcome": "solved"}
        await session.execute(insert(Ticket).values(**row, **times))
        await session.execute(insert(Rating).values(ticket_id="1", conversation_id="c1", at=closed, score=4, words=""))
    await filling(database).fill(LATER)
    (one,) = await episodes(database)
    assert (one.ending, one.reason, one.team, one.outcome) == ("person", "emergency", "seguridad", "solved")
    assert (one.handed_at, one.claimed_at, one.replied_at) == (handed, claimed, claimed + MINUTE)
    assert (one.ended_at, one.messages, one.stars, one.danger) == (closed + MINUTE, 3, 4, True)


async def test_times_of_a_call_back_are_its_first_promise_and_first_attempt(database: Sessions) -> None:
    await talk(database, "c1", (MONDAY, "citizen", {}), (MONDAY + MINUTE, "assistant", {}))
    asked = {"number": "1-2", "team": "obras", "contact_kind": "mobile", "shown": "", "part_of_day": "any"}
    asked |= {"conversation_id": "c1", "consented_at": MONDAY, "due_at": MONDAY + DAY}
    first = asked | {"event_id": "1", "ticket_id": "1", "asked_at": MONDAY, "outcome": "replaced"}
    second = asked | {"event_id": "2", "ticket_id": "2", "asked_at": MONDAY + MINUTE, "promised_at": MONDAY + HOUR}
    async with database.begin() as session:
        await session.execute(insert(Callback).values(first))
        number = await session.scalar(insert(Callback).values(second).returning(Callback.id))
        for at, result in ((MONDAY + 2 * HOUR, "not_reached"), (MONDAY + DAY, "reached")):
            facts = {"callback_id": number, "at": at, "result": result, "note": ""}
            await session.execute(insert(CallbackAttempt).values(**facts))
    await filling(database).fill(LATER)
    (one,) = await episodes(database)
    assert one.call_asked_at == MONDAY + MINUTE
    assert (one.call_promised_at, one.called_at, one.call_outcome) == (MONDAY + HOUR, MONDAY + 2 * HOUR, "")


async def test_filling_again_reads_only_what_is_new(database: Sessions) -> None:
    await talk(database, "c1", (MONDAY, "citizen", {}))
    fill = filling(database)
    assert [await fill.fill(MONDAY - MINUTE), await fill.fill(LATER), await fill.fill(LATER)] == [0, 1, 0]
    async with database.begin() as session:
        row = {"conversation_id": "c1", "event_id": "9-0", "at": MONDAY + HOUR, "author": "assistant", "text": ""}
        await session.execute(insert(Message).values(**row, data=ANSWER))
        one = await session.get_one(Conversation, "c1")
        one.last_at = MONDAY + HOUR
    assert await fill.fill(LATER) == 1
    assert [one.ending for one in await episodes(database)] == ["answered"]


async def test_known_facts_are_segments_by_a_closed_list(database: Sessions, agency: Agency) -> None:
    await talk(database, "c1", (MONDAY, "citizen", {}), (MONDAY + DAY, "citizen", {}))
    await talk(database, "c2", (MONDAY + 2 * DAY, "citizen", {}))
    await know(database, "c1", comuna="los-aromos", idioma="ht", edad="mayor")
    await know(database, "c2", comuna="Rosa vive en El Boldo 12")
    await filling(database, agency).fill(LATER)
    assert [one.segments for one in await episodes(database)] == [
        {"comuna": "los-aromos", "idioma": "ht", "vuelve": "primera"},
        {"comuna": "los-aromos", "idioma": "ht", "vuelve": "otra-vez"},
        {"idioma": "es", "vuelve": "primera"},
    ]


@pytest.mark.parametrize(("latitude", "commune"), [(-33.248, "los-aromos"), (-36.8, "otra-comuna")])
async def test_location_that_a_citizen_shares_becomes_the_commune_of_the_episode(
    redis: Redis, database: Sessions, agency: Agency, latitude: float, commune: str
) -> None:
    inbox, place = mailbox_of(redis), Place(latitude, -70.766)
    said = CitizenMessage("c1", Channel.TELEGRAM, "m1", "", at=0, place=place)
    await inbox.accept(said)
    change = Change(known=stated_commune(agency, said))
    await inbox.commit([said], (Reply("gracias"),), speaker=Speaker.ASSISTANT, change=change)
    async with recording(redis, database):
        await until_recorded(redis)
    await filling(database, agency).fill(datetime.now(UTC) + HOUR)
    (one,) = await episodes(database)
    assert one.segments == {"comuna": commune, "idioma": "es", "vuelve": "primera"}
    assert str(latitude) not in repr(vars(one))


async def test_rebuilding_adds_segments_that_the_agency_chose_later(database: Sessions, agency: Agency) -> None:
    for name in ("c1", "c2"):
        await talk(database, name, (MONDAY, "citizen", {}))
        await know(database, name, comuna="otra-comuna")
    await filling(database).fill(LATER)
    assert [one.segments for one in await episodes(database)] == [{}, {}]
    async with database.begin() as session:
        await session.execute(delete(Conversation).where(Conversation.id == "c2"))
    await filling(database, agency).rebuild()
    found = {one.conversation_id: one.segments for one in await episodes(database)}
    assert found == {"c1": {"comuna": "otra-comuna", "idioma": "es", "vuelve": "primera"}, None: {}}


async def test_rebuilding_changes_nothing_and_keeps_what_was_deleted(database: Sessions) -> None:
    for name in ("c1", "c2"):
        await talk(database, name, (MONDAY, "citizen", {}), (MONDAY + MINUTE, "assistant", ANSWER))
    await filling(database).fill(LATER)
    async with database.begin() as session:
        await session.execute(delete(Conversation).where(Conversation.id == "c2"))
    assert await filling(database).rebuild() == 1
    found = await episodes(database)
    assert sorted(one.conversation_id or "" for one in found) == ["", "c1"]
    assert {one.ending for one in found} == {"answered"}


async def test_rebuilding_waits_for_a_process_that_fills_and_filling_does_not(database: Sessions) -> None:
    await talk(database, "c1", (MONDAY, "citizen", {}))
    async with database.begin() as session:
        await take(session, Lock.EPISODES)
        assert await filling(database).fill(LATER) == 0
        rebuilding = asyncio.create_task(filling(database).rebuild())
        await asyncio.sleep(0.1)
        assert not rebuilding.done()
    assert await rebuilding == 1


async def test_conversation_that_cannot_be_read_does_not_stop_the_others(database: Sessions) -> None:
    odd = {"provenance": {"of": "a later release"}}
    await talk(database, "c1", (MONDAY, "citizen", {}), (MONDAY, "assistant", odd))
    await talk(database, "c2", (MONDAY, "system", {}))
    await talk(database, "c3", (MONDAY, "citizen", {}))
    await talk(database, "c4", (MONDAY, "citizen", {}), (MONDAY, "assistant", {"delivery": "x"}))
    assert await filling(database).fill(LATER) == 4
    assert [one.conversation_id for one in await episodes(database)] == ["c3"]


async def test_broadcast_to_somebody_who_wrote_before_is_not_of_their_conversation(database: Sessions) -> None:
    sent = {"notice": "3.1", "broadcast": "1", "drill": True}
    await talk(database, "c1", (MONDAY, "citizen", {}), (MONDAY + timedelta(hours=5), "system", sent))
    await filling(database).fill(LATER)
    (one,) = await episodes(database)
    assert (one.ending, one.crisis, one.drill, one.ended_at) == ("silent", False, False, MONDAY)


async def test_text_is_never_read_nor_kept(database: Sessions) -> None:
    await talk(database, "c1", (MONDAY, "citizen", {}), (MONDAY, "assistant", ANSWER))
    async with database() as session:
        (read,) = await talks_of(session, ["c1"])
    assert len(read.messages) == 2
    assert "secreto" not in repr(read)
    await filling(database).fill(LATER)
    (one,) = await episodes(database)
    assert "secreto" not in repr(vars(one))
