"""Distributes changes of public notices: to every process through Redis, and to the staff as notices at the desk."""

from __future__ import annotations

from redis.exceptions import RedisError

from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission
from bot.desk.crisis.gaps import gaps_of
from bot.public_notices.kept import KeptNotices
from bot.public_notices.proof import Proof, proof_of
from bot.public_notices.recorded import recorded_set
from bot.record.engine import Sessions
from bot.record.tables import Notice, Staff
from bot.tickets.staff_notices import NoticeKind, StaffNotices

PAGE = "/desk/avisos"


class Spreading:
    """Writes the notices to Redis after each change, reports which processes show them, and notifies staff."""

    def __init__(self, sessions: Sessions, kept: KeptNotices, staff_notices: StaffNotices) -> None:
        self._sessions, self._kept, self._staff_notices = sessions, kept, staff_notices

    async def now_ms(self) -> int:
        """Returns Redis's time in ms, from which the spreading of a change is measured; 0 if Redis is unavailable."""
        try:
            return await self._kept.now_ms()
        except RedisError:
            return 0

    async def spread(self, since_ms: int) -> None:
        """Writes PostgreSQL's notices to Redis, as changed at ``since_ms``.

        If Redis fails, a worker writes them soon. Raises SQLAlchemyError.
        """
        notices = await recorded_set(self._sessions)
        try:
            await self._kept.write(notices, since_ms)
        except RedisError as error:
            log.warning("notices: redis unavailable, workers will write", error=type(error).__name__)

    async def proof(self, channels: tuple[str, ...]) -> Proof | None:
        """Returns which processes and ``channels`` show PostgreSQL's notices; None if Redis is unavailable.

        Raises SQLAlchemyError.
        """
        notices = await recorded_set(self._sessions)
        try:
            readers = await self._kept.readers()
            changed_ms = await self._kept.changed_ms(notices.version)
        except RedisError:
            return None
        return proof_of(notices, readers, channels, changed_ms or None)

    async def ask_for_approval(self, notice: Notice) -> None:
        """Notifies the staff who may approve the draft, except its author; replaces the notice about an older text.

        Waits with it while data is missing in the draft, as it cannot be approved.
        """
        if gaps_of(notice):
            await self.withdraw_request(notice.id)
            return
        words = say("avisos.mesa.pide", nombre=notice.author_name)
        staff = [one for one in await self._staff(Permission.NOTICES) if one.id != notice.author_id]
        await self._tell(staff, words, notice, page=PAGE, about=str(notice.id))

    async def withdraw_request(self, notice: int) -> None:
        """Deletes the notices that ask for an approval of the draft ``notice``, as it is not pending any more."""
        staff = [str(one.id) for one in await self._staff(Permission.NOTICES)]
        try:
            await self._staff_notices.drop_about(staff, NoticeKind.PUBLIC_NOTICE, str(notice))
        except RedisError as error:
            log.warning("notices: request for approval not withdrawn", error=type(error).__name__)

    async def tell_everybody(self, notice: Notice) -> None:
        """Notifies all desk staff of a published notice, with the reason if no second person approved it."""
        key = "sin_segunda" if notice.reason else "vigente"
        words = say(f"avisos.mesa.{key}", nombre=notice.approver_name, motivo=notice.reason)
        staff = await self._staff(Permission.DESK)
        await self._tell(staff, words, notice)

    async def _tell(self, staff: list[Staff], words: str, notice: Notice, *, page: str = "", about: str = "") -> None:
        titled, ids = say("avisos.prueba", titulo=words) if notice.drill else words, [str(one.id) for one in staff]
        try:
            await self._staff_notices.tell(ids, NoticeKind.PUBLIC_NOTICE, titled, notice.text, page, about=about)
        except RedisError as error:
            log.warning("notices: staff not told", error=type(error).__name__)

    async def _staff(self, permission: Permission) -> list[Staff]:
        async with self._sessions() as session:
            return await active_staff(session, permission)
