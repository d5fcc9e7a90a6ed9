"""Adds utterances and counterexamples to published entries.

The additions are published at once, unless the entry has a draft, a second person must approve the change, the change
would lose test messages or utterances, or its effect cannot be measured.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import select

from bot.core.errors.base import VentanillaError
from bot.desk.editing.editions import Editions
from bot.desk.editing.form import Form, form_of, with_form
from bot.desk.editing.measuring.effect import Effects
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Editor, State
from bot.desk.editing.text import EntryText
from bot.faq.entries.entry import Entry, Published
from bot.faq.entries.phrases import Phrase, clean
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument
from bot.text.normalize import plain


class NoSuchEntry(VentanillaError):
    """No published entry has this id or question."""


class NothingNew(VentanillaError):
    """The entry has all of the texts already."""


class IsUtterance(VentanillaError):
    """A text is an utterance of the entry, so it cannot be its counterexample."""


class Where(StrEnum):
    """The place where the texts were saved; the Spanish message is in ``bandeja.agregadas`` or ``bandeja.negadas``."""

    PUBLISHED = "published"
    REVIEW = "review"
    DRAFT = "draft"
    LOSES = "loses"  # in a draft, since test messages or utterances would be lost
    UNMEASURED = "unmeasured"  # in a draft, since the effect could not be measured


@dataclass(frozen=True)
class Change:
    """An entry's text with what was added, not yet saved; ``version`` is its draft's version, 0 without a draft."""

    document: uuid.UUID
    entry: Entry
    path: str
    text: EntryText
    version: int


class EntryUtterances:
    """Adds utterances and counterexamples to entries, each with a comment on its origin."""

    def __init__(
        self,
        sessions: Sessions,
        editions: Editions,
        publisher: Publisher,
        effects: Effects,
        faq: Published,
        *,
        four_eyes: bool,
    ) -> None:
        self._sessions, self._editions, self._publisher, self._effects = sessions, editions, publisher, effects
        self._faq, self._four_eyes = faq, four_eyes

    def entry(self, named: str) -> Entry:
        """Returns the published entry with this id or question. Raises NoSuchEntry."""
        words = plain(named)
        for entry in self._faq.entries:
            if named == entry.id or words == plain(entry.question):
                return entry
        raise NoSuchEntry

    def others_with(self, entry: Entry, texts: Sequence[str]) -> list[tuple[str, Entry]]:
        """Returns (text, entry) for each of the ``texts`` that is an utterance of another entry."""
        owners = {plain(said): one for one in self._faq.entries if one.id != entry.id for said in one.utterances}
        return [(text, owners[plain(text)]) for text in texts if plain(text) in owners]

    async def prepare(
        self, entry: Entry, texts: Sequence[str], comment: str, *, counterexamples: bool = False
    ) -> Change:
        """Returns the entry's current text plus the ``texts`` that it lacks; saves nothing.

        The texts are added as utterances or, with ``counterexamples``, as counterexamples. Raises NoSuchEntry,
        NothingNew, IsUtterance, NotAForm.
        """
        async with self._sessions() as session:
            id = await session.scalar(select(EntryDocument.id).where(EntryDocument.path == entry.path))
        opened = await self._editions.opened(id) if id else None
        if opened is None:
            raise NoSuchEntry
        form = form_of(opened.text)
        said = {plain(one) for one in (form.fields["pregunta"], *form.variants, *(one.text for one in form.phrases))}
        if counterexamples and not said.isdisjoint(map(plain, texts)):
            raise IsUtterance
        known = {plain(one.text) for one in form.counterexamples} if counterexamples else said
        cleaned = {plain(text): text for text in map(clean, reversed(texts)) if plain(text) not in known}
        fresh = [Phrase(text, comment, 0, counterexamples) for folded, text in reversed(cleaned.items()) if folded]
        if not fresh:
            raise NothingNew
        text = with_form(opened.text, _with(form, fresh, counterexamples=counterexamples))
        return Change(opened.document.id, entry, opened.document.path, text, opened.version)

    async def add(self, change: Change, by: Editor) -> Where:
        """Saves the change and publishes it if possible; returns the place where the texts were saved.

        An earlier draft remains a draft, since publishing it would publish its author's unfinished changes. A change
        that loses test messages or utterances, or whose effect cannot be measured, remains a draft, too. Raises
        Outdated and the errors of Publisher.publish.
        """
        measures = not (change.version or self._four_eyes)
        found = await self._effects.of({change.path: change.text}) if measures else None
        await self._editions.save(change.document, change.text, change.version, by)
        if change.version:
            return Where.DRAFT
        if self._four_eyes:
            await self._editions.send(change.document, State.REVIEW, by)
            return Where.REVIEW
        if found is None or found.stops:
            return Where.LOSES if found else Where.UNMEASURED
        await self._publisher.publish(change.document, change.path, by, expected=change.text.hash)
        return Where.PUBLISHED


def _with(form: Form, fresh: Sequence[Phrase], *, counterexamples: bool) -> Form:
    if counterexamples:
        return replace(form, counterexamples=(*form.counterexamples, *fresh))
    return replace(form, phrases=(*form.phrases, *fresh))
