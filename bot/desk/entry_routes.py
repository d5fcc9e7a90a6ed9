"""Builds the editors' pages and adds their routes to the desk's router."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter

from bot.core.network import ActionsEndpoint
from bot.desk.auth.throttles import Throttles
from bot.desk.auth.unavailable import DeskRoute
from bot.desk.editing.approving.checking import DraftChecks
from bot.desk.editing.approving.harmless import HarmlessTexts
from bot.desk.editing.approving.review_queue import ReviewQueue
from bot.desk.editing.approving.together import JointApproval
from bot.desk.editing.commits.queue import waiting
from bot.desk.editing.editions import Editions
from bot.desk.editing.importing import Importer
from bot.desk.editing.links import UnitLinks
from bot.desk.editing.listing import Listing
from bot.desk.editing.marking.dangers import UtteranceDangers
from bot.desk.editing.marking.marks import UtteranceMarks
from bot.desk.editing.measuring.effect import Effects
from bot.desk.editing.measuring.gate import Gate
from bot.desk.editing.measuring.messages import TestMessages
from bot.desk.editing.measuring.reach import Reaches
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.repair import FileRepair
from bot.desk.editing.reviews import Reviews
from bot.desk.editing.second_look import SecondLooks
from bot.desk.editing.staff_notices.notifier import EntryNotifier
from bot.desk.editing.utterances import EntryUtterances
from bot.desk.pages.approving.page import ApprovingPage
from bot.desk.pages.backlog.deciding import Deciding
from bot.desk.pages.backlog.page import BacklogPage
from bot.desk.pages.backlog.undoing import Undoing
from bot.desk.pages.entries.acting import EntryActs, EntryServices
from bot.desk.pages.entries.api import EntryApi
from bot.desk.pages.entries.effect_page import EffectPage
from bot.desk.pages.entries.entry_page import MAX_BODY_BYTES as MAX_ENTRY_BYTES
from bot.desk.pages.entries.entry_page import EntryPage
from bot.desk.pages.entries.export_page import ExportPage
from bot.desk.pages.entries.file_page import FilePage
from bot.desk.pages.entries.given_page import GivenPage
from bot.desk.pages.entries.list_page import EntryListPage
from bot.desk.pages.entries.tests_page import TestsPage
from bot.desk.pages.entries.unit_page import UnitPage
from bot.desk.pages.importing.drafts_page import DraftsPage
from bot.desk.pages.importing.page import MAX_BODY_BYTES as MAX_IMPORT_BYTES
from bot.desk.pages.importing.page import ImportPage
from bot.desk.pages.starting.page import Sources, StartingPage
from bot.desk.queries.answer_ratings import AnswerRatings
from bot.desk.queries.given_answers import GivenAnswers
from bot.desk.services import DeskServices, Shared
from bot.learning.backlog.decisions import Decisions
from bot.learning.backlog.groups import Backlog
from bot.learning.proposals import Proposals


def add_entries(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the editors' pages; the pages of an entry and of the import accept larger request bodies."""
    editions = Editions(services.sessions, four_eyes=services.agency.four_eyes)
    looks = SecondLooks(services.sessions)
    settings, commits = services.settings, bool(services.settings.faq_commits)
    publisher = Publisher(services.sessions, settings.faq_dir, four_eyes=services.agency.four_eyes, commits=commits)
    actions = ActionsEndpoint.of(settings)
    effects = Effects(services.sessions, actions)
    work = EntryServices(
        editions=editions,
        reviews=Reviews(services.sessions),
        publisher=publisher,
        gate=Gate(effects, shared.audit),
        looks=looks,
        notifier=EntryNotifier(services.sessions, services.staff_notices),
        links=UnitLinks(services.sessions),
    )
    _add_all(router, services, shared, work)
    _add_approving(router, services, shared, work, effects)
    _add_backlog(router, services, shared, work, effects)
    messages = TestMessages(services.sessions, settings.tests_dir, services.faq, actions)
    page = TestsPage(guard=shared.guard, pages=shared.pages, messages=messages, faq=services.faq, audit=shared.audit)
    page.add_to(router)
    _add_one(router, services, shared, work, effects, messages)


def _add_all(router: APIRouter, services: DeskServices, shared: Shared, work: EntryServices) -> None:
    """Adds the pages about all entries; must precede ``_add_one``, whose path pattern also matches these pages."""
    guard, pages, agency = shared.guard, shared.pages, services.agency
    listing = Listing(services.sessions, services.faq)
    EntryListPage(
        guard=guard,
        pages=pages,
        listing=listing,
        editions=work.editions,
        looks=work.looks,
        reviews=ReviewQueue(services.sessions),
        faq=services.faq,
        agency=agency,
        notices=services.staff_notices,
        uncommitted=partial(waiting, services.sessions) if services.settings.faq_commits else None,
    ).add_to(router)
    _add_start(router, services, shared, work, listing)
    given = GivenAnswers(services.sessions)
    GivenPage(guard=guard, pages=pages, given=given, listing=listing, agency=agency).add_to(router)
    _add_files(router, services, shared, work)


