"""Parses the posted form of an entry, for the page's buttons and for autosave."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from bot.core.texts import say
from bot.desk.editing.form import Form, form_of, with_form
from bot.desk.editing.text import EntryText
from bot.faq.entries.fields import whole_address
from bot.faq.entries.phrases import Phrase, clean, is_counterexample, unmarked
from bot.faq.entries.schema import COUNTEREXAMPLES
from bot.text.normalize import plain

FIELD, AUDIENCE, VARIANTS, PHRASES = "campo-", "audiencia", "variantes", "frases"
PROPOSAL, DENIED = "propuesta", "negada"  # what citizens wrote, as a phrase or as a counterexample
UNSAID, ALL_UNSAID, SUGGESTED = "no_lo_dice", "no_lo_dice_todas", "sugerida"  # suggested counterexamples


@dataclass(frozen=True)
class Writer:
    """The person who fills in the form, and the date; both appear in the comments on new phrases."""

    name: str
    today: date

    @property
    def comment(self) -> str:
        """Returns the comment for a phrase that this person adds."""
        return say("entradas.frase_de", quien=self.name, fecha=self.today.isoformat())

    @property
    def accepted(self) -> str:
        """Returns the comment for a citizen's phrase that this person accepts."""
        return say("entradas.frase_de_personas", quien=self.name, fecha=self.today.isoformat())


def posted(form: FormData, before: Form, writer: Writer) -> Form:
    """Parses the posted form; missing fields keep their value in ``before``. The id never changes.

    A changed source without ``https://``, such as «www.x.cl/horario», gets it, as in an import.
    """
    values = {name: str(form.get(f"{FIELD}{name}", value)) for name, value in before.fields.items()}
    if values["fuente"] != before.fields.get("fuente"):
        values["fuente"] = whole_address(values["fuente"].strip())
    return Form(
        fields={**values, "id": before.fields["id"]},
        variants=tuple(_variants(form, before.variants)),
        phrases=tuple(_phrases(form, before, writer)),
        answer=str(form.get("respuesta", before.answer)),
        audience=_audience(form, before.audience),
        counterexamples=tuple(_counterexamples(form, before, writer)),
    )


def posted_text(form: FormData, before: EntryText, writer: Writer) -> EntryText:
    """Returns the text that ``before`` becomes with the posted form. Raises NotAForm."""
    return with_form(before, posted(form, form_of(before), writer))


def _variants(form: FormData, before: Sequence[str]) -> Sequence[str]:
    if VARIANTS not in form:
        return before
    return _cleaned((line for line in _lines(form, VARIANTS) if not is_counterexample(line)), known=before)


def _phrases(form: FormData, before: Form, writer: Writer) -> Iterator[Phrase]:
    """Yields the posted phrases, then the accepted proposals that no line has; old phrases keep their comments."""
    if PHRASES not in form:
        yield from before.phrases
        return
    lines = [line for line in _lines(form, PHRASES) if not is_counterexample(line)]
    said = _cleaned(lines, known={one.text for one in before.phrases})
    question = str(form.get(f"{FIELD}pregunta", before.fields.get("pregunta", "")))
    known = {plain(text) for text in (question, *_variants(form, before.variants), *said)}
    texts = (text for text in map(clean, map(str, form.getlist(PROPOSAL))) if text and plain(text) not in known)
    proposed = {plain(text): text for text in texts}
    added = [*((text, writer.comment) for text in said), *((text, writer.accepted) for text in proposed.values())]
    yield from _commented(added, before.phrases)


def _counterexamples(form: FormData, before: Form, writer: Writer) -> Iterator[Phrase]:
    """Yields the posted counterexamples, including confirmed suggestions and texts marked among variants or phrases."""
    known = [one.text for one in before.counterexamples]
    lines = _lines(form, COUNTEREXAMPLES) if COUNTEREXAMPLES in form else known
    texts = _cleaned((unmarked(line) for line in lines), known=set(known))
    marked = filter(is_counterexample, [*_lines(form, VARIANTS), *_lines(form, PHRASES)])
    denied = dict.fromkeys(_cleaned(map(unmarked, marked), known=set(known)))
    confirmed = filter(None, map(clean, map(str, form.getlist(SUGGESTED if ALL_UNSAID in form else UNSAID))))
    written = [*texts, *(one for one in dict.fromkeys((*denied, *confirmed)) if one not in texts)]
    proposed = [text for text in map(clean, map(str, form.getlist(DENIED))) if text and text not in written]
    added = [*((text, writer.comment) for text in written), *((text, writer.accepted) for text in proposed)]
    for phrase in _commented(added, before.counterexamples):
        yield replace(phrase, counterexample=True)


def _commented(added: Iterable[tuple[str, str]], before: Sequence[Phrase]) -> Iterator[Phrase]:
    """Yields each text as a phrase with its comment; phrases that existed keep their comments."""
    comments: dict[str, list[str]] = {}
    for one in before:
        comments.setdefault(one.text, []).append(one.comment)
    for text, comment in added:
        yield Phrase(text, comments[text].pop(0) if comments.get(text) else comment)


def _lines(form: FormData, name: str) -> list[str]:
    return [line for one in str(form.get(name, "")).split("\n") if (line := one.strip())]


def _cleaned(lines: Iterable[str], *, known: Container[str]) -> list[str]:
    """Returns the non-empty utterances in ``lines``; cleans utterances that are not in ``known``."""
    return [text for line in lines if (text := line if line in known else clean(line))]


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


def moment(form: FormData, name: str, zone: ZoneInfo) -> datetime | None:
    """Parses a field of date and time in the agency's time zone; None if it is empty or invalid."""
    try:
        return datetime.fromisoformat(str(form.get(name, ""))).replace(tzinfo=zone)
    except ValueError:
        return None


def words_in(form: FormData, name: str, most: int) -> str:
    """Returns a text field without surrounding white space, truncated to ``most`` characters."""
    return str(form.get(name, "")).strip()[:most]
