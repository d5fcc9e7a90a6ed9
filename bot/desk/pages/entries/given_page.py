"""Serves ``/desk/respuestas/dadas``: a search of the answers that citizens got within a period, with a CSV download."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from bot.agency.model import Agency
from bot.conversation.readable import readable
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.editing.listing import Listing, found
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.form_fields import day
from bot.desk.pages.templates import PAGE_HEADERS
from bot.desk.queries.given_answers import About, GivenAnswers
from bot.desk.views.times import day_and_hour
from bot.text.csv_lines import MARK, csv_line

USUAL = timedelta(days=7)
MAX_WORDS = 200


class GivenPage:
    """The search page of given answers, and its CSV file."""

    def __init__(
        self, *, guard: Guard, pages: DeskPages, given: GivenAnswers, listing: Listing, agency: Agency
    ) -> None:
        self._guard, self._pages, self._given, self._listing = guard, pages, given, listing
        self._zone = agency.zone

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", f"{PATH}/dadas", self.show)
        self._pages.serve(router, "GET", f"{PATH}/dadas.csv", self.send)

    async def show(self, request: Request, q: str = "", desde: str = "", hasta: str = "") -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        first, last = self._days(desde, hasta)
        q = readable(q).strip()[:MAX_WORDS]
        asked = {"q": q, "desde": first.isoformat(), "hasta": last.isoformat()}
        return self._pages.sheet(
            "entries_given.html",
            signed_in,
            here=PATH,
            e=area("entradas"),
            asked=asked,
            file=f"{PATH}/dadas.csv?{urlencode(asked)}",
            given=await self._given.texts(await self._about(q, first, last)),
            when=lambda at: day_and_hour(at, self._zone),
        )

    async def send(self, request: Request, q: str = "", desde: str = "", hasta: str = "") -> Response:
        await self._guard.page(request, Permission.ENTRIES)
        about = await self._about(readable(q).strip()[:MAX_WORDS], *self._days(desde, hasta))
        headers = {**PAGE_HEADERS, "Content-Disposition": 'attachment; filename="respuestas-dadas.csv"'}
        return StreamingResponse(self._lines(about), media_type="text/csv; charset=utf-8", headers=headers)

    async def _lines(self, about: About) -> AsyncIterator[str]:
        yield MARK + csv_line(list(area("entradas")["dadas"]["columnas"].values()))
        async for one in self._given.each(about):
            at = one.at.astimezone(self._zone).isoformat(timespec="seconds")
            channel = name_of(Channel(one.channel)) if one.channel in set(Channel) else one.channel
            yield csv_line([at, channel, one.entry, one.question, one.version, one.said])

    async def _about(self, words: str, first: date, last: date) -> About:
        """Builds the search for answers that contain ``words``, or come from an entry that ``found`` finds by them."""
        today = datetime.now(UTC).astimezone(self._zone).date()
        entries = found(await self._listing.all(today), words) if words else []
        ids = tuple(one.path.rpartition("/")[2].partition(".")[0] for one in entries)
        since, until = (datetime.combine(day, time(), self._zone) for day in (first, last + timedelta(days=1)))
        return About(words, ids, since, until)

    def _days(self, first: str, last: str) -> tuple[date, date]:
        """Parses the days of the form, by default the last week; swaps them if the last day is before the first."""
        today = datetime.now(UTC).astimezone(self._zone).date()
        end = _day(last) or today
        start = _day(first) or end - USUAL
        return min(start, end), max(start, end)


def _day(text: str) -> date | None:
    found = day(text)
    return found if found and 1970 < found.year < 9000 else None
