"""Serves ``/desk/datos/enmascarar``, which shows what the masking hides in a typed text; stores nothing."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.agency.model import Agency
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.pages.base import DeskPages
from bot.text.masking.masking import Public, find, masked

PATH = "/desk/datos/enmascarar"
MAX_CHARACTERS = 4000


class MaskingPage:
    """The masking page and its form; the agency's own telephone, e-mail and addresses are not masked."""

    def __init__(self, *, guard: Guard, pages: DeskPages, agency: Agency) -> None:
        self._guard, self._pages = guard, pages
        self._public = Public.of(agency.phone, agency.email, *(office.address for office in agency.offices))

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.try_it)

    async def show(self, request: Request) -> HTMLResponse:
        signed_in = await self._guard.page(request, Permission.PRIVACY)
        return self._pages.sheet("masking.html", signed_in, here="/desk/datos", text="", shown="", found=())

    async def try_it(self, request: Request) -> HTMLResponse:
        signed_in, form = await self._pages.posted(request, Permission.PRIVACY)
        text = str(form.get("texto", "")).replace("\r\n", "\n")[:MAX_CHARACTERS]
        kinds = area("datos")["clases"]
        found = [(text[one.start : one.end], kinds[one.kind.value]) for one in find(text, self._public)]
        shown = masked(text, self._public)
        return self._pages.sheet("masking.html", signed_in, here="/desk/datos", text=text, shown=shown, found=found)
