"""Plants traces of one citizen in every table, key and folder, through the system itself where possible."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.record import tables
from bot.record.engine import Sessions
from bot.store import keys
from tests.integration.complaints import filed
from tests.integration.recorded import person
from tests.no_record import mailbox_of
from tests.privacy_world import MARK, NAME, NOW, STAFF, Places, remember_tracker
from tests.recording import recording, until_recorded

PDF = b"%PDF-1.4 " + MARK.encode()


async def said(world: Places, text: str, *, name: str = NAME, channel: Channel = Channel.WEB, **commit: Any) -> None:
    """Sends a message as the citizen, and commits the assistant's turn."""
    inbox = mailbox_of(world.redis)
    message = CitizenMessage(name, channel, f"m-{text[:20]}", text, at=0)
    await inbox.accept(message, address="gAAAA-sealed" if channel is not Channel.WEB else "")
    commit = {"change": Change()} | commit
    done = await inbox.commit([message], (Reply(f"eco: {text}"),), speaker=Speaker.ASSISTANT, **commit)
    assert done == "ok"


async def asked_for_notices(session: AsyncSession) -> None:
    """Writes the rows of the citizen's subscription, and of a broadcast to the citizen."""
    notice = {"number": 1, "revision": 1, "state": "running", "text": "x", "severity": "info", "signed": "x"}
    id = await session.scalar(
        insert(tables.Notice).values(**notice, hours=1, author_name="Ana").returning(tables.Notice.id)
    )
    broadcast = insert(tables.Broadcast).values(notice_id=id, state="running", author_id=STAFF, author_name="Ana")
    broadcast_id = await session.scalar(broadcast.returning(tables.Broadcast.id))
    to = {"conversation_id": NAME, "channel": "telegram"}
    await session.execute(insert(tables.Subscription).values(**to, address="x", at=NOW))
    await session.execute(insert(tables.BroadcastRecipient).values(**to, broadcast_id=broadcast_id, state="sent"))


async def plant(world: Places) -> None:
    """Leaves traces of the citizen NAME in every table, key and folder; the texts among them contain MARK."""
    await said(world, f"me llamo {MARK}", change=Change(known={"nombre": MARK}))
    await said(world, f"hablar con alguien, soy {MARK}", handoff=Handoff(HandoffReason.ASKED_HUMAN, team="atencion"))
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    ticket = await world.redis.hget(keys.conversation_key(NAME), "ticket")
    await close(world.redis, ticket)
    await filed(world.redis, world.sessions, mailbox_of(world.redis), NAME, what=MARK, location=MARK)
    await person(world.sessions, 7, "Ana")
    await write_rows(world.sessions, ticket)
    await remember_tracker(world.database_url, NAME, MARK)
    await world.data._files.keep(NAME, f"{MARK}.pdf", PDF)
    await world.redis.hset(keys.staff_notices_key(str(STAFF)), "1", json.dumps({"conversation": NAME, "text": MARK}))
    await world.redis.hset(keys.delivery_key(NAME), "1-0", MARK)
    await world.redis.set(keys.sent_key("telegram", "55"), f"{NAME} 1-0")
    await world.redis.hset(keys.approval_key("9"), mapping={"conversation": NAME, "words": MARK})
    await world.redis.zadd(keys.APPROVALS, {"9": 1})
    await world.redis.zadd(keys.UNHEARD, {NAME: 1})
    await world.redis.sadd(keys.NOTICES_OFF, NAME)


async def close(redis: Redis, ticket: str) -> None:
    """Closes the ticket in Redis, as its agent does."""
    await redis.zrem(keys.queue_key("atencion"), ticket)
    await redis.hset(keys.ticket_key(ticket), "state", "closed")
    await redis.hset(keys.conversation_key(NAME), "speaker", "assistant")
    await redis.hdel(keys.conversation_key(NAME), "ticket")


async def write_rows(sessions: Sessions, ticket: str) -> None:
    """Writes a row in every other table that may contain data of a citizen, and closes the ticket."""
    of = {"conversation_id": NAME, "event_id": "9-0"}
    callback = {"number": "7-204", "ticket_id": ticket, "team": "atencion", "contact_kind": "mobile", "shown": MARK}
    times = {"asked_at": NOW, "consented_at": NOW, "due_at": NOW}
    rows: tuple[tuple[Any, dict[str, Any]], ...] = (
        (tables.Note, of | {"at": NOW, "ticket_id": ticket, "staff_id": str(STAFF), "name": "Ana", "text": MARK}),
        (tables.PendingApproval, of | {"id": "9", "team": "", "words": MARK, "events": [], "due_at": NOW}),
        (tables.Closing, {"ticket_id": ticket, "staff_id": STAFF, "outcome": "solved", "topic": MARK}),
        (tables.SampleWeek, {"week": date(2026, 11, 16), "strata": {}}),
        (
            tables.SampledAnswer,
            {"week": date(2026, 11, 16), "conversation_id": NAME, "entry": "bache", "probability": 0.9, "chance": 1.0}
            | {"stratum": "sure-usual", "question": MARK, "answer": MARK},
        ),
        (tables.MissingEntry, {"staff_id": STAFF, "team": "", "question": MARK, "draft": "", "conversation_id": NAME}),
        (tables.Callback, of | callback | times | {"id": 1, "encrypted": "x", "part_of_day": "any"}),
        (tables.CallbackAttempt, {"callback_id": 1, "staff_id": STAFF, "result": "reached", "note": MARK}),
        (tables.BacklogItem, {"conversation_id": NAME, "ref": "1-0", "source": "handed", "at": NOW, "text": MARK}),
        (tables.SpikeQuestion, {"conversation_id": NAME, "event_id": "1-0", "at": NOW}),
        (tables.BacklogMark, {"conversation_id": NAME, "read_up_to": NOW}),
        (tables.Rating, {"ticket_id": ticket, "conversation_id": NAME, "at": NOW, "score": 5, "words": MARK}),
        (tables.RemovedMessage, {"conversation_id": NAME, "event_id": "1-0", "at": NOW, "name": "Ana", "done": True}),
    )
    rated = {"conversation_id": NAME, "answer": "abcdefgh", "at": NOW, "entry": "x", "version": "1", "useful": False}
    async with sessions.begin() as session:
        mark = (tables.EpisodeMark, {"conversation_id": NAME, "read_up_to": NOW})
        for table, row in (*rows, (tables.AnswerRating, rated | {"reason": MARK}), mark):
            await session.execute(insert(table).values(**row))
        await asked_for_notices(session)
        await session.execute(tables.Ticket.__table__.update().values(state="closed", summary=MARK))
