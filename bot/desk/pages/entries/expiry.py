"""Describes for an entry's page its state, its expiry, and the result of an action that depends on the expiry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.core.errors.base import VentanillaError
from bot.core.texts import area, say
from bot.desk.editing.form import Form
from bot.desk.editing.opened import Opened
from bot.desk.editing.record import State
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.view import readable_form
from bot.desk.views.times import day_and_hour
from bot.faq.entries.problem import Problem

EXPIRED = "vencida"  # the advice on an entry whose last day is over
LIVE = {"publicar", "corregir", "urgente", "reponer"}  # buttons after which people expect the entry to answer


class NoDate(VentanillaError):
    """A scheduled change has no valid date. Also raised if the new last day of a confirmed entry is not valid."""


class EndsBefore(VentanillaError):
    """The last day of a text is before the day on which it would be published, so it would answer nobody."""


def check_date(text: EntryText, at: datetime | None) -> None:
    """Raises NoDate without a date, and EndsBefore if the text expires before the day of ``at``."""
    if at is None:
        raise NoDate
    ends = expires_of(readable_form(text))
    if ends and ends < at.date():
        raise EndsBefore


def state_words(opened: Opened, zone: ZoneInfo, today: date) -> str:
    """Returns the state of an entry as a Spanish sentence."""
    edition = opened.edition
    if edition is None and (gone := opened.withdrawal):
        return say(
            "entradas.estado.retirada_por",
            quien=gone.name,
            cuando=day_and_hour(gone.at, zone),
            motivo=gone.reason.rstrip(" ."),
        )
    if edition is None and (ended := expired_on(opened, today)):
        return say("entradas.estado.vencida", fecha=ended)
    if edition is None:
        return say("entradas.estado.publicada" if opened.document.published_hash else "entradas.estado.retirada")
    if edition.state == State.SCHEDULED and edition.publish_at:
        key = "detenida" if edition.stopped else "programada"
        return say(f"entradas.estado.{key}", cuando=day_and_hour(edition.publish_at, zone))
    by = edition.changed_by or say("entradas.origen.disk")
    return say(f"entradas.estado.{edition.state}", quien=by, cuando=day_and_hour(edition.changed_at, zone))


def done_words(done: str, opened: Opened, today: date) -> str:
    """Returns what a button did, in Spanish, '' for an unknown button.

    If the published text has already expired, returns a warning that it answers nobody.
    """
    if done in LIVE and opened.edition is None and (ended := expired_on(opened, today)):
        return say("entradas.hecho.ya_vencida", fecha=ended)
    words: str = area("entradas")["hecho"].get(done, "")
    return words


def still_true(opened: Opened, problems: Sequence[Problem]) -> list[Problem]:
    """Returns the problems without the advice that a withdrawn entry has expired, which is how it was withdrawn."""
    is_withdrawn = opened.edition is None and opened.withdrawal is not None
    return [one for one in problems if not (is_withdrawn and one.code == EXPIRED)]


def expired_on(opened: Opened, today: date) -> str:
    """Returns the last day of the published text, such as 30-04-2027, if that day is over; else ''."""
    ends = expires_of(readable_form(opened.published)) if opened.published else None
    return ends.strftime("%d-%m-%Y") if ends and ends < today else ""


def to_edit(opened: Opened) -> Form | None:
    """Returns the form of the text to edit; None if its header cannot be parsed.

    For a withdrawn entry, the form has the expiry from before the withdrawal, so that it answers once published again.
    """
    form, before = readable_form(opened.text), opened.before_withdrawal
    earlier = readable_form(before) if before and opened.edition is None else None
    if form is None or earlier is None:
        return form
    return replace(form, fields={**form.fields, "vence": earlier.fields["vence"]})


def expires_of(form: Form | None) -> date | None:
    """Returns the expiry date of an entry; None if it never expires, or if the date or the header is invalid."""
    try:
        return date.fromisoformat(form.fields["vence"]) if form else None
    except ValueError:
        return None


def next_year(expires: date | None, today: date) -> str:
    """Returns, in ISO format, ``expires`` moved to the year after its own year or after today's, whichever is later.

    Returns '' if ``expires`` is None. 29 February becomes 28 February.
    """
    if expires is None:
        return ""
    year = max(expires.year, today.year) + 1
    return (expires.replace(year=year) if (expires.month, expires.day) != (2, 29) else date(year, 2, 28)).isoformat()
