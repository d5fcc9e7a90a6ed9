"""Anonymizes staff accounts some time after they were deactivated: names in the record are replaced with a number."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import Text, cast, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.logs import log
from bot.core.texts import say
from bot.record import tables
from bot.record.engine import Sessions
from bot.record.retention import EXPIRED_ACTION
from bot.record.tables import Audit, Notice, RecoveryCode, Staff

EVERY_S = 3600
NOWHERE = "@cuenta.invalid"  # the end of the e-mail address of an anonymized account
NUMBER_CHARACTERS = 8
# Columns with an account's id, each with the column of its name in the same row.
BESIDE_ID = (
    (tables.EntryRevision.author_id, tables.EntryRevision.author_name),
    (tables.EntryApproval.staff_id, tables.EntryApproval.name),
    (tables.EntryComment.staff_id, tables.EntryComment.name),
    (tables.EntryPublication.staff_id, tables.EntryPublication.name),
    (tables.EntryPublication.confirmed_by, tables.EntryPublication.confirmed_name),
    (tables.EntryNews.staff_id, tables.EntryNews.name),
    (tables.EntryCommit.staff_id, tables.EntryCommit.name),
    (tables.EntryLink.staff_id, tables.EntryLink.staff_name),
    (tables.Notice.author_id, tables.Notice.author_name),
    (tables.Notice.approver_id, tables.Notice.approver_name),
    (tables.PackApproval.staff_id, tables.PackApproval.name),
    (tables.Broadcast.author_id, tables.Broadcast.author_name),
    (tables.BacklogDecision.staff_id, tables.BacklogDecision.name),
    (tables.SenderBan.staff_id, tables.SenderBan.name),
    (tables.LegalHold.placed_by, tables.LegalHold.name),
    (tables.Note.staff_id, tables.Note.name),
    (tables.Ticket.claimed_by, tables.Ticket.owner_name),
)
# Columns with a name alone; they get no number if another account has this name, since it may be theirs.
ALONE = (
    tables.EntryEdition.changed_by,
    tables.Notice.ended_by,
    tables.NoticeStep.name,
    tables.Broadcast.starter_name,
    tables.Spike.closed_by,
    tables.SenderBan.lifted_by,
    tables.RemovedMessage.name,
    tables.BacklogItem.staff_name,
)


async def forget_staff_forever(sessions: Sessions, days: int) -> None:
    """Anonymizes the accounts that have been inactive for ``days`` days; runs once an hour, until cancelled."""
    while True:
        try:
            await forget_staff(sessions, datetime.now(UTC) - timedelta(days=days))
        except (SQLAlchemyError, OSError) as error:
            log.warning("staff: accounts not anonymized, retrying", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def forget_staff(sessions: Sessions, before: datetime) -> int:
    """Anonymizes the accounts deactivated before ``before`` and records it in the audit log; returns their number."""
    due = (Staff.inactive_since < before) & Staff.active.is_(False) & Staff.email.not_like(f"%{NOWHERE}")
    async with sessions.begin() as session:
        found = (await session.scalars(select(Staff).where(due).with_for_update(skip_locked=True))).all()
        for one in found:
            await _forget(session, one)
        if found:
            session.add(Audit(action=EXPIRED_ACTION, subject="", detail={"staff": len(found)}))
    return len(found)


async def _forget(session: AsyncSession, one: Staff) -> None:
    name, numbered = one.name, say("privacidad.cuenta_sin_nombre", numero=one.id.hex[:NUMBER_CHARACTERS])
    others = select(func.count()).select_from(Staff).where(Staff.name == name, Staff.id != one.id)
    is_only = not await session.scalar(others)
    one.name, one.email, one.password_hash = numbered, f"{one.id}{NOWHERE}", ""
    one.totp_secret = one.oidc_subject = None
    one.roles, one.teams, one.languages = [], [], []
    await session.flush()  # PostgreSQL lets a revision change its author's name only to the account's
    await session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == one.id))
    for id, shown in BESIDE_ID:
        own = (cast(id, Text) == str(one.id)) & (shown != "")
        await session.execute(update(shown.class_).where(own).values({shown.key: numbered}))
    anonymous = numbered if is_only else say("privacidad.cuenta_sin_numero")
    for shown in ALONE:
        await session.execute(update(shown.class_).where(shown == name).values({shown.key: anonymous}))
    await _forget_lifted(session, name, anonymous)


async def _forget_lifted(session: AsyncSession, name: str, anonymous: str) -> None:
    """Replaces a name in ``notices.lifted``, whose values are objects with a name."""
    quoted = [cast(func.to_jsonb(cast(literal(one), Text)), Text) for one in (name, anonymous)]
    text = cast(Notice.lifted, Text)
    new = cast(func.replace(text, *quoted), JSONB)
    await session.execute(update(Notice).where(func.strpos(text, quoted[0]) > 0).values(lifted=new))
