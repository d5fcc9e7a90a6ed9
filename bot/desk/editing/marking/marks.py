"""Finds utterances of an entry that an editor should review; this is advice, which never prevents publishing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bot.core.messages import RecognizedDanger
from bot.core.texts import area, say
from bot.desk.editing.form import Form
from bot.desk.editing.listing import PublishedFiles
from bot.desk.editing.marking.dangers import UtteranceDangers
from bot.desk.editing.marking.kinds import Kind, kinds_of
from bot.faq.entries.entry import Entry
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument
from bot.text.normalize import plain

VARIANTS, PHRASES = "variantes", "frases"  # the names of the form's two boxes


@dataclass(frozen=True)
class Mark:
    """Advice on one utterance: the form's field, its ``text``, and what is wrong and how to fix it, in Spanish.

    ``path`` and ``title`` are the file and the question of another entry with the same utterance, or ''.
    """

    field: str
    text: str
    message: str
    fix: str
    path: str = ""
    title: str = ""


@dataclass(frozen=True)
class ShownMark:
    """A mark for the page; ``link`` is the id of the other entry's page, '' if there is none."""

    mark: Mark
    link: str = ""

    def to_json(self) -> dict[str, str]:
        one = self.mark
        words = {"field": one.field, "text": one.text, "message": one.message, "fix": one.fix}
        return {**words, "link": self.link, "title": one.title}


@dataclass(frozen=True)
class Marked:
    """The marks of a form's utterances, and the utterances of each kind."""

    marks: Sequence[ShownMark]
    kinds: Mapping[Kind, Sequence[str]]


class UtteranceMarks:
    """Compares a form's utterances with each other and with published entries; finds utterances that describe a danger.

    Also groups them by kind.
    """

    def __init__(self, sessions: Sessions, faq: PublishedFiles, dangers: UtteranceDangers) -> None:
        self._sessions, self._faq, self._dangers = sessions, faq, dangers

    async def of(self, form: Form) -> Marked:
        """Returns the marks of a form's utterances, in the order of their lines, and their kinds."""
        return Marked(await self._marks(form), kinds_of(form))

    async def _marks(self, form: Form) -> Sequence[ShownMark]:
        dangers = await self._dangers.of([text for _, text in utterances(form)])
        marks = marks_of(form, self._faq.entries, dangers)
        pages = await self._pages({one.path for one in marks if one.path})
        return [ShownMark(one, pages.get(one.path, "")) for one in marks]

    async def _pages(self, paths: Iterable[str]) -> Mapping[str, str]:
        """Returns the ids of the entries' pages, keyed by path."""
        if not (wanted := sorted(paths)):
            return {}
        rows = select(EntryDocument.path, EntryDocument.id).where(EntryDocument.path.in_(wanted))
        async with self._sessions() as session:
            return {path: str(id) for path, id in await session.execute(rows)}


def utterances(form: Form) -> list[tuple[str, str]]:
    """Returns the form's utterances as (field, text) pairs: variants first, then phrases."""
    return [*((VARIANTS, text) for text in form.variants), *((PHRASES, one.text) for one in form.phrases)]


def marks_of(form: Form, published: Sequence[Entry], dangers: Mapping[str, RecognizedDanger]) -> list[Mark]:
    """Returns the marks of a form; ``dangers`` maps the form's texts to dangers.

    Published entries with the same id, which are for other audiences, may have the same utterances.
    """
    others = {plain(text): one for one in published if one.id != form.fields["id"] for text in one.utterances}
    seen = {plain(form.fields["pregunta"]): "pregunta"}
    marks, some = [], utterances(form)
    for field, text in some:
        key = plain(text)
        if key in seen and len(some) > 1:
            marks.append(_mark(field, text, "pregunta" if seen[key] == "pregunta" else "repetida", anterior=seen[key]))
        seen.setdefault(key, text)
        if other := others.get(key):
            marks.append(_mark(field, text, "compartida", other))
        if danger := dangers.get(text):
            kind = area("desk")["peligros"]["tipos"].get(danger.kind) or danger.kind.replace("_", " ")
            marks.append(_mark(field, text, "peligro" if danger.sure else "posible", tipo=kind))
    return marks


def _mark(field: str, text: str, code: str, other: Entry | None = None, **values: str) -> Mark:
    message, fix = (say(f"entradas.gente.marcas.{code}.{part}", **values) for part in ("mensaje", "arreglo"))
    return Mark(field, text, message, fix, other.path if other else "", other.question if other else "")
