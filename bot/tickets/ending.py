"""How an attention ended, as whoever closes it says."""

from __future__ import annotations

from dataclasses import dataclass

SOLVED = "solved"


@dataclass(frozen=True)
class Ending:
    """How an attention ended: ``outcome``; ``summary`` for whoever attends the citizen next and for Rasa's tracker;
    ``entry`` (an id) and its ``question``: what it was about, from which the assistant goes on, '' for the one that the
    staff sent last."""

    outcome: str = SOLVED
    summary: str = ""
    entry: str = ""
    question: str = ""


ENDED_WELL = Ending()
