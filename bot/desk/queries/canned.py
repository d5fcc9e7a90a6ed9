"""Replies that staff have ready, each with a shortcut, for one team or for all. Called by canned_page.py.

In the text, ``{agente}``, ``{equipo}`` and ``{ticket}`` are filled in by the page that inserts it; ``{nombre}`` is the
citizen's, which we do not know: whoever sends it writes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.conversation.inbox import readable
from bot.core.texts import say
from bot.desk.auth.guard import Refused
from bot.record.engine import Sessions
from bot.record.tables import CannedReply

SHORTCUT = re.compile(r"[a-z0-9ñ][a-z0-9ñ-]{0,29}")
MAX_CHARACTERS = 2000


@dataclass(frozen=True)
class Canned:
    """``team`` is a key of the agency's teams, or '' for all; ``shortcut`` is written after a slash."""

    shortcut: str
    team: str
    text: str
    id: int = 0


class CannedReplies:
    """Reads and changes them in the record."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def all(self) -> list[Canned]:
        """In order of shortcut."""
        query = select(CannedReply).order_by(CannedReply.shortcut, CannedReply.team)
        async with self._sessions() as session:
            rows = await session.scalars(query)
            return [Canned(row.shortcut, row.team, row.text, row.id) for row in rows]

    async def keep(self, canned: Canned) -> None:
        """Keeps it, in place of the one of the same team and shortcut, and of the one it was before."""
        values = {"shortcut": canned.shortcut, "team": canned.team, "text": canned.text}
        same = (CannedReply.shortcut == canned.shortcut) & (CannedReply.team == canned.team)
        async with self._sessions.begin() as session:
            await session.execute(delete(CannedReply).where((CannedReply.id == canned.id) | same))
            await session.execute(insert(CannedReply).values(**values))

    async def drop(self, id: int) -> None:
        async with self._sessions.begin() as session:
            await session.execute(delete(CannedReply).where(CannedReply.id == id))


def checked(shortcut: str, team: str, text: str, *, teams: frozenset[str], id: int = 0) -> Canned:
    """What a form says, without what no store keeps. Raises Refused."""
    shortcut, text = shortcut.strip().removeprefix("/").lower(), readable(text.replace("\r\n", "\n")).strip()
    if not SHORTCUT.fullmatch(shortcut):
        raise Refused(422, "shortcut", say("mesa.guardadas.atajo_malo"))
    if not text or len(text) > MAX_CHARACTERS:
        raise Refused(422, "text", say("mesa.guardadas.texto_malo", maximo=MAX_CHARACTERS))
    if team and team not in teams:
        raise Refused(422, "team", say("mesa.guardadas.equipo_malo"))
    return Canned(shortcut, team, text, id)
