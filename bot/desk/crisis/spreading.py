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
from bot.desk.crisis.stale_requests import (
    StaleRequests,
    about,
    announced,
    announced_every,
    can_be_approved,
    planned_for,
)
from bot.public_notices.kept import KeptNotices
from bot.public_notices.proof import Proof, proof_of
from bot.public_notices.recorded import recorded_set
from bot.record.engine import Sessions
from bot.record.tables import Notice, Staff
from bot.tickets.staff_notices import NoticeKind, StaffNotices

PAGE = "/desk/avisos"
BROADCAST_PAGE = f"{PAGE}/difusion"


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

        Sends nothing while the draft lacks data, since it cannot be approved then. Reads the draft again afterwards,
        since somebody may have saved or published it meanwhile. Raises SQLAlchemyError.
        """
        asked = 0
        while can_be_approved(notice) and notice.version != asked:
            await self._drop(f"{notice.id}-")
            words = say("avisos.mesa.pide", nombre=notice.author_name)
            staff = [one for one in await self._staff(Permission.NOTICES) if one.id != notice.author_id]
            await self._notify(staff, words, notice, page=PAGE, about=about(notice))
            asked, notice = notice.version, await self._again(notice)
        if not can_be_approved(notice):
            await self._drop(f"{notice.id}-")

    async def withdraw_requests(self, notice: Notice) -> None:
        """Deletes all requests to approve those revisions of the notice that are no drafts any more.

        Even those to people who may not approve any more. Raises SQLAlchemyError.
        """
        over = select(Notice.id).where(Notice.number == notice.number, Notice.state != DRAFT)
        async with self._sessions() as session:
            ids = (await session.scalars(over)).all()
        for one in ids:
            await self._drop(f"{one}-")

    async def ask_to_start(self, notice: Notice, author: UUID, name: str) -> None:
        """Notifies the staff who may start the broadcast of a notice that ``author``, called ``name``, planned.

        Raises SQLAlchemyError.
        """
        words = say("avisos.mesa.por_enviar", nombre=name)
        staff = [one for one in await self._staff(Permission.NOTICES) if one.id != author]
        page = f"{BROADCAST_PAGE}/{notice.id}"
        await self._notify(staff, words, notice, page=page, about=planned_for(notice.id))

    async def withdraw_start(self, notice: int) -> None:
        """Deletes the requests to start the broadcast of a notice. Raises SQLAlchemyError."""
        await self._drop(planned_for(notice))

    async def withdraw_announcement(self, notice: Notice) -> None:
        """Deletes all announcements to staff of a notice that was lifted or replaced. Raises SQLAlchemyError."""
        await self._drop(announced_every(notice))

    async def _drop(self, about: str) -> None:
        async with self._sessions() as session:
            staff = [str(id) for id in await session.scalars(select(Staff.id))]
        try:
            await self._staff_notices.drop_about(staff, NoticeKind.PUBLIC_NOTICE, about)
        except RedisError as error:
            log.warning("notices: staff notices not withdrawn", error=type(error).__name__)

    async def drop_stale_requests(self, viewer: UUID) -> None:
        """Deletes the viewer's requests for approvals that they cannot give, and announcements of ended notices.

        They remain if Redis was unavailable when they should have been withdrawn. Raises SQLAlchemyError.
        """
        try:
            await StaleRequests(self._sessions, self._staff_notices).drop_of(viewer)
        except RedisError as error:
            log.warning("notices: stale staff notices not dropped", error=type(error).__name__)

    async def notify_everybody(self, notice: Notice, starts: str = "") -> None:
        """Notifies all desk staff of a published notice, with the reason if no second person approved it.

        ``starts`` is when it starts, in Spanish; '' if it has started.

        Withdraws the announcements of the revisions that it replaces. Raises SQLAlchemyError.
        """
        await self.withdraw_announcement(notice)
        which = say("avisos.mesa.despues", desde=starts) if starts else say("avisos.mesa.ahora")
        key = "sin_segunda" if notice.reason else "leera" if starts else "lee"
        words = say(f"avisos.mesa.{key}", cual=which, nombre=notice.approver_name, motivo=notice.reason)
        staff = await self._staff(Permission.DESK)
        await self._notify(staff, words, notice, about=announced(notice))

    async def _notify(self, staff: list[Staff], words: str, notice: Notice, *, page: str = "", about: str = "") -> None:
        titled, ids = say("avisos.prueba", titulo=words) if notice.drill else words, [str(one.id) for one in staff]
        try:
            await self._staff_notices.notify(ids, NoticeKind.PUBLIC_NOTICE, titled, notice.text, page, about=about)
        except RedisError as error:
            log.warning("notices: staff not notified", error=type(error).__name__)

    async def _again(self, notice: Notice) -> Notice:
        async with self._sessions() as session:
            return await session.get_one(Notice, notice.id)

    async def _staff(self, permission: Permission) -> list[Staff]:
        async with self._sessions() as session:
            return await active_staff(session, permission)
