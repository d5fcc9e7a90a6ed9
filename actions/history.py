"""What was said before, as Rasa's tracker tells it: the choices that stand, the entry answered last, by us or by staff,
the one that waits for the citizen to say who they are, a miss.

Called by context.py, answer_faq.py, choice.py and miss.py. ``events`` are the tracker's (tracker.py), oldest first;
only those of the current session count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from actions.tracker import TrackerEvent, TrackerKind
from bot.core.messages import Candidate, HandoffReason
from bot.core.payload import Payload

REMEMBERED_TURNS = 3
"""For how many of the citizen's messages an answer is what they may go on about."""

Events = Sequence[TrackerEvent]


@dataclass(frozen=True)
class Turn:
    """One message of the citizen. ``said``: our payload of each message that the assistant said to it, empty for a
    plain text; ``resumed`` as in TrackerEvent.
    """

    said: list[Payload] = field(default_factory=list)
    resumed: str | None = None

    @property
    def entry(self) -> str | None:
        """What may be gone on about after this turn: '' when that is nothing, None when what was before still is.

        Who only asked for a person, and came back before one attended, still goes on about the same.
        """
        for payload in reversed(self.said):
            if payload.handoff and payload.handoff.reason is not HandoffReason.ASKED_HUMAN:
                return ""
            if payload.provenance:
                return payload.provenance.entry
        return self.resumed


def offered(events: Events) -> tuple[Candidate, ...]:
    """The candidates of the assistant's last message, if the citizen's newest one replies to an offer; else none."""
    said = _turn_before(events).said
    return said[-1].candidates if said else ()


def previous_entry(events: Events) -> str | None:
    """The id of the entry answered last, by us or by a person, unless that is long ago or another matter came since."""
    newest = _turns(events)[-1:]
    entries = (turn.entry for turn in reversed(_answered(events)[-REMEMBERED_TURNS:] + newest))
    return next((entry for entry in entries if entry is not None), None) or None


def fell_back_before(events: Events) -> bool:
    """Whether the assistant had nothing to say to the citizen's message before this one either."""
    return any(payload.missed for payload in _turn_before(events).said)


def asked_about(events: Events) -> Candidate | None:
    """The entry that waits for the citizen to say who they are, if the assistant asked for it just before."""
    return next((payload.asks for payload in _turn_before(events).said if payload.asks), None)


def _turn_before(events: Events) -> Turn:
    return next(iter(reversed(_answered(events))), Turn())


def _answered(events: Events) -> list[Turn]:
    """The session's turns before the citizen's newest message, oldest first."""
    return _turns(events)[:-1]


def _turns(events: Events) -> list[Turn]:
    """The session's turns, oldest first; the first is what the assistant said before any message."""
    turns = [Turn()]
    for event in events:
        match event.kind:
            case TrackerKind.SESSION_STARTED:
                turns = [Turn()]
            case TrackerKind.USER:
                turns.append(Turn(resumed=event.resumed))
            case TrackerKind.REWIND:  # the desk did not let the answer out
                turns = turns[:-1] or [Turn()]
            case TrackerKind.BOT:
                turns[-1].said.append(event.payload)
    return turns
