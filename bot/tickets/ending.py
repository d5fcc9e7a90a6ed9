"""Describes how a support session ended, and which messages it, or a pause, leaves unanswered."""

from __future__ import annotations

from dataclasses import dataclass

SOLVED = "solved"


@dataclass(frozen=True)
class Ending:
    """The end of a support session, as described by the agent who closes it."""

    outcome: str = SOLVED
    summary: str = ""  # for the next agent and for Rasa's tracker
    entry: str = ""  # id of the entry from which the assistant continues; '' for the entry that staff sent last
    question: str = ""  # the question of that entry


ENDED_WELL = Ending()


@dataclass(frozen=True)
class Unanswered:
    """The citizen's messages that an agent leaves unanswered on closing or snoozing a ticket.

    ``newest`` is the id of the newest of them, '' if there are none. ``hand_back`` contains the ids of those that the
    assistant has to answer, oldest first.
    """

    newest: str = ""
    hand_back: tuple[str, ...] = ()
