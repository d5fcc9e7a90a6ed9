"""Builds the tasks that draw the weekly sample, estimate the error rate, and notify staff of a proposed change."""

from __future__ import annotations

from dataclasses import dataclass

from redis.exceptions import RedisError

from bot.app.services import Services
from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission
from bot.faq.answering.experience import read_experience
from bot.figures.sampling.drawing import Sampling
from bot.figures.sampling.promise import Promise, PromiseWatch
from bot.figures.sampling.words import proposal_words
from bot.record.engine import Sessions
from bot.record.tables import CautionProposal
from bot.tickets.staff_notices import NoticeKind, StaffNotices


def sampling_of(services: Services) -> Sampling:
    agency, sessions, home = services.agency, services.databases.sessions, services.settings.home
    watch = PromiseWatch(
        Promise(sessions, agency.risk),
        lambda: read_experience(home).mistake_ratio,
        Teller(sessions, StaffNotices(services.redis)).tell,
    )
    return Sampling(sessions, agency.timezone, watch.look, has_room=services.has_room_for_figures)


@dataclass(frozen=True)
class Teller:
    """The sender of the notice to staff about a proposal to require more confidence for answers."""

    sessions: Sessions
    notices: StaffNotices

    async def tell(self, proposal: CautionProposal) -> None:
        """Sends the notice to active staff with Permission.JUDGE; logs an error of Redis. Raises SQLAlchemyError."""
        async with self.sessions() as session:
            ids = [str(one.id) for one in await active_staff(session, Permission.JUDGE)]
        try:
            await self.notices.tell(ids, NoticeKind.PROMISE, say("muestra.propuesta.aviso"), proposal_words(proposal))
        except RedisError as error:
            log.warning("figures: staff not told of a proposal", error=type(error).__name__)
