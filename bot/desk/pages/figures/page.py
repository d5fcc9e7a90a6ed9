"""Serves ``/desk/cifras``, the figures of the service, with downloads as CSV, XLSX and JSON.

The figures contain no personal data, so views are not recorded in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.core.disk import Disk
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.unavailable import require_room
from bot.desk.pages.base import DeskPages
from bot.desk.pages.figures.files import CSV, JSON, XLSX, csv_file, download, json_file, xlsx_file
from bot.desk.pages.figures.filters import Filters, filters_of, part_choices, period_choices, period_lead
from bot.desk.pages.figures.month import Monthly
from bot.desk.pages.figures.segments import segment_tables
from bot.desk.pages.figures.times import ASKED, CALL_FIGURES, call_teams, calls_chart, times_charts
from bot.desk.pages.figures.view import PATH, Lists, Names, view_of
from bot.desk.pages.figures.windows import windows_view
from bot.desk.queries.closings import Closings
from bot.faq.entries.entry import Published
from bot.figures.definitions import definitions
from bot.figures.report import Report
from bot.figures.sampling.words import every, held_words, inline, promised, proposal_words
from bot.figures.shown import every as every_figure
from bot.record.tables import CautionProposal

CSV_PATH, XLSX_PATH = f"{PATH}.csv", f"{PATH}.xlsx"
PARTS, ALL_PARTS = "partes", "todas"  # URL parameter, and its value that unfolds all parts of the page, for printing


@dataclass(frozen=True)
class SampleView:
    """The values of the page's section about the sample.

    ``found`` are Spanish sentences as HTML, ``left`` is the number of unjudged answers. ``promised`` is the promised
    maximum of wrong answers, ``held`` describes the accepted proposal that applies ('' if none), ``proposal`` is the
    open proposal. ``judges`` is true if the viewer may judge answers.
    """

    promised: str
    found: Sequence[str]
    judges: bool
    left: int
    proposal: CautionProposal | None
    held: str

    @property
    def proposed(self) -> str:
        return proposal_words(self.proposal) if self.proposal else ""


class FiguresPage:
    """The handlers of the page of figures and of its CSV, XLSX and JSON files."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        monthly: Monthly,
        closings: Closings,
        faq: Published,
        disk: Disk,
    ) -> None:
        self._guard, self._pages, self._reports, self._closings = guard, pages, monthly.reports, closings
        self._faq, self._agency, self._disk = faq, monthly.agency, disk
        self._samples, self._promise = monthly.samples, monthly.promise

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", CSV_PATH, self.csv)
        self._pages.serve(router, "GET", XLSX_PATH, self.xlsx)
        self._pages.serve(router, "GET", f"{PATH}.json", self.json)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.FIGURES)
        filters, made = await self._report(request)
        today = self._agency.today()
        report = made.as_of(today)
        names = Names({entry.id: entry.question for entry in self._faq.entries}, self._agency.teams)
        lists, all_open = Lists(filters.shown), request.query_params.get(PARTS) == ALL_PARTS
        writes = may(signed_in.staff, Permission.ENTRIES)
        return self._pages.sheet(
            "figures.html",
            signed_in,
            here=PATH,
            t=area("cifras"),
            filters=filters,
            counted_at=f"{report.made_at.astimezone(self._agency.zone):%H:%M}" if report.made_at else "",
            periods=period_choices(today),
            lead=period_lead(filters, today),
            parts=part_choices(self._agency.figure_segments),
            csv=f"{CSV_PATH}?{urlencode(filters.query)}",
            xlsx=f"{XLSX_PATH}?{urlencode(filters.query)}",
            query=urlencode(filters.shown),
            all_open=all_open,
            all_parts=ALL_PARTS,
            toggled=f"{PATH}?{urlencode(filters.query | ({} if all_open else {PARTS: ALL_PARTS}))}",
            team_names=self._agency.teams,
            times=times_charts(report, filters.team),
            calls=every_figure(CALL_FIGURES, report.now, report.before) if report.count(ASKED) else (),
            call_teams=call_teams(report, names),
            calls_chart=calls_chart(report, filters.team),
            definitions=definitions().values(),
            sample=await self._sample(judges=may(signed_in.staff, Permission.JUDGE)),
            missing=len(await self._closings.missing()) if writes else 0,
            windows=windows_view(report, self._agency.whatsapp_prices),
            segments=segment_tables(report, self._agency.figure_segments, lists),
            **view_of(report, names, lists),
        )

    async def csv(self, request: Request) -> Response:
        return await self._file(request, csv_file, "csv", CSV)

    async def xlsx(self, request: Request) -> Response:
        return await self._file(request, xlsx_file, "xlsx", XLSX)

    async def json(self, request: Request) -> Response:
        return await self._file(request, json_file, "json", JSON)

    async def _file(
        self, request: Request, made: Callable[[Report], str | bytes], extension: str, media_type: str
    ) -> Response:
        await self._guard.page(request, Permission.FIGURES)
        filters, report = await self._report(request)
        return await download(made, report, f"cifras-{filters.period.start}.{extension}", media_type)

    async def _sample(self, *, judges: bool) -> SampleView:
        left = (await self._samples.progress()).left if judges else 0
        zone, held = self._agency.zone, await self._promise.accepted()
        return SampleView(
            promised=promised(self._agency.risk),
            found=[inline(one) for one in every(await self._samples.pools())],
            judges=judges,
            left=left,
            proposal=await self._promise.open(),
            held=held_words(held, zone) if held else "",
        )

    async def _report(self, request: Request) -> tuple[Filters, Report]:
        require_room(self._disk)
        filters = self._filters(request)
        return filters, await self._reports.of(filters.period, datetime.now(UTC), only=filters.only)

    def _filters(self, request: Request) -> Filters:
        return filters_of(request.query_params, self._agency.today(), self._agency.figure_segments, self._agency.teams)
