"""Refers a follow-up to the answer that the citizen has above, instead of sending or offering a long answer again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.faq import Entry
from actions.replies.buttons import ASK_HUMAN, whole
from bot.agency.model import Agency
from bot.core.messages import Button, Candidate
from bot.core.payload import Payload
from bot.faq.answering.asked_section import asks_only_sections, nearest_sentence
from bot.faq.answering.follow_up import only_skips_a_step


def above(agency: Agency, answer: Payload, entry: Entry, words: str) -> Payload:
    """Returns a short reply that refers to ``answer``, with its sentence that shares most of ``words``, if any."""
    sentence = nearest_sentence(words, entry.question, entry.body)
    said = agency.say("ya_dicho_esto" if sentence else "ya_dicho", pregunta=entry.question)
    text = f"{said}\n\n{sentence}" if sentence else said
    buttons = (whole(entry.id, agency.say("boton_ver_todo")), _person(agency))
    return replace(answer, text=text, buttons=buttons, fold_after=0, title="")


def is_above(candidates: Sequence[Candidate], previous: str | None, words: str) -> bool:
    """Returns whether the likeliest entry is the ``previous`` one, and no other can be meant.

    No other can be meant if it is the only candidate, or if the words ask only for a kind of section.
    """
    if candidates[0].entry != previous:
        return False
    return len(candidates) == 1 or _asks_for_sections(words, candidates[0])


def lacking(agency: Agency, candidate: Candidate, words: str) -> Payload:
    """Returns the reply that the answer above lacks what the words ask for; its buttons are «ver todo» and a person.

    If the words are about a step that is skipped, the answer may say what happens then; the reply then only says that
    the answer is above.
    """
    key = "no_lo_dice" if _asks_for_sections(words, candidate) else "ya_dicho"
    buttons = (whole(candidate.entry, agency.say("boton_ver_todo")), _person(agency))
    return Payload(agency.say(key, pregunta=candidate.question), buttons=buttons)


def _asks_for_sections(words: str, candidate: Candidate) -> bool:
    return asks_only_sections(words, candidate.question) and not only_skips_a_step(words)


def _person(agency: Agency) -> Button:
    return Button(agency.say("boton_persona"), ASK_HUMAN)
