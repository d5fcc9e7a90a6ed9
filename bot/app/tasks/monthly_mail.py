"""Sends the report of the last month by e-mail once that month is published (``informe.correos`` of agency.yml)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.agency.model import Agency
from bot.app.services import Services
from bot.core.logs import log
from bot.core.texts import say
from bot.desk.pages.figures.month import Monthly, MonthReport
from bot.desk.pages.figures.month_page import PATH
from bot.desk.pages.figures.month_pdf import month_pdf
from bot.desk.pages.pdf import can_make_pdf
from bot.figures.numbers import month_in_words
from bot.figures.report import Reports
from bot.figures.sampling.promise import Promise
from bot.figures.sampling.samples import Samples
from bot.mail.letters import mailed
from bot.mail.senders import MailSender, Sender, SendingFailed, Words
from bot.record.engine import Sessions
from bot.record.locks import Lock, held_alone
from bot.record.tables import FigureMonth

EVERY_S = 3600.0


@dataclass(frozen=True)
class MonthlyMail:
    """The task that sends each monthly report once.

    If no e-mail can be sent, the task tries again. If the process is killed after the e-mails were sent but before this
    was stored, all recipients get the report again. If some e-mails fail, their recipients do not get the report
    (letters.py logs this).
    """

    sessions: Sessions
    monthly: Monthly
    agency: Agency
    sender: Sender | None
    public_url: str

    async def run(self) -> None:
        """Sends each report that is due: checks every EVERY_S seconds, until cancelled; logs errors and tries again."""
        while True:
            try:
                await self.send_due(datetime.now(UTC))
            except (SQLAlchemyError, OSError, SendingFailed) as error:
                log.warning("figures: report not mailed, retrying", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def send_due(self, now: datetime) -> bool:
        """Sends last month's report if it is published and has not been sent; returns whether it was sent.

        Sends nothing without recipients or SMTP_URL. Raises SQLAlchemyError, SendingFailed.
        """
        if self.sender is None or not self.agency.report_mails:
            return False
        local = now.astimezone(self.agency.zone)
        last = (local.date().replace(day=1) - timedelta(days=1)).replace(day=1)
        if not await self._is_due(last):
            return False
        async with held_alone(self.sessions, Lock.MONTH_MAIL) as is_alone:
            if not is_alone or not await self._is_due(last):
                return False
            await self._send(await self.monthly.of(last, local), self.agency.report_mails)
            async with self.sessions.begin() as session:
                await session.execute(update(FigureMonth).where(FigureMonth.month == last).values(mailed_at=now))
        log.info("figures: report mailed", month=last.isoformat(), recipients=len(self.agency.report_mails))
        return True

    async def _is_due(self, month: date) -> bool:
        due = select(FigureMonth.month).where(FigureMonth.month == month, FigureMonth.mailed_at.is_(None))
        async with self.sessions() as session:
            return await session.scalar(due) is not None

    async def _send(self, report: MonthReport, recipients: Sequence[str]) -> None:
        if self.sender is None:
            return
        mes = month_in_words(report.month).lower()
        words = Words(
            say("informe.correo.asunto", agencia=self.agency.name, mes=mes),
            say(
                "informe.correo.texto",
                mes=mes,
                breve="\n".join(report.brief),
                decidir="\n".join(f"- {one}" for one in report.decisions),
                enlace=f"{self.public_url}{PATH}?mes={report.month:%Y-%m}",
            ),
            f"informe-{report.month:%Y-%m}.pdf",
            await asyncio.to_thread(month_pdf, report, self.agency.color) if can_make_pdf() else b"",
        )
        if not await mailed(self.sender, dict.fromkeys(recipients, words)):
            raise SendingFailed(way=self.sender.way)


def monthly_mail_of(services: Services) -> MonthlyMail:
    agency, settings, sessions = services.agency, services.settings, services.databases.sessions
    reports = Reports.of_agency(sessions, agency)
    monthly = Monthly(reports, Samples(sessions), Promise(sessions, agency.risk), agency, services.faq.entries)
    mails = agency.report_mails
    is_set = mails and settings.smtp_url.get_secret_value()
    sender = MailSender(settings.smtp_url, settings.smtp_from or mails[0]) if is_set else None
    if mails and sender is None:
        log.warning("figures: informe.correos without SMTP_URL", count=len(mails))
    return MonthlyMail(sessions, monthly, agency, sender, settings.public_url)
