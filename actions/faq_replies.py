"""Says an FAQ decision: the answer with its source and proof, the choices, or that a person is needed.

Called by answer_faq.py and choice.py; pure, no input or output. Texts come from agency.yml.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from actions.faq import Decision, Entry
from actions.payload import Payload
from bot.agency import Agency
from bot.messages import Button, Candidate, Handoff, HandoffReason, Provenance

TITLE_LIMIT = 72
NONE_OF_THESE = "/none_of_these"


@dataclass(frozen=True)
class FaqReplies:
    """The wordings of one agency."""

    agency: Agency

    def for_decision(self, decision: Decision, today: date) -> Payload:
        if decision.entry:  # found, though perhaps expired
            return self.answer(decision.entry, today, decision.candidates)
        if decision.kind == "clarify" and decision.candidates:
            return self.offer(decision.candidates)
        return self.not_known(decision.candidates)

    def answer(self, entry: Entry, today: date, candidates: Sequence[Candidate] = ()) -> Payload:
        """The entry's text; an expired entry is not served but handed to the team that owns it."""
        if entry.expires is not None and entry.expires < today:
            handoff = Handoff(HandoffReason.EXPIRED_ENTRY, team=entry.team, candidates=tuple(candidates))
            return Payload(self.agency.say("entrada_vencida"), handoff=handoff)
        confidence = next((found.confidence for found in candidates if found.entry == entry.id), 1.0)
        return Payload(entry.body, source=entry.source, provenance=provenance(entry, confidence))

    def offer(self, candidates: Sequence[Candidate], question: str | None = None) -> Payload:
        """Buttons for the best candidates and one for none of them."""
        shown = tuple(candidates[: self.agency.max_choices])
        none = Button(self.agency.say("ninguna"), NONE_OF_THESE)
        buttons = (*(choice(candidate) for candidate in shown), none)
        return Payload(question or self.agency.say("aclarar"), buttons=buttons, candidates=shown)

    def not_known(self, candidates: Sequence[Candidate]) -> Payload:
        handoff = Handoff(HandoffReason.LOW_CONFIDENCE, team=self.agency.default_team, candidates=tuple(candidates))
        return Payload(self.agency.say("no_se"), handoff=handoff)

    def gone(self) -> Payload:
        """The chosen entry is no longer published."""
        return Payload(self.agency.say("opcion_vencida"))


def choice(candidate: Candidate) -> Button:
    """The button that chooses a candidate: its question, and the command that Rasa is told."""
    command = json.dumps({"entry": candidate.entry})
    return Button(shortened(candidate.question), f"/choose_entry{command}")


def shortened(question: str) -> str:
    """The question within TITLE_LIMIT characters, cut between words."""
    if len(question) <= TITLE_LIMIT:
        return question
    return question[: TITLE_LIMIT - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def provenance(entry: Entry, confidence: float) -> Provenance:
    """The proof that goes with an answer; a chosen entry has confidence 1."""
    return Provenance(
        entry=entry.id,
        version=entry.version,
        question=entry.question,
        confidence=round(float(confidence), 4),
        responsible=entry.responsible,
        reviewed=entry.reviewed.isoformat(),
    )
