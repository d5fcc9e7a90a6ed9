"""Serves ``/desk/respuestas/traer``, where an editor imports a file of questions: as drafts, for review, or published.

Before publication, the effect is measured and shown, and the editor confirms; lost test messages or utterances require
a reason. Nothing is stored between the steps: the page contains the compressed file and posts it again with the
choices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.importing import Importer, OpenDraft
from bot.desk.editing.listing import PublishedFiles
from bot.desk.editing.measuring.effect import CHANGES
from bot.desk.editing.measuring.gate import MAX_REASON, MIN_REASON, Gate, Judged, digest_of
from bot.desk.editing.record import Editor, Origin, State
from bot.desk.editing.text import EntryText, text_in, text_on_disk
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.answers import Answers, answers_of
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.posted import words_in
from bot.desk.pages.entries.view import changes
from bot.desk.pages.importing.form import FILLED, MAX_FILE_BYTES, MEGABYTE, Given, column_names, field_labels, given_in
from bot.desk.pages.importing.preview import Looked, drafted_question
from bot.desk.views.times import day_and_hour
from bot.faq.entries.folder import is_entry
from bot.faq.imports import columns as headings
from bot.faq.imports import sheet
from bot.faq.imports.columns import Columns
from bot.faq.imports.destination.present import Drafted, Target
from bot.faq.imports.plan import Plan, plan_of
from bot.faq.imports.sheet import Sheet
from bot.faq.imports.sheet_problem import SheetFound, SheetProblem

HERE = f"{PATH}/traer"
MAX_BODY_BYTES = 8 * MEGABYTE
MAX_ROWS = 500
ENDS: Mapping[str, State] = {"borradores": State.DRAFT, "publicar": State.PUBLISHED, "revision": State.REVIEW}


class PublishingPage:
    """The base class of the pages that measure several entries and publish them together; stores their services."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        importer: Importer,
        gate: Gate,
        agency: Agency,
        faq_dir: Path,
        faq: PublishedFiles,
    ) -> None:
        self._guard, self._pages, self._importer, self._gate, self._faq = guard, pages, importer, gate, faq
        self._agency, self._faq_dir, self._zone = agency, faq_dir, agency.zone


class ImportPage(PublishingPage):
    """The page that imports a file of questions."""

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

        Shows the page again if the effect was not seen, if the gate stops the publication, or if a row would replace an
        open text of which the page did not tell. With four-eyes, sends the entries to review.
        """
        what, by = str(form["que"]), Editor(signed_in.staff.id, signed_in.staff.name, Origin.IMPORT)
        texts = _texts(looked)
        state = State.REVIEW if what == "publicar" and self._agency.four_eyes else ENDS[what]
        if state is State.PUBLISHED:
            seen = str(form.get("medido", "")) == (digest := digest_of(texts))
            reason = words_in(form, "motivo_efecto", MAX_REASON) if seen else ""
            judged = await self._gate.judge(texts, reason, by, given.name)
            if not (seen and judged.passes):
                return self._page(signed_in, given, looked, judged=judged, digest=digest)
        now = replace(looked, drafts=await self._importer.drafts())  # read again, since measuring takes seconds
        now = replace(now, existing=now.existing | {row for row in now.chosen if now.draft(row)})
        if not now.replaced_drafts(texts) <= set(map(str, form.getlist("borrador"))):
            return self._page(signed_in, given, now, error=area("traer")["errores"]["no_visto"])
        return await self._take(texts, what, state, by)

    async def _take(self, texts: Mapping[str, EntryText], what: str, state: State, by: Editor) -> Response:
        taken = await self._importer.take(texts, state, by)
        return RedirectResponse(f"{PATH}?traidas={what}-{taken.done}-{taken.left}", 303)

    def _looked(self, given: Given, found: SheetFound, drafts: Mapping[str, OpenDraft]) -> Looked | None:
        """Parses the file and plans its chosen rows, by default the rows of new entries; None if no row can be read."""
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
        table = sheet.sheet_of(rows, columns, found, blanks, untitled=True)
        if table is None or not table.lines:
            return None
        every = frozenset(line.row for line in table.lines)
        nothing = Plan({}, frozenset(), ())
        empty = Looked(rows, columns, table, nothing, every, frozenset(), left_out=found.left_out, drafts=drafts)
        if len(every) > MAX_ROWS:  # refused by the caller; planning them would take minutes
            return empty
        whole = self._planned(given, empty, every)
        whole = replace(whole, differences=self._differences(whole), paths=whole.plan.paths)
        whole = replace(whole, repeated=whole.plan.repeated)
        usual = every - whole.existing - whole.repeated.keys()
        chosen = usual if given.rows is None else every & given.rows
        return whole if chosen == every else self._planned(given, whole, chosen)

    def _planned(self, given: Given, looked: Looked, chosen: frozenset[int]) -> Looked:
        drafts = {path: Drafted(drafted_question(one.text), one.text.phrases) for path, one in looked.drafts.items()}
        target = Target(self._faq_dir, self._agency, self._agency.today(), replace=True, drafts=drafts)
        table = Sheet(
            tuple(line for line in looked.table.lines if line.row in chosen), looked.table.unused, looked.table.joined
        )
        plan = plan_of(table, PurePath(given.name).name, target, SheetFound())
        return replace(looked, plan=plan, chosen=chosen, existing=looked.existing | plan.existing)

    def _differences(self, whole: Looked) -> dict[int, str]:
        """Returns the changes to each existing entry or its draft, by row; an unreadable file is left out."""
        made = {}
        for row in whole.existing:
            path = whole.plan.paths[row]
            draft, after = whole.drafts.get(path), text_in(whole.plan.drafts, path)
            before = draft.text if draft else text_on_disk(self._faq_dir, path)
            if before and after:
                made[row] = changes(before, after)
        return made

    def _blanks(self, given: Given) -> dict[str, str]:
        """Returns the values for blank cells: the posted values, by default a topic and the agency's website."""
        if given.blanks is not None:
            return dict(given.blanks)
        return {"tema": area("traer")["tema_en_blanco"], "fuente": self._agency.site}

    def _answers(self, looked: Looked | None, judged: Judged | None) -> Answers | None:
        if looked is None or judged is None:
            return None
        return answers_of(judged.effect, self._faq, _texts(looked), self._agency.offices)

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
            fields=field_labels(),
            filled=FILLED,
            blanks=self._blanks(given) if given else {},
            columns=column_names(looked.rows, looked.columns.index) if looked else {},
            when=lambda at: day_and_hour(at, self._zone),
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
