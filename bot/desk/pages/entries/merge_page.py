"""Compares the versions that two people made of one draft, and saves the second person's choices."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from difflib import SequenceMatcher
from html import escape
from typing import Any

from fastapi.responses import RedirectResponse, Response

from bot.core.texts import area, say
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.comparing.merging import ANSWER, Chosen, Part, Take, differing, merged
from bot.desk.editing.comparing.words_diff import words_diff
from bot.desk.editing.editions import Editions, Outdated
from bot.desk.editing.form import Form, NotAForm, form_of, with_form
from bot.desk.editing.opened import Opened
from bot.desk.editing.record import Editor
from bot.desk.editing.text import EntryText
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries import view
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.posted import Writer, posted_text, words_in
from bot.desk.pages.form_fields import number
from bot.faq.entries.schema import AUDIENCE

BASE, MINE = "base", "mio"
WRITTEN = "text"  # the choice to write another text
LEAST_ALIKE = 0.5  # minimum share of words in common for which a word diff is readable


def packed(text: EntryText) -> str:
    """Encodes an entry's two texts as JSON in base64, for a hidden field of a form."""
    return b64encode(json.dumps([text.content, text.phrases], ensure_ascii=False).encode()).decode()


class MergePage:
    """The page that compares two versions of a draft."""

    def __init__(self, pages: DeskPages, editions: Editions) -> None:
        self._pages, self._editions = pages, editions

    async def compare(self, signed_in: SignedIn, opened: Opened, form: Any, by: Editor, writer: Writer) -> Response:
        """Shows the posted form next to the draft that another person has saved. Raises NotAForm.

        Keeps the posted form in the history, since only this page has it.
        """
        base = _unpacked(form.get(BASE)) or opened.published or opened.text
        mine = _unpacked(form.get(MINE)) or posted_text(form, base, writer)
        await self._editions.keep(opened.document.id, mine, by)
        forms = form_of(base), form_of(mine), form_of(opened.text)
        return self._pages.sheet(
            "entry_merge.html",
            signed_in,
            here=PATH,
            e=area("entradas"),
            opened=opened,
            question=forms[2].fields["pregunta"],
            who=(opened.edition.changed_by if opened.edition else opened.author) or say("entradas.origen.disk"),
            parts=[_shown(part) for part in differing(*forms)],
            added=_added(*forms),
            base=packed(base),
            mine=packed(mine),
            on_disk=_seen_on_disk(form, opened),
        )

    async def join(self, signed_in: SignedIn, opened: Opened, form: Any, by: Editor, writer: Writer) -> Response:
        """Saves the merged draft, or compares again if the other person has saved meanwhile. Raises NotAForm."""
        base, mine = _unpacked(form.get(BASE)), _unpacked(form.get(MINE))
        seen = number(form, "version"), words_in(form, "publicada", 64)
        if base is None or mine is None or seen != (opened.version, opened.document.published_hash):
            return await self.compare(signed_in, opened, form, by, writer)
        forms = form_of(base), form_of(mine), form_of(opened.text)
        choices = {part.key: _chosen(form, part) for part in differing(*forms)}
        text = with_form(opened.text, merged(*forms, choices))
        try:
            await self._editions.merge(replace(opened, on_disk=_seen_on_disk(form, opened)), text, mine, by)
        except Outdated:
            again = await self._editions.opened(opened.document.id)
            return await self.compare(signed_in, again or opened, form, by, writer)
        return RedirectResponse(f"{PATH}/{opened.document.id}?hecho=juntar", 303)


def _seen_on_disk(form: Any, opened: Opened) -> int:
    """Returns the id of the newest revision from the disk that the person's page showed."""
    return number(form, "disco_visto") if "disco_visto" in form else opened.on_disk


def _unpacked(value: object) -> EntryText | None:
    try:
        content, phrases = json.loads(b64decode(str(value or "")))
        text = EntryText(str(content), str(phrases))
        form_of(text)
    except (ValueError, TypeError, NotAForm):
        return None
    return text


def _chosen(form: Any, part: Part) -> Chosen:
    taken = str(form.get(f"de-{part.key}", ""))
    if taken == WRITTEN and part.name != AUDIENCE:
        return Chosen(text=str(form.get(f"texto-{part.key}", "")).replace("\r\n", "\n"))
    return Chosen(Take(taken) if taken in set(Take) else None)


def _shown(part: Part) -> dict[str, Any]:
    return {
        "part": part,
        "label": say("entradas.respuesta.texto") if part.name == ANSWER else view.label_of(part.name),
        "mine": _changed(part.before, part.mine),
        "theirs": _changed(part.before, part.theirs),
        "plain_mine": part.mine == part.before,
        "plain_theirs": part.theirs == part.before,
        "writable": part.name != AUDIENCE,
    }


def _changed(before: str, after: str) -> str:
    """Returns the change word by word as safe HTML, or the new text only if most words changed."""
    alike = SequenceMatcher(None, before.split(), after.split(), autojunk=False).ratio()
    return words_diff(before, after) if alike >= LEAST_ALIKE or not after else escape(after)


def _added(base: Form, mine: Form, theirs: Form) -> bool:
    """Returns whether the two versions differ in utterances or counterexamples, which are merged without a choice."""
    mine_says, theirs_say = (
        [one.variants, *([phrase.text for phrase in some] for some in (one.phrases, one.counterexamples))]
        for one in (mine, theirs)
    )
    return mine_says != theirs_say
