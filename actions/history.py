"""What was said before, as Rasa's tracker tells it: the choices that stand, the entry answered last, the one that waits
for the citizen to say who they are, a miss.

Called by context.py, answer_faq.py, choice.py, miss.py and told.py; reads back what payload.py wrote. ``events`` are
the tracker's, oldest first, as Rasa sends them; only those of the current session count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.payload import KEY
from bot.messages import Candidate

REMEMBERED_TURNS = 3
"""For how many of the citizen's messages an answer is what they may go on about."""

Turn = list[dict[str, Any]]
"""Our payload of each message that the assistant said to one message of the citizen; empty for a plain text."""


def offered(events: Sequence[dict[str, Any]]) -> tuple[Candidate, ...]:
    """The candidates of the assistant's last message, if the citizen's newest one replies to an offer; else none."""
    last = next(iter(reversed(_turn_before(events))), {})
    return tuple(Candidate(**candidate) for candidate in last.get("candidates", []))


def previous_entry(events: Sequence[dict[str, Any]]) -> str | None:
    """The id of the entry answered last, unless that is long ago or a person was asked for since."""
    for turn in reversed(_answered(events)[-REMEMBERED_TURNS:]):
        for payload in reversed(turn):
            if payload.get("handoff"):
                return None
            if proof := payload.get("provenance"):
                return str(proof["entry"])
    return None


def missed_before(events: Sequence[dict[str, Any]]) -> bool:
    """Whether the assistant had nothing to say to the citizen's message before this one either."""
    return any(payload.get("missed") for payload in _turn_before(events))


def asked_about(events: Sequence[dict[str, Any]]) -> Candidate | None:
    """The entry that waits for the citizen to say who they are, if the assistant asked for it just before."""
    waiting = next((payload["asks"] for payload in _turn_before(events) if payload.get("asks")), None)
    return Candidate(**waiting) if waiting else None


def values(entities: Sequence[dict[str, Any]] | None) -> dict[str, str]:
    """What a button carried: the value of each entity of its message."""
    return {str(one.get("entity")): str(one.get("value") or "") for one in entities or ()}


def _turn_before(events: Sequence[dict[str, Any]]) -> Turn:
    return next(iter(reversed(_answered(events))), [])


def _answered(events: Sequence[dict[str, Any]]) -> list[Turn]:
    """The session's turns before the citizen's newest message, oldest first."""
    turns: list[Turn] = [[]]
    for event in events:
        if event.get("event") == "session_started":
            turns = [[]]
        elif event.get("event") == "user":
            turns.append([])
        elif event.get("event") == "rewind":  # the desk did not let the answer out
            turns = turns[:-1] or [[]]
        elif event.get("event") == "bot":
            turns[-1].append(payload_of(event))
    return turns[:-1]


def payload_of(event: dict[str, Any]) -> dict[str, Any]:
    """Our payload of a message of the assistant, empty for a plain text."""
    custom = (event.get("data") or {}).get("custom") or {}
    payload: dict[str, Any] = custom.get(KEY) or {}
    return payload
