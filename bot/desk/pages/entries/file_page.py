"""Serves ``/desk/respuestas/archivo``, where an editor repairs a file with errors.

The editor accepts the proposed fixes or edits the file's text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.texts import area, say
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.comparing.words_diff import words_diff
from bot.desk.editing.editions import Editions, Outdated
from bot.desk.editing.form import NotAForm, path_for
from bot.desk.editing.publisher import ChangedOnDisk, NeedsApproval, NothingToPublish, PublishedMeanwhile
from bot.desk.editing.repair import UNREPAIRABLE, DraftOpen, FileRepair, are_known, digest, read_anyhow, repaired
from bot.desk.editing.text import EntryText
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.acting import EntryActs, Stopped, editor_of
from bot.faq.entries.folder import files_of, is_entry, read_files
from bot.faq.entries.phrases import entry_name, phrases_name
from bot.faq.entries.problem import Problem
from bot.faq.entries.reading import MAX_BYTES

LIST = "/desk/respuestas"
PATH = f"{LIST}/archivo"
BESIDE = 1  # lines that are shown before and after a line with an error
FAILED = (ChangedOnDisk, DraftOpen, NeedsApproval, NothingToPublish, Outdated, PublishedMeanwhile, NotAForm, OSError)


@dataclass(frozen=True)
class BrokenFile:
    """An entry whose files have errors.

    ``page`` is the URL of the page that repairs it, '' if editing its text is not enough. ``is_known`` is true if the
    checks propose a fix for every error.
    """

    path: str
    problems: tuple[Problem, ...]
    page: str
    is_known: bool


def broken_files(problems: Sequence[Problem]) -> list[BrokenFile]:
    """Returns the entries that have these errors, in the order of the errors."""
    grouped: dict[str, list[Problem]] = {}
    for one in problems:
        grouped.setdefault(one.file if is_entry(one.file) else entry_name(one.file), []).append(one)
    return [
        BrokenFile(
            path,
            tuple(some),
            "" if any(one.code in UNREPAIRABLE for one in some) else f"{PATH}?ruta={quote(path)}",
            are_known(some),
        )
        for path, some in grouped.items()
    ]


class FilePage:
    """The handlers of the page that repairs the files of one entry; the URL parameter ``ruta`` is the entry's path."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        repair: FileRepair,
        editions: Editions,
        acts: EntryActs,
        agency: Agency,
        faq_dir: Path,
    ) -> None:
        self._guard, self._pages, self._repair, self._editions = guard, pages, repair, editions
        self._acts, self._agency, self._faq_dir = acts, agency, faq_dir

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.save)

    async def show(self, request: Request, ruta: str = "") -> Response:
        """Shows the errors and the text with the proposed fixes applied; writes nothing.

        Redirects to the list if ``ruta`` is missing, as after signing in.
        """
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        if not ruta:
            return RedirectResponse(LIST, 303)
        files = await self._files(ruta)
        text = await asyncio.to_thread(repaired, read_anyhow(files, ruta), ruta, self._agency.teams)
        return await self._page(signed_in, ruta, files, text)

    async def save(self, request: Request) -> Response:
        """Checks the posted text; publishes it if it has no errors and the button asks for it, else shows it again.

        With four-eyes, sends the text to review instead of publishing it. Does neither if the files have changed since
        the page was shown, or if the entry has an open draft.
        """
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        path = str(form.get("ruta", ""))
        files, text = await self._files(path), _posted(form)
        wrong = await asyncio.to_thread(self._errors, text, path)
        if form.get("que") != "publicar" or wrong:
            return await self._page(signed_in, path, files, text, status=422 if wrong else 200)
        if str(form.get("visto", "")) != digest(files):
            return await self._page(signed_in, path, files, text, error=say("entradas.archivo.cambio"), status=409)
        try:
            return await self._publish_repaired(path, files, text, form, signed_in)
        except FAILED as error:
            key = "hay_borrador" if isinstance(error, DraftOpen) else "no_se_pudo"
            words = say(f"entradas.archivo.{key}")
            return await self._page(signed_in, path, await self._files(path), text, error=words, status=409)

    async def _publish_repaired(
        self, path: str, files: Mapping[str, bytes], text: EntryText, form: Any, signed_in: SignedIn
    ) -> Response:
        by = editor_of(signed_in)
        id = await self._repair.take(path, text, files, by)
        opened = await self._editions.opened(id)
        if opened is None:
            raise NothingToPublish
        done = await self._acts.repair(opened, form, by)
        if isinstance(done, Stopped):
            return RedirectResponse(f"{LIST}/{id}/efecto?para={done.what}", 303)
        return RedirectResponse(f"{LIST}/{id}?hecho={done if isinstance(done, str) else ''}", 303)

    async def _files(self, path: str) -> dict[str, bytes]:
        """Returns the contents of the entry's files. Raises Refused if there are none, or they are too large."""
        contents = await asyncio.to_thread(read_files, self._faq_dir)
        files = files_of(path, contents) if is_entry(path) and path in contents else {}
        if not files or any(len(content) > MAX_BYTES for content in files.values()):
            raise Refused(404, "no_file", say("entradas.archivo.no_existe"))
        return files

    def _errors(self, text: EntryText, path: str) -> list[Problem]:
        try:
            target = path_for(path, text)
        except NotAForm:
            target = path
        return self._acts.errors(text, target, path)

    async def _page(
        self,
        signed_in: SignedIn,
        path: str,
        files: Mapping[str, bytes],
        text: EntryText,
        *,
        error: str = "",
        status: int = 200,
    ) -> Response:
        before = read_anyhow(files, path)
        wrong = await asyncio.to_thread(self._errors, text, path)
        found = await asyncio.to_thread(self._acts.errors_in, files, path)
        return self._pages.sheet(
            "entry_file.html",
            signed_in,
            here=LIST,
            status=status,
            e=area("entradas"),
            path=path,
            text=text,
            beside=phrases_name(path),
            has_phrases=bool(before.phrases or text.phrases),
            found=found,
            wrong=[(one, _around(text, one)) for one in wrong],
            diff=words_diff(_both(before), _both(text)),
            recoded=before == text and bool(found) and not wrong,
            seen=digest(files),
            error=error,
            draft=await self._repair.draft_of(path),
            four_eyes=self._agency.four_eyes,
        )


def _posted(form: Any) -> EntryText:
    content, phrases = (str(form.get(name, "")).replace("\r\n", "\n").rstrip() for name in ("texto", "frases"))
    return EntryText(f"{content}\n", f"{phrases}\n" if phrases else "")


def _both(text: EntryText) -> str:
    return f"{text.content}\n{text.phrases}" if text.phrases else text.content


def _around(text: EntryText, problem: Problem) -> list[tuple[int, str, bool]]:
    """Returns the lines near a problem: number, content, and whether the line is the wrong one."""
    lines = (text.content if is_entry(problem.file) else text.phrases).split("\n")
    first = max(1, problem.line - BESIDE)
    shown = enumerate(lines[first - 1 : problem.line + BESIDE], start=first)
    return [(number, line, number == problem.line) for number, line in shown]
