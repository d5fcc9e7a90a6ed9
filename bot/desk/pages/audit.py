"""Serves the audit log to administrators: the page ``/desk/auditoria`` and the same rows as a CSV file.

Viewing or downloading the log adds a row to it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from bot.core.texts import area, say
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.pages.base import DeskPages
from bot.desk.queries.audit import PAGE_ROWS, AuditFilter, AuditReader, AuditRow

PATH = "/desk/auditoria"
FILE_PATH = "/desk/auditoria.csv"
FILTER_FIELDS = ("persona", "accion", "sobre", "desde", "hasta")
MAX_SUBJECT_CHARACTERS = 200
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MARK = "\ufeff"  # byte order mark: spreadsheets read the file as UTF-8 only with it


class AuditPage:
    """The audit page and its CSV download."""

    def __init__(self, *, guard: Guard, pages: DeskPages, reader: AuditReader, audit: AuditLog) -> None:
        self._guard = guard
        self._pages = pages
        self._reader = reader
        self._audit = audit

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", FILE_PATH, self.file)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.AUDIT)
        query, filter_ = _filter_from(request)
        rows = await self._reader.page(filter_, _number(request.query_params.get("antes", "")))
        await self._audit.record(Action.AUDIT_VIEWED, staff_id=signed_in.staff.id, **query)
        older = urlencode({**query, "antes": rows[-1].id}) if len(rows) == PAGE_ROWS else ""
        return self._pages.sheet(
            "audit.html",
            signed_in,
            rows=rows,
            detail=detail_words,
            did=action_words,
            people=await self._reader.people(),
            actions={action.value: action_words(action) for action in Action},
            asked=query,
            older=older,
            file=f"{FILE_PATH}?{urlencode(query)}",
            chain=await self._reader.chain() if "comprobar" in request.query_params else None,
        )

    async def file(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.AUDIT)
        query, filter_ = _filter_from(request)
        await self._audit.record(Action.AUDIT_DOWNLOADED, staff_id=signed_in.staff.id, **query)
        headers = {"Content-Disposition": 'attachment; filename="auditoria.csv"', "Cache-Control": "no-store"}
        lines = _lines(self._reader.everything(filter_))
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(rows: AsyncIterator[AuditRow]) -> AsyncIterator[str]:
    yield MARK + csv_line(list(area("desk")["auditoria"]["columnas"].values()))
    async for row in rows:
        at = row.at.isoformat(sep=" ", timespec="seconds")
        yield csv_line([str(row.id), at, row.staff, row.action, row.subject, detail_words(row.detail), row.seal])


def csv_line(cells: Sequence[str]) -> str:
    """Returns a line of a CSV file, in which no cell is a formula."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()


def safe_cell(cell: str) -> str:
    """Escapes a CSV cell that a spreadsheet would run as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def action_words(action: str) -> str:
    """Returns the Spanish text of an action; the action's name if there is no text."""
    return str(area("desk")["acciones"].get(action, action))


def detail_words(detail: Mapping[str, object]) -> str:
    return "; ".join(f"{key}: {_words(value)}" for key, value in detail.items() if value not in ("", None))


def _words(value: object) -> str:
    if isinstance(value, bool):
        return say("desk.auditoria.cierto" if value else "desk.auditoria.falso")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or say("desk.auditoria.ninguno")
    return str(value)


def _filter_from(request: Request) -> tuple[dict[str, str], AuditFilter]:
    """Parses a request's filter and returns it as query parameters for links and as an AuditFilter.

    Invalid values are dropped from both.
    """
    fields = {name: request.query_params.get(name, "").strip()[:MAX_SUBJECT_CHARACTERS] for name in FILTER_FIELDS}
    filter_ = AuditFilter(
        staff=_uuid(fields["persona"]),
        action=fields["accion"] if fields["accion"] in set(Action) else "",
        subject=fields["sobre"].replace("\x00", ""),
        since=_day(fields["desde"]),
        until=_day(fields["hasta"]),
    )
    used = (filter_.staff, filter_.action, filter_.subject, filter_.since, filter_.until)
    return {name: str(value) for name, value in zip(FILTER_FIELDS, used, strict=True) if value}, filter_


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min < day < date.max else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
