"""Parses the posted form of an entry, for the page's buttons and for autosave."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from bot.core.texts import say
from bot.desk.editing.form import Form
from bot.faq.entries.phrases import Phrase, clean

FIELD, AUDIENCE, PROPOSAL = "campo-", "audiencia", "propuesta"


@dataclass(frozen=True)
class Writer:
    """The person who fills in the form, and the date, for the comments beside new phrases."""

    name: str
    today: date

    @property
    def comment(self) -> str:
        """Returns the comment beside a phrase that this person adds."""
        return say("entradas.frase_de", quien=self.name, fecha=self.today.isoformat())

    @property
    def accepted(self) -> str:
        """Returns the comment beside a citizen's phrase that this person accepts."""
        return say("entradas.frase_de_personas", quien=self.name, fecha=self.today.isoformat())


def posted(form: FormData, before: Form, writer: Writer) -> Form:
    """Parses the posted form; fields that it lacks stay as in ``before``. The id never changes."""
    values = {name: str(form.get(f"{FIELD}{name}", value)) for name, value in before.fields.items()}
    phrases = tuple(_phrases(form, before.phrases, writer))
    return Form(
        fields={**values, "id": before.fields["id"]},
        variants=tuple(_lines(form, "variantes", known=before.variants)) if "variantes" in form else before.variants,
        phrases=phrases if "frases" in form else before.phrases,
        answer=str(form.get("respuesta", before.answer)),
        audience=_audience(form, before.audience),
    )


def _phrases(form: FormData, before: Sequence[Phrase], writer: Writer) -> Iterator[Phrase]:
    """Yields the posted phrases, then the accepted proposals; phrases that existed keep their comments."""
    comments: dict[str, list[str]] = {}
    written: set[str] = set()
    for one in before:
        comments.setdefault(one.text, []).append(one.comment)
    for text in _lines(form, "frases", known=comments):
        written.add(text)
        yield Phrase(text, comments[text].pop(0) if comments.get(text) else writer.comment)
    for text in map(clean, map(str, form.getlist(PROPOSAL))):
        if text and text not in written:
            yield Phrase(text, comments[text].pop(0) if comments.get(text) else writer.accepted)


def _lines(form: FormData, name: str, *, known: Container[str]) -> Iterator[str]:
    """Yields the utterances of a field, one per line; cleans those that are not ``known``."""
    for line in str(form.get(name, "")).split("\n"):
        text = line.strip()
        if text := text if text in known else clean(text):
            yield text


def _audience(form: FormData, before: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    if f"{AUDIENCE}-mostrada" not in form:
        return before
    chosen: dict[str, list[str]] = {}
    for one in form.getlist(AUDIENCE):
        dimension, _, value = str(one).partition("=")
        chosen.setdefault(dimension, []).append(value)
    fresh = {name: tuple(values) for name, values in chosen.items() if name and all(values)}
    same = {name: set(values) for name, values in fresh.items()} == {name: set(some) for name, some in before.items()}
    return before if same else fresh


def number(form: FormData, name: str) -> int:
    """Returns a field as a number; 0 if it is not a number."""
    written = str(form.get(name, ""))
    return int(written) if written.isdecimal() and len(written) < 16 else 0


def moment(form: FormData, name: str, zone: ZoneInfo) -> datetime | None:
    """Parses a field of date and time in the agency's time zone; None if it is empty or invalid."""
    try:
        return datetime.fromisoformat(str(form.get(name, ""))).replace(tzinfo=zone)
    except ValueError:
        return None


def words_in(form: FormData, name: str, most: int) -> str:
    """Returns a text field without surrounding white space, cut to ``most`` characters."""
    return str(form.get(name, "")).strip()[:most]
