"""Says, below an answer, what became of another part of the message: an entry to choose, or no sure answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from actions.faq import Decision, OutOfScopeTopic
from actions.replies.buttons import ASK_HUMAN, choice
from bot.agency.model import Agency
from bot.core.messages import Button
from bot.core.payload import Payload

UNANSWERED = {"first": "sin_lo_primero", "second": "sin_lo_segundo"}  # keys of the texts, by the place of the part
ELSEWHERE = {"first": "lo_primero", "second": "lo_segundo"}


def with_rest(
    agency: Agency, answers: tuple[Payload, ...], decision: Decision, refer: Callable[[OutOfScopeTopic], Payload]
) -> tuple[Payload, ...]:
    """Returns the answers, and below them what the decision says about another part; not below a handoff.

    A button for an entry is no open offer, since «no» after an answer would then ask for a person. Without answers, a
    question about the audience follows. ``refer`` returns the referral to the body that handles a topic.
    """
    if any(one.handoff for one in answers):
        return answers
    if decision.beside:
        return (
            *answers,
            Payload(agency.say("tambien_esto" if answers else "dos_cosas"), buttons=(choice(decision.beside),)),
        )
    if decision.unanswered and decision.out_of_scope_topic:
        heading, referral = agency.say(ELSEWHERE[decision.unanswered]), refer(decision.out_of_scope_topic)
        return (*answers, replace(referral, text=f"{heading}\n\n{referral.text}"))
    if decision.unanswered:
        person = Button(agency.say("boton_persona"), ASK_HUMAN)
        return (*answers, Payload(agency.say(UNANSWERED[decision.unanswered]), buttons=(person,)))
    return answers
