"""Restores open conversations from the record when Redis has lost its data.

Restores open tickets, pending approvals, unanswered messages, refusals of notices, roll-out steps and other
conversations with user attributes, in this order. Running it again changes nothing: what is in Redis remains
unchanged. New ticket numbers continue after the highest one in the record.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, case, cast, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.conversation.live import event_order
from bot.core.event_facts import NoteFacts, TicketState
from bot.core.events import EventKind
from bot.core.logs import log
from bot.core.messages import Author, Channel
from bot.record.engine import Sessions
from bot.record.event_record import CLOSED
from bot.record.log_order import log_order
from bot.record.restored.choices import refusing, rollout_steps
from bot.record.restored.ticket_fields import ms, ticket_fields
from bot.record.tables import Callback, Conversation, Message, Note, PendingApproval, Ticket
from bot.record.transcripts.rows import decrypt_objects, read
from bot.store import keys
from bot.store.client import Store
from bot.store.isolation import isolate_errors
from bot.store.scripts import Script

HISTORY = 500  # number of newest events restored per conversation; the record keeps all of them
# Older messages get no answer; must be less than SEEN_TTL_S, so that repeats are detected.
STILL_ANSWERED = timedelta(days=1)

Line = list[str]


@dataclass(frozen=True)
class Archived:
    """A conversation as the restore scripts expect it.

    ``log`` contains the newest messages and notes, each as an event id followed by alternating field names and values.
    ``inbound_at`` is when the citizen last wrote (ms since 1970).
    """

    id: str
    channel: str
    address: str
    log: list[Line]
    inbound_at: int
    known: dict[str, str]
    dangers: str  # JSON in the format of the conversation's hash; '' if there are none
    notices: list[str]  # ids of the public notices sent to the citizen
    idle_s: int  # after how many seconds without events it leaves Redis, if it is a web conversation


class Recovery:
    """The recovery of Redis from PostgreSQL; the methods may raise redis.RedisError and SQLAlchemyError.

    A web conversation leaves Redis ``web_idle_s`` seconds after its last event.
    """

    def __init__(self, redis: Store, sessions: Sessions, web_idle_s: int = keys.IDLE_TTL_S) -> None:
        self._redis, self._web_idle_s = redis, web_idle_s
        self._sessions = sessions
        self._restore = Script(redis, "restore_ticket")
        self._restore_approval = Script(redis, "restore_approval")
        self._restore_inbox = Script(redis, "restore_inbox")
        self._fill = Script(redis, "finish_recovery")
        self._restore_conversation = Script(redis, "restore_conversation")
        self._running: asyncio.Task[int] | None = None

    async def run(self) -> int:
        """Restores the open conversations and returns the number of restored tickets.

        Concurrent callers share one run; a cancelled caller does not cancel it for the others.
        """
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
            self._running.add_done_callback(_noticed)
        return await asyncio.shield(self._running)

    async def close(self) -> None:
        """Cancels a run in progress."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> int:
        name, was_restored = secrets.token_hex(6), await self._redis.exists(keys.RESTORED)
        await self._redis.set(keys.recovery_key(name), 1, ex=keys.RECOVERY_TTL_S)
        async with self._sessions() as session:
            highest = await session.scalar(select(func.max(cast(Ticket.id, BigInteger)))) or 0
            open_ones = select(Ticket, Conversation).join(Conversation, Conversation.id == Ticket.conversation_id)
            rows = (await session.execute(open_ones.where(Ticket.state != CLOSED))).all()
            restored = 0
            for ticket, conversation in rows:
                async with isolate_errors(ticket=ticket.id):
                    restored += await self._restore_with_ticket(session, ticket, conversation)
            await self._restore_approvals(session)
            await self._restore_unanswered(session)
            off = [] if was_restored else await refusing(session)
            steps = {} if was_restored else await rollout_steps(session)
        if not await self._fill(highest=highest, recovery=name, off=off, steps=steps):
            log.warning("recovery: redis lost during recovery")
        elif not was_restored:
            await self._restore_others()
        return restored

    async def _restore_others(self) -> None:
        """Restores the other conversations with user attributes that would still be in Redis."""
        now = datetime.now(UTC)
        on_web = Conversation.last_at > now - timedelta(seconds=self._web_idle_s)
        elsewhere = Conversation.last_at > now - timedelta(seconds=keys.IDLE_TTL_S)
        lasts = case((Conversation.channel == Channel.WEB, on_web), else_=elsewhere)
        known = select(Conversation).where(Conversation.known != {}, lasts)
        async with self._sessions() as session:
            for conversation in await session.scalars(known):
                async with isolate_errors(conversation=conversation.id):
                    messages = await _newest_messages(session, conversation.id)
                    about = await self._about(session, conversation, conversation.address, messages)
                    await self._restore_conversation(archived=vars(about))

    async def _restore_with_ticket(self, session: AsyncSession, ticket: Ticket, conversation: Conversation) -> int:
        by_phone = ticket.state == TicketState.CALLBACK or await _by_phone(session, ticket.id)
        if await self._redis.exists(keys.ticket_key(ticket.id)):
            return 0
        messages = await _newest_messages(session, conversation.id)
        await decrypt_objects(session, [ticket])
        fields = ticket_fields(ticket, messages, by_phone=by_phone)
        about = await self._about(session, conversation, conversation.address, messages)
        restored = await self._restore(
            archived=vars(about), ticket=ticket.id, fields=fields, state=ticket.state, until_ms=ms(ticket.until)
        )
        return int(restored)

    async def _restore_approvals(self, session: AsyncSession) -> None:
        """Restores undecided approvals; the next sweep sends those that are overdue."""
        held = select(PendingApproval, Conversation).join(
            Conversation, Conversation.id == PendingApproval.conversation_id
        )
        for approval, conversation in (await session.execute(held.where(PendingApproval.decision == ""))).all():
            async with isolate_errors(approval=approval.id):
                messages = await _newest_messages(session, conversation.id)
                about = await self._about(session, conversation, approval.address, messages)
                await decrypt_objects(session, [approval])
                await self._restore_approval(
                    archived=vars(about),
                    approval=approval.id,
                    team=approval.team,
                    words=approval.words,
                    events=json.dumps(approval.events),
                    due=ms(approval.due_at),
                )

    async def _restore_unanswered(self, session: AsyncSession) -> None:
        """Restores unanswered messages within STILL_ANSWERED, except removed ones and those after which staff wrote.

        Runs after the restore of tickets and approvals, which determine the party that answers.
        """
        later = aliased(Message)
        by_person = exists().where(
            later.conversation_id == Message.conversation_id, later.author == Author.STAFF, later.at >= Message.at
        )
        unanswered = (
            select(Message, Conversation)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.author == Author.CITIZEN, Message.at > datetime.now(UTC) - STILL_ANSWERED)
            .where(~Message.data.has_key("removed_at"))
            .where(or_(Conversation.processed_up_to.is_(None), Message.at > Conversation.processed_up_to), ~by_person)
        )
        unanswered_of: defaultdict[str, list[Message]] = defaultdict(list)
        conversations: dict[str, Conversation] = {}
        for message, conversation in (await session.execute(unanswered)).all():
            unanswered_of[conversation.id].append(message)
            conversations[conversation.id] = conversation
        for name, messages in unanswered_of.items():
            async with isolate_errors(conversation=name):
                conversation = conversations[name]
                await decrypt_objects(session, messages)
                pending = [_pending_message(one, conversation.channel) for one in sorted(messages, key=_order)]
                about = await self._about(
                    session, conversation, conversation.address, await _newest_messages(session, name)
                )
                await self._restore_inbox(archived=vars(about), messages=pending)

    async def _about(
        self, session: AsyncSession, conversation: Conversation, address: str | None, messages: Sequence[Message]
    ) -> Archived:
        """Builds a conversation's data for the restore scripts from its messages and notes."""
        entries = [_message_entry(one) for one in messages] + await _notes(session, conversation.id)
        return Archived(
            id=conversation.id,
            channel=conversation.channel,
            address=address or "",
            log=sorted(entries, key=lambda line: event_order(line[0]))[-HISTORY:],
            inbound_at=max((ms(one.at) for one in messages if one.author == Author.CITIZEN), default=0),
            known=conversation.known,
            dangers=_dangers(messages),
            notices=[one.data["notice"] for one in messages if one.data.get("notice") and not _failed(one)],
            idle_s=self._web_idle_s,
        )


