"""Prepares an entry for its page: problems, state in Spanish, changes, and its appearance on each channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import zip_longest
from pathlib import PurePosixPath
from textwrap import shorten
from typing import Any
from zoneinfo import ZoneInfo

from bot.agency.model import Agency
from bot.channels.folders import bubbles
from bot.channels.formatting.bubble import Bubble
from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.core.channels import name_of, traits_of
from bot.core.event_facts import MessageFacts, OfferedButton
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel
from bot.core.texts import area, say
from bot.desk.auth.accounts import StaffMember
from bot.desk.editing.comparing.words_diff import words_diff
from bot.desk.editing.form import Form, NotAForm, form_of
from bot.desk.editing.opened import Opened
from bot.desk.editing.record import State
from bot.desk.editing.reviews import RETURNABLE
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.named import named_audience, named_fields
from bot.desk.pages.form_fields import day as day_of
from bot.desk.views.times import day_and_hour
from bot.faq.clarity.advice import clarity_of
from bot.faq.entries import reading
from bot.faq.entries.folder import load_files
from bot.faq.entries.problem import Problem, Severity
from bot.faq.entries.schema import COUNTEREXAMPLES, date_names, display_fields
from bot.faq.entries.sections import fold_after, parts_of
from bot.public_notices.board import NoticeBoard
from bot.public_notices.measures import Kind, Measure

COMPARED = 20  # number of revisions in the history that are shown with their changes
MEASURES = {Kind.WITHDRAWN: "retira", Kind.CHANGED: "cambia"}
RATED = "preview"  # rating id of the previewed answer
OTHER_PART = "otra"  # the kind in sections.yml of sections that people do not ask for
LEAD_CHARACTERS = 240  # length of the answer's opening that the page repeats
PARTS = {  # the parts that the toolbar can add, each with the section kinds (sections.yml) that count as this part
    "costo": {"costo", "monto"},
    "plazo": {"plazo"},
    "donde": {"donde"},
    "documentos": {"documentos", "requisitos"},
    "pasos": {"pasos"},
}
NOTICE_CHARACTERS = 80  # length of the beginning of a notice's text, which serves as its name


@dataclass(frozen=True)
class Checked:
    """The problems of a text, and the messages in which each channel shows its answer."""

    problems: tuple[Problem, ...]
    shown: Mapping[Channel, list[Bubble]]

    @property
    def errors(self) -> list[Problem]:
        """Returns the problems that prevent publishing."""
        return [one for one in self.problems if one.severity is Severity.ERROR]


def checked(text: EntryText, path: str, agency: Agency, site: str, *, as_sent: bool = False) -> Checked:
    """Checks a text without the other entries, and renders its answer, even if the text has errors.

    With ``as_sent``, the answer is rendered as citizens get it: folded if it is long, with the buttons to rate it.
    """
    files = {name: content for name, content in text.files(path).items() if content}
    problems = load_files(files, agency.teams, today=agency.today()).problems
    found = reading.read(path, text.content.encode(), None, text.phrases.encode() or None).entry
    form = readable_form(text)
    answer = found.body if found else form.answer if form else ""
    facts = MessageFacts(source=found.source if found else None)
    if as_sent:
        titles = area("canales")["util"]["titulos"]
        buttons = tuple(OfferedButton(one, titles[one]) for one in ("yes", "no"))
        facts = replace(facts, fold_after=fold_after(answer), rating_id=RATED, buttons=buttons)
    event = Event("0-0", "", EventKind.MESSAGE, Author.ASSISTANT, answer, facts)
    return Checked(problems, bubbles(event, site, agency.offices))


def readable_form(text: EntryText) -> Form | None:
    """Returns the form of a text; None if its header cannot be parsed."""
    try:
        return form_of(text)
    except NotAForm:
        return None


def preview(found: Checked) -> list[dict[str, Any]]:
    """Returns, for each channel, its name, the messages as safe HTML, and their number and size as Spanish text."""
    return [
        {
            "channel": channel.value,
            "name": name_of(channel),
            "bubbles": [one.html for one in shown],
            "size": _size(shown, traits_of(channel).text_limit),
        }
        for channel, shown in found.shown.items()
    ]


def covered(board: NoticeBoard, text: EntryText, path: str, zone: ZoneInfo) -> str:
    """Returns a Spanish text if a running notice replaces, withdraws or changes the answer of an entry; else ''.

    A notice that replaces the entry takes precedence over the measures of other notices, as for citizens
    (bot/turns/notices/inserter.py).
    """
    form = readable_form(text)
    entry = form.fields["id"] if form else PurePosixPath(path).stem
    running = [one for one in board.running if not one.drill]
    replacing = [(one, "reemplaza") for one in running if entry in one.entries]
    measures = [(one, MEASURES[own.kind]) for one in running for own in one.measures if _is_about(own, entry)]
    for notice, what in (*replacing, *measures):
        name = shorten(notice.text, NOTICE_CHARACTERS, placeholder="…")
        until = day_and_hour(datetime.fromtimestamp(notice.ends_at / 1000, UTC), zone)
        return say(f"entradas.vista.aviso.{what}", aviso=name, hasta=until)
    return ""


def _is_about(measure: Measure, entry: str) -> bool:
    return measure.kind in MEASURES and measure.target == entry


def _size(shown: Sequence[Bubble], limit: int) -> str:
    """Returns Spanish text with the length and the number of messages; ``limit`` is the maximum length, 0 for none."""
    key = "entero" if not limit else "varios" if len(shown) > 1 else "uno"
    letters = sum(one.length for one in shown)
    return say(f"entradas.vista.{key}", letras=_grouped(letters), mensajes=len(shown), maximo=_grouped(limit))


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def problems_json(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Returns the problems as JSON for the page; ``field`` is the name of the form's field, '' if unknown."""
    return [
        {"field": one.field, "message": one.message, "fix": one.fix, "severity": one.severity.value} for one in problems
    ]


