"""Defines what a turn changes in its conversation besides adding replies, and the ticket that it opens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.conversation.dialogue import Dialogue
from bot.conversation.event_log_entry import event_of, offer_of
from bot.conversation.unheard import UnheardTurn
from bot.core.event_facts import PrivacyRequestFacts
from bot.core.events import EventKind
from bot.core.json_fields import JsonFields
from bot.core.messages import Button, Handoff, Priority, Reply

SUMMARY_CHARACTERS = 280


@dataclass(frozen=True)
class Note:
    """An event that a turn adds besides its replies.

    ``secret`` is confidential text that only the record stores; it never gets into an event log or onto a page.
    """

    kind: EventKind
    facts: JsonFields
    secret: str = ""

    def to_dict(self) -> dict[str, Any]:
        data = json.dumps(self.facts.to_data())
        return {"kind": self.kind, "data": data} | ({"secret": self.secret} if self.secret else {})


@dataclass(frozen=True)
class SurveyAnswer:
    """A citizen's answer to the survey about ``ticket``: a ``score`` from 1 to 5, or a later comment, with score 0."""

    ticket: str
    score: int = 0
    words: str = ""


@dataclass(frozen=True)
class AnswerRating:
    """A citizen's rating of an answer; ``answer`` is the answer's rating id, '' for the newest answer.

    ``reason`` is one of the reasons in bot/turns/ratings/answers.py, '' if the citizen gave none.
    """

    answer: str
    useful: bool
    reason: str = ""


@dataclass(frozen=True)
class AnswerToApprove:
    """An answer that waits up to ``wait_ms`` for approval by ``team``; ``words`` is the citizen's text.

    ``to_dict`` includes the replies' buttons, which the citizen can press once the answer has been sent.
    """

    id: str
    replies: tuple[Reply, ...]
    words: str
    wait_ms: int
    team: str = ""
    dialogue: Dialogue | None = None  # the remembered exchanges once the answer is sent
    unheard: UnheardTurn | None = None  # the turn to add to Rasa's tracker once the answer is sent

    def to_dict(self) -> dict[str, Any]:
        events = json.dumps([event_of(reply) | _offered(reply) for reply in self.replies])
        held = {"id": self.id, "team": self.team, "words": self.words, "wait_ms": self.wait_ms, "events": events}
        if self.dialogue:
            held["dialogue"] = self.dialogue.to_json()
        return held | ({"unheard": self.unheard.to_json()} if self.unheard else {})


@dataclass(frozen=True)
class Change:
    """The changes of a turn besides its replies; fields with their default value change nothing."""

    buttons: tuple[Button, ...] | None = None  # the buttons that the citizen may press from now on
    welcomed: bool = False
    noticed_at: int | None = None  # when the citizen was told their queue position, in ms since 1970
    rest_announced: bool = False  # a waiting citizen was told that a person will read the messages without an answer
    complaint_explained: bool = False  # a waiting citizen was told how to leave a complaint with a number
    notify_near: bool = False  # the citizen asks to be told when their turn is near
    first: bool = False  # a public notice gives the citizen's words priority; the replies say so
    cancel_ticket: bool = False
    call_back_at: int | None = None  # turns the ticket into a call-back due at this time, in ms since 1970
    revoke: bool = False  # cancels the call-back that the citizen asked for
    form: str | None = None  # new state of the dialogue about a call-back; '' ends the dialogue
    complaint: str | None = None  # new state of the dialogue about a complaint; '' ends the dialogue
    note: Note | None = None
    escalate_to: Priority | None = None
    notices: bool | None = None  # True if the citizen now accepts unsolicited notices, False if not
    known: Mapping[str, str] = field(default_factory=dict)  # dimension -> value, newly known about the citizen
    survey_answer: SurveyAnswer | None = None
    answer_rating: AnswerRating | None = None
    to_approve: AnswerToApprove | None = None
    wrote_spanish: bool | None = None  # the new value of the field in ConversationState
    dialogue: Dialogue | None = None
    unheard: UnheardTurn | None = None  # this turn, for Rasa's tracker, if it was decided without Rasa
    sent_notices: tuple[str, ...] = ()  # ids of the notices and marks of the blocks in the replies
    erase: str = ""  # receipt of the erasure that the citizen confirmed
    explained: bool = False  # the citizen explained the privacy request that they made before

    @property
    def to_explain(self) -> str | None:
        """Returns the receipt of the privacy request that the citizen is asked to explain.

        Returns '' if they have just explained it, and None if the turn changes neither.
        """
        if self.note and isinstance(self.note.facts, PrivacyRequestFacts):
            return self.note.facts.receipt
        return "" if self.explained else None

    def to_dict(self) -> dict[str, Any]:
        """Returns the changes in the form that commit.lua expects."""
        patch: dict[str, Any] = {
            "buttons": None if self.buttons is None else offer_of(self.buttons),
            "welcomed": self.welcomed or None,
            "noticed_at": self.noticed_at,
            "rest_announced": self.rest_announced or None,
            "complaint_explained": self.complaint_explained or None,
            "notify_near": self.notify_near or None,
            "first": self.first or None,
            "cancel_ticket": self.cancel_ticket or None,
            "call_back": self.call_back_at,
            "revoke": self.revoke or None,
            "form": self.form,
            "complaint": self.complaint,
            "note": self.note.to_dict() if self.note else None,
            "known": dict(self.known) or None,
            "judgement": vars(self.survey_answer) if self.survey_answer else None,
            "answer_rating": vars(self.answer_rating) if self.answer_rating else None,
            "held": self.to_approve.to_dict() if self.to_approve else None,
            "raise": self.escalate_to.value if self.escalate_to else None,
            "wrote_spanish": None if self.wrote_spanish is None else int(self.wrote_spanish),
            "dialogue": self.dialogue.to_json() if self.dialogue else None,
            "unheard": self.unheard.to_json() if self.unheard else None,
            "sent_notices": list(self.sent_notices) or None,
            "erase": self.erase or None,
            "to_explain": self.to_explain,
            "notices": None if self.notices is None else ("on" if self.notices else "off"),
        }
        return {name: value for name, value in patch.items() if value is not None}


def _offered(reply: Reply) -> dict[str, list[dict[str, str]]]:
    return {"buttons": [button.to_data() for button in reply.buttons]} if reply.buttons else {}


def ticket_of(handoff: Handoff, words: str) -> dict[str, str]:
    """Returns the handoff in the form from which the scripts open a ticket; ``words`` is the citizen's latest text."""
    return {
        "reason": handoff.reason,
        "priority": handoff.priority,
        "team": handoff.team,
        "candidates": json.dumps([candidate.to_data() for candidate in handoff.candidates]),
        "summary": words[:SUMMARY_CHARACTERS],
    }
