"""Tests the loss of Redis with open tickets: all work resumes from the record, once; no ticket number repeats."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from bot.agency.model import Agency
from bot.channels.web import chats as web_chats
from bot.channels.web.chats import Chats, Conversations
from bot.channels.web.errors import UnknownToken
from bot.conversation.change import Change
from bot.conversation.files import FILES_FOLDER, Files
from bot.conversation.inbox import Inbox
from bot.conversation.live import Live
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import ServiceHours
from bot.handoff.sweeper import Sweeper
from bot.record.engine import Sessions
from bot.record.recovery import Recovery
from bot.record.tables import Ticket as RecordedTicket
from bot.store import keys
from bot.store.scripts import Script
from bot.tickets.approvals import PendingApprovals
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.ticket import StaffRef, Ticket
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Note, Transitions
from bot.tickets.waits import Waits
from bot.tickets.watchdog import Watchdog
from tests.eventually import eventually
from tests.integration.sweeper_world import yes
from tests.integration.working import until_idle, working
from tests.no_record import mailbox_of, none_blocked
from tests.recording import recording, until_recorded

ANA = StaffRef("ana", "Ana Soto")
DAY = timedelta(days=1)
FAR_MS = 4_000_000_000_000
STATES = ("waiting", "claimed", "snoozed", "callback", "closed")


async def opened(
    inbox: Inbox, conversation: str, channel: Channel = Channel.WEB, priority: Priority = Priority.HIGH
) -> str:
    message = CitizenMessage(conversation, channel, f"m-{conversation}", f"ayuda {conversation}", at=0)
    await inbox.accept(message, address="" if channel is Channel.WEB else f"sealed-{conversation}")
    handoff, change = Handoff(HandoffReason.COMPLAINT, priority, "obras"), Change(known={"idioma": "ht"})
    await inbox.commit([message], (Reply("en la fila"),), speaker=Speaker.ASSISTANT, change=change, handoff=handoff)
    ticket = (await inbox.state(conversation)).ticket
    assert ticket is not None
    return ticket


async def one_in_each_state(redis: Redis) -> list[str]:
    inbox, tickets, transitions = mailbox_of(redis), Tickets(redis), Transitions(redis)
    made = [await opened(inbox, state, Channel.TELEGRAM) for state in STATES]
    for ticket in made[1:]:
        await tickets.claim(ticket, ANA, Reply("te atiende Ana"))
    await transitions.note(made[1], ANA, Note("n1", "ojo"))
    await transitions.snooze(made[2], ANA, FAR_MS)
    await transitions.schedule_callback(made[3], ANA, FAR_MS)
    await tickets.close(made[4], ANA, Reply("cerrado"))
    return made


async def everything(redis: Redis, made: list[str]) -> Any:
    """Returns all state that the desk and the citizen can see."""
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    found = [await tickets.get(ticket) for ticket in made]
    states = [await inbox.state(state) for state in STATES]
    return {
        "tickets": [shape(one) for one in found if one and not one.closed],
        "turns": [(one.speaker.value, one.ticket, one.channel) for one in states[:4]],
        "known": [one.known for one in states[:4]],
        "inbound": [one.inbound_at for one in states[:4]],
        "said": [[said(event) for event in await inbox.events(state, staff=True)] for state in STATES[:4]],
        "addresses": [await redis.hget(keys.conversation_key(state), "address") for state in STATES[:4]],
        "places": [await redis.zrange(keys.queue_key("obras"), 0, -1), await redis.smembers(keys.CLAIMED)],
        "later": [await redis.zrange(key, 0, -1, withscores=True) for key in (keys.SNOOZED, keys.CALLBACKS)],
    }


def shape(ticket: Ticket) -> tuple[object, ...]:
    return (ticket.id, ticket.state, ticket.owner, ticket.team, ticket.reason, ticket.summary, ticket.opened_at)


def said(event: Any) -> tuple[object, ...] | None:
    return (event.id, event.kind, event.author, event.text) if event.kind in {"message", "note"} else None


def without_changes(known: Any) -> Any:
    """Removes ticket changes from the event logs: the record contains only messages and notes."""
    return known | {"said": [[line for line in feed if line] for feed in known["said"]]}


async def test_everything_open_resumes_after_a_loss_of_redis(redis: Redis, database: Sessions) -> None:
    made = await one_in_each_state(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    before = await everything(redis, made)
    await redis.flushall()
    assert await Recovery(redis, database).run() == 4
    assert await everything(redis, made) == without_changes(before)
    assert await Recovery(redis, database).run() == 0


async def test_web_conversations_that_come_back_expire_after_the_term_of_the_web(
    redis: Redis, database: Sessions
) -> None:
    await one_in_each_state(redis)
    async with recording(redis, database):
        await written(mailbox_of(redis), "¿la uno?")
        await until_recorded(redis)
    await redis.flushall()
    await Recovery(redis, database, 7200).run()
    back = await redis.keys(keys.conversation_key("*"))
    assert {await redis.hget(key, "idle_s") for key in back} == {"7200"} and keys.conversation_key("c1") in back


async def test_damaged_tickets_are_put_aside_and_restored_from_the_record(redis: Redis, database: Sessions) -> None:
    made = await one_in_each_state(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    before, open_ones = await everything(redis, made), {one.id for one in await Tickets(redis).open()}
    for one in open_ones:
        await redis.hdel(keys.ticket_key(one), "opened_at")
    assert set(await Watchdog(redis).put_aside()) == open_ones
    assert await Recovery(redis, database).run() == len(open_ones)
    assert without_changes(await everything(redis, made)) == without_changes(before)
    assert (await Watchdog(redis).put_aside(), await redis.exists(keys.ASIDE)) == ([], 0)


async def test_pending_call_comes_back_beside_a_newer_conversation_with_a_person(
    redis: Redis, database: Sessions
) -> None:
    inbox = mailbox_of(redis)
    newer = await opened(inbox, "c1")
    async with recording(redis, database):
        await until_recorded(redis)
    promised = str(int(newer) + 1)
    async with database() as session, session.begin():
        first = await session.get_one(RecordedTicket, newer)
        kept = {column.key: getattr(first, column.key) for column in RecordedTicket.__table__.columns}
        session.add(RecordedTicket(**kept | {"id": promised, "state": "callback", "until": datetime.now(UTC) + DAY}))
    await redis.flushall()
    assert await Recovery(redis, database).run() == 2
    for one, field in ((promised, "callback"), (newer, "ticket")):  # as if the other had come first
        await redis.delete(keys.ticket_key(one), keys.CALLBACKS if one == promised else keys.queue_key("obras"))
        await redis.hdel(keys.conversation_key("c1"), field)
        assert await Recovery(redis, database).run() == 1
    assert await redis.zrange(keys.CALLBACKS, 0, -1) == [promised]
    assert await redis.zrange(keys.queue_key("obras"), 0, -1) == [newer]
    facts = await redis.hmget(keys.conversation_key("c1"), "ticket", "callback", "speaker")
    assert facts == [newer, promised, "waiting"]


async def test_ticket_numbers_continue(redis: Redis, database: Sessions) -> None:
    made = await one_in_each_state(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    await redis.flushall()
    fresh = await opened(Inbox(redis, Recovery(redis, database).run, "s" * 40), "another")
    assert int(fresh) == max(map(int, made)) + 1


async def test_recovery_changes_no_existing_state(redis: Redis, database: Sessions) -> None:
    made = await one_in_each_state(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    await Tickets(redis).claim(made[0], ANA, Reply("te atiende Ana"))
    before = await everything(redis, made)
    assert await Recovery(redis, database).run() == 0
    assert await everything(redis, made) == before


async def test_closed_support_session_leaves_no_address_in_the_record(redis: Redis, database: Sessions) -> None:
    from sqlalchemy import select

    from bot.record.tables import Conversation

    await one_in_each_state(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    async with database() as session:
        kept = {one.id: one.address for one in await session.scalars(select(Conversation))}
    assert kept == {state: f"sealed-{state}" for state in STATES[:4]} | {"closed": None}


@pytest.mark.parametrize("seconds", [5])
async def test_running_bot_detects_the_loss_and_takes_no_agent_for_gone(
    redis: Redis, database: Sessions, agency: Agency, seconds: int
) -> None:
    made, recovery = await one_in_each_state(redis), Recovery(redis, database)
    sweeper = Sweeper(
        tickets=Tickets(redis),
        transitions=Transitions(redis),
        presences=Presences(redis),
        outbox=Outbox(redis),
        watchdog=Watchdog(redis),
        agency=agency,
        forecasts=Forecasts(agency, ServiceHours(agency), Waits(redis), Presences(redis)),
        waits=Waits(redis),
        pending_approvals=PendingApprovals(redis, recovery.run),
        restore=recovery.run,
        record_answers=yes,
        blocked=none_blocked,
    )
    async with recording(redis, database):
        await until_recorded(redis)
        running = asyncio.create_task(sweeper.run())
        await asyncio.sleep(0.3)
        await redis.flushall()
        await eventually(lambda: Tickets(redis).filled())
        assert [one.id for one in await Tickets(redis).claimed()] == [made[1]]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await recovery.close()
    assert json.loads(await redis.hget(keys.ticket_key(made[1]), "candidates")) == []


async def test_item_that_cannot_be_restored_does_not_stop_the_others(redis: Redis, database: Sessions) -> None:
    made, inbox = await one_in_each_state(redis), mailbox_of(redis)
    async with recording(redis, database):
        for conversation in ("broken", "whole"):
            await written(inbox, "¿hay alguien?", conversation=conversation)
        await until_recorded(redis)
    async with database.begin() as session:
        broken = "UPDATE messages SET event_id = 'none' || id WHERE conversation_id IN ('waiting', 'broken')"
        await session.execute(text(broken))
    await redis.flushall()
    assert await Recovery(redis, database).run() == 3
    assert sorted(one.id for one in await Tickets(redis).open()) == made[1:4]
    assert await inbox.waiting(["broken", "whole"]) == [0, 1]
    assert await Tickets(redis).filled()


async def test_store_lost_during_the_rebuild_is_not_taken_as_complete(
    redis: Redis, database: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await one_in_each_state(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    await redis.flushall()
    recovery = Recovery(redis, database)
    monkeypatch.setattr(recovery, "_restore_approvals", lambda _session: redis.flushall())
    await recovery.run()
    assert not await Tickets(redis).filled()
    await Recovery(redis, database).run()
    assert sorted(one.id for one in await Tickets(redis).open()) == made[:4]


async def test_interrupted_rebuild_is_completed_by_the_next(
    redis: Redis, database: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, inbox = await one_in_each_state(redis), mailbox_of(redis)
    async with recording(redis, database):
        for conversation in (*STATES, "alone"):
            await written(inbox, "¿hay alguien?", conversation=conversation, channel=Channel.TELEGRAM)
        await until_recorded(redis)
    before = without_changes(await everything(redis, made))
    script = Script.__call__
    left = 0

    async def cut_off(self: Script, **arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise ConnectionError
        return await script(self, **arguments)

    for steps in range(len(STATES[:4]) + len(STATES) + 2):
        await redis.flushall()
        left = steps
        with monkeypatch.context() as patched, pytest.raises(ConnectionError):
            patched.setattr(Script, "__call__", cut_off)
            await Recovery(redis, database).run()
        assert not await Tickets(redis).filled()
        await Recovery(redis, database).run()
        assert without_changes(await everything(redis, made)) == before
        assert await inbox.waiting([*STATES, "alone"]) == [1] * 6
    async with working(redis, debounce_ms=0):
        await until_idle(redis)
    answered = [one for one in (*STATES, "alone") if "re: ¿hay alguien?" in await heard(inbox, one)]
    assert answered == ["callback", "closed", "alone"]


async def written(inbox: Inbox, *words: str, conversation: str = "c1", channel: Channel = Channel.WEB) -> None:
    address = "" if channel is Channel.WEB else "sealed"
    for said in words:
        await inbox.accept(CitizenMessage(conversation, channel, f"m-{said}", said, at=0), address=address)


async def heard(inbox: Inbox, conversation: str = "c1") -> list[str]:
    return [event.text for event in await inbox.events(conversation) if event.kind == "message"]


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.WHATSAPP])
async def test_unanswered_messages_are_answered_once_and_none_twice(
    redis: Redis, database: Sessions, channel: Channel
) -> None:
    inbox = mailbox_of(redis)
    async with recording(redis, database):
        async with working(redis, debounce_ms=0):
            await written(inbox, "¿la uno?", channel=channel)
            await until_idle(redis)
        await written(inbox, "¿la dos?", "¿la tres?", channel=channel)
        await until_recorded(redis)
    before = await heard(inbox)
    await redis.flushall()
    for _ in range(2):
        await Recovery(redis, database).run()
    await written(inbox, "¿la tres?", channel=channel)
    async with working(redis, debounce_ms=0):
        await until_idle(redis)
    assert await heard(inbox) == [*before, "re: ¿la dos?", "re: ¿la tres?"]
    assert (await inbox.state("c1")).address == ("" if channel is Channel.WEB else "sealed")


async def test_reply_that_waited_in_a_lost_outbox_is_in_the_transcript_but_not_sent(
    redis: Redis, database: Sessions
) -> None:
    inbox, outbox = mailbox_of(redis), Outbox(redis)
    async with recording(redis, database):
        await opened(inbox, "c1", Channel.TELEGRAM)
        await until_recorded(redis)
    assert await outbox.oldest("c1") is not None
    await redis.flushall()
    await Recovery(redis, database).run()
    assert await outbox.oldest("c1") is None
    assert (await heard(inbox))[-1] == "en la fila"


async def test_messages_since_the_loss_are_answered_after_earlier_ones(redis: Redis, database: Sessions) -> None:
    inbox = mailbox_of(redis)
    async with recording(redis, database):
        await written(inbox, "¿la uno?", "¿la dos?")
        await until_recorded(redis)
        await redis.flushall()
    await written(inbox, "¿la tres?")
    await Recovery(redis, database).run()
    async with working(redis, debounce_ms=0):
        await until_idle(redis)
    asked = ["¿la uno?", "¿la dos?", "¿la tres?"]
    said = await heard(inbox)
    assert said[:3] == asked
    assert said[4:] == [f"re: {one}" for one in asked]


async def test_answered_message_is_not_answered_again_when_the_record_lags_behind(
    redis: Redis, database: Sessions
) -> None:
    inbox = mailbox_of(redis)
    async with recording(redis, database):
        await written(inbox, "¿la uno?")
        await until_recorded(redis)
    async with working(redis, debounce_ms=0):
        await until_idle(redis)
        await Recovery(redis, database).run()
        await until_idle(redis)
    assert (await heard(inbox))[2:] == ["re: ¿la uno?"]


async def test_message_answered_by_a_person_while_the_worker_was_dead_is_not_repeated(
    redis: Redis, database: Sessions
) -> None:
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    async with recording(redis, database):
        ticket = await opened(inbox, "c1")
        await tickets.claim(ticket, ANA, Reply("te atiende Ana"))
        await written(inbox, "¿la uno?")
        await tickets.reply(ticket, ANA, "la uno es el lunes", "r1")
        await tickets.close(ticket, ANA, Reply("cerrado"))
        await asyncio.sleep(0.01)
        await written(inbox, "¿la dos?")
        await until_recorded(redis)
    before = await heard(inbox)
    await redis.flushall()
    await Recovery(redis, database).run()
    async with working(redis, debounce_ms=0):
        await until_idle(redis)
    assert await heard(inbox) == [*before, "re: ¿la dos?"]


async def test_day_old_message_is_not_answered_any_more(redis: Redis, database: Sessions) -> None:
    inbox = mailbox_of(redis)
    async with recording(redis, database):
        await written(inbox, "¿la uno?")
        await until_recorded(redis)
    async with database.begin() as session:
        await session.execute(text("UPDATE messages SET at = at - interval '25 hours'"))
    await redis.flushall()
    await Recovery(redis, database).run()
    assert await heard(inbox) == []


async def test_unread_emergency_at_the_loss_of_redis_goes_first(redis: Redis, database: Sessions) -> None:
    inbox = mailbox_of(redis)
    async with recording(redis, database):
        waiting = await opened(inbox, "c1")
        await written(inbox, "hay un incendio en mi casa")
        await until_recorded(redis)
    await redis.flushall()
    await Recovery(redis, database).run()
    async with working(redis, debounce_ms=0):
        await until_idle(redis)
    (ticket,) = await Tickets(redis).waiting()
    assert (ticket.id, ticket.priority) == (waiting, Priority.EMERGENCY)


async def test_alarm_of_an_emergency_that_waits_is_due_again_after_a_loss_of_redis(
    redis: Redis, database: Sessions
) -> None:
    async with recording(redis, database):
        waiting = await opened(mailbox_of(redis), "c1", priority=Priority.EMERGENCY)
        await until_recorded(redis)
    await redis.flushall()
    await Recovery(redis, database).run()
    assert await redis.zrange(keys.ALARMS, 0, -1) == [waiting]


@pytest.mark.parametrize("written_since", [False, True])
async def test_known_facts_come_back_without_a_ticket(redis: Redis, database: Sessions, written_since: bool) -> None:
    inbox = mailbox_of(redis)

    async def tells(known: dict[str, str]) -> None:
        said = CitizenMessage("c1", Channel.WEB, f"m-{known}", "de mí", at=0)
        await inbox.accept(said)
        await inbox.commit([said], (Reply("así"),), speaker=Speaker.ASSISTANT, change=Change(known=known))

    async with recording(redis, database):
        await tells({"idioma": "ht", "edad": "joven"})
        await until_recorded(redis)
    before = await heard(inbox)
    await redis.flushall()
    since = {"edad": "adulto"} if written_since else {}
    if written_since:
        await tells(since)
    await Recovery(redis, database, 7200).run()
    assert (await inbox.state("c1")).known == {"idioma": "ht", "edad": "joven"} | since
    assert written_since or 0 < await redis.ttl(keys.log_key("c1")) <= 7200
    assert (await heard(inbox))[:2] == before


@pytest.mark.parametrize(("channel", "there"), [(Channel.WEB, False), (Channel.WHATSAPP, True)])
async def test_only_a_web_conversation_is_too_old_after_the_term_of_the_web(
    redis: Redis, database: Sessions, channel: Channel, there: bool
) -> None:
    inbox = mailbox_of(redis)
    async with recording(redis, database):
        one = CitizenMessage("c1", channel, "m1", "de mí", at=0)
        await inbox.accept(one)
        await inbox.commit([one], (Reply("así"),), speaker=Speaker.ASSISTANT, change=Change(known={"idioma": "ht"}))
        await until_recorded(redis)
    async with database.begin() as session:
        await session.execute(text("UPDATE conversations SET last_at = last_at - interval '3 hours'"))
    await redis.flushall()
    await Recovery(redis, database, 7200).run()
    assert (await inbox.state("c1")).known == ({"idioma": "ht"} if there else {})
    assert (await redis.ttl(keys.log_key("c1")) > 7200) is there


async def test_page_that_reconnects_early_waits_for_its_conversation(
    redis: Redis, database: Sessions, agency: Agency, tmp_path: Path
) -> None:
    parts = Conversations.from_redis(redis, mailbox_of(redis), live=Live(redis), files=Files(tmp_path / FILES_FOLDER))
    chats = Chats(parts=parts, agency=agency, secret="s" * 40)
    async with recording(redis, database):
        chat = await chats.open("10.0.0.1")
        await opened(mailbox_of(redis), chat.conversation)
        await until_recorded(redis)
    await redis.flushall()
    found = asyncio.create_task(chats.find(chat.token))
    await asyncio.sleep(0.3)
    await Recovery(redis, database).run()
    assert (await found).speaker is Speaker.WAITING
    with pytest.raises(UnknownToken):
        await chats.find("of nobody")


async def test_page_does_not_wait_forever_for_an_unreachable_record(
    redis: Redis, agency: Agency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_chats, "REBUILT_WITHIN_S", 0.3)
    parts = Conversations.from_redis(redis, mailbox_of(redis), live=Live(redis), files=Files(tmp_path / FILES_FOLDER))
    chats = Chats(parts=parts, agency=agency, secret="s" * 40)
    with pytest.raises(UnknownToken):
        await chats.find("of nobody")


async def test_restored_facts_join_those_stated_since(redis: Redis, database: Sessions) -> None:
    inbox = mailbox_of(redis)
    async with recording(redis, database):
        await opened(inbox, "c1")
        await until_recorded(redis)
    before = await heard(inbox)
    await redis.flushall()
    since = CitizenMessage("c1", Channel.WEB, "m2", "vivo lejos", at=0)
    await inbox.accept(since)
    change = Change(known={"comuna": "otra-comuna"})
    await inbox.commit([since], (), speaker=Speaker.ASSISTANT, change=change)
    await Recovery(redis, database).run()
    assert (await inbox.state("c1")).known == {"idioma": "ht", "comuna": "otra-comuna"}
    assert await heard(inbox) == [*before, "vivo lejos"]
