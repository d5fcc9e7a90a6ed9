"""Serves ``/desk/avisos/manual.pdf``, the crisis manual with the agency's telephones, on two pages if it fits."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from functools import partial
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.pages.base import DeskPages
from bot.desk.pages.notices.manual import FILE, manual
from bot.desk.pages.pdf import make_pdf

PATH = "/desk/avisos/manual.pdf"
TEMPLATE = Path(__file__).with_name("manual.typ")
PAGES = 2
SIZES_PT = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
PAGE_MARK = b"/Type/Page/"


class ManualPage:
    """The handler of the manual's PDF; ``root`` is the project's folder."""

    def __init__(self, *, guard: Guard, pages: DeskPages, agency: Agency, root: Path) -> None:
        self._guard, self._pages, self._agency, self._root = guard, pages, agency, root

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)

    async def show(self, request: Request) -> Response:
        await self._guard.page(request, Permission.NOTICES)
        text = (self._root / FILE).read_text(encoding="utf-8")
        made = await asyncio.to_thread(partial(manual_pdf, text, self._agency))
        headers = {"Content-Disposition": 'inline; filename="manual-de-crisis.pdf"', "Cache-Control": "no-store"}
        return Response(made, media_type="application/pdf", headers=headers)


def manual_pdf(text: str, agency: Agency) -> bytes:
    """Returns the manual as PDF in the largest of SIZES_PT with which it has at most PAGES pages, else in the smallest.

    Takes about 0.1 s for each size that is too large. Raises PdfUnavailable.
    """
    title, sections = manual(text, agency.crisis.contacts)
    lists = next((place for place, one in enumerate(sections) if one.steps), len(sections))
    day = agency.now()
    data = {
        "title": title,
        "color": agency.color,
        "footer": say("avisos.manual.pie", institucion=agency.name, dia=f"{day:%d-%m-%Y}"),
        "tables": [asdict(one) for one in sections[:lists]],
        "lists": [asdict(one) for one in sections[lists:]],
    }
    made = b""
    for size in SIZES_PT:
        made = make_pdf(TEMPLATE, "manual", data | {"size": size})
        if made.count(PAGE_MARK) <= PAGES:
            break
    return made
