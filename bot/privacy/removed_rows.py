"""Removes one message from the record: blanks the message's row, and removes its words from other rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import cast, delete, inspect, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.privacy.record import CITIZENS
from bot.privacy.removed_words import RemovedWords
from bot.record import tables
from bot.record.base import Base
from bot.record.log_order import log_order
from bot.record.tables import BacklogItem, Complaint, Message, RemovedMessage, SpikeQuestion
from bot.record.transcripts.rows import ENCRYPTED, decrypt_rows, encrypt_row, gone, read
from bot.record.transcripts.terms import message_terms

# The columns that may repeat a message's words, except those of complaints: filed complaints stay unchanged.
REPEATED: dict[type[Base], tuple[str, ...]] = {
    tables.Message: ("text", "masked", "data"),
    tables.Ticket: ("summary",),
    tables.Note: ("text",),
    tables.Closing: ("topic", "summary"),
    tables.MissingEntry: ("question", "draft"),
    tables.PendingApproval: ("words", "events"),
    tables.CallbackAttempt: ("note",),
    tables.Rating: ("words",),
    tables.SampledAnswer: ("question", "answer"),
    tables.BacklogItem: ("text", "reply"),
    tables.Conversation: ("known",),
}
# The columns of REPEATED that may contain somebody else's text, from which only quotes of the words are removed.
SPOKEN: dict[type[Base], tuple[str, ...]] = {
    tables.Message: ("text", "masked", "data"),
    tables.MissingEntry: ("draft",),
    tables.SampledAnswer: ("answer",),
    tables.BacklogItem: ("reply",),
}
PUBLISHED = ("text", "masked")  # columns of Message that stay unchanged if the message is an answer of the FAQ
MOST = 1000  # number of messages read from the record
OF_COMPLAINTS = ("what", "location")


def blank(event: Event, removal: RemovedMessage) -> MessageFacts:
    """Returns the data of a removed message that is kept: its ids, its agent, who removed it, and when."""
    facts, at = event.message, int(removal.at.timestamp() * 1000)
    return MessageFacts(
        message_id=facts.message_id,
        reply_id=facts.reply_id,
        of_ticket=facts.of_ticket,
        name=facts.name,
        removed_by=removal.name,
        removed_at=at,
    )


async def message_of(session: AsyncSession, name: str, event_id: str) -> Event | None:
    """Returns a recorded message; None if there is no such message."""
    own = (Message.conversation_id == name) & (Message.event_id == event_id)
    return next((_event(row) for row in await read(session, select(Message).where(own))), None)


async def messages_of(session: AsyncSession, name: str) -> list[Event]:
    """Returns the newest recorded messages of a conversation, at most MOST, oldest first."""
    newest = select(Message).where(Message.conversation_id == name).order_by(log_order().desc()).limit(MOST)
    return [_event(row) for row in await read(session, newest, gone())][::-1]


def _event(row: Message) -> Event:
    return Event.of_message(vars(row), row.at)


async def remove_rows(session: AsyncSession, event: Event, removal: RemovedMessage, words: RemovedWords) -> None:
    """Blanks the message's row, deletes its backlog item and spike question, and removes the words from other rows.

    Adds the blank row if the message is not recorded yet but its conversation is. Complaints do not change.
    """
    name, at = event.conversation, datetime.fromtimestamp(event.at / 1000, UTC)
    # Locked, so that nobody encrypts them between reading and changing them (transcripts/older_rows.py).
    in_clear = select(Message.id).where(Message.conversation_id == name, Message.terms.is_(None))
    await session.execute(in_clear.with_for_update())
    emptied = {"text": "", "masked": None, "terms": "", "data": blank(event, removal).to_data()}
    row = {"conversation_id": name, "event_id": event.id, "at": at, "author": event.author.value}
    statement = insert(Message).values(**row | emptied)
    keys = [Message.conversation_id, Message.event_id]
    if await session.scalar(select(tables.Conversation.id).where(tables.Conversation.id == name)):
        await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=emptied))
    await session.execute(delete(BacklogItem).where(BacklogItem.conversation_id == name, BacklogItem.ref == event.id))
    await session.execute(
        delete(SpikeQuestion).where(SpikeQuestion.conversation_id == name, SpikeQuestion.event_id == event.id)
    )
    for table, columns in REPEATED.items():
        await _clean(session, table, columns, name, words)


async def kept_complaints(session: AsyncSession, event: Event, words: RemovedWords) -> list[str]:
    """Returns the numbers of the complaints that repeat the message's text or files; they are not changed."""
    rows = await session.scalars(select(Complaint).where(Complaint.conversation_id == event.conversation))
    refs = [one.ref for one in event.message.attachments if one.ref]
    photos = select(tables.ComplaintPhoto.complaint_id).where(tables.ComplaintPhoto.ref.in_(refs))
    with_photos = set(await session.scalars(photos))
    said = [(one, [getattr(one, column) or "" for column in OF_COMPLAINTS]) for one in rows]
    found = [one for one, texts in said if one.id in with_photos or any(words.without(text) != text for text in texts)]
    return sorted(one.number for one in found)


async def _clean(
    session: AsyncSession, table: type[Base], columns: tuple[str, ...], name: str, words: RemovedWords
) -> None:
    """Removes the words from columns of the conversation's rows; a changed backlog item also loses its vector."""
    key = list(inspect(table).primary_key)
    found = (await session.execute(select(table.__table__).where(CITIZENS[table](name)))).mappings().all()
    rows = await decrypt_rows(session, table, found, name) if table in ENCRYPTED else [dict(row) for row in found]
    for row in rows:
        changed = {one: new for one in columns if (new := _new(words, table, one, row)) != row[one]}
        if table is BacklogItem and changed:
            changed |= {"vector": None, "encoder": ""}
        if "text" in changed and row.get("terms") is not None:
            changed["terms"] = await message_terms(session, row["author"], str(changed["text"]))
        if changed:
            own = [one == row[one.name] for one in key]
            await session.execute(
                update(table).where(*own).values(**await _as_stored(session, table, name, row, changed))
            )


async def _as_stored(
    session: AsyncSession, table: type[Base], name: str, row: Mapping[str, Any], changed: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the changed values as the table stores them: some encrypted, and JSON as JSONB."""
    values = dict(changed)
    in_clear = table is Message and row["terms"] is None  # a row of an older release is encrypted as a whole, later
    if table in ENCRYPTED and not in_clear:
        encrypted = await encrypt_row(session, table, name, dict(row) | values)
        values = {one: encrypted[one] for one in changed}
    is_json = inspect(table).columns
    return {one: cast(new, JSONB) if isinstance(is_json[one].type, JSONB) else new for one, new in values.items()}


def _new(words: RemovedWords, table: type[Base], column: str, row: Mapping[str, Any]) -> object:
    """Returns a column's value without the words; an answer of the FAQ does not change."""
    old, is_spoken = row[column], column in SPOKEN.get(table, ())
    if not old or (table is Message and column in PUBLISHED and "provenance" in row["data"]):
        return old
    if isinstance(old, str):
        return words.without_quotes(old) if is_spoken else words.without(old)
    return words.without_quotes_in(old) if is_spoken else words.without_in(old, column)


def is_removable(event: Event) -> bool:
    """Returns whether the event is a message of the citizen or of staff that has not been removed yet."""
    spoken = event.kind is EventKind.MESSAGE and event.author in (Author.CITIZEN, Author.STAFF)
    return spoken and not event.message.removed_at
