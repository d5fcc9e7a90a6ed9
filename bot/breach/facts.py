"""Counts the data that a breach may have reached, and copies the audit log and the logs, with hashes, as evidence."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.disk import replace_file
from bot.record.engine import Sessions
from bot.record.tables import (
    Audit,
    AuditSeal,
    Callback,
    Complaint,
    Conversation,
    Message,
    Staff,
    StaffSession,
)
from bot.text.csv_lines import csv_line

AUDIT_DAYS = 30
MANIFEST = "MANIFIESTO.sha256"
AUDIT_FILE = "auditoria.csv"
REFUSED = "sign_in_refused"
EXPORTS = ("data_exported", "complaints_downloaded", "audit_downloaded")


@dataclass(frozen=True)
class Facts:
    """Numbers about the record at the time ``at``, and about suspicious actions in the AUDIT_DAYS days before.

    ``counts`` is keyed like ``brecha.cuentas``; ``channels`` maps each channel to its number of conversations.
    ``newest_seal`` is the last hash of the audit log's hash chain, '' if there is none.
    """

    at: datetime
    counts: Mapping[str, int]
    channels: Mapping[str, int]
    newest_seal: str


async def gather(sessions: Sessions, at: datetime) -> Facts:
    """Counts conversations, messages, contacts, accounts and suspicious actions. Raises SQLAlchemyError."""
    since = at - timedelta(days=AUDIT_DAYS)
    recent = select(func.count()).select_from(Audit).where(Audit.at > since)
    async with sessions() as session:
        counts = {
            "conversations": await _count(session, Conversation),
            "messages": await _count(session, Message),
            "contacts": await _count(session, Callback, Callback.encrypted.is_not(None)),
            "addresses": await _count(session, Conversation, Conversation.address.is_not(None)),
            "complaints": await _count(session, Complaint),
            "staff": await _count(session, Staff, Staff.active),
            "sessions": await _count(session, StaffSession, StaffSession.expires_at > at),
            "refused": int(await session.scalar(recent.where(Audit.action == REFUSED)) or 0),
            "exports": int(await session.scalar(recent.where(Audit.action.in_(EXPORTS))) or 0),
        }
        by_channel = await session.execute(select(Conversation.channel, func.count()).group_by(Conversation.channel))
        seal = await session.scalar(select(AuditSeal.seal).order_by(AuditSeal.seq.desc()).limit(1))
        return Facts(at, counts, {channel: count for channel, count in by_channel}, seal or "")


async def audit_csv(sessions: Sessions, at: datetime) -> str:
    """Returns the audit rows of the last AUDIT_DAYS days as CSV, oldest first. Raises SQLAlchemyError."""
    lines = [csv_line(["id", "at", "staff_id", "action", "subject", "detail"], ",")]
    query = select(Audit).where(Audit.at > at - timedelta(days=AUDIT_DAYS)).order_by(Audit.id)
    async with sessions() as session:
        for one in await session.scalars(query):
            cells = (one.id, one.at.isoformat(), one.staff_id or "", one.action, one.subject, one.detail)
            lines.append(csv_line(cells, ","))
    return "".join(lines)


async def end_all_sessions(sessions: Sessions) -> int:
    """Ends all staff sessions and records this in the audit log; returns the number of sessions ended.

    Raises SQLAlchemyError.
    """
    async with sessions.begin() as session:
        ended = len((await session.execute(delete(StaffSession).returning(StaffSession.id))).all())
        session.add(Audit(action="sessions_ended", subject="", detail={"count": ended}))
        return ended


def copy_logs(logs: Path, folder: Path) -> int:
    """Copies the log files into ``folder``; returns the number of files, 0 if there is no folder ``logs``.

    Raises OSError.
    """
    found = sorted(path for path in logs.glob("*.log*") if path.is_file()) if logs.is_dir() else []
    for path in found:
        shutil.copy2(path, folder / path.name)
    return len(found)


def seal(folder: Path) -> None:
    """Writes the SHA-256 of every other file in the folder and below to MANIFEST, for ``sha256sum --check``.

    Raises OSError.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}" for path in files]
    replace_file(folder / MANIFEST, "\n".join(lines) + "\n")


def hour(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d-%m-%Y %H:%M} UTC"


async def _count(session: AsyncSession, table: Any, *where: Any) -> int:
    return int(await session.scalar(select(func.count()).select_from(table).where(*where)) or 0)
