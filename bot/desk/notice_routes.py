"""Builds the pages of public notices and adds their routes to the desk's router."""

from __future__ import annotations

from fastapi import APIRouter

from bot.desk.crisis.approvals import PackApprovals
from bot.desk.crisis.book import NoticeBook
from bot.desk.crisis.broadcasts import Broadcasts
from bot.desk.crisis.proving import Proving
from bot.desk.crisis.report import ReportReader
from bot.desk.crisis.spike_book import SpikeBook
from bot.desk.crisis.spreading import Spreading
from bot.desk.crisis.steps import Steps
from bot.desk.pages.notices.broadcast_page import BroadcastPage
from bot.desk.pages.notices.manual_page import ManualPage
from bot.desk.pages.notices.page import NoticesPage
from bot.desk.pages.notices.report_page import ReportPage
from bot.desk.pages.notices.services import NoticeServices
from bot.desk.pages.notices.spike_page import SpikePage
from bot.desk.pages.notices.spikes import SpikeCards, topics_of
from bot.desk.services import DeskServices, Shared
from bot.desk.views.measure_words import MeasureWords
from bot.public_notices.broadcasting import Broadcasting
from bot.public_notices.withdrawing import Withdrawing
from bot.spikes.examples import Examples


def add_notices(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the pages of public notices, their broadcasts and their reports."""
    sessions, faq = services.sessions, services.faq
    guard, pages, agency = shared.guard, shared.pages, services.agency
    examples, data = Examples(sessions, topics_of(faq)), services.settings.project_root / "data"
    notices = NoticeServices(
        book=NoticeBook(sessions),
        broadcasts=Broadcasts(sessions, Withdrawing(sessions, services.kept_notices.redis)),
        spreading=Spreading(sessions, services.kept_notices, services.staff_notices),
        spikes=SpikeCards(SpikeBook(sessions), examples, faq, agency, sessions, data),
        steps=Steps(sessions),
        proving=Proving(sessions),
        approvals=PackApprovals(sessions),
        board=services.board,
        faq=faq,
        channels=services.channels,
        data=data,
        home=services.settings.home,
    )
    NoticesPage(guard=guard, pages=pages, services=notices, agency=agency).add_to(router)
    ManualPage(guard=guard, pages=pages, agency=agency, root=services.settings.project_root).add_to(router)
    SpikePage(guard=guard, pages=pages, spikes=notices.spikes).add_to(router)
    reader = ReportReader(sessions, examples)
    sender = Broadcasting(sessions, services.kept_notices.redis, agency)
    BroadcastPage(
        guard=guard,
        pages=pages,
        broadcasts=notices.broadcasts,
        spreading=notices.spreading,
        sender=sender,
        agency=agency,
        channels=services.channels,
    ).add_to(router)
    words = MeasureWords(agency, lambda: {one.id: one.question for one in faq.entries})
    ReportPage(guard=guard, pages=pages, reader=reader, agency=agency, data=data, words=words).add_to(router)
