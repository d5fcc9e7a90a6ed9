"""Shows, exports and erases the data stored about one conversation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.file_encryption.encrypted_file import EncryptedFile
from bot.conversation.file_encryption.folder_keys import KEY
from bot.conversation.files import CONVERSATION, Files, KeptFile
from bot.core.errors.base import PermanentError
from bot.core.events import Event
from bot.privacy import record
from bot.privacy.corrections import Corrections
from bot.privacy.erasures import By, Erasure, ErasureList
from bot.privacy.holds import LegalHolds, refuse_if_held
from bot.privacy.removals import Removals
from bot.privacy.removed_rows import messages_of
from bot.privacy.store import StoredConversation
from bot.record.complaint_record import ComplaintState
from bot.record.engine import Sessions
from bot.record.retention import COMPLAINT_FOLDER
from bot.record.tables import Audit, Complaint, ErasedConversation, Ticket
from bot.store.client import Store

FINAL = [ComplaintState.RESOLVED.value, ComplaintState.NOT_OURS.value]
AUDITED_WITHIN = timedelta(hours=1)  # by how much the clock of PostgreSQL may be behind ours
ERASED_ACTION, EXPORTED_ACTION = "data_erased", "data_exported"
# The tables that citizens can export themselves: their messages and the replies, but no texts between staff.
OWN_TABLES = frozenset({"conversations", "messages", "tickets", "callbacks", "ratings", "answer_ratings", "complaints"})


class StillAttended(PermanentError):
    """A person attends the citizen, or owes a call-back or an answer; the ticket must be closed first."""

    text_key = "privacidad.errores.abierta"


class NothingKept(PermanentError):
    """Nothing is kept under this name."""

    text_key = "privacidad.errores.nada"


@dataclass(frozen=True)
class Stores:
    """The stores that may contain data of a conversation; ``home`` contains the list of erased conversations."""

    sessions: Sessions
    redis: Store
    files: Files
    complaint_files: Files
    trackers: record.Trackers
    home: Path


class PersonalData:
    """The stored data of conversations; methods may raise redis.RedisError, SQLAlchemyError and OSError."""

    def __init__(self, stores: Stores) -> None:
        self._sessions, self._trackers = stores.sessions, stores.trackers
        self._files, self._complaint_files = stores.files, stores.complaint_files
        self._list = ErasureList(stores.home)
        self.stored = StoredConversation(stores.redis)
        self.corrections = Corrections(stores.sessions)
        self.holds = LegalHolds(stores.sessions)
        self.removals = Removals(stores.sessions, stores.redis, stores.files, stores.trackers, self._list)

    async def find(self, name: str) -> str:
        """Returns the conversation with the ticket or complaint number ``name``, else ``name``. Raises NothingKept."""
        of_ticket = select(Ticket.conversation_id).where(Ticket.id == name)
        of_complaint = select(Complaint.conversation_id).where(Complaint.number == name)
        async with self._sessions() as session:
            found: str = await session.scalar(of_ticket) or await session.scalar(of_complaint) or name
        if not CONVERSATION.fullmatch(found) or not await self.show(found):
            raise NothingKept()
        return found

    async def show(self, name: str) -> dict[str, int]:
        """Returns the number of the conversation's rows, keys and files in each store; {} if there are none."""
        async with self._sessions() as session:
            counts = await record.count_rows(session, name)
        counts |= {
            "redis": await self.stored.count_keys(name),
            "rasa": await self._trackers.count(name),
            "files": len(await asyncio.to_thread(_files_in, self._files.folder / name)),
        }
        return {place: count for place, count in counts.items() if count}

    async def show_record(self, name: str) -> dict[str, int]:
        """Returns the number of the conversation's rows in each table that has any; faster than ``show``."""
        async with self._sessions() as session:
            return {place: count for place, count in (await record.count_rows(session, name)).items() if count}

    async def export(self, name: str, *, own: bool = False) -> dict[str, Any]:
        """Returns the conversation's rows, its events in Redis and the names of its files, as JSON values.

        With ``own``, returns only the rows of OWN_TABLES and the events that citizens may see. Leaves out Rasa's
        tracker.
        """
        async with self._sessions() as session:
            rows = await record.rows_of(session, name)
        events = await self.stored.events(name)
        live = [_shown(event) for event in events if not (own and event.meaning.staff_only)]
        return {
            "conversation": name,
            "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "record": {table: found for table, found in rows.items() if not own or table in OWN_TABLES},
            "live": live,
            "files": await asyncio.to_thread(_files_in, self._files.folder / name),
        }

    async def file(self, name: str, file_id: str) -> tuple[KeptFile, EncryptedFile] | None:
        """Returns the description and content of a file of the conversation; None if there is none."""
        return await self._files.find(name, file_id)

    async def all_files(self, name: str) -> tuple[list[tuple[KeptFile, EncryptedFile]], int]:
        """Returns the files of the conversation and of its complaints, and how many cannot be read."""
        async with self._sessions() as session:
            numbers = await record.kept_complaints(session, name)
        places = [(self._files, name), *((self._complaint_files, COMPLAINT_FOLDER.format(id=id)) for id, _ in numbers)]
        found, unreadable = [], 0
        for files, folder in places:
            for id in await asyncio.to_thread(_files_in, files.folder / folder):
                if "." not in id:  # neither a description nor a thumbnail
                    one = await files.find(folder, id)
                    found += [one] if one else []
                    unreadable += not one
        return found, unreadable

    async def messages(self, name: str) -> list[Event]:
        """Returns the newest recorded messages of the conversation, at most removed_rows.MOST, oldest first."""
        async with self._sessions() as session:
            return await messages_of(session, name)

    async def note_export(self, name: str, *, staff: UUID | None = None) -> None:
        """Records an export in the audit log, by the account ``staff``, None for the command line."""
        async with self._sessions.begin() as session:
            detail = {"by": By.STAFF.value}
            session.add(Audit(action=EXPORTED_ACTION, staff_id=staff, subject=name, detail=detail))

    async def erase(
        self, name: str, receipt: str, by: By, *, complaints: bool = False, staff: UUID | None = None
    ) -> tuple[str, ...]:
        """Erases the conversation in every store; returns the numbers of the complaints that are kept.

        All complaints stay, unless ``complaints`` is true. ``staff`` is the account that erases, None for a citizen and
        the command line. May be repeated. Raises StillAttended, Held.
        """
        async with self._sessions() as session:
            if await record.open_ticket(session, name):
                raise StillAttended()
        if await self.stored.is_busy(name):
            raise StillAttended()
        # Listed before anything is deleted: if the erasure is interrupted, a restore must repeat it.
        erasure = Erasure(name, receipt, datetime.now(UTC), by, complaints=complaints)
        await self._note(erasure)
        if not await self.stored.forget(name):
            await self._take_back(erasure)
            raise StillAttended()
        audited = Audit(action=ERASED_ACTION, staff_id=staff, subject=receipt, detail={"by": by.value})
        await self._wipe_record(name, complaints=complaints, audited=audited)
        await self.stored.file.rewrite_if_due()
        async with self._sessions() as session:
            return tuple(number for _, number in await record.kept_complaints(session, name))

    async def confirmed_erasures(self, since: datetime) -> list[tuple[str, str, datetime]]:
        """Returns the erasures confirmed in the chat and not carried out (record.confirmed_erasures)."""
        async with self._sessions() as session:
            return await record.confirmed_erasures(session, since)

    async def complete_list(self) -> None:
        """Adds to the list that a restore reads the erasures of the record that it lacks."""
        async with self._sessions() as session:
            await self._list.complete_file(session)

    async def wipe(self, name: str, *, complaints: bool) -> None:
        """Deletes the conversation's data in every store, without listing the erasure.

        Deletes its complaints only if ``complaints`` is true, and everything even if the conversation is busy.
        """
        await self.stored.forget(name, anyway=True)
        await self._wipe_record(name, complaints=complaints)

    async def _wipe_record(self, name: str, *, complaints: bool, audited: Audit | None = None) -> None:
        """Deletes the conversation from every store but Redis, and adds the audit row ``audited``.

        Redis comes first: otherwise the recorder could write events to PostgreSQL after the deletion there.
        """
        async with self._sessions.begin() as session:
            of_complaints = await record.kept_complaints(session, name) if complaints else []
            await record.delete_rows(session, name, complaints=complaints)
            await record.forget_address(session, name, FINAL)
            await record.forget_requests(session, name)
            if audited and not await _is_audited(session, audited.subject):
                session.add(audited)
        await self._trackers.forget(name)
        await self._files.erase(name)
        for id, _ in of_complaints:
            await self._complaint_files.erase(COMPLAINT_FOLDER.format(id=id))

    async def _note(self, erasure: Erasure) -> None:
        async with self._sessions.begin() as session:
            await refuse_if_held(session, erasure.conversation)
            await self._list.add(session, erasure)

    async def _take_back(self, erasure: Erasure) -> None:
        """Forgets an erasure that could not begin; that of a citizen stays, since it is tried again."""
        if erasure.by is By.STAFF:
            async with self._sessions.begin() as session:
                await self._list.take_back(session, erasure)


async def _is_audited(session: AsyncSession, receipt: str) -> bool:
    """Returns whether an interrupted erasure of this receipt has its audit row already."""
    listed = select(ErasedConversation.at).where(ErasedConversation.receipt == receipt).scalar_subquery()
    since_then = Audit.at >= listed - AUDITED_WITHIN  # the index on ``at`` spares reading the whole audit
    own = (Audit.action == ERASED_ACTION) & (Audit.subject == receipt)
    return await session.scalar(select(Audit.id).where(since_then, own).limit(1)) is not None


def _shown(event: Event) -> dict[str, Any]:
    at = datetime.fromtimestamp(event.at / 1000, UTC).isoformat(timespec="seconds")
    shown = {"event_id": event.id, "at": at, "kind": event.kind.value, "author": event.author.value, "text": event.text}
    return shown | {"data": event.message.to_data()}


def _files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*") if path.name != KEY) if folder.is_dir() else []
