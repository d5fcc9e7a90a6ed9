"""Removes one message that was sent by mistake from every store, in steps that may be interrupted and repeated.

``begin`` stores the removal and blanks the message in Redis, so that open pages hide it immediately. ``finish_all``
does the rest, in a process that reaches every store. The message's row in PostgreSQL is blanked last, since its text is
needed to find copies of it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.event_log_entry import event_from
from bot.conversation.files import Files, KeptFile, file_id_of, kept_of
from bot.core.errors.base import PermanentError
from bot.core.events import Event
from bot.core.logs import log
from bot.core.messages import RemovalFacts
from bot.privacy.erasures import By, Erasure, ErasureList
from bot.privacy.record import Trackers
from bot.privacy.removed_rows import blank, is_removable, kept_complaints, message_of, remove_rows
from bot.privacy.removed_words import RemovedWords
from bot.privacy.rewriting import rewriting_of
from bot.privacy.store import StoredConversation
from bot.record.engine import Sessions
from bot.record.tables import Audit, Conversation, RemovedMessage
from bot.record.tables.privacy import kept_conversations
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script

REMOVED_ACTION = "message_removed"
SETTLED = timedelta(seconds=15)  # longer than a turn that is processing the message
AT_ONCE = 50
READ_AGAIN = 10
EVENT_ID = re.compile(r"[0-9]{1,15}-[0-9]{1,15}")
# (channel, encrypted address, provider's ids) -> deletes the messages at the provider, if it can.
Retract = Callable[[str, str, Sequence[str]], Awaitable[None]]


class Blocked(PermanentError):
    """The conversation's data is blocked or held: it must stay as it is."""

    text_key = "privacidad.errores.bloqueada"


class NotRemovable(PermanentError):
    """There is no such message of the citizen or of staff, or it was removed before."""

    text_key = "privacidad.errores.no_es_mensaje"


class Begun(NamedTuple):
    """The numbers of the kept complaints that repeat the message, and whether the message was hidden immediately."""

    complaints: list[str]
    at_once: bool


@dataclass(frozen=True)
class Remover:
    """The staff member who removes a message."""

    id: UUID
    name: str


