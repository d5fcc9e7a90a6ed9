"""Adds the editors' pages to the desk's router: entries, import, export, and the backlog."""

from __future__ import annotations

from fastapi import APIRouter

from bot.desk.auth.unavailable import DeskRoute
from bot.desk.editing.editions import Editions
from bot.desk.editing.importing import Importer
from bot.desk.editing.listing import Listing
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.wordings import Wordings
from bot.desk.pages.backlog.deciding import Deciding
from bot.desk.pages.backlog.page import BacklogPage
from bot.desk.pages.entries.api import EntryApi
from bot.desk.pages.entries.entry_page import MAX_BODY_BYTES as MAX_ENTRY_BYTES
from bot.desk.pages.entries.entry_page import EntryPage
from bot.desk.pages.entries.export_page import ExportPage
from bot.desk.pages.entries.import_page import MAX_BODY_BYTES as MAX_IMPORT_BYTES
from bot.desk.pages.entries.import_page import ImportPage
from bot.desk.pages.entries.list_page import EntryListPage
from bot.desk.queries.answer_ratings import AnswerRatings
from bot.desk.services import DeskServices, Shared
from bot.learning.backlog.decisions import Decisions
from bot.learning.backlog.groups import Backlog
from bot.learning.proposals import Proposals


def add_editors_pages(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the editors' pages; the page of an entry may post more than the others."""
    guard, pages, agency, settings = shared.guard, shared.pages, services.agency, services.settings
    editions, faq = Editions(services.sessions), services.faq
    listing = Listing(services.sessions, faq)
    EntryListPage(guard=guard, pages=pages, listing=listing, editions=editions, faq=faq, agency=agency).add_to(router)
    publisher = Publisher(services.sessions, settings.faq_dir, four_eyes=agency.four_eyes)
    _add_backlog(router, services, shared, editions, publisher)
    larger = APIRouter(route_class=DeskRoute, max_body_size=MAX_IMPORT_BYTES)
    importer = Importer(services.sessions, editions, publisher)
    ImportPage(guard=guard, pages=pages, importer=importer, agency=agency, faq_dir=settings.faq_dir).add_to(larger)
    ExportPage(guard=guard, pages=pages, faq_dir=settings.faq_dir).add_to(larger)
    router.include_router(larger)  # before the page of an entry, whose address could be the same
    page = EntryPage(
        guard=guard,
        pages=pages,
        editions=editions,
        publisher=publisher,
        proposals=Proposals(services.sessions, faq),
        agency=agency,
        faq_dir=settings.faq_dir,
        site=settings.public_url,
    )
    larger = APIRouter(route_class=DeskRoute, max_body_size=MAX_ENTRY_BYTES)
    page.add_to(larger)
    EntryApi(guard=guard, page=page, actions_url=settings.actions_url).add_to(larger)
    router.include_router(larger)


def _add_backlog(
    router: APIRouter, services: DeskServices, shared: Shared, editions: Editions, publisher: Publisher
) -> None:
    """Adds the page of what citizens asked and nobody had written."""
    sessions, faq, agency, settings = services.sessions, services.faq, services.agency, services.settings
    deciding = Deciding(
        decisions=(decisions := Decisions(sessions)),
        editions=editions,
        wordings=Wordings(sessions, editions, publisher, faq, four_eyes=agency.four_eyes),
        agency=agency,
        faq_dir=settings.faq_dir,
        actions_url=settings.actions_url,
    )
    BacklogPage(
        guard=shared.guard,
        pages=shared.pages,
        backlog=Backlog(sessions, faq),
        deciding=deciding,
        decisions=decisions,
        answer_ratings=AnswerRatings(sessions),
        faq=faq,
        agency=agency,
        audit=shared.audit,
    ).add_to(router)
