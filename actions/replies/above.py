"""Refers a follow-up to the answer that the citizen has above, instead of sending or offering a long answer again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from actions.faq import Decision, Entry
from actions.history import previous_entry
from actions.replies.buttons import ASK_HUMAN, choice, whole
from actions.tracker import TrackerEvent
from bot.agency.model import Agency
from bot.core.messages import Button, Candidate
from bot.core.outgoing.hosts import site
from bot.core.payload import Payload
from bot.core.texts import area
from bot.faq.answering.asked_section import asks_only_sections, nearest_sentence
from bot.faq.answering.follow_up import only_skips_a_step
from bot.faq.entries.sections import general_words
from bot.faq.words.keywords import content_stems, may_be_subjects
from bot.faq.words.wording import names_detail, stays
from bot.handoff.matter import names_contact
from bot.text.markdown import literal
from bot.text.normalize import plain


def above(agency: Agency, answer: Payload, entry: Entry, words: str) -> Payload:
    """Returns a short reply that refers to ``answer``, with its sentence that shares most of ``words``, if any."""
    sentence = nearest_sentence(words, entry.question, entry.body)
    said = agency.say("ya_dicho_esto" if sentence else "ya_dicho", pregunta=entry.question)
    text = f"{said}\n\n{sentence}" if sentence else said
    buttons = (whole(entry.id, agency.say("boton_ver_todo")), _person(agency))
    return replace(answer, text=text, buttons=buttons, fold_after=0, title="")


def instead_of_offer(
    agency: Agency, candidates: Sequence[Candidate], words: str, previous: str | None, entry: Entry | None
) -> Payload | None:
    """Returns the reply where an offer of ``candidates`` would not help; None where it may.

    ``entry`` is that of ``previous``, the id of the entry sent last. The opening hours among ``candidates`` stay a
    choice. Who has its answer above reads that it lacks what
    the words ask for; whose first question names nothing is asked what it is about.
    """
    if is_above(candidates, previous, words):
        hours = tuple(choice(one) for one in candidates[1:] if one.entry == agency.hours_entry)
        reply = lacking(agency, candidates[0], words, entry)
        return replace(reply, buttons=(*hours, *reply.buttons))
    if not previous and names_nothing(agency, candidates, words):
        return Payload(agency.say("de_que_tramite"), (_person(agency),), missed=True)
    return None


def detail_above(agency: Agency, words: str, entry: Entry | None) -> Payload | None:
    """Returns the reply to a message that only names a detail of the answer above, that of ``entry``: «¿en el banco?».

    Returns None for any other message, without an answer above, and for a request for a person.
    """
    if entry is None or not names_detail(words) or names_contact(words):
        return None
    return lacking(agency, Candidate(entry.id, entry.question, 0.0), words, entry)


def is_above(candidates: Sequence[Candidate], previous: str | None, words: str) -> bool:
    """Returns whether the likeliest entry is the ``previous`` one, and no other can be meant.

    No other can be meant if it is the only candidate, or if the words ask only for a kind of section.
    """
    if candidates[0].entry != previous:
        return False
    return len(candidates) == 1 or _asks_for_sections(words, candidates[0])


def sent_last(sent: Decision | None) -> Entry | None:
    """Returns the entry that was sent last, as the citizen gets it now; None if it is gone, has expired, or asks first.

    ``sent`` is the decision on its choice: the variant for this citizen, or the first of several.
    """
    served = (sent.entry, *sent.variants) if sent and sent.kind == "answer" else ()
    return next(filter(None, served), None)


def lacking(agency: Agency, candidate: Candidate, words: str, entry: Entry | None = None) -> Payload:
    """Returns the reply that the answer above lacks what the words ask for; its buttons are «ver todo» and a person.

    ``entry`` is that of the answer. If one of its sentences has words of the message, that sentence is quoted. If the
    entry's source is another body, the reply names it, since the agency's team may not know. If the words are about a
    step that is skipped, or name nothing, the answer may say it; the reply then only says that the answer is above.
    """
    buttons = (whole(candidate.entry, agency.say("boton_ver_todo")), _person(agency))
    text = _lacks(agency, candidate, words, entry)
    return Payload(text, buttons=buttons, above=True, quotes=(candidate.entry,))


def _lacks(agency: Agency, candidate: Candidate, words: str, entry: Entry | None) -> str:
    if entry and (sentence := nearest_sentence(words, entry.question, entry.body)):
        return f"{agency.say('ya_dicho_esto', pregunta=candidate.question)}\n\n{sentence}"
    if not _asks_for_sections(words, candidate):
        return agency.say("ya_dicho", pregunta=candidate.question)
    if entry and _place(entry.source.url) != _place(agency.site) and agency.site not in entry.body:
        named = {"fuente": literal(entry.source.title), "url": entry.source.url}
        return agency.say("no_lo_dice_fuente", pregunta=candidate.question, **named)
    return agency.say("no_lo_dice", pregunta=candidate.question)


def stays_above(replies: Sequence[Payload], words: str, events: Sequence[TrackerEvent]) -> bool:
    """Returns whether the replies to a message that names nothing, after an answer, are about it or offer choices.

    No small talk is meant then, whatever it resembles: «¿y qué tengo que hacer?» resembles one about the assistant.
    """
    is_known = any(one.above or (one.candidates and previous_entry(events)) for one in replies)
    return is_known and (stays(words) or names_detail(words) or asks_only_sections(words, ""))


def names_nothing(agency: Agency, candidates: Sequence[Candidate], words: str) -> bool:
    """Returns whether a first question only asks for a price, papers and the like, of nothing that it names.

    The agency's opening hours may still be meant («¿dónde queda?»), if they are among the ``candidates``. A word that
    only they have («poda»: its stem is that of «poder») names one of them.
    """
    hours = agency.hours_entry in {one.entry for one in candidates}
    told = {word for word in plain(words).split() if content_stems(word) and word not in _general()}
    questions = " ".join(one.question for one in candidates)
    named = not told.isdisjoint(plain(questions).split())
    return not hours and not named and stays(words, may_be_subjects(questions))


@cache
def _general() -> frozenset[str]:
    return frozenset(f"{area('faq')['generales']} {general_words()}".split())


def _place(address: str) -> str:
    return site(address).replace("://www.", "://")


def _asks_for_sections(words: str, candidate: Candidate) -> bool:
    return asks_only_sections(words, candidate.question) and not only_skips_a_step(words)


def _person(agency: Agency) -> Button:
    return Button(agency.say("boton_persona"), ASK_HUMAN)
