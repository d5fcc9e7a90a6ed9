"""Builds the buttons below an answer, each with the command that it sends."""

from __future__ import annotations

import json

from bot.core.messages import CHOOSE_ENTRY, Button, Candidate

TITLE_LIMIT = 72
ASK_HUMAN = "/ask_human"
WHOLE = "whole"


def whole(id: str, title: str) -> Button:
    """Returns the button with which a citizen who got a shortened answer requests the whole answer of the entry."""
    command = json.dumps({"entry": id, WHOLE: "1"})
    return Button(title, f"{CHOOSE_ENTRY}{command}")


def choice(candidate: Candidate) -> Button:
    """Returns the button that chooses a candidate.

    Its title is the question, shortened to TITLE_LIMIT characters; its payload is a command for Rasa.
    """
    command = json.dumps({"entry": candidate.entry})
    return Button(shortened(candidate.question), f"{CHOOSE_ENTRY}{command}")


def shortened(question: str) -> str:
    """Shortens a question to TITLE_LIMIT characters, cutting between words."""
    if len(question) <= TITLE_LIMIT:
        return question
    return question[: TITLE_LIMIT - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