def clarity(text: EntryText, today: date) -> dict[str, Any]:
    """Returns advice, in Spanish, on making the answer clearer: ``{score, notes: [{sentence, message}]}``."""
    form = readable_form(text)
    found = clarity_of(form.answer if form else "", today, day_of(form.fields.get("vence", "")) if form else None)
    score = say("entradas.claridad.sin_texto")
    if found.level:
        level = say(f"entradas.claridad.niveles.{found.level}")
        score = say("entradas.claridad.puntaje", nivel=level, puntaje=found.score)
    notes = [(one.sentence, say(f"entradas.claridad.consejos.{one.code}", **one.facts)) for one in found.notes]
    return {"score": score, "notes": [{"sentence": sentence, "message": message} for sentence, message in notes]}


def outline(text: EntryText) -> dict[str, Any]:
    """Returns the answer's opening and its sections for the page: ``{lead, titles, parts}``.

    ``lead`` and ``titles`` are lines in Spanish; ``parts`` maps each of PARTS that the answer has to the section's
    title.
    """
    form = readable_form(text)
    found = parts_of(form.answer if form else "")
    lead = shorten(plain_text(markdown_spans(found.lead)), LEAD_CHARACTERS, placeholder="…")
    titles = ", ".join(dict.fromkeys(one.title for one in found.sections if one.kinds - {OTHER_PART}))
    parts = {part: [one.title for one in found.sections if one.kinds & kinds] for part, kinds in PARTS.items()}
    words = area("entradas")["respuesta"]["partes"]
    return {
        "lead": words["primero"].format(texto=lead) if lead else "",
        "titles": words["estan"].format(titulos=titles) if titles else words["ninguna"],
        "parts": {part: some[0] for part, some in parts.items() if some},
    }


