"""Notifies editors and supervisors at the desk, at once, of urgent publications."""

from __future__ import annotations

from redis.exceptions import RedisError

from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission
from bot.desk.editing.record import Editor
from bot.record.engine import Sessions
from bot.tickets.staff_notices import NoticeKind, StaffNotices


class EntryNotifier:
    """Sends the staff notices that cannot wait for the worker."""

    def __init__(self, sessions: Sessions, notices: StaffNotices) -> None:
        self._sessions, self._notices = sessions, notices

    async def urgent(self, question: str, by: Editor, reason: str) -> None:
        """Notifies all editors and supervisors except ``by`` of an urgent publication; logs if Redis is unavailable."""
        words = say("entradas.urgente.aviso", quien=by.name, pregunta=question)
        async with self._sessions() as session:
            recipients = await active_staff(session, Permission.ENTRIES, Permission.ALL_TICKETS)
        try:
            await self._notices.notify(
                [str(one.id) for one in recipients if one.id != by.id], NoticeKind.ENTRY, words, reason
            )
        except RedisError as error:
            log.warning("entries: staff not notified", error=type(error).__name__)
