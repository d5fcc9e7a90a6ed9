"""Decides whether a message gets the answer of an entry, the step of a command, or the reply that Rasa chose.

If the answerer recognizes a command with confidence, its step runs, even if Rasa does not recognize the command. If an
entry also answers such a message with confidence («quiero reclamar por un hoyo»), the entry answers, and if the command
leads to a person, a button below the answer offers it. But a message that does not say what the citizen wants («quiero
poner un reclamo») gets the step of the command, not an answer.

A message with the words of a complaint («quiero reclamar que...») in which the answerer recognizes no command is a
complaint only if the answerer finds no entry, topic or danger either. If an entry answers it or is offered, a button
below offers the complaint. If Rasa classifies a message as a command, but an entry answers it with confidence and the
answerer recognizes no command, the entry answers.

The rules are applied before Rasa gets a message (``POST /answer``), and again when Rasa runs an action.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.faq import Command, Decision
from bot.agency.model import Agency
from bot.core.messages import Button, Candidate
from bot.core.payload import Payload
from bot.faq.answering.asked_section import asks_about, asks_only_sections
from bot.faq.answering.follow_up import goes_on, names_it, only_skips_a_step, own_stems
from bot.faq.words.keywords import may_be_subjects
from bot.faq.words.wording import refers_back, speaks_to_the_assistant, stays
from bot.handoff.matter import asks_for_somebody, names_contact, states_matter
from bot.text.complaint import complains
from bot.text.normalize import plain
from bot.text.questions import CLAUSE_ENDS

# Commands that lead to a person, each with the key of its button's text.
COMPLAINT = "complaint"
OFFERED = {"ask_human": "boton_persona", COMPLAINT: "boton_reclamo"}
# Actions of Rasa that an entry may overrule. Privacy requests are not listed, since they are a right.
TO_PERSON = "action_ask_human"
DOUBTED = {TO_PERSON, "action_complaint", "action_feedback_bad", "action_insult"}
# Actions of Rasa that the answerer also overrules if the message is near the agency's subjects.
DOUBTED_NEAR = {"action_out_of_scope", "action_feedback_bad"}
# Commands that are questions. A confident answer to a follow-up takes precedence over such a command with a score below
# FAINT, and so do choices over a request for a person without any word of one.
QUESTIONS, FAINT = {"bot_identity", "capabilities"}, 0.5
# Minimum sum of the probabilities of the CONSIDERED likeliest entries for chitchat to be near the agency's subjects.
NEAR, CONSIDERED = 0.05, 3
KNOWN = ("answer", "clarify", "refer")  # the kinds of decisions on messages that were understood
DENYING = frozenset({"no", "ni", "tampoco", "nunca", "jamas", "sin", "menos", "salvo", "excepto", "nada"})


def entry_answers(decision: Decision, words: str) -> bool:
    """Returns whether an entry answers the message, whose text is ``words``, so that Rasa is not needed.

    Returns False for a follow-up to an earlier answer, unless a question about the assistant is recognized in it with a
    score below FAINT («como se de quien es», after an answer about lost pets), or the follow-up clearly asks for a
    section of that answer. Also returns False for a command, a request for a person or a complaint that does not say
    what the citizen wants («quiero poner un reclamo»).
    """
    answered = decision.kind == "answer" or decision.asks is not None
    if decision.follows and not (_is_faint(decision.command) or _asks_for_a_section(decision, words)):
        return False
    return answered and (states_matter(words) or not (decision.command or asks_for_somebody(words)))


def _is_faint(command: Command | None) -> bool:
    """Returns whether a command is a question with so low a score that a follow-up is more likely."""
    return command is not None and command.name in QUESTIONS and command.score < FAINT


def _asks_for_a_section(decision: Decision, words: str) -> bool:
    """Returns whether a message taken for small talk asks for a section of the entry found («y hasta cuándo?»).

    A message about a step that is skipped («¿y si no voy?»), which resembles a farewell, counts, too. If no entry is
    found, returns whether the message only asks for a kind of section («¿y dónde?») of the entry that is offered first.
    """
    if decision.command is None or decision.command.name in OFFERED:
        return False
    if only_skips_a_step(words):
        return True
    if decision.entry is not None:
        return asks_about(words, decision.entry.question, decision.entry.body)
    return decision.kind == "clarify" and asks_only_sections(words, decision.candidates[0].question)


def goes_on_about(choices: Sequence[Candidate], decision: Decision, words: str) -> bool:
    """Returns whether the message continues about the offered ``choices``, without saying about which of them.

    It names nothing («¿y cuánto vale?»), or only what their questions name («¿y cuánto vale la patente?», after an
    offer of the business licence), or only a pronoun («¿me lo mandan por correo?»). In the last two cases, an entry
    that is not among the choices must not answer it, however high its probability.
    """
    if decision.danger or decision.asks or (decision.command and not refers_back(words)):
        return False
    told = {entry.id for entry in (decision.entry, *decision.variants) if entry}
    asked = " ".join(one.question for one in choices)
    subjects = may_be_subjects(asked)
    if refers_back(words, subjects) or only_skips_a_step(words):
        return told.isdisjoint(one.entry for one in choices)
    if not goes_on(words):  # «cuánto», alone, goes on too
        return decision.kind in ("handoff", "scope", "clarify") and asks_only_sections(words, "")
    named = own_stems(words, subjects)
    if not named or decision.kind != "answer":
        return not named and decision.kind != "answer"
    return told.isdisjoint(one.entry for one in choices) and named <= own_stems(asked, subjects)


def goes_on_unknown(decision: Decision, words: str) -> bool:
    """Returns whether the message goes on («¿y sirve para el colegio?») and is neither a command nor a complaint."""
    return goes_on(words) and not (decision.danger or decision.command or complains(words) or names_contact(words))


def named_among(choices: Sequence[Candidate], decision: Decision, words: str) -> Candidate | None:
    """Returns the one of several offered ``choices`` that the message names («por la iglesia no, por el civil»).

    It names the choice with a word that no other choice's question has; a clause with «no» names none. Returns None if
    an entry or topic answers the message, or if another entry is likelier than that choice, unless the message says
    nothing but words of its question («por el civil»). Also returns None for a complaint, and if no entry is likely and
    the message says more («divorciarme de mi matrimonio»).
    """
    known = decision.danger or decision.command or decision.asks or decision.also or decision.out_of_scope_topic
    if len(choices) == 1 or known or decision.kind == "answer" or not decision.candidates or complains(words):
        return None
    clauses = [one for one in CLAUSE_ENDS.split(words) if DENYING.isdisjoint(plain(one).split())]
    subjects = may_be_subjects(" ".join(one.question for one in choices))
    told = own_stems(" ".join(clauses), subjects)
    stems = [own_stems(one.question, subjects) for one in choices]
    own = [one - frozenset().union(*stems[:n], *stems[n + 1 :]) for n, one in enumerate(stems)]
    named = [(one, asked) for one, asked, distinct in zip(choices, stems, own, strict=True) if told & distinct]
    if len(named) != 1 or (decision.kind != "clarify" and told - frozenset().union(*stems)):
        return None
    [(choice, asked)] = named
    return choice if choice.entry == decision.candidates[0].entry or own_stems(words, subjects) <= asked else None


def is_unknown(decision: Decision) -> bool:
    """Returns whether neither an entry, current or expired, nor an out-of-scope topic was found for the message."""
    known = decision.entry or decision.variants or decision.also or decision.also_variants
    return decision.kind == "handoff" and not known and not decision.out_of_scope_topic


def is_better(joined: Decision, alone: Decision) -> bool:
    """Returns whether a message with the fragment before it is surely answered, or known while ``alone`` it is not."""
    if joined.command:
        return False
    return joined.kind == "answer" or (joined.kind in KNOWN and alone.kind not in KNOWN)


def is_near(decision: Decision) -> bool:
    """Returns whether a message taken for chitchat may be about the agency's subjects, by its entries' probabilities.

    Such a message gets «no tengo una respuesta segura» instead of «solo respondo sobre trámites».
    """
    return decision.kind == "scope" and sum(one.confidence for one in decision.candidates[:CONSIDERED]) >= NEAR


def commanded(decision: Decision, words: str) -> str:
    """Returns the name of the command whose step must run instead of an answer; '' if there is none."""
    if decision.command:
        names_nothing = stays(words) or asks_only_sections(words, "")
        about_above = names_it(words) or (names_nothing and not speaks_to_the_assistant(words))
        asked = _asks_for_a_section(decision, words) or (decision.command.name in QUESTIONS and about_above)
        unsure = (decision.kind == "clarify" or decision.follows) and asked
        overruled = unsure or entry_answers(decision, words) or offers_despite_person(decision, words)
        return "" if overruled else decision.command.name
    known = decision.entry or decision.also or decision.out_of_scope_topic or decision.danger
    return COMPLAINT if decision.kind == "handoff" and not known and complains(words) else ""


def goes_to_a_person(decision: Decision, words: str) -> str:
    """Returns the name of the command if it leads to a person and must overrule Rasa's intent, otherwise ''.

    For example, Rasa classifies «gracias, páseme con alguien» as thanks.
    """
    name = commanded(decision, words)
    return name if name in OFFERED and not decision.danger else ""


def overrules_rasa(decision: Decision, words: str) -> bool:
    """Returns whether an entry answers a message that Rasa classifies as a command or small talk.

    Returns False if the answerer recognizes a command in the message, too, unless a button below the answer offers it.
    """
    return entry_answers(decision, words) and (decision.command is None or decision.command.name in OFFERED)


def offers_despite_person(decision: Decision, words: str) -> bool:
    """Returns whether entries are offered for a message that Rasa or the answerer takes for a request for a person.

    They are offered if no word of the message asks for a person («cómo me caso por el civil») and the answerer's score
    for such a request, if any, is below FAINT.
    """
    command = decision.command
    faint = command is None or (command.name == "ask_human" and command.score < FAINT)
    return decision.kind == "clarify" and faint and not names_contact(words)


def with_offer(replies: Sequence[Payload], decision: Decision, agency: Agency, words: str) -> tuple[Payload, ...]:
    """Returns the replies; if the message also asks for a person or complains, the last one gets a button for that.

    The button is added only if the replies answer the message or offer choices, and none of them is a handoff.
    """
    name = decision.command.name if decision.command else COMPLAINT if complains(words) else ""
    told = decision.kind == "answer" or (decision.kind == "clarify" and not decision.asks)
    if name not in OFFERED or not told or any(one.handoff for one in replies):
        return tuple(replies)
    button = Button(agency.say(OFFERED[name]), f"/{name}")
    return (*replies[:-1], replace(replies[-1], buttons=(*replies[-1].buttons, button)))