def diff_of(opened: Opened, text: EntryText) -> str:
    """Returns the changes from the published text to ``text`` as safe HTML; '' without changes or published text."""
    return changes(opened.published, text)


def meanwhile(opened: Opened) -> dict[str, str]:
    """Returns the changes by newer texts since the draft was begun, as safe HTML: ``{newly_published, on_disk}``.

    Each value compares a newer text with the draft's base, or is the whole newer text if the base is unknown; '' if
    none.
    """
    edit, base = opened.disk_edit, opened.base or EntryText("")
    published = opened.published if opened.is_stale else None
    texts = {"newly_published": published, "on_disk": EntryText(edit.content, edit.phrases) if edit else None}
    return {name: changes(base, text) if text else "" for name, text in texts.items()}


def changes(before: EntryText | None, after: EntryText, agency: Agency | None = None) -> str:
    """Returns the changes from ``before`` to ``after`` as safe HTML; '' if there are none or ``before`` is None.

    With ``agency``, teams and audiences are shown by their names.
    """
    return words_diff(_readable(before, agency), _readable(after, agency)) if before else ""


def _readable(text: EntryText, agency: Agency | None = None) -> str:
    """Returns a text as labeled lines for people who do not read YAML.

    Returns the file's content if its header cannot be parsed.
    """
    try:
        form = form_of(text)
    except NotAForm:
        return text.content
    fields = named_fields(form, agency) if agency else form.fields
    named = [f"{label_of(name)}: {shown_value(name, value)}" for name, value in fields.items() if value]
    utterances = [*form.variants, *(one.text for one in form.phrases)]
    denied = [f"{label_of(COUNTEREXAMPLES)}: {one.text}" for one in form.counterexamples]
    audience = [f"{name}: {', '.join(values)}" for name, values in form.audience.items()]
    if agency and audience:
        audience = [f"{label_of('audiencia')}: {named_audience(form, agency)}"]
    return "\n".join([*named, *audience, "", form.answer, "", *utterances, *denied])


def shown_value(name: str, value: str) -> str:
    """Returns a field's value as people write it: a date as 30-04-2027."""
    day = day_of(value) if name in date_names() else None
    return f"{day:%d-%m-%Y}" if day else value


def asked(form: Form) -> tuple[str, ...]:
    """Returns the question and all utterances of a form."""
    return (form.fields["pregunta"], *form.variants, *(one.text for one in form.phrases))


def label_of(name: str) -> str:
    """Returns the Spanish name of a field of the form."""
    shown = display_fields().get(name)
    return shown.label if shown else say(f"entradas.campos.{name}")


def may_approve(opened: Opened, staff: StaffMember) -> bool:
    """Returns whether the edition is in review and the person is not one of its authors."""
    return opened.edition is not None and opened.edition.state == State.REVIEW and may_return(opened, staff)


def may_return(opened: Opened, staff: StaffMember) -> bool:
    """Returns whether the edition is in review or approved and the person is not one of its authors."""
    edition = opened.edition
    return edition is not None and edition.state in RETURNABLE and staff.id not in edition.authors


def history(opened: Opened, zone: ZoneInfo) -> Sequence[dict[str, Any]]:
    """Returns the revisions, newest first; the first COMPARED include their changes from the revision before."""
    rows = []
    for place, (one, before) in enumerate(zip_longest(opened.revisions, opened.revisions[1:])):
        older = EntryText(before.content, before.phrases) if before and place < COMPARED else None
        text = EntryText(one.content, one.phrases)
        rows.append(
            {
                "id": one.id,
                "at": day_and_hour(one.at, zone),
                "author": one.author_name or say(f"entradas.origen.{one.origin}"),
                "published": one.hash == opened.document.published_hash,
                "was_published": bool(opened.document.published_hash) and one.hash in opened.once_published,
                "diff": words_diff(_readable(older), _readable(text)) if older else "",
            }
        )
    return rows
