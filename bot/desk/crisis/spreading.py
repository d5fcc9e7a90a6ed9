"""Distributes changes of public notices: to every process through Redis, and to the staff as notices at the desk."""

from __future__ import annotations

from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import select

from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission
from bot.desk.crisis.book import DRAFT
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
        """Notifies the staff who may approve the draft, except its author; withdraws the requests about older texts.

        Waits with it while data is missing in the draft, as it cannot be approved. Reads the draft again afterwards, as
        somebody may have saved or published it meanwhile. Raises SQLAlchemyError.
        """
        asked = 0
        while _can_be_approved(notice) and notice.version != asked:
            await self.withdraw_request(notice.id)
            words = say("avisos.mesa.pide", nombre=notice.author_name)
            staff = [one for one in await self._staff(Permission.NOTICES) if one.id != notice.author_id]
            await self._tell(staff, words, notice, page=PAGE, about=_about(notice))
            asked, notice = notice.version, await self._again(notice)
        if not _can_be_approved(notice):
            await self.withdraw_request(notice.id)

    async def withdraw_request(self, notice: int) -> None:
        """Deletes the requests for an approval of the draft ``notice``, also of who may not approve any more.

        Raises SQLAlchemyError.
        """
        async with self._sessions() as session:
            staff = [str(id) for id in await session.scalars(select(Staff.id))]
        try:
            await self._staff_notices.drop_about(staff, NoticeKind.PUBLIC_NOTICE, f"{notice}-")
        except RedisError as error:
            log.warning("notices: request for approval not withdrawn", error=type(error).__name__)

    async def drop_stale_requests(self, viewer: UUID) -> None:
        """Deletes the viewer's requests for approvals that they cannot give, such as those of a time without Redis.

        Raises SQLAlchemyError.
        """

        async def open_ones() -> set[str]:
            async with self._sessions() as session:
                drafts = await session.scalars(select(Notice).where(Notice.state == DRAFT))
                return {_about(one) for one in drafts if _can_be_approved(one) and one.author_id != viewer}

        try:
            await self._staff_notices.keep_only(str(viewer), NoticeKind.PUBLIC_NOTICE, open_ones)
        except RedisError as error:
            log.warning("notices: stale requests for approval not dropped", error=type(error).__name__)

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

    async def _again(self, notice: Notice) -> Notice:
        async with self._sessions() as session:
            return await session.get_one(Notice, notice.id)

    async def _staff(self, permission: Permission) -> list[Staff]:
        async with self._sessions() as session:
            return await active_staff(session, permission)


def _can_be_approved(notice: Notice) -> bool:
    return notice.state == DRAFT and not gaps_of(notice)


def _about(notice: Notice) -> str:
    """Returns what a request is about: one version of a draft, so that the page alerts to each version."""
    return f"{notice.id}-{notice.version}"