def _failed(message: Message) -> bool:
    """Returns whether a message surely did not arrive, as lib/outbox.lua tells."""
    delivery = message.data.get("delivery", {})
    return bool(delivery.get("state") == "failed" and delivery.get("reason") != "unknown")


def _noticed(task: asyncio.Task[int]) -> None:
    """Retrieves the task's error; otherwise asyncio would warn about it if all callers had been cancelled."""
    if not task.cancelled():
        task.exception()


def _dangers(messages: Sequence[Message]) -> str:
    """Returns the dangers to which replies in ``messages`` responded, as JSON for lib/dangers.lua; '' if none.

    ``messages`` are sorted, oldest first.
    """
    dangers: dict[str, dict[str, Any]] = {}
    for danger, at in ((one.data["danger"], ms(one.at)) for one in messages if one.data.get("danger")):
        if danger.get("denied"):
            dangers = {kind: one | {"denied": at} if one["sure"] else one for kind, one in dangers.items()}
            continue
        before = dangers.get(danger["kind"], {})
        kept = {"sure": danger["sure"] or before.get("sure", False), "at": at}
        denied = {} if danger["sure"] or "denied" not in before else {"denied": before["denied"]}
        dangers[danger["kind"]] = kept | denied
    return json.dumps(dangers) if dangers else ""


