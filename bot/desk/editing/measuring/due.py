"""Publishes scheduled editions when they are due, after measuring their effect again.

An edition that would lose test messages or utterances whose loss no person accepted is stopped: it stays scheduled, and
the editors are notified. If the effect cannot be measured or the files cannot be written, the edition is tried again
until it can be published, without delaying others; after the time PATIENCE, the list shows it as stopped and the
editors are notified. An edition that may not be published, for example because its file has changed, becomes a draft
again, and the editors are notified.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors.base import VentanillaError
from bot.core.logs import log
from bot.desk.editing import record
from bot.desk.editing.form import path_for
from bot.desk.editing.measuring.effect import Effects
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Editor, Origin, State, Stop
from bot.desk.editing.staff_notices import noting
from bot.desk.editing.staff_notices.noting import News
from bot.desk.editing.text import EntryText
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryEdition

EVERY_S = 5.0  # editors choose a time to the minute
RETRY_S = 30.0
PATIENCE = timedelta(minutes=5)


class Due:
    """Publishes the scheduled editions."""

    def __init__(self, sessions: Sessions, publisher: Publisher, effects: Effects) -> None:
        self._sessions, self._publisher, self._effects = sessions, publisher, effects
        self._again: dict[int, float] = {}  # edition id -> monotonic time of its next measurement

    async def run(self) -> None:
        """Publishes due editions, until cancelled."""
        while True:
            try:
                await self.publish(datetime.now(UTC))
            except (SQLAlchemyError, OSError) as error:
                log.warning("entries: schedule not looked at, retrying", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(EVERY_S)

    async def publish(self, now: datetime) -> None:
        """Publishes or stops each edition that is due at ``now``, in the order of their times.

        Skips editions that were stopped for losing test messages or utterances and, for RETRY_S seconds, editions that
        could not be published.
        """
        due = (
            select(EntryEdition, EntryDocument.path)
            .join(EntryDocument, EntryDocument.id == EntryEdition.document_id)
            .where(EntryEdition.state == State.SCHEDULED.value, EntryEdition.publish_at <= now)
            .where(EntryEdition.stopped != Stop.LOST.value)
            .order_by(EntryEdition.publish_at, EntryDocument.path)
        )
        async with self._sessions() as session:
            editions = (await session.execute(due)).all()
        for edition, path in editions:
            if time.monotonic() >= self._again.get(edition.id, 0.0):
                await self._publish(edition, path, now)

    async def _publish(self, edition: EntryEdition, old: str, now: datetime) -> None:
        text = EntryText(edition.content, edition.phrases)
        try:
            path = path_for(old, text)
            if await self._is_begun(edition):  # the worker finishes it (Publisher.recover)
                return await self._wait(edition, now, Stop.UNWRITTEN)
            found = await self._effects.of({path: text})
            if found is None:
                return await self._wait(edition, now, Stop.UNMEASURED)
            if any(row.key not in edition.accepted for row in found.stopping):
                return await self._stop(edition, Stop.LOST)
            by = Editor(edition.authors[-1] if edition.authors else None, edition.changed_by, Origin.PAGE)
            await self._publisher.publish(edition.document_id, path, by, scheduled=edition.hash)
        except VentanillaError as error:
            log.warning("entries: schedule failed", document=str(edition.document_id), error=type(error).__name__)
            await self._stop(edition, Stop.FAILED)
        except OSError as error:
            log.warning("entries: schedule not written", document=str(edition.document_id), error=type(error).__name__)
            await self._wait(edition, now, Stop.UNWRITTEN)

    async def _is_begun(self, edition: EntryEdition) -> bool:
        async with self._sessions() as session:
            return await record.begun(session, edition.document_id)

    async def _wait(self, edition: EntryEdition, now: datetime, why: Stop) -> None:
        self._again[edition.id] = time.monotonic() + RETRY_S
        if edition.publish_at is not None and now - edition.publish_at > PATIENCE:
            await self._stop(edition, why)

    async def _stop(self, edition: EntryEdition, why: Stop) -> None:
        """Stores why the edition is not published, and queues news for the editors.

        With Stop.FAILED the edition becomes a draft again.
        """
        state = State.DRAFT if why is Stop.FAILED else State.SCHEDULED
        same = (EntryEdition.id == edition.id) & (EntryEdition.version == edition.version)
        waits = (EntryEdition.state == State.SCHEDULED.value) & (EntryEdition.stopped != why.value)
        noted = update(EntryEdition).where(same, waits).values(stopped=why.value, state=state.value)
        async with self._sessions.begin() as session:
            is_new = await session.scalar(noted.returning(EntryEdition.id)) is not None
            if is_new:
                subject = f"{noting.subject_of(edition)} {edition.version} {why.value}"
                await noting.note(session, News.STOPPED, subject, edition.document_id, Editor(), why.value)
        if is_new:
            log.warning("entries: schedule stopped", document=str(edition.document_id), reason=why.value)
