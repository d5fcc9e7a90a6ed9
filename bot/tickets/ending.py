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


@dataclass(frozen=True)
class Unanswered:
    """What of the citizen's words whoever closes leaves unanswered: the id of the ``newest`` message, '' for none, and
    of those to ``hand_back`` to the assistant, oldest first."""

    newest: str = ""
    hand_back: tuple[str, ...] = ()
