"""Serves ``/desk/respuestas/traer``, where an editor imports a file of questions as drafts or published entries.

Before publication, the effect is measured and shown, and the editor confirms; lost test messages require a reason.
Nothing is stored between the steps: the page contains the compressed file and posts it again with the choices.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePath
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.importing import Importer, OpenDraft
from bot.desk.editing.listing import Published
from bot.desk.editing.measuring.effect import CHANGES
from bot.desk.editing.measuring.gate import MAX_REASON, MIN_REASON, Gate, Judged
from bot.desk.editing.record import Editor, Origin, State
from bot.desk.editing.text import EntryText, text_in, text_on_disk
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries import view
from bot.desk.pages.entries.answers import Answers, answers_of
from bot.desk.pages.entries.import_form import FILLED, MAX_FILE_BYTES, MEGABYTE, Given, column_names, given_in
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.posted import words_in
from bot.faq.entries.folder import is_entry
from bot.faq.entries.problem import Severity
from bot.faq.imports import columns as headings
from bot.faq.imports import import_row, sheet
from bot.faq.imports.columns import Columns
from bot.faq.imports.plan import Plan, Target, plan_of
from bot.faq.imports.sheet import Line, Sheet
from bot.faq.imports.sheet_cell import Row
from bot.faq.imports.sheet_problem import SheetFound, SheetProblem

HERE = f"{PATH}/traer"
MAX_BODY_BYTES = 8 * MEGABYTE
MAX_ROWS = 500
FIELDS = (
    *("pregunta", "respuesta", "variantes", "no_responde", "tema", "fuente"),
    *("equipo", "responsable", "revisado", "vence", "audiencia"),
)
ENDS: Mapping[str, State] = {"borradores": State.DRAFT, "publicar": State.PUBLISHED, "revision": State.REVIEW}


@dataclass(frozen=True)
class Looked:
    """The preview of an import: all rows, the ``plan`` of the chosen ones, and the rows of existing entries.

    ``chosen`` and ``existing`` are numbers of rows; ``paths`` are the files of all rows. ``differences`` are the
    changes, as safe HTML, to the existing entry of each row that has one; '' if it stays equal. ``left_out`` is the
    advice on files, or parts of them, that are not imported. ``drafts`` are the open drafts, by their entry's path.
    """

    rows: Sequence[Row]
    columns: Columns
    table: Sheet
    plan: Plan
    chosen: frozenset[int]
    existing: frozenset[int]
    differences: Mapping[int, str] = field(default_factory=dict)
    left_out: Sequence[SheetProblem] = ()
    paths: Mapping[int, str] = field(default_factory=dict)
    drafts: Mapping[str, OpenDraft] = field(default_factory=dict)

    def draft(self, row: int) -> OpenDraft | None:
        """Returns the open draft of this row's entry, which the row replaces; None if there is none."""
        return self.drafts.get(self.paths.get(row, ""))

    @property
    def approved(self) -> dict[int, str]:
        """Returns the hashes of the approved or scheduled texts that the chosen rows replace, by row."""
        some = ((row, self.draft(row)) for row in sorted(self.chosen))
        return {row: one.hash for row, one in some if one and one.is_approved}

    @property
    def lacks(self) -> tuple[str, ...]:
        """Returns which of the question and the answer has no column; no row can be imported then."""
        return tuple(name for name in FIELDS[:2] if not self.columns.of.get(name))

    @property
    def proposed(self) -> Mapping[str, int]:
        """Returns the likeliest column of each field in ``lacks``, if any column is free."""
        return headings.likely(self.rows, self.columns)

    def problems(self, row: int) -> list[SheetProblem]:
        return [one for one in self.plan.problems if one.spot.row == row]

    def is_wrong(self, row: int) -> bool:
        return any(one.severity is Severity.ERROR for one in self.problems(row))

    @property
    def wrong(self) -> frozenset[int]:
        return frozenset(filter(self.is_wrong, self.chosen))

    @property
    def replaced(self) -> int:
        """Returns the number of chosen rows that change an existing entry."""
        return len(self.chosen & self.existing)

    def wordings(self, line: Line) -> int:
        return len(import_row.variants(line))


