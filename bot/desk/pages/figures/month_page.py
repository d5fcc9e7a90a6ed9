"""Serves ``/desk/cifras/informe?mes=2026-10``, the monthly report, for printing and as PDF."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.core.disk import Disk
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.unavailable import require_room
from bot.desk.pages.base import DeskPages
from bot.desk.pages.figures.filters import period_choices
from bot.desk.pages.figures.month import Monthly, MonthReport, month_key
from bot.desk.pages.figures.month_pdf import month_pdf
from bot.desk.pages.pdf import can_make_pdf
from bot.faq.entries.entry import Published
from bot.figures.sampling.words import inline

FIGURES = "/desk/cifras"
PATH = f"{FIGURES}/informe"


class MonthPage:
    """The handlers of the monthly report and its PDF."""

    def __init__(self, *, guard: Guard, pages: DeskPages, monthly: Monthly, faq: Published, disk: Disk) -> None:
        self._guard, self._pages, self._monthly, self._disk = guard, pages, monthly, disk
        self._faq, self._agency = faq, monthly.agency

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", f"{PATH}.pdf", self.pdf)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.FIGURES)
        report = await self._report(request)
        months = [(key, name) for key, name in period_choices(self._now().date()) if "-" in key]
        return self._pages.sheet(
            "figures_month.html",
            signed_in,
            here=FIGURES,
            path=PATH,
            t=area("informe"),
            w=area("cifras"),
            r=report,
            key=f"{report.month:%Y-%m}",
            months=months,
            found=[inline(one) for one in report.found],
            pdf=f"{PATH}.pdf?mes={report.month:%Y-%m}" if can_make_pdf() else "",
        )

    async def pdf(self, request: Request) -> Response:
        await self._guard.page(request, Permission.FIGURES)
        report = await self._report(request)
        name = f"informe-{report.month:%Y-%m}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        made = await asyncio.to_thread(month_pdf, report, self._agency.color)
        return Response(made, media_type="application/pdf", headers=headers)

    async def _report(self, request: Request) -> MonthReport:
        require_room(self._disk)
        now = self._now()
        month = month_key(request.query_params.get("mes", ""), now.date())
        return await replace(self._monthly, entries=self._faq.entries).of(month, now)

    def _now(self) -> datetime:
        return self._agency.now()
