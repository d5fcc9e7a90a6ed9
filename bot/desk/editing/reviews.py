"""Records a second person's decision on an edition: to approve it, now or for a date, or to return it with a reason.

Also decides whether a text may be published without a second person.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.auth.audit import Action, add_audit
from bot.desk.editing import record
from bot.desk.editing.editions import Outdated
from bot.desk.editing.minor import is_minor
from bot.desk.editing.record import Editor, OwnText, State, Way
from bot.desk.editing.staff_notices import noting
from bot.desk.editing.staff_notices.noting import News
from bot.desk.editing.text import EntryText
from bot.record.engine import Sessions
from bot.record.tables import EntryApproval, EntryComment, EntryDocument, EntryEdition

RETURNABLE = (State.REVIEW, State.APPROVED)


class Then(StrEnum):
    """The time at which an approved edition goes live."""

    AS_ASKED = "as_asked"  # it goes live at the time that its author asked for, at once if there is none
    AS_READ = "as_read"  # likewise, if that is still the time that the approver has read
    NOW = "now"
    AT = "at"  # it goes live at the time that the approver chose
    LATER = "later"  # it stays approved until somebody publishes it


class Reviews:
    """Stores the decisions in PostgreSQL."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def approve(
        self,
        id: uuid.UUID,
        digest: str,
        by: Editor,
        then: Then = Then.AS_ASKED,
        at: datetime | None = None,
        accepted: Sequence[str] = (),
    ) -> bool:
        """Approves the edition if it still has the hash ``digest``; returns whether the caller must publish it now.

        An approved edition can be approved again. ``at`` is the time of Then.AT, and that of Then.AS_READ (None: at
        once). ``accepted`` are the keys of the test messages that may lose their right answer when the edition is
        published. Raises Outdated if the edition has another hash, is neither in review nor approved, or asks for
        another time than that of Then.AS_READ, and OwnText if ``by`` is one of its authors or has no account.
        """
        async with self._sessions.begin() as session:
            edition = await _returnable(session, id, digest, by)
            if then is Then.AS_READ and edition.publish_at != at:
                raise Outdated(edition.changed_by)
            values = {"document_id": id, "hash": digest, "staff_id": by.id, "name": by.name}
            given = insert(EntryApproval).values(**values, at=datetime.now(UTC))
            own = ["document_id", "hash", "staff_id"]
            await session.execute(given.on_conflict_do_update(index_elements=own, set_={"at": given.excluded.at}))
            await noting.note(session, News.APPROVED, noting.subject_of(edition), id, by)
            add_audit(session, Action.ENTRY_APPROVED, staff_id=by.id, subject=str(id), hash=digest)
            edition.publish_at = {Then.AS_ASKED: edition.publish_at, Then.AS_READ: at, Then.AT: at}.get(then)
            edition.stopped, edition.accepted = "", list(accepted)
            edition.state = (State.APPROVED if edition.publish_at is None else State.SCHEDULED).value
            return edition.publish_at is None and then is not Then.LATER

    async def give_back(self, id: uuid.UUID, digest: str, reason: str, by: Editor) -> None:
        """Turns an edition that is in review or approved back into a draft, and deletes its approvals.

        ``reason`` becomes a comment. Raises Outdated if the edition no longer has the hash ``digest`` or is in any
        other state, and OwnText if ``by`` is one of its authors or has no account.
        """
        async with self._sessions.begin() as session:
            edition = await _returnable(session, id, digest, by)
            edition.state, edition.publish_at, edition.accepted = State.DRAFT.value, None, []
            given = (EntryApproval.document_id == id) & (EntryApproval.hash == digest)
            await session.execute(delete(EntryApproval).where(given))
            session.add(EntryComment(document_id=id, hash=digest, staff_id=by.id, name=by.name, text=reason))
            await noting.forget_news(session, edition, News.REVIEW, News.CORRECTED, News.APPROVED)
            await noting.note(session, News.RETURNED, noting.subject_of(edition), id, by, reason)
            add_audit(session, Action.ENTRY_RETURNED, staff_id=by.id, subject=str(id), hash=digest)


async def _returnable(session: AsyncSession, id: uuid.UUID, digest: str, by: Editor) -> EntryEdition:
    """Returns the edition with the hash ``digest`` if it is in review or approved and ``by`` is not one of its authors.

    Raises Outdated for any other text or state, and OwnText if ``by`` is one of the authors or has no account.
    """
    await record.one_at_a_time(session)
    edition = await record.open_edition(session, id)
    if edition is None or edition.hash != digest:
        raise Outdated(edition.changed_by if edition else "")
    if by.id is None or by.id in edition.authors:
        raise OwnText
    if edition.state not in RETURNABLE:
        raise Outdated(edition.changed_by)
    return edition


async def may_publish(
    session: AsyncSession, document: EntryDocument, edition: EntryEdition, text: EntryText, way: Way
) -> bool:
    """Returns whether four-eyes lets the text be published, because of its ``way`` or a second person's approval."""
    if way is Way.URGENT or text.hash == document.published_hash:  # unchanged, as in a repair
        return True
    if way is Way.ROLLBACK and await record.was_published(session, document.id, text.hash):
        return True
    if way is Way.MINOR:
        published = await record.revision_of(session, document.id, document.published_hash)
        return published is not None and is_minor(EntryText(published.content, published.phrases), text)
    given = await record.approvals(session, document.id, text.hash, document.published_at)
    return any(one.staff_id not in edition.authors for one in given)
