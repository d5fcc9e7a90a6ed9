"""Writes events into the tables of the record; writing them again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, cast, exists, func, or_, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.channels import has_address
from bot.core.event_facts import (
    AnswerRatingFacts,
    ApprovalAsked,
    ApprovalDecision,
    CallbackFacts,
    ComplaintFacts,
    DeliveryFacts,
    KnownFacts,
    MessageFacts,
    NoteFacts,
    PrivacyRequestFacts,
    RatingFacts,
    TicketChange,
    TicketState,
    UnknownFacts,
)
from bot.core.events import Event, EventKind
from bot.core.logs import log
from bot.core.messages import Author
from bot.record import callback_record
from bot.record.approval_record import end_approval, write_approval
from bot.record.base import Base
from bot.record.complaint_record import write_complaint
from bot.record.privacy_requests import write_request
from bot.record.subscription_record import write_subscription
from bot.record.tables import AnswerRating, Conversation, Message, Note, Rating, Ticket
from bot.record.transcripts.keys import prepare_ciphers
from bot.record.transcripts.rows import encrypt_row
from bot.record.transcripts.terms import message_terms
from bot.text.masking.masking import masked

CLOSED = TicketState.CLOSED

# Built once, since building these statements for every event takes longer than executing them.
_CONVERSATIONS, _MESSAGES = (Base.metadata.tables[one.__tablename__] for one in (Conversation, Message))
_NEW = insert(_CONVERSATIONS)
SEEN = _NEW.on_conflict_do_update(
    index_elements=[_CONVERSATIONS.c.id],
    set_={name: func.greatest(_CONVERSATIONS.c[name], _NEW.excluded[name]) for name in ("last_at", "processed_up_to")},
)
SAID = insert(_MESSAGES).on_conflict_do_nothing()


@dataclass(frozen=True)
class Encrypted:
    """The parts of an event that are encrypted and stored only in the record; '' if absent.

    ``address`` is the citizen's. ``secret`` is the contact of a call-back request or the answer of a pending approval.
    """

    address: str = ""
    secret: str = ""


NOTHING_ENCRYPTED = Encrypted()


@dataclass(frozen=True)
class Logged:
    """An event as it was logged in a conversation of the ``channel``.

    ``answered_ms`` is the time, in ms since 1970, up to which the citizen's messages had been processed then; 0 if
    unknown.
    """

    event: Event
    channel: str
    encrypted: Encrypted = NOTHING_ENCRYPTED
    answered_ms: int = 0


async def write_events(session: AsyncSession, logged: Sequence[Logged]) -> None:
    """Adds events, oldest first, to the record; writing an event again changes nothing.

    Conversations and messages are written many at a time, since each statement costs more than the rows in it.
    """
    if not logged:
        return
    await session.execute(SEEN, _conversations(logged))
    await prepare_ciphers(session, {one.event.conversation for one in logged if one.event.kind is EventKind.MESSAGE})
    messages: list[dict[str, Any]] = []
    for one in logged:
        if isinstance(one.event.facts, MessageFacts):
            messages.append(await _message(session, one.event))
        elif messages:  # it may be about one of them
            await session.execute(SAID, messages)
            messages = []
        await _write_facts(session, one.event, _time(one.event.at), one.encrypted, one.channel)
    if messages:
        await session.execute(SAID, messages)
    for one in logged:
        if one.event.meaning.goes_on and has_address(one.channel):
            await _write_address(session, one.event, one.encrypted.address)


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _conversations(logged: Sequence[Logged]) -> list[dict[str, Any]]:
    """Returns a row for each conversation with events, in a fixed order, so that two recorders do not block each other.

    The times in a row are those of the conversation's oldest and newest event in ``logged``.
    """
    rows: dict[str, dict[str, Any]] = {}
    for one in logged:
        at, answered = _time(one.event.at), _time(one.answered_ms) if one.answered_ms else None
        new = {"id": one.event.conversation, "channel": one.channel, "started_at": at, "last_at": at}
        row = rows.setdefault(one.event.conversation, new | {"processed_up_to": answered})
        row["last_at"] = max(row["last_at"], at)
        row["processed_up_to"] = max(filter(None, (row["processed_up_to"], answered)), default=None)
    return [rows[id] for id in sorted(rows)]


async def _write_facts(session: AsyncSession, event: Event, at: datetime, encrypted: Encrypted, channel: str) -> None:
    match event.facts:
        case MessageFacts() as facts:
            await write_subscription(session, event, facts, channel=channel, address=encrypted.address)
        case TicketChange() as change:
            await _write_ticket(session, event, change, at)
            await callback_record.follow_ticket(session, event, change)
        case RatingFacts() as rating:
            await _write_rating(session, event, rating, at)
        case AnswerRatingFacts() as rating:
            await _write_answer_rating(session, event, rating, at)
        case NoteFacts() as note:
            await _write_note(session, event, note, at)
        case ComplaintFacts() as complaint:
            await write_complaint(session, event, complaint, channel=channel, address=encrypted.address)
        case _:
            await _write_rest(session, event, encrypted, channel)


async def _write_rest(session: AsyncSession, event: Event, encrypted: Encrypted, channel: str) -> None:
    match event.facts:
        case DeliveryFacts() as delivery:
            await _write_delivery(session, event, delivery)
        case KnownFacts() as known:
            await _write_known(session, event, known)
        case CallbackFacts() as request:
            await callback_record.write_request(session, event, request, encrypted.secret)
        case ApprovalAsked() as asked:
            await write_approval(session, event, asked, encrypted.secret, encrypted.address)
        case ApprovalDecision() as decision:
            await end_approval(session, event, decision)
        case PrivacyRequestFacts() as request:
            await write_request(session, event, request, channel=channel)
        case UnknownFacts() as unknown:
            log.error("recorder: event skipped", event_id=event.id, kind=unknown.name)


async def _write_known(session: AsyncSession, event: Event, facts: KnownFacts) -> None:
    """Merges ``facts`` into the citizen's stored user attributes (``known``).

    A late event does not overwrite newer values.
    """
    at, news = datetime.fromtimestamp(event.at / 1000, UTC), cast(facts.to_data(), JSONB)
    is_late = Conversation.known_at > at
    known = {
        "known": case((is_late, news.op("||")(Conversation.known)), else_=Conversation.known.op("||")(news)),
        "known_at": func.greatest(Conversation.known_at, at),
    }
    await session.execute(update(Conversation).where(Conversation.id == event.conversation).values(**known))


async def _write_delivery(session: AsyncSession, event: Event, facts: DeliveryFacts) -> None:
    """Stores the delivery state of a message in that message's data."""
    delivery = {"delivery": {"state": facts.state, "reason": facts.reason}}
    row = (Message.conversation_id == event.conversation) & (Message.event_id == facts.of)
    await session.execute(update(Message).where(row).values(data=Message.data.op("||")(cast(delivery, JSONB))))


