"""Serves ``/desk/respuestas/llevar``: downloads of all published entries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.core.texts import say
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.pages.base import PAGE_HEADERS, DeskPages
from bot.desk.pages.entries.exporting import as_csv, as_faq_page, as_zip
from bot.desk.pages.entries.list_page import PATH
from bot.faq.entries.folder import read_files

Write = Callable[[Mapping[str, bytes]], bytes]
FORMATS: Mapping[str, tuple[Write, str]] = {
    "zip": (as_zip, "application/zip"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_faq_page, "application/json"),
}


class ExportPage:
    """The downloads; their contents are public, except utterances and responsible persons."""

    def __init__(self, *, guard: Guard, pages: DeskPages, faq_dir: Path) -> None:
        self._guard, self._pages, self._faq_dir = guard, pages, faq_dir

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", f"{PATH}/llevar", self.send)

    async def send(self, request: Request, formato: str = "zip") -> Response:
        await self._guard.page(request, Permission.ENTRIES)
        if formato not in FORMATS:
            raise Refused(404, "no_format", say("desk.errores.no_existe_detalle"))
        write, media_type = FORMATS[formato]
        content = await asyncio.to_thread(lambda: write(read_files(self._faq_dir)))
        headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="respuestas.{formato}"'}
        return Response(content, media_type=media_type, headers=headers)
