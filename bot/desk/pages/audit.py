"""Serves the audit log to staff with the permission AUDIT: ``/desk/auditoria``, and the same rows as a CSV file.

Each view and each download of the log is itself recorded in the log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from bot.agency.model import Agency
from bot.core.texts import area
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.pages.base import DeskPages
from bot.desk.pages.form_fields import day
from bot.desk.queries.audit import PAGE_ROWS, AuditFilter, AuditReader, AuditRow
from bot.desk.views.audit_words import AuditWords, action_words
from bot.text.csv_lines import MARK, csv_line

PATH = "/desk/auditoria"
FILE_PATH = "/desk/auditoria.csv"
FILTER_FIELDS = ("persona", "accion", "sobre", "desde", "hasta")
MAX_SUBJECT_CHARACTERS = 200


class AuditPage:
    """The handlers of the audit page and its CSV download."""

    def __init__(self, *, guard: Guard, pages: DeskPages, reader: AuditReader, audit: AuditLog, agency: Agency) -> None:
        self._guard = guard
        self._pages = pages
        self._reader = reader
        self._audit = audit
        self._agency = agency

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", FILE_PATH, self.file)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.AUDIT)
        query, filter_ = _filter_from(request)
        rows = await self._reader.page(filter_, _number(request.query_params.get("antes", "")))
        await self._audit.record(Action.AUDIT_VIEWED, staff_id=signed_in.staff.id, **query)
        people = await self._reader.people()
        older = urlencode({**query, "antes": rows[-1].id}) if len(rows) == PAGE_ROWS else ""
        return self._pages.sheet(
            "audit.html",
            signed_in,
            here=PATH,
            rows=rows,
            audit_words=AuditWords(self._agency, _names(people)),
            did=action_words,
            people=people,
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
        words = AuditWords(self._agency, _names(await self._reader.people()))
        lines = _lines(self._reader.everything(filter_), words)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _names(people: Sequence[tuple[UUID, str, str]]) -> dict[str, str]:
    return {str(id_): name for id_, name, _ in people}


async def _lines(rows: AsyncIterator[AuditRow], words: AuditWords) -> AsyncIterator[str]:
    yield MARK + csv_line(list(area("desk")["auditoria"]["columnas"].values()))
    async for row in rows:
        at = row.at.isoformat(sep=" ", timespec="seconds")
        details = "; ".join(words.details(row.detail, technical=True))
        yield csv_line([str(row.id), at, row.staff, row.action, row.about or row.subject, details, row.seal])


def _filter_from(request: Request) -> tuple[dict[str, str], AuditFilter]:
    """Parses a request's filter; returns it both as query parameters for links and as an AuditFilter.

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
    found = day(text)
    return found if found and date.min < found < date.max else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