async def _write_rating(session: AsyncSession, event: Event, facts: RatingFacts, at: datetime) -> None:
    row = {
        "ticket_id": facts.ticket,
        "conversation_id": event.conversation,
        "at": at,
        "score": facts.score,
        "words": masked(event.text),
    }
    statement = insert(Rating).values(**row)
    words_later = statement.on_conflict_do_update(
        index_elements=[Rating.ticket_id], set_={"words": statement.excluded.words}, where=Rating.words == ""
    )
    await session.execute(words_later)


async def _write_answer_rating(session: AsyncSession, event: Event, facts: AnswerRatingFacts, at: datetime) -> None:
    """Stores the citizen's rating of an answer, unless a newer one is stored."""
    statement = insert(AnswerRating).values(conversation_id=event.conversation, at=at, **facts.to_data())
    newest = {name: statement.excluded[name] for name in ("at", "useful", "reason")}
    keys = [AnswerRating.conversation_id, AnswerRating.answer]
    newer = AnswerRating.at <= statement.excluded.at
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=newest, where=newer))


async def _message(session: AsyncSession, event: Event) -> dict[str, Any]:
    """Returns the row of a message, encrypted."""
    row = {
        "conversation_id": event.conversation,
        "event_id": event.id,
        "at": _time(event.at),
        "author": event.author.value,
        "text": event.text,
        "data": event.facts.to_data(),
        "terms": await message_terms(session, event.author, event.text),
    }
    return await encrypt_row(session, Message, event.conversation, row)