def _add_files(router: APIRouter, services: DeskServices, shared: Shared, work: EntryServices) -> None:
    """Adds the pages that import, repair and export files of entries."""
    guard, pages, agency, faq_dir = shared.guard, shared.pages, services.agency, services.settings.faq_dir
    larger = APIRouter(route_class=DeskRoute, max_body_size=MAX_IMPORT_BYTES)
    importer = Importer(services.sessions, work.editions, work.publisher)
    publishing: tuple[type[ImportPage] | type[DraftsPage], ...] = (ImportPage, DraftsPage)
    for page in publishing:
        page(
            guard=guard,
            pages=pages,
            importer=importer,
            gate=work.gate,
            agency=agency,
            faq_dir=faq_dir,
            faq=services.faq,
        ).add_to(larger)
    FilePage(
        guard=guard,
        pages=pages,
        repair=FileRepair(services.sessions),
        editions=work.editions,
        acts=EntryActs(work, agency, faq_dir),
        agency=agency,
        faq_dir=faq_dir,
    ).add_to(larger)
    ExportPage(
        guard=guard, pages=pages, sessions=services.sessions, faq_dir=faq_dir, four_eyes=agency.four_eyes
    ).add_to(larger)
    router.routes.extend(larger.routes)


def _add_approving(
    router: APIRouter, services: DeskServices, shared: Shared, work: EntryServices, effects: Effects
) -> None:
    """Adds the page that approves several entries together."""
    agency, queue = services.agency, ReviewQueue(services.sessions)
    checks = DraftChecks(services.settings.faq_dir, agency.teams)
    approval = JointApproval(
        queue, work.reviews, work.publisher, checks, HarmlessTexts(effects), work.gate, agency.today
    )
    guard, pages = shared.guard, shared.pages
    ApprovingPage(guard=guard, pages=pages, queue=queue, approval=approval, checks=checks, agency=agency).add_to(router)


def _add_start(
    router: APIRouter, services: DeskServices, shared: Shared, work: EntryServices, listing: Listing
) -> None:
    """Adds the page that lists what a new agency still lacks, and offers ready-made entries."""
    sources = Sources(
        agency=services.agency,
        file=services.settings.agency_file,
        faq=services.faq,
        sessions=services.sessions,
        channels=services.channels,
        tests=services.settings.tests_dir,
        data=services.settings.project_root / "data",
    )
    guard, pages = shared.guard, shared.pages
    StartingPage(guard=guard, pages=pages, editions=work.editions, listing=listing, sources=sources).add_to(router)


def _add_backlog(
    router: APIRouter, services: DeskServices, shared: Shared, work: EntryServices, effects: Effects
) -> None:
    """Adds the editors' backlog of citizens' questions that no entry answers well."""
    sessions, faq, agency, settings = services.sessions, services.faq, services.agency, services.settings
    decisions = Decisions(sessions)
    deciding = Deciding(
        decisions=decisions,
        editions=work.editions,
        utterances=EntryUtterances(sessions, work.editions, work.publisher, effects, faq, four_eyes=agency.four_eyes),
        agency=agency,
        faq_dir=settings.faq_dir,
        actions=ActionsEndpoint.of(settings),
    )
    BacklogPage(
        guard=shared.guard,
        pages=shared.pages,
        backlog=Backlog(sessions, faq),
        deciding=deciding,
        undoing=Undoing(
            decisions=decisions, editions=work.editions, publisher=work.publisher, faq_dir=settings.faq_dir
        ),
        decisions=decisions,
        answer_ratings=AnswerRatings(sessions, lambda: faq.entries),
        faq=faq,
        agency=agency,
        audit=shared.audit,
        disk=services.disk,
    ).add_to(router)


def _add_one(
    router: APIRouter,
    services: DeskServices,
    shared: Shared,
    work: EntryServices,
    effects: Effects,
    messages: TestMessages,
) -> None:
    """Adds the pages of one entry, and the page on which a responsible unit reviews it."""
    guard, pages, agency, settings = shared.guard, shared.pages, services.agency, services.settings
    larger = APIRouter(route_class=DeskRoute, max_body_size=MAX_ENTRY_BYTES)
    page = EntryPage(
        guard=guard,
        pages=pages,
        work=work,
        proposals=Proposals(services.sessions, services.faq),
        marks=UtteranceMarks(services.sessions, services.faq, UtteranceDangers(ActionsEndpoint.of(settings))),
        agency=agency,
        board=services.board,
        faq_dir=settings.faq_dir,
        site=settings.public_url,
    )
    page.add_to(larger)
    faq, offices = services.faq, agency.offices
    EffectPage(guard=guard, pages=pages, page=page, effects=effects, faq=faq, offices=offices).add_to(larger)
    EntryApi(
        guard=guard,
        page=page,
        messages=messages,
        reaches=Reaches(Backlog(services.sessions, faq), faq, ActionsEndpoint.of(settings)),
        audit=shared.audit,
        open_entries=services.open_entries,
        actions=ActionsEndpoint.of(settings),
    ).add_to(larger)
    _unit_page(services, shared, work).add_to(larger)
    router.routes.extend(larger.routes)  # include_router would read every signature at start (DeskRoute)


def _unit_page(services: DeskServices, shared: Shared, work: EntryServices) -> UnitPage:
    return UnitPage(
        guard=shared.guard,
        pages=shared.pages,
        links=work.links,
        throttle=services.throttle,
        throttles=Throttles(services.secret),
        agency=services.agency,
        board=services.board,
        site=services.settings.public_url,
    )
