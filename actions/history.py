"""What was said before, as Rasa's tracker tells it: the choices that stand, the entry answered last, by us or by staff,
the one that waits for the citizen to say who they are, a miss.

Called by context.py, answer_faq.py, choice.py, miss.py and told.py; reads back what payload.py wrote and the metadata
of bot/turns/rasa_client.py. ``events`` are the tracker's, oldest first, as Rasa sends them; only those of the current
session count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from actions.payload import KEY
from bot.core.messages import Candidate, HandoffReason

REMEMBERED_TURNS = 3
"""For how many of the citizen's messages an answer is what they may go on about."""


@dataclass(frozen=True)
class Turn:
    """One message of the citizen. ``said``: our payload of each message that the assistant said to it, empty for a
    plain text; ``resumed``: the entry of the person who had attended just before, '' when it was none, None when nobody
    had.
    """

    said: list[dict[str, Any]] = field(default_factory=list)
    resumed: str | None = None

    @property
    def entry(self) -> str | None:
        """What may be gone on about after this turn: '' when that is nothing, None when what was before still is.

        Who only asked for a person, and came back before one attended, still goes on about the same.
        """
        for payload in reversed(self.said):
            if (payload.get("handoff") or {}).get("reason", HandoffReason.ASKED_HUMAN) != HandoffReason.ASKED_HUMAN:
                return ""
            if proof := payload.get("provenance"):
                return str(proof["entry"])
        return self.resumed


def offered(events: Sequence[dict[str, Any]]) -> tuple[Candidate, ...]:
    """The candidates of the assistant's last message, if the citizen's newest one replies to an offer; else none."""
    said = _turn_before(events).said
    return tuple(Candidate(**candidate) for candidate in (said[-1].get("candidates", []) if said else ()))


def previous_entry(events: Sequence[dict[str, Any]]) -> str | None:
    """The id of the entry answered last, by us or by a person, unless that is long ago or another matter came since."""
    newest = _turns(events)[-1:]
    entries = (turn.entry for turn in reversed(_answered(events)[-REMEMBERED_TURNS:] + newest))
    return next((entry for entry in entries if entry is not None), None) or None


def missed_before(events: Sequence[dict[str, Any]]) -> bool:
    """Whether the assistant had nothing to say to the citizen's message before this one either."""
    return any(payload.get("missed") for payload in _turn_before(events).said)


def asked_about(events: Sequence[dict[str, Any]]) -> Candidate | None:
    """The entry that waits for the citizen to say who they are, if the assistant asked for it just before."""
    waiting = next((payload["asks"] for payload in _turn_before(events).said if payload.get("asks")), None)
    return Candidate(**waiting) if waiting else None


def values(entities: Sequence[dict[str, Any]] | None) -> dict[str, str]:
    """What a button carried: the value of each entity of its message."""
    return {str(one.get("entity")): str(one.get("value") or "") for one in entities or ()}


def _turn_before(events: Sequence[dict[str, Any]]) -> Turn:
    return next(iter(reversed(_answered(events))), Turn())


def _answered(events: Sequence[dict[str, Any]]) -> list[Turn]:
    """The session's turns before the citizen's newest message, oldest first."""
    return _turns(events)[:-1]


def _turns(events: Sequence[dict[str, Any]]) -> list[Turn]:
    """The session's turns, oldest first; the first is what the assistant said before any message."""
    turns = [Turn()]
    for event in events:
        if event.get("event") == "session_started":
            turns = [Turn()]
        elif event.get("event") == "user":
            turns.append(Turn(resumed=(event.get("metadata") or {}).get("resumed")))
        elif event.get("event") == "rewind":  # the desk did not let the answer out
            turns = turns[:-1] or [Turn()]
        elif event.get("event") == "bot":
            turns[-1].said.append(payload_of(event))
    return turns


def payload_of(event: dict[str, Any]) -> dict[str, Any]:
    """Our payload of a message of the assistant, empty for a plain text."""
    custom = (event.get("data") or {}).get("custom") or {}
    payload: dict[str, Any] = custom.get(KEY) or {}
    return payload
