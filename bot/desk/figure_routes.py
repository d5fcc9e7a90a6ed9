"""Builds the pages of figures and adds their routes to the desk's router."""

from __future__ import annotations

from fastapi import APIRouter

from bot.desk.pages.figures.ages_page import AgesPage
from bot.desk.pages.figures.listing_page import ListingPage
from bot.desk.pages.figures.month import Monthly
from bot.desk.pages.figures.month_page import MonthPage
from bot.desk.pages.figures.page import FiguresPage
from bot.desk.pages.figures.rollout_page import RolloutEvidencePage
from bot.desk.pages.figures.sample_page import SamplePage
from bot.desk.services import DeskServices, Shared
from bot.figures.report import Reports
from bot.figures.sampling.promise import Promise
from bot.figures.sampling.samples import Samples


def add_figures(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the pages of figures; adds the lists last, since their path pattern also matches the other pages."""
    guard, pages, sessions, agency = shared.guard, shared.pages, services.sessions, services.agency
    faq, disk = services.faq, services.disk
    samples, promise = Samples(sessions), Promise(sessions, agency.risk)
    SamplePage(
        guard=guard, pages=pages, samples=samples, promise=promise, audit=shared.audit, faq=faq, disk=disk
    ).add_to(router)
    reports = Reports.of_agency(sessions, agency)
    monthly = Monthly(reports, samples, promise, agency)
    MonthPage(guard=guard, pages=pages, monthly=monthly, faq=faq, disk=disk).add_to(router)
    AgesPage(guard=guard, pages=pages, sessions=sessions, agency=agency, faq=faq, disk=disk).add_to(router)
    RolloutEvidencePage(guard=guard, pages=pages, sessions=sessions, agency=agency, disk=disk).add_to(router)
    FiguresPage(guard=guard, pages=pages, monthly=monthly, closings=shared.closings, faq=faq, disk=disk).add_to(router)
    ListingPage(
        guard=guard,
        pages=pages,
        sessions=sessions,
        reports=reports,
        agency=agency,
        faq=faq,
        disk=disk,
        search=shared.search,
        reach=shared.reach,
        audit=shared.audit,
        limits=shared.limits,
    ).add_to(router)
