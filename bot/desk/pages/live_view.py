"""Serves ``/desk/en-vivo``, the supervisor's live view; its script reads bot/desk/api/team.py every few seconds."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.agency.model import Agency
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.pages.base import DeskPages
from bot.desk.pages.facts import facts_json

PATH = "/desk/en-vivo"


class LiveViewPage:
    """The handler of the live view's page, whose script loads the data."""

    def __init__(self, *, guard: Guard, pages: DeskPages, agency: Agency) -> None:
        self._guard = guard
        self._pages = pages
        self._agency = agency

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.REASSIGN)
        return self._pages.sheet("live_view.html", signed_in, here=PATH, facts=facts_json(signed_in, self._agency))
