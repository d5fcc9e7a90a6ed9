"""Decides whether a message gets the answer of an entry, the step of a command, or the reply that Rasa chose.

- If the answerer surely recognizes a command, the step of that command runs, even if Rasa does not recognize it.
- If an entry surely answers such a message too («quiero reclamar por un hoyo»), the entry answers it. If the command
  leads to a person, a button below the answer offers it. But a message that says nothing of a matter («quiero poner un
  reclamo») is only the command.
- If Rasa takes a message for a command, but an entry surely answers it and the answerer recognizes no command in it,
  the entry answers it.

The rules are applied before Rasa sees a message (``POST /answer``), and again when Rasa runs an action.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.faq import Decision
from bot.agency.model import Agency
from bot.core.messages import Button
from bot.core.payload import Payload
from bot.handoff.matter import asks_for_somebody, tells_matter

OFFERED = {"ask_human": "boton_persona", "complaint": "boton_reclamo"}  # commands that lead to a person: button's text
DOUBTED = {"action_ask_human", "action_complaint", "action_feedback_bad", "action_insult"}  # not rights over one's data


def entry_answers(decision: Decision, words: str) -> bool:
    """Returns whether an entry surely answers the message, whose text is ``words``, on its own.

    It does not if the message is a follow-up to an earlier answer, or tells no matter but is a command, asks for a
    person or complains; Rasa then knows what to do.
    """
    answered = (decision.kind == "answer" or decision.asks is not None) and not decision.follows
    return answered and (tells_matter(words) or not (decision.command or asks_for_somebody(words)))


def commanded(decision: Decision, words: str) -> str:
    """Returns the name of the command whose step must run instead of an answer; '' if there is none."""
    return decision.command.name if decision.command and not entry_answers(decision, words) else ""


def goes_to_a_person(decision: Decision, words: str) -> str:
    """Returns the name of the command if it leads to a person and must overrule Rasa's intent, otherwise ''.

    Rasa takes «gracias, páseme con alguien» for thanks, for example.
    """
    name = commanded(decision, words)
    return name if name in OFFERED and not decision.danger else ""


def overrules_rasa(decision: Decision, words: str) -> bool:
    """Returns whether an entry answers a message that Rasa takes for a command.

    The answerer must recognize no command in it, or one that a button below the answer offers.
    """
    return entry_answers(decision, words) and (decision.command is None or decision.command.name in OFFERED)


def with_offer(replies: Sequence[Payload], decision: Decision, agency: Agency) -> tuple[Payload, ...]:
    """Adds a button for the command to the answer, if the message also asks for a person or complains."""
    name = decision.command.name if decision.command else ""
    if name not in OFFERED or decision.kind != "answer" or any(one.handoff for one in replies):
        return tuple(replies)
    button = Button(agency.say(OFFERED[name]), f"/{name}")
    return (*replies[:-1], replace(replies[-1], buttons=(*replies[-1].buttons, button)))
