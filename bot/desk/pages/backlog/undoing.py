"""Undoes an editor's decision on a group of the backlog, unless that would harm later changes.

Nothing is deleted from the history: a new revision removes what was added to an entry, and a new draft is discarded.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from bot.core.errors.base import VentanillaError
from bot.core.logs import log
from bot.core.texts import say
from bot.desk.editing.editions import Editions, Outdated
from bot.desk.editing.form import NotAForm, form_of, with_form
from bot.desk.editing.opened import Opened
from bot.desk.editing.other_topics import TopicsUnreadable, remove_topic
from bot.desk.editing.publisher import ChangedOnDisk, NeedsApproval, NothingToPublish, PublishedMeanwhile, Publisher
from bot.desk.editing.record import Editor, State, Way
from bot.desk.editing.text import EntryText
from bot.learning.backlog.decisions import Decided, Decisions, Kind
from bot.text.normalize import plain

FAILED = (NotAForm, Outdated, ChangedOnDisk, NothingToPublish, PublishedMeanwhile, TopicsUnreadable)


class CannotUndo(VentanillaError):
    """Undoing the decision would harm a later change; ``why`` is a key of ``bandeja.deshacer_no``."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True)
class Undone:
    """The result: whether the decision was undone, and a Spanish message for the editor."""

    undone: bool
    message: str


class Undoing:
    """Undoes decisions; ``faq_dir`` is the FAQ folder."""

    def __init__(self, *, decisions: Decisions, editions: Editions, publisher: Publisher, faq_dir: Path) -> None:
        self._decisions, self._editions, self._publisher = decisions, editions, publisher
        self._faq_dir = faq_dir

    async def undo(self, id: int, by: Editor) -> Undone:
        """Undoes a decision of the person ``by``; if that fails, the result's message gives the reason."""
        decided = await self._decisions.of(id, by.id) if by.id else None
        if decided is None or by.id is None:
            return Undone(False, say("bandeja.deshacer_no.ajena"))
        try:
            key = await self._reverse(decided, by)
        except CannotUndo as error:
            return Undone(False, say(f"bandeja.deshacer_no.{error.why}"))
        except FAILED:
            return Undone(False, say("bandeja.deshacer_no.cambio"))
        except OSError as error:
            log.warning("backlog: undo not written", error=type(error).__name__)
            return Undone(False, say("bandeja.deshacer_no.sin_escribir"))
        if not await self._decisions.undo(id, by.id):
            return Undone(False, say("bandeja.deshacer_no.ajena"))
        return Undone(True, say(f"bandeja.deshecho.{key}"))

    async def _reverse(self, decided: Decided, by: Editor) -> str:
        match decided.kind:
            case Kind.UTTERANCE | Kind.COUNTEREXAMPLE:
                return await self._remove_texts(decided, by)
            case Kind.ENTRY:
                return await self._discard(decided, by)
            case Kind.NOT_OURS:
                async with self._decisions.alone_with(()):
                    is_removed = await asyncio.to_thread(remove_topic, self._faq_dir, decided.target, decided.texts)
                if not is_removed:
                    raise CannotUndo("fila")
                return "ajena"
            case Kind.IGNORED:
                return "ignorada"

    async def _discard(self, decided: Decided, by: Editor) -> str:
        """Discards the draft that the decision began; returns the key of the result.

        Raises CannotUndo if the draft was published or sent to review, or if somebody else changed it.
        """
        opened = await self._opened(decided)
        if opened.document.published_hash:
            raise CannotUndo("publicada")
        if opened.edition is not None:
            if opened.edition.state != State.DRAFT or opened.edition.authors != [by.id]:
                raise CannotUndo("de_otra")
            await self._editions.discard(opened.document.id, by)
        return "borrador"

    async def _remove_texts(self, decided: Decided, by: Editor) -> str:
        """Removes the added texts from the open edition or the published text; returns the key of the result.

        Raises CannotUndo if that would publish an unfinished draft or change an approved or scheduled edition.
        """
        opened = await self._opened(decided)
        edition, published = opened.edition, opened.published
        text = _without(opened.text, decided, by)
        kept = _without(published, decided, by) if published else None
        is_live = kept != published
        if not is_live and (edition is None or text == opened.text):
            return "ya_no_estaban"
        if edition is not None and edition.state in {State.SCHEDULED, State.APPROVED}:
            raise CannotUndo("programada")
        if is_live:
            if edition is not None and not (text == kept and edition.authors == [by.id] and not opened.is_stale):
                raise CannotUndo("borrador")  # publishing the text would publish an unfinished draft
            return await self._publish(opened, text, by)
        return await self._save_draft(opened, text, by)

    async def _publish(self, opened: Opened, text: EntryText, by: Editor) -> str:
        """Publishes the text without the added texts, or sends it to review; returns the key of the result.

        Continues an earlier attempt that was interrupted.
        """
        id, path = opened.document.id, opened.document.path
        await self._editions.save(id, text, opened.version, by)
        try:
            await self._publisher.publish(id, path, by, way=Way.ROLLBACK, expected=text.hash)
        except NeedsApproval:
            await self._editions.send(id, State.REVIEW, by)
            return "a_revision"
        return "frases"

    async def _save_draft(self, opened: Opened, text: EntryText, by: Editor) -> str:
        """Saves the draft without the added texts, or discards it if it then equals the published text."""
        id, edition = opened.document.id, opened.edition
        if text.hash == opened.document.published_hash:
            await self._editions.discard(id, by)
            return "frases"
        await self._editions.save(id, text, opened.version, by)
        if edition is not None and edition.state == State.REVIEW:
            await self._editions.send(id, State.REVIEW, by, edition.publish_at)
        return "frases"

    async def _opened(self, decided: Decided) -> Opened:
        try:
            found = await self._editions.opened(uuid.UUID(decided.target))
        except ValueError:
            found = None
        if found is None:
            raise CannotUndo("cambio")
        return found


def _without(text: EntryText, decided: Decided, by: Editor) -> EntryText:
    """Returns the text without the texts that the decision added; keeps equal texts that other editors added."""
    form, said = form_of(text), {plain(one) for one in decided.texts}
    comment = say("entradas.frase_de_personas", quien=by.name, fecha="").strip()
    some = form.phrases if decided.kind == Kind.UTTERANCE else form.counterexamples
    kept = tuple(one for one in some if not (plain(one.text) in said and one.comment.startswith(comment)))
    if len(kept) == len(some):
        return text
    is_utterance = decided.kind == Kind.UTTERANCE
    return with_form(text, replace(form, phrases=kept) if is_utterance else replace(form, counterexamples=kept))