async def _write_note(session: AsyncSession, event: Event, facts: NoteFacts, at: datetime) -> None:
    row = {
        "conversation_id": event.conversation,
        "event_id": event.id,
        "at": at,
        "ticket_id": facts.ticket,
        "staff_id": facts.staff,
        "name": facts.name,
        "text": event.text,
    }
    row = await encrypt_row(session, Note, event.conversation, row)
    await session.execute(insert(Note).values(**row).on_conflict_do_nothing())


async def _write_address(session: AsyncSession, event: Event, address: str) -> None:
    """Stores the address while a ticket is open or a message unanswered, so that recovery can answer; else deletes it.

    The decision depends on the stored rows alone, so the order in which events arrive does not matter.
    """
    this_conversation = Conversation.id == event.conversation
    unanswered = or_(Conversation.processed_up_to.is_(None), Message.at > Conversation.processed_up_to)
    from_citizen = (Message.conversation_id == Conversation.id) & (Message.author == Author.CITIZEN)
    open_ones = (Ticket.conversation_id == Conversation.id) & (Ticket.state != CLOSED)
    needed = or_(exists().where(open_ones), exists().where(from_citizen & unanswered))
    stored = case((needed, func.coalesce(address or None, Conversation.address)), else_=None)
    await session.execute(update(Conversation).where(this_conversation).values(address=stored))


async def _write_ticket(session: AsyncSession, event: Event, change: TicketChange, at: datetime) -> None:
    """Stores the ticket's state after the event; a late event does not overwrite the values of a newer one.

    If a fail-over of Redis loses a ticket, a new ticket gets its number and replaces the old row.
    """
    now = _now(event, change, at)
    row: dict[str, Any] = {
        "id": change.ticket,
        "conversation_id": event.conversation,
        "candidates": [one.to_data() for one in change.candidates],
        "opened_at": datetime.fromtimestamp(change.opened_at / 1000, UTC),
        "summary": change.summary,
    }
    row = await encrypt_row(session, Ticket, event.conversation, row)
    newer = Ticket.changed_at <= at
    changed: dict[str, Any] = {name: case((newer, value), else_=getattr(Ticket, name)) for name, value in now.items()}
    once: dict[str, Any] = {"summary": row["summary"]} if event.kind is EventKind.TICKET_OPENED else {}
    if event.kind is EventKind.TICKET_CLAIMED:
        once |= {"claimed_at": at, "claimed_by": change.owner_id}
        changed |= {
            "claimed_at": func.least(Ticket.claimed_at, at),
            "claimed_by": case((newer, change.owner_id), else_=func.coalesce(Ticket.claimed_by, change.owner_id)),
        }
    if now["state"] == CLOSED:
        once |= {"closed_at": at, "outcome": change.outcome}
        changed |= once
    elif event.kind is EventKind.TICKET_OPENED:
        changed |= once | {name: row[name] for name in ("conversation_id", "candidates", "opened_at")}
    statement = insert(Ticket).values(**row | now | once)
    await session.execute(statement.on_conflict_do_update(index_elements=[Ticket.id], set_=changed))


def _now(event: Event, change: TicketChange, at: datetime) -> dict[str, Any]:
    """Returns the columns that each newer event of a ticket overwrites, with their values after this event."""
    until = change.until_ms or change.due_ms
    return {
        "reason": change.reason,
        "priority": change.priority,
        "team": change.team,
        "state": event.state_after.value if event.state_after else "",
        "owner_name": change.owner_name,
        "returned": change.returned,
        "until": datetime.fromtimestamp(until / 1000, UTC) if until else None,
        "changed_at": at,
    }
