"""Serves ``/desk/cifras/entradas``: the entries with their age, use and ratings, with downloads as CSV and XLSX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.disk import Disk
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.unavailable import require_room
from bot.desk.pages.base import DeskPages
from bot.desk.pages.figures.ages import AgedEntry, aged
from bot.desk.pages.figures.files import CSV, XLSX, ages_csv, ages_xlsx, download
from bot.desk.pages.figures.filters import Filters, filters_of, period_choices
from bot.faq.entries.entry import Published
from bot.figures.counting import Counting
from bot.figures.sampling.samples import Samples
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument

FIGURES = "/desk/cifras"
PATH = f"{FIGURES}/entradas"
CSV_PATH, XLSX_PATH = f"{PATH}.csv", f"{PATH}.xlsx"
EDITOR = "/desk/respuestas"
MOST_SHOWN = 200  # rows on the page; the files contain all rows


class AgesPage:
    """The handlers of the page of entries by age and use, and of its CSV and XLSX files.

    Entries that are old and often used come first.
    """

    def __init__(
        self, *, guard: Guard, pages: DeskPages, sessions: Sessions, agency: Agency, faq: Published, disk: Disk
    ) -> None:
        self._guard, self._pages, self._sessions, self._faq = guard, pages, sessions, faq
        self._agency, self._disk = agency, disk
        self._counting, self._samples = Counting(sessions), Samples(sessions)

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", CSV_PATH, self.csv)
        self._pages.serve(router, "GET", XLSX_PATH, self.xlsx)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.FIGURES)
        filters, rows = await self._rows(request)
        edits = may(signed_in.staff, Permission.ENTRIES)
        return self._pages.sheet(
            "figures_entries.html",
            signed_in,
            here=FIGURES,
            t=area("cifras"),
            filters=filters,
            periods=period_choices(self._agency.today()),
            rows=rows[:MOST_SHOWN],
            left=max(len(rows) - MOST_SHOWN, 0),
            urgent=sum(one.is_urgent for one in rows),
            editors=await self._editors() if edits else {},
            path=PATH,
            back=f"{FIGURES}?{urlencode(filters.query)}",
            csv=f"{CSV_PATH}?{urlencode(filters.query)}",
            xlsx=f"{XLSX_PATH}?{urlencode(filters.query)}",
        )

    async def csv(self, request: Request) -> Response:
        return await self._file(request, ages_csv, "csv", CSV)

    async def xlsx(self, request: Request) -> Response:
        return await self._file(request, ages_xlsx, "xlsx", XLSX)

    async def _file(
        self, request: Request, made: Callable[[Sequence[AgedEntry]], str | bytes], extension: str, media_type: str
    ) -> Response:
        await self._guard.page(request, Permission.FIGURES)
        filters, rows = await self._rows(request)
        return await download(made, rows, f"entradas-{filters.period.start}.{extension}", media_type)

    async def _rows(self, request: Request) -> tuple[Filters, list[AgedEntry]]:
        """Returns the filters and the rows.

        The segment of the filters is ignored, since there are no sums of entries per segment.
        """
        require_room(self._disk)
        filters = filters_of(request.query_params, self._agency.today(), ())
        answered = await self._counting.every_entry(filters.period, only=replace(filters.only, part=None))
        judged = await self._samples.judged_entries()
        return filters, aged(self._faq.entries, answered, self._agency.today(), judged)

    async def _editors(self) -> dict[str, str]:
        """Maps the file of each entry to the URL of its page in the editor."""
        async with self._sessions() as session:
            rows = await session.execute(select(EntryDocument.path, EntryDocument.id))
            return {path: f"{EDITOR}/{id}" for path, id in rows}
