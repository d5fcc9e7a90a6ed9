"""Notifies editors and supervisors at the desk of urgent publications and of scheduled entries that were stopped."""

from __future__ import annotations

from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import select

from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.permissions import Permission, may
from bot.desk.editing.record import Editor
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.tickets.staff_notices import NoticeKind, StaffNotices


class Telling:
    """Sends the staff notices about entries."""

    def __init__(self, sessions: Sessions, notices: StaffNotices) -> None:
        self._sessions, self._notices = sessions, notices

    async def urgent(self, question: str, by: Editor, reason: str) -> None:
        """Notifies all editors and supervisors except ``by`` of an urgent publication; logs if Redis is unavailable."""
        await self._tell(say("entradas.urgente.aviso", quien=by.name, pregunta=question), reason, but=by.id)

    async def stopped(self, question: str, why: str) -> None:
        """Notifies all editors and supervisors that a scheduled entry was stopped; logs if Redis is unavailable."""
        await self._tell(say("entradas.detenida.aviso", pregunta=question), say(f"entradas.detenida.{why}"))

    async def _tell(self, words: str, text: str, but: UUID | None = None) -> None:
        async with self._sessions() as session:
            staff = (await session.scalars(select(Staff).where(Staff.active))).all()
        told = [one for one in staff if may(one, Permission.ENTRIES) or may(one, Permission.ALL_TICKETS)]
        try:
            await self._notices.tell([str(one.id) for one in told if one.id != but], NoticeKind.ENTRY, words, text)
        except RedisError as error:
            log.warning("entries: staff not told", error=type(error).__name__)
