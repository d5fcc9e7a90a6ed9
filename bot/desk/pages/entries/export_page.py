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
from bot.desk.editing.record import published_texts
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.exporting import as_csv, as_faq_page, as_zip
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.templates import PAGE_HEADERS
from bot.faq.entries.folder import read_files
from bot.record.engine import Sessions

Write = Callable[[Mapping[str, bytes]], bytes]
FORMATS: Mapping[str, tuple[Write, str]] = {
    "zip": (as_zip, "application/zip"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_faq_page, "application/json"),
}


class ExportPage:
    """The downloads; their contents are public, except utterances and responsible persons.

    With ``four_eyes``, they contain the approved texts, even if files were edited on the disk meanwhile.
    """

    def __init__(self, *, guard: Guard, pages: DeskPages, sessions: Sessions, faq_dir: Path, four_eyes: bool) -> None:
        self._guard, self._pages, self._sessions = guard, pages, sessions
        self._faq_dir, self._four_eyes = faq_dir, four_eyes

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", f"{PATH}/llevar", self.send)

    async def send(self, request: Request, formato: str = "zip") -> Response:
        await self._guard.page(request, Permission.ENTRIES)
        if formato not in FORMATS:
            raise Refused(404, "no_format", say("desk.errores.no_existe_detalle"))
        write, media_type = FORMATS[formato]
        content = await asyncio.to_thread(write, await self._files())
        headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="respuestas.{formato}"'}
        return Response(content, media_type=media_type, headers=headers)

    async def _files(self) -> Mapping[str, bytes]:
        """Returns the contents of the published files, keyed by path."""
        if not self._four_eyes:
            return await asyncio.to_thread(read_files, self._faq_dir)
        async with self._sessions() as session:
            texts = await published_texts(session)
        return {name: content for path in sorted(texts) for name, content in texts[path].files(path).items() if content}