class Removals:
    """Removes single messages; methods may raise redis.RedisError, SQLAlchemyError and OSError."""

    def __init__(self, sessions: Sessions, redis: Store, files: Files, trackers: Trackers, listed: ErasureList) -> None:
        self._sessions, self._redis, self._files = sessions, redis, files
        self._trackers, self._list = trackers, listed
        self._stored = StoredConversation(redis)
        self._remove = Script(redis, "remove_message")

    async def begin(self, name: str, event_id: str, by: Remover) -> Begun:
        """Hides a message from people immediately; ``finish_all`` removes it from every store, usually within a minute.

        If the message is just being sent or its data keeps changing, only ``finish_all`` removes it. Raises Blocked,
        NotRemovable.
        """
        event = await self._message(name, event_id) if EVENT_ID.fullmatch(event_id) else None
        if event is None or not is_removable(event):
            raise NotRemovable()
        removal = RemovedMessage(conversation_id=name, event_id=event_id, at=datetime.now(UTC), name=by.name)
        words = RemovedWords.of(event.text)
        async with self._sessions.begin() as session:
            if await _must_stay(session, name):
                raise Blocked()
            await self._note(session, removal, by)
            stays = await kept_complaints(session, event, words)
        at_once = await self._blank(event, removal, words)
        await self._drop_files(event)
        return Begun(stays, at_once)

    async def again(self, removals: Sequence[Erasure]) -> None:
        """Stores removals as unfinished in a restored record, so that ``finish_all`` repeats them."""
        rows = [  # each once, since one statement cannot change a row twice
            {"conversation_id": one.conversation, "event_id": one.event, "at": one.at, "name": one.name, "done": False}
            for one in {one.receipt: one for one in removals}.values()
        ]
        async with self._sessions.begin() as session:
            statement = insert(RemovedMessage).values(rows)
            keys = [RemovedMessage.conversation_id, RemovedMessage.event_id]
            await session.execute(statement.on_conflict_do_update(index_elements=keys, set_={"done": False}))

    async def finish_all(self, now: datetime, retract: Retract | None = None) -> int:
        """Finishes removals that are older than SETTLED, at most AT_ONCE; returns their number.

        ``retract`` also deletes the messages at the provider. Does nothing while the recorder is behind. Removals that
        cannot be finished yet, or whose conversation was blocked or held meanwhile, are left for the next call.
        """
        due = (RemovedMessage.done.is_(False)) & (RemovedMessage.at <= now - SETTLED)
        async with self._sessions() as session:
            found = list(await session.scalars(select(RemovedMessage).where(due).limit(AT_ONCE)))
        if not found or not await self._stored.is_recorded():
            return 0
        finished = 0
        for removal in found:
            try:
                finished += await self._finish(removal, retract)
            except Exception as error:  # one that fails must not hold up the others
                # Without the error's text, which may repeat the words.
                log.error("privacy: message not removed yet", event_id=removal.event_id, error=type(error).__name__)
        if finished:
            await self._stored.file.rewrite_if_due()
        return finished

    async def _finish(self, removal: RemovedMessage, retract: Retract | None) -> bool:
        name, event_id = removal.conversation_id, removal.event_id
        if await self._must_wait(name):
            return False
        event = await self._message(name, event_id)
        if event is not None:
            words = RemovedWords.of(event.text)
            if not await self._blank(event, removal, words):
                return False
            if retract is not None:
                await self._retract(name, event_id, retract)
            await self._drop_files(event)
            await self._stored.forget_words(name, event_id, words)
            if await self._trackers.has_before(name, removal.at + SETTLED):
                await self._trackers.forget(name)
                return False  # a later call checks whether a turn that was in progress wrote the message again
        async with self._sessions.begin() as session:
            if await _must_stay(session, name):
                return False
            if event is not None:
                await remove_rows(session, event, removal, words)
            own = (RemovedMessage.conversation_id == name) & (RemovedMessage.event_id == event_id)
            await session.execute(update(RemovedMessage).where(own).values(done=True))
        log.info("privacy: message removed", conversation=name, event_id=event_id)
        return True

    async def _must_wait(self, name: str) -> bool:
        # Not while turns are being added to Rasa's tracker, nor while Rasa may be deciding on a message in the inbox.
        if await self._redis.exists(keys.lease_key(f"unheard:{name}")) or await self._redis.llen(keys.inbox_key(name)):
            return True
        async with self._sessions.begin() as session:
            return await _must_stay(session, name)

    async def _message(self, name: str, event_id: str) -> Event | None:
        """Returns the message from the record, or from the event log if it is missing or blank in the record.

        Returns None if it is in neither.
        """
        async with self._sessions() as session:
            recorded = await message_of(session, name, event_id)
        rows = await self._redis.xrange(keys.log_key(name), min=event_id, max=event_id)
        logged = event_from(name, *self._redis.words.opened(name, rows[0])) if rows else None
        if recorded is not None and (logged is None or not recorded.message.removed_at):
            return recorded
        return logged

    async def _note(self, session: AsyncSession, removal: RemovedMessage, by: Remover) -> None:
        name, event_id = removal.conversation_id, removal.event_id
        row = {"conversation_id": name, "event_id": event_id, "at": removal.at, "name": removal.name}
        statement = insert(RemovedMessage).values(**row).on_conflict_do_nothing()
        if await session.scalar(statement.returning(RemovedMessage.event_id)) is None:
            return
        detail = {"conversation": name, "event": event_id}
        session.add(Audit(action=REMOVED_ACTION, staff_id=by.id, subject="", detail=detail))
        listed = Erasure(name, f"{name}:{event_id}", removal.at, By.STAFF, event_id, removal.name)
        await self._list.add_to_file(listed)

    async def _blank(self, event: Event, removal: RemovedMessage, words: RemovedWords) -> bool:
        """Removes the message in Redis; returns False if it is being sent, or if its data changed at every attempt."""
        name = event.conversation
        places = await self._stored.tickets_and_approvals(name)
        for _ in range(READ_AGAIN):
            new = await rewriting_of(self._redis, event, words, *places)
            done = await self._remove(
                conversation=name,
                event=event.id,
                message_id=event.message.message_id,
                stub=json.dumps(blank(event, removal).to_data()),
                facts=json.dumps(RemovalFacts(event.id, removal.name).to_data()),
                log=new.log,
                lists=new.lists,
                hashes=new.hashes,
            )
            if done != "changed":
                return bool(done != "sending")
        return False

    async def _drop_files(self, event: Event) -> None:
        for one in kept_of(event):
            await self._files.drop(event.conversation, KeptFile(file_id_of(one), one.name, one.type, one.size))

    async def _retract(self, name: str, event_id: str, retract: Retract) -> None:
        """Asks the provider to delete its messages that contain only this event, not those with several events."""
        channel, address = await self._redis.hmget(keys.conversation_key(name), ("channel", "address"))
        raw = await self._redis.hget(keys.delivery_key(name), event_id)
        if not channel or not address or not raw:
            return
        sent = json.loads(raw)["sent"]
        owners = await asyncio.gather(*(self._redis.get(keys.sent_key(channel, one)) for one in sent))
        own = [one for one, says in zip(sent, owners, strict=True) if says == f"{name} {event_id}"]
        if own:
            await retract(channel, address, own)


async def _must_stay(session: AsyncSession, name: str) -> bool:
    """Returns whether the conversation is blocked or held; if not, prevents both until the transaction ends."""
    await session.execute(select(Conversation.id).where(Conversation.id == name).with_for_update())
    return await session.scalar(kept_conversations().where(Conversation.id == name)) is not None
