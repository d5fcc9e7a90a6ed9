"""Prepares the entries that wait for approval for the page on which they are read and approved together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from bot.agency.model import Agency
from bot.channels.formatting.html import markdown_html
from bot.core.texts import say
from bot.desk.editing.approving.checking import DraftChecks, Unchecked
from bot.desk.editing.approving.review_queue import InReview
from bot.desk.editing.form import Form
from bot.desk.editing.publisher import PublishedMeanwhile, UnseenOnDisk
from bot.desk.pages.entries.failures import FAILED, in_form, message_of
from bot.desk.pages.entries.named import named_audience, named_fields
from bot.desk.pages.entries.view import asked, changes, label_of, readable_form, shown_value
from bot.faq.entries.problem import Problem, Severity
from bot.text.normalize import plain

ABOVE = ("pregunta", "id")  # fields that the card shows elsewhere, or that nobody reads
LINK = re.compile(r'<a href="((?:https?:|mailto:|tel:|/)[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)  # in markdown_html's HTML
OPEN_IT = ((UnseenOnDisk, "disco_sin_ver"), (PublishedMeanwhile, "publicada_entretanto"))  # its own page shows more


@dataclass(frozen=True)
class Card:
    """An entry as the page shows it.

    ``answer`` and ``diff`` are safe HTML, ``diff`` is '' for a new entry. ``facts`` are labels and values of its
    fields, and the addresses of the answer's links. ``utterances`` are those other than the question. ``stopped`` says
    in Spanish why the entry cannot be approved here, although its text has no errors; else ''.
    """

    entry: InReview
    question: str
    answer: str
    diff: str
    facts: Sequence[tuple[str, str]]
    utterances: Sequence[str]
    counterexamples: Sequence[str]
    problems: Sequence[Problem]
    stopped: str

    @property
    def value(self) -> str:
        """Returns the posted value: the document's id, and the text and the time that the page shows."""
        return f"{self.entry.document} {self.entry.decided}"

    @property
    def may_be_approved(self) -> bool:
        return not self.stopped and not any(one.severity is Severity.ERROR for one in self.problems)


def cards(waiting: Sequence[InReview], agency: Agency, checks: DraftChecks) -> list[Card]:
    """Returns the cards of the entries, checked together; reads files."""
    found = checks.problems([Unchecked(one.path, one.text) for one in waiting], agency.today())
    return [_card(one, in_form(problems), agency) for one, problems in zip(waiting, found, strict=True)]


def question_of(entry: InReview) -> str:
    form = readable_form(entry.text)
    return (form and form.fields["pregunta"]) or entry.path


def reason_of(error: Exception) -> str:
    """Returns in Spanish why an entry cannot be approved or published."""
    why = next((key for kind, key in OPEN_IT if isinstance(error, kind)), "otra")
    own = why != "otra" or not isinstance(error, tuple(FAILED))
    return say(f"aprobar_varias.porque.{why}") if own else message_of(error)


def _card(entry: InReview, problems: Sequence[Problem], agency: Agency) -> Card:
    form = readable_form(entry.text)
    answer = markdown_html(form.answer, agency.offices) if form else ""
    stale = UnseenOnDisk() if entry.is_unseen_on_disk else PublishedMeanwhile() if entry.is_stale else None
    return Card(
        entry=entry,
        question=question_of(entry),
        answer=answer,
        diff=changes(entry.published, entry.text, agency),
        facts=[*_facts(form, agency), *_links(answer)] if form else (),
        utterances=[one for one in asked(form)[1:] if plain(one) != plain(form.fields["pregunta"])] if form else (),
        counterexamples=[one.text for one in form.counterexamples] if form else (),
        problems=problems,
        stopped=reason_of(stale) if stale else "",
    )


def _facts(form: Form, agency: Agency) -> list[tuple[str, str]]:
    named = named_fields(form, agency)
    facts = [(label_of(name), shown_value(name, value)) for name, value in named.items() if value and name not in ABOVE]
    return [*facts, *([(label_of("audiencia"), named_audience(form, agency))] if form.audience else [])]


def _links(answer: str) -> Iterator[tuple[str, str]]:
    """Yields a label and the address of each link in the safe HTML ``answer`` whose words do not show the address."""
    for href, words in dict.fromkeys(LINK.findall(answer)):
        address, shown = unescape(href), unescape(re.sub("<[^>]+>", "", words))
        if address.removeprefix("mailto:") != shown and not _is_number(address, shown):
            yield say("aprobar_varias.enlace", texto=shown), address


def _is_number(address: str, shown: str) -> bool:
    """Returns whether a link's words are the phone number that it calls, with or without its prefix."""
    digits = re.sub(r"\D", "", shown)
    return address.startswith("tel:") and digits != "" and address.endswith(digits)
