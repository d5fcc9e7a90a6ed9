"""Decides between the entry that answers a message, the command that the answerer recognizes, and Rasa's intent.

A message that surely is a command, in words that Rasa does not know, gets that command's step. If an entry surely
answers it too («quiero reclamar por un hoyo»), the entry answers, and a button below offers the command. A message that
Rasa takes for a command, but that an entry surely answers and the answerer takes for no command, gets the answer.

The bot asks for the vote before Rasa (``POST /answer``), and for what is left of it when Rasa runs an action.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.faq import Decision
from bot.agency.model import Agency
from bot.core.messages import Button
from bot.core.payload import Payload

OFFERED = {"ask_human": "boton_persona", "complaint": "boton_reclamo"}  # commands that lead to a person: button's text
DOUBTED = {"action_ask_human", "action_complaint", "action_feedback_bad", "action_insult"}  # not rights over one's data


def entry_answers(decision: Decision) -> bool:
    """Returns whether an entry surely answers the message itself, rather than what a follow-up goes on about."""
    return (decision.kind == "answer" or decision.asks is not None) and not decision.follows


def commanded(decision: Decision) -> str:
    """Returns the command to carry out instead of answering; '' if there is none."""
    return decision.command.name if decision.command and not entry_answers(decision) else ""


def goes_to_a_person(decision: Decision) -> str:
    """Returns the command that overrules Rasa, which takes «gracias, páseme con alguien» for thanks; '' for none."""
    name = commanded(decision)
    return name if name in OFFERED and not decision.danger else ""


def overrules_rasa(decision: Decision) -> bool:
    """Returns whether an entry answers a message that Rasa takes for a command: it is none, or is offered below."""
    return entry_answers(decision) and (decision.command is None or decision.command.name in OFFERED)


def with_offer(replies: Sequence[Payload], decision: Decision, agency: Agency) -> tuple[Payload, ...]:
    """Adds a button to the answer if the message also asks for a person or complains."""
    name = decision.command.name if decision.command else ""
    if name not in OFFERED or decision.kind != "answer" or any(one.handoff for one in replies):
        return tuple(replies)
    button = Button(agency.say(OFFERED[name]), f"/{name}")
    return (*replies[:-1], replace(replies[-1], buttons=(*replies[-1].buttons, button)))
