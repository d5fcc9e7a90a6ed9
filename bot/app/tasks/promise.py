"""Builds the tasks that draw the weekly sample, estimate the error rate, and notify staff of a proposed change."""

from __future__ import annotations

from dataclasses import dataclass

from redis.exceptions import RedisError

from bot.agency.model import Agency
from bot.app.services import Services
from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission
from bot.faq.answering.experience import read_experience
from bot.figures.sampling.drawing import Sampling
from bot.figures.sampling.promise import Promise, PromiseWatch
from bot.figures.sampling.words import proposal_words
from bot.mail.letters import mailed
from bot.mail.senders import Sender, Words
from bot.mail.wiring import mail_of
from bot.record.engine import Sessions
from bot.record.tables import CautionProposal
from bot.tickets.staff_notices import NoticeKind, StaffNotices

PAGE = "/desk/cifras#bien"


def sampling_of(services: Services) -> Sampling:
    agency, sessions, home = services.agency, services.databases.sessions, services.settings.answers_home
    letter = Letter(sessions, mail_of(services.settings), agency, services.settings.public_url)
    watch = PromiseWatch(
        Promise(sessions, agency.risk),
        lambda: read_experience(home).mistake_ratio,
        ProposalNotifier(sessions, StaffNotices(services.redis)).notify,
        letter.send,
    )
    return Sampling(sessions, agency.timezone, watch.look, has_room=services.has_room_for_figures)


@dataclass(frozen=True)
class ProposalNotifier:
    """The sender of the notice to staff about a proposal to require more confidence for answers."""

    sessions: Sessions
    notices: StaffNotices

    async def notify(self, proposal: CautionProposal) -> None:
        """Sends the notice to active staff with Permission.JUDGE; logs an error of Redis. Raises SQLAlchemyError."""
        async with self.sessions() as session:
            ids = [str(one.id) for one in await active_staff(session, Permission.JUDGE)]
        try:
            await self.notices.notify(ids, NoticeKind.PROMISE, say("muestra.propuesta.aviso"), proposal_words(proposal))
        except RedisError as error:
            log.warning("figures: staff not notified of a proposal", error=type(error).__name__)


@dataclass(frozen=True)
class Letter:
    """The e-mail about a proposal; ``mail`` is None if SMTP_URL is not set, ``site`` the address of the desk."""

    sessions: Sessions
    mail: Sender | None
    agency: Agency
    site: str

    async def send(self, proposal: CautionProposal) -> bool:
        """Mails active staff with Permission.JUDGE; returns whether at least one e-mail was sent.

        Editors do not see the notices of the desk. Raises SQLAlchemyError.
        """
        async with self.sessions() as session:
            staff = await active_staff(session, Permission.JUDGE)
        if self.mail is None or not staff:
            return False
        text = say(
            "muestra.propuesta.correo",
            texto=proposal_words(proposal),
            efecto=say("muestra.propuesta.efecto"),
            pagina=self.site.rstrip("/") + PAGE,
            institucion=self.agency.name,
        )
        words = Words(say("muestra.propuesta.aviso"), text)
        return await mailed(self.mail, {one.email: words for one in staff})
