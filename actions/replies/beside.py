"""Offers, below an answer, the entry for which another part of the message may ask."""

from __future__ import annotations

from actions.replies.buttons import choice
from bot.agency.model import Agency
from bot.core.messages import Candidate
from bot.core.payload import Payload


def with_beside(agency: Agency, answers: tuple[Payload, ...], beside: Candidate | None) -> tuple[Payload, ...]:
    """Returns the answers, and below them a button for ``beside``; only the answers if one of them is a handoff.

    The button is no open offer, since «no» after an answer would then ask for a person.
    """
    if beside is None or any(one.handoff for one in answers):
        return answers
    return (*answers, Payload(agency.say("tambien_esto"), buttons=(choice(beside),)))
