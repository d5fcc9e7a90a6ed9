"""What a turn changes in its conversation besides adding to the feed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.conversation.feed_line import event_of
from bot.core.events import EventKind
from bot.core.json_fields import JsonFields
from bot.core.messages import Button, Priority, Reply


@dataclass(frozen=True)
class Note:
    """An event that a turn adds besides its replies. ``secret`` reaches the record only, never a feed or a page."""

    kind: EventKind
    facts: JsonFields
    secret: str = ""

    def to_dict(self) -> dict[str, Any]:
        data = json.dumps(self.facts.to_data())
        return {"kind": self.kind, "data": data} | ({"secret": self.secret} if self.secret else {})


@dataclass(frozen=True)
class SurveyAnswer:
    """What a citizen says of the attention of ``ticket``: a ``score`` from 1 to 5, or later ``words``."""

    ticket: str
    score: int = 0
    words: str = ""


@dataclass(frozen=True)
class AnswerToApprove:
    """An answer that waits at most ``wait_ms`` for the OK of a person of ``team``; ``words`` are the citizen's.

    Buttons of the answer wait in full beside its events, which go without payloads: they work once it is said.
    """

    id: str
    replies: tuple[Reply, ...]
    words: str
    wait_ms: int
    team: str = ""

    def to_dict(self) -> dict[str, Any]:
        events = json.dumps([event_of(reply) | _offered(reply) for reply in self.replies])
        return {"id": self.id, "team": self.team, "words": self.words, "wait_ms": self.wait_ms, "events": events}


@dataclass(frozen=True)
class Change:
    """What a turn changes besides adding to the feed. ``notices``: whether the citizen wants what is sent unasked;
    ``form`` '' ends the dialogue about a call-back, ``call_back_at`` (ms) is its end: the ticket waits for that moment;
    ``revoke``: the citizen wants no call any more; ``known``: what is known of them from now on; ``wrote_spanish``:
    as in ConversationState, None leaves it."""

    buttons: tuple[Button, ...] | None = None
    welcomed: bool = False
    noticed_at: int | None = None
    cancel_ticket: bool = False
    call_back_at: int | None = None
    revoke: bool = False
    form: str | None = None
    note: Note | None = None
    escalate_to: Priority | None = None
    notices: bool | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    survey_answer: SurveyAnswer | None = None
    to_approve: AnswerToApprove | None = None
    wrote_spanish: bool | None = None

    def to_dict(self) -> dict[str, Any]:
        """What is changed, as commit.lua takes it."""
        patch: dict[str, Any] = {
            "buttons": None if self.buttons is None else json.dumps([vars(button) for button in self.buttons]),
            "welcomed": self.welcomed or None,
            "noticed_at": self.noticed_at,
            "cancel_ticket": self.cancel_ticket or None,
            "call_back": self.call_back_at,
            "revoke": self.revoke or None,
            "form": self.form,
            "note": self.note.to_dict() if self.note else None,
            "known": dict(self.known) or None,
            "judgement": vars(self.survey_answer) if self.survey_answer else None,
            "held": self.to_approve.to_dict() if self.to_approve else None,
            "raise": self.escalate_to.value if self.escalate_to else None,
            "wrote_spanish": None if self.wrote_spanish is None else int(self.wrote_spanish),
            "notices": None if self.notices is None else ("on" if self.notices else "off"),
        }
        return {name: value for name, value in patch.items() if value is not None}


def _offered(reply: Reply) -> dict[str, list[dict[str, str]]]:
    return {"buttons": [vars(button) for button in reply.buttons]} if reply.buttons else {}
