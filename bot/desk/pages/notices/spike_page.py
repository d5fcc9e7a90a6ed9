"""Serves ``/desk/avisos/alza/<id>``, the masked messages that caused a spike alarm."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission, may
from bot.desk.pages.base import DeskPages
from bot.desk.pages.notices.spikes import SpikeCards
from bot.spikes.words import PATH

NOTICES = "/desk/avisos"
MOST_SHOWN = 50  # different messages
MOST_DIGITS = 16


class SpikePage:
    """The page of one spike alarm; requires the permission to write notices."""

    def __init__(self, *, guard: Guard, pages: DeskPages, spikes: SpikeCards) -> None:
        self._guard, self._pages, self._spikes = guard, pages, spikes

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", f"{PATH}/{{number}}", self.show)

    async def show(self, request: Request, number: str) -> Response:
        signed_in = await self._guard.page(request, Permission.NOTICES)
        spike = await self._spikes.book.get(int(number)) if number.isdecimal() and len(number) < MOST_DIGITS else None
        if spike is None:
            return await self._pages.missing_page(request)
        edits = may(signed_in.staff, Permission.ENTRIES)
        card = await self._spikes.card(spike, edits=edits, most=MOST_SHOWN)
        return self._pages.sheet(
            "notices_spike.html",
            signed_in,
            here=NOTICES,
            one=card,
            a=area("alzas")["tarjeta"],
            edits=edits,
            is_full=len(card.examples) == MOST_SHOWN,
        )