class ImportPage:
    """The page that imports a file of questions."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        importer: Importer,
        gate: Gate,
        agency: Agency,
        faq_dir: Path,
        faq: Published,
    ) -> None:
        self._guard, self._pages, self._importer, self._gate, self._faq = guard, pages, importer, gate, faq
        self._agency, self._faq_dir, self._zone = agency, faq_dir, ZoneInfo(agency.timezone)

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", HERE, self.show)
        self._pages.serve(router, "POST", HERE, self.look)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        return self._page(signed_in)

    async def look(self, request: Request) -> Response:
        """Shows the preview of the posted file, or imports the chosen rows, depending on the pressed button.

        Nothing is imported while a chosen row has an error.
        """
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        words, what = area("traer"), str(form.get("que", ""))
        try:
            given = await given_in(form)
        except ValueError as error:
            return self._page(signed_in, error=words[str(error)].format(maximo=MAX_FILE_BYTES // MEGABYTE))
        found = SheetFound()
        drafts = await self._importer.drafts()
        looked = await asyncio.to_thread(self._looked, given, found, drafts)
        if looked is None:
            return self._page(signed_in, unread=found.problems)
        if len(looked.table.lines) > MAX_ROWS:
            total = len(looked.table.lines)
            return self._page(signed_in, error=words["demasiadas"].format(total=total, maximo=MAX_ROWS))
        if what == "dejar":
            looked = await asyncio.to_thread(self._planned, given, looked, looked.chosen - looked.wrong)
        if what in ENDS:
            if not looked.chosen:
                return self._page(signed_in, given, looked, error=words["errores"]["ninguna"])
            if looked.wrong or not looked.plan.files:
                return self._page(signed_in, given, looked, error=words["errores"]["con_error"])
            return await self._end(signed_in, form, given, looked)
        return self._page(signed_in, given, looked)

    async def _end(self, signed_in: SignedIn, form: Any, given: Given, looked: Looked) -> Response:
        """Imports the entries and redirects to the list; to publish, the editor must have seen their effect first.

        Shows the page again if the effect was not seen, or if the gate stops the publication.
        """
        what, by = str(form["que"]), Editor(signed_in.staff.id, signed_in.staff.name, Origin.IMPORT)
        texts = _texts(looked)
        state = State.REVIEW if what == "publicar" and self._agency.four_eyes else ENDS[what]
        if state is State.PUBLISHED:
            seen = str(form.get("medido", "")) == (digest := _digest(texts))
            reason = words_in(form, "motivo_efecto", MAX_REASON) if seen else ""
            judged = await self._gate.judge(texts, reason, by, given.name)
            if not (seen and judged.passes):
                return self._page(signed_in, given, looked, judged=judged, digest=digest)
        now = replace(looked, drafts=await self._importer.drafts())  # measuring takes seconds
        if not set(now.approved.values()) <= set(map(str, form.getlist("aprobada"))):
            return self._page(signed_in, given, now, error=area("traer")["errores"]["aprobada"])
        return await self._take(texts, what, state, by)

    async def _take(self, texts: Mapping[str, EntryText], what: str, state: State, by: Editor) -> Response:
        taken = await self._importer.take(texts, state, by)
        return RedirectResponse(f"{PATH}?traidas={what}-{taken.done}-{taken.left}", 303)

    def _looked(self, given: Given, found: SheetFound, drafts: Mapping[str, OpenDraft]) -> Looked | None:
        """Parses the file and plans its chosen rows, by default those of new entries; None if no row can be read."""
        rows = sheet.rows_of(given.name, given.raw, found)
        if rows is None:
            return None
        try:
            columns = headings.at(rows, given.heading) if given.heading else headings.guess(rows)
        except ValueError:
            columns = headings.guess(rows)
        if given.columns is not None:
            columns = Columns(columns.index, {name: column for name, column in given.columns.items() if column})
        # A required field without a column gets column 0, so that each row reports it; the column can still be chosen.
        columns = Columns(columns.index, {**dict.fromkeys(sheet.REQUIRED, 0), **columns.of})
        blanks = self._blanks(given)
        table = sheet.sheet_of(rows, columns, found, blanks, nameless=True)
        if table is None or not table.lines:
            return None
        every = frozenset(line.row for line in table.lines)
        nothing = Plan({}, frozenset(), ())
        empty = Looked(rows, columns, table, nothing, every, frozenset(), left_out=found.left_out, drafts=drafts)
        whole = self._planned(given, empty, every)
        whole = replace(whole, differences=self._differences(whole), paths=whole.plan.paths)
        usual = every - whole.existing - whole.approved.keys()
        chosen = usual if given.rows is None else every & given.rows
        return whole if chosen == every else self._planned(given, whole, chosen)

    def _planned(self, given: Given, looked: Looked, chosen: frozenset[int]) -> Looked:
        phrases = {path: one.phrases for path, one in looked.drafts.items()}
        target = Target(self._faq_dir, self._agency, self._today(), replace=True, drafts=phrases)
        table = Sheet(
            tuple(line for line in looked.table.lines if line.row in chosen), looked.table.unused, looked.table.joined
        )
        plan = plan_of(table, PurePath(given.name).name, target, SheetFound())
        return replace(looked, plan=plan, chosen=chosen, existing=looked.existing | plan.existing)

    def _differences(self, whole: Looked) -> dict[int, str]:
        """Returns the changes to each existing entry, keyed by row number; an unreadable file has none to show."""
        made = {}
        for row in whole.existing:
            path = whole.plan.paths[row]
            before, after = text_on_disk(self._faq_dir, path), text_in(whole.plan.drafts, path)
            if before and after:
                made[row] = view.changes(before, after)
        return made

    def _blanks(self, given: Given) -> dict[str, str]:
        """Returns the values for blank cells: the posted ones, by default a topic and the agency's website."""
        if given.blanks is not None:
            return dict(given.blanks)
        return {"tema": area("traer")["tema_en_blanco"], "fuente": self._agency.site}

    def _answers(self, looked: Looked | None, judged: Judged | None) -> Answers | None:
        if looked is None or judged is None:
            return None
        return answers_of(judged.effect, self._faq, _texts(looked), self._agency.offices)

    def _today(self) -> date:
        return datetime.now(UTC).astimezone(self._zone).date()

    def _page(
        self,
        signed_in: Any,
        given: Given | None = None,
        looked: Looked | None = None,
        *,
        error: str = "",
        unread: Sequence[SheetProblem] = (),
        judged: Judged | None = None,
        digest: str = "",
    ) -> Response:
        return self._pages.sheet(
            "entry_import.html",
            signed_in,
            status=422 if error or unread else 200,
            here=PATH,
            t=area("traer"),
            given=given,
            looked=looked,
            error=error,
            unread=unread,
            fields=FIELDS,
            filled=FILLED,
            blanks=self._blanks(given) if given else {},
            columns=column_names(looked.rows, looked.columns.index) if looked else {},
            when=lambda at: view.when(at, self._zone),
            teams=self._agency.teams,
            four_eyes=self._agency.four_eyes,
            maximum=MAX_FILE_BYTES // MEGABYTE,
            judged=judged,
            digest=digest,
            f=area("entradas")["efecto"],
            changes=CHANGES,
            answers=self._answers(looked, judged),
            bounds=(MIN_REASON, MAX_REASON),
        )


def _texts(looked: Looked) -> dict[str, EntryText]:
    files = looked.plan.files
    return {path: text_in(files, path) or EntryText("") for path in files if is_entry(path)}


def _digest(texts: Mapping[str, EntryText]) -> str:
    """Returns a hash of the texts, so that an editor can confirm only the texts whose effect was shown."""
    return hashlib.sha256("\n".join(f"{path} {texts[path].hash}" for path in sorted(texts)).encode()).hexdigest()
