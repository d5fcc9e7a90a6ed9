"""Lets the responsible unit approve or reject a text by a link: once, without an account, and for exactly that text.

Only the SHA-256 of the link's secret is stored, so a person who reads the database cannot use the link. A unit's
approval does not replace that of a second person, because the author of an entry could send the link to themselves.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.auth.audit import Action, add_audit
from bot.desk.editing import record
from bot.desk.editing.publisher import NothingToPublish
from bot.desk.editing.record import Editor, Origin, State
from bot.desk.editing.staff_notices import noting
from bot.desk.editing.staff_notices.noting import News
from bot.desk.editing.text import EntryText
from bot.record.engine import Sessions
from bot.record.tables import EntryComment, EntryDocument, EntryEdition, EntryLink

PATH = "/visto-bueno"
TERM = timedelta(days=7)
SECRET_BYTES = 32
SHOWN = 20


class Decision(StrEnum):
    """The unit's decision; its Spanish text is in ``entradas.unidad``."""

    APPROVED = "approved"
    CHANGES = "changes"


class Void(StrEnum):
    """The reason why a link no longer accepts a decision; its Spanish sentence is in ``entradas.unidad``."""

    ANSWERED = "answered"
    EXPIRED = "expired"
    EDITED = "edited"


@dataclass(frozen=True)
class Asked:
    """The contents of a link's page; ``void`` is the reason why it no longer accepts a decision, or None.

    ``text`` is the text to decide on, ``published`` the published text, None if there is none.
    """

    link: EntryLink
    document: EntryDocument
    text: EntryText
    published: EntryText | None
    void: Void | None


class UnitLinks:
    """Stores the links for responsible units in PostgreSQL."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def make(self, document: uuid.UUID, unit: str, by: Editor) -> str:
        """Creates a link for the open edition and returns its secret, which is shown once. Raises NothingToPublish."""
        token = secrets.token_urlsafe(SECRET_BYTES)
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            edition = await record.open_edition(session, document)
            if edition is None:
                raise NothingToPublish
            await record.revise(session, document, EntryText(edition.content, edition.phrases), by)
            link = EntryLink(token_hash=_digest(token), document_id=document, hash=edition.hash, unit=unit)
            link.staff_id, link.staff_name, link.expires_at = by.id, by.name, datetime.now(UTC) + TERM
            session.add(link)
            subject = str(document)
            add_audit(session, Action.ENTRY_LINKED, staff_id=by.id, subject=subject, hash=edition.hash, unit=unit)
        return token

    async def of(self, document: uuid.UUID) -> Sequence[EntryLink]:
        """Returns an entry's newest links, at most SHOWN, newest first."""
        query = select(EntryLink).where(EntryLink.document_id == document).order_by(EntryLink.id.desc()).limit(SHOWN)
        async with self._sessions() as session:
            return (await session.scalars(query)).all()

    async def asked(self, token: str) -> Asked | None:
        """Returns the contents of the page of the link with this secret; None if there is no such link."""
        async with self._sessions() as session:
            link = (await session.scalars(_with(token))).one_or_none()
            if link is None:
                return None
            document = await session.get_one(EntryDocument, link.document_id)
            edition = await record.open_edition(session, link.document_id)
            written = await record.revision_of(session, link.document_id, link.hash)
            published = await record.revision_of(session, link.document_id, document.published_hash)
        text = EntryText(written.content, written.phrases) if written else EntryText("")
        before = EntryText(published.content, published.phrases) if published else None
        return Asked(link, document, text, before, _void(link, edition, datetime.now(UTC)))

    async def decide(self, token: str, decision: Decision, name: str, comment: str) -> Void | None:
        """Records the unit's decision; returns None, or the reason why the link no longer accepts a decision.

        A request for changes makes the edition a draft again. Raises NoResultFound if there is no such link.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            link = (await session.scalars(_with(token).with_for_update())).one()
            edition = await record.open_edition(session, link.document_id)
            void = _void(link, edition, datetime.now(UTC))
            if edition is None or void:
                return void
            link.decision, link.decided_at, link.name, link.comment = decision.value, datetime.now(UTC), name, comment
            if decision is Decision.CHANGES:
                edition.state, edition.publish_at = State.DRAFT.value, None
                await noting.forget_news(session, edition, News.REVIEW, News.CORRECTED)
            _add_comment(session, link)
            await _notify(session, link, decision)
            detail = {"hash": link.hash, "unit": link.unit, "decision": decision.value, "link": link.id}
            add_audit(session, Action.ENTRY_DECIDED, staff_id=None, subject=str(link.document_id), **detail)
        return None


def _void(link: EntryLink, edition: EntryEdition | None, now: datetime) -> Void | None:
    if link.decision:
        return Void.ANSWERED
    if now > link.expires_at:
        return Void.EXPIRED
    return None if edition is not None and edition.hash == link.hash else Void.EDITED


def _add_comment(session: AsyncSession, link: EntryLink) -> None:
    """Adds the unit's comment, if there is one, to the entry's comments."""
    if link.comment:
        name = f"{link.name}, {link.unit}"
        session.add(EntryComment(document_id=link.document_id, hash=link.hash, name=name, text=link.comment))


async def _notify(session: AsyncSession, link: EntryLink, decision: Decision) -> None:
    """Queues a notification of the unit's decision for the authors and for the person who made the link."""
    kind = News.UNIT_APPROVED if decision is Decision.APPROVED else News.UNIT_CHANGES
    by = Editor(None, f"{link.name}, {link.unit}", Origin.PAGE)
    await noting.note(session, kind, f"link {link.id}", link.document_id, by, link.comment)


def _with(token: str) -> Select[EntryLink]:
    return select(EntryLink).where(EntryLink.token_hash == _digest(token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