async def _by_phone(session: AsyncSession, ticket: str) -> bool:
    """Returns whether the ticket has an open call-back request."""
    asked = select(Callback.id).where(Callback.ticket_id == ticket, Callback.outcome.is_(None))
    return await session.scalar(asked) is not None


async def _newest_messages(session: AsyncSession, conversation: str) -> Sequence[Message]:
    """Returns the conversation's newest HISTORY messages, oldest first."""
    newest = select(Message).where(Message.conversation_id == conversation).order_by(log_order().desc())
    return (await read(session, newest.limit(HISTORY)))[::-1]


async def _notes(session: AsyncSession, conversation: str) -> list[Line]:
    notes = await read(session, select(Note).where(Note.conversation_id == conversation))
    return [_event(one.event_id, one.at, EventKind.NOTE, Author.STAFF, one.text, _facts_of(one)) for one in notes]


def _facts_of(note: Note) -> dict[str, Any]:
    return NoteFacts(ticket=note.ticket_id, staff=note.staff_id, name=note.name).to_data()


def _pending_message(message: Message, channel: str) -> tuple[str, str, dict[str, Any]]:
    """Returns a citizen's message for restore_inbox.lua: message id, event id, ``CitizenMessage.to_dict``."""
    facts = {"conversation": message.conversation_id, "channel": channel, "text": message.text, "at": ms(message.at)}
    name = message.data["message_id"]
    return name, message.event_id, message.data | facts | {"id": name}


def _order(message: Message) -> tuple[int, int]:
    return event_order(message.event_id)


def _message_entry(message: Message) -> Line:
    return _event(message.event_id, message.at, EventKind.MESSAGE, message.author, message.text, message.data)


def _event(event_id: str, at: datetime, kind: str, author: str, text: str, data: dict[str, Any]) -> Line:
    facts = {"kind": kind, "author": author, "text": text, "data": json.dumps(data), "at": str(ms(at))}
    return [event_id, *(part for pair in facts.items() for part in pair)]
