"""Reads, checks and saves canned replies; each has a shortcut and belongs to one team or to all.

The desk's page fills in ``{agente}``, ``{equipo}`` and ``{ticket}`` when an agent inserts the text; the agent replaces
``{nombre}``, since the citizen's name is unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.readable import readable
from bot.core.texts import say
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.guard import Refused
from bot.record.engine import Sessions
from bot.record.locks import Lock, take
from bot.record.tables import CannedReply

SHORTCUT = re.compile(r"[a-z0-9ñ][a-z0-9ñ-]{0,29}")
MAX_CHARACTERS = 2000


@dataclass(frozen=True)
class Canned:
    """A canned reply: agents type ``shortcut`` after a slash; ``team`` is a team's key, or '' for all teams."""

    shortcut: str
    team: str
    text: str
    id: int = 0


class CannedReplies:
    """Reads and changes the canned replies in PostgreSQL."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def all(self) -> list[Canned]:
        """Returns all canned replies, sorted by shortcut."""
        query = select(CannedReply).order_by(CannedReply.shortcut, CannedReply.team)
        async with self._sessions() as session:
            rows = await session.scalars(query)
            return [Canned(row.shortcut, row.team, row.text, row.id) for row in rows]

    async def keep(self, canned: Canned, *, by: UUID | None = None) -> None:
        """Saves a canned reply in place of any with the same id, or the same team and shortcut; adds an audit row."""
        values = {"shortcut": canned.shortcut, "team": canned.team, "text": canned.text}
        same = (CannedReply.shortcut == canned.shortcut) & (CannedReply.team == canned.team)
        async with self._sessions.begin() as session:
            await take(session, Lock.CANNED)
            await session.execute(delete(CannedReply).where((CannedReply.id == canned.id) | same))
            await session.execute(insert(CannedReply).values(**values))
            _note(session, by, canned.shortcut, canned.team)

    async def drop(self, id: int, *, by: UUID | None = None) -> None:
        """Deletes a canned reply and records its shortcut and team in the audit log.

        Does nothing if there is no such reply.
        """
        async with self._sessions.begin() as session:
            if (gone := await session.get(CannedReply, id)) is not None:
                await session.delete(gone)
                _note(session, by, gone.shortcut, gone.team)


def _note(session: AsyncSession, by: UUID | None, shortcut: str, team: str) -> None:
    add_audit(session, Action.CANNED_CHANGED, staff_id=by, subject=shortcut, team=team)


def checked(shortcut: str, team: str, text: str, *, teams: frozenset[str], id: int = 0) -> Canned:
    """Returns the canned reply of a form, normalized. Raises Refused, whose message the page shows."""
    shortcut, text = shortcut.strip().removeprefix("/").lower(), readable(text.replace("\r\n", "\n")).strip()
    if not SHORTCUT.fullmatch(shortcut):
        raise Refused(422, "shortcut", say("mesa.guardadas.atajo_malo"))
    if not text or len(text) > MAX_CHARACTERS:
        raise Refused(422, "text", say("mesa.guardadas.texto_malo", maximo=MAX_CHARACTERS))
    if team and team not in teams:
        raise Refused(422, "team", say("mesa.guardadas.equipo_malo"))
    return Canned(shortcut, team, text, id)
