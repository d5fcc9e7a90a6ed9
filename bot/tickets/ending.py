"""Describes how a support session ended."""

from __future__ import annotations

from dataclasses import dataclass

SOLVED = "solved"


@dataclass(frozen=True)
class Ending:
    """The end of a support session, as the agent who closes it describes it."""

    outcome: str = SOLVED
    summary: str = ""  # for the next agent and for Rasa's tracker
    entry: str = ""  # id of the entry from which the assistant continues; '' for the one that staff sent last
    question: str = ""  # that entry's question


ENDED_WELL = Ending()


@dataclass(frozen=True)
class Unanswered:
    """Messages that an agent leaves unanswered.

    ``newest``: the newest one's id, or ''. ``hand_back``: ids of those for the assistant to answer, oldest first.
    """

    newest: str = ""
    hand_back: tuple[str, ...] = ()
