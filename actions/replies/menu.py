"""Replies about what the assistant answers: examples from the agency's own entries, and what it can and cannot do.

The texts come from agency.yml; no text names a subject that another agency lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from actions.faq import Entry
from actions.replies.buttons import ASK_HUMAN, choice
from bot.agency.front_page import in_turn
from bot.agency.model import Agency
from bot.core.messages import Button, Candidate
from bot.core.payload import Payload
from bot.text.normalize import plain

HELP_MENU = "/help_menu"


def about_subjects(agency: Agency, key: str) -> Payload:
    """Returns the text ``key``, which names what the agency's questions are about, with a menu and a person."""
    subjects = agency.say(f"asunto_{agency.front_page.kind_of(agency.name)}", corto=agency.short_name)
    buttons = (Button(agency.say("boton_frecuentes"), HELP_MENU), _person(agency))
    return Payload(agency.say(key, asunto=subjects), buttons=buttons)


def menu(agency: Agency, entries: Iterable[Entry], today: date) -> Payload:
    """Returns a reply with some of the agency's valid questions; without any, what can be asked."""
    valid = [one for one in entries if one.expires is None or one.expires >= today]
    featured = [plain(one.question) for one in agency.front_page.featured]
    shown = examples(valid, featured)[: agency.max_choices]
    if not shown:
        return about_subjects(agency, "que_respondo")
    choices = (choice(Candidate(one.id, one.question, 1.0)) for one in shown)
    return Payload(agency.say("menu"), buttons=(*choices, _person(agency)))


def examples(entries: Sequence[Entry], featured: Sequence[str]) -> list[Entry]:
    """Returns the entries to show: the ``featured`` ones first, then one of each topic in turn, the largest first.

    ``featured`` are questions, normalized.
    """
    by_question = {plain(one.question): one for one in entries}
    first = [by_question[question] for question in featured if question in by_question]
    topics: dict[str, list[Entry]] = {}
    for one in entries:
        topics.setdefault(one.topic, []).append(one)
    return list({one.id: one for one in (*first, *in_turn(topics.values()))}.values())


def _person(agency: Agency) -> Button:
    return Button(agency.say("boton_persona"), ASK_HUMAN)
