"""Converts the assistant's response into a decision, with a valid team, priority, queue notice and button ids."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.core.clock import now_ms
from bot.core.messages import Author, CitizenMessage, Handoff, HandoffReason, Priority, Reply
from bot.turns.buttons import offered, with_ids
from bot.turns.danger import DangerNotices
from bot.turns.dangers.judge import GENERAL
from bot.turns.dangers.judged import sure_kind
from bot.turns.notices.inserter import NoticeInserter
from bot.turns.outcome import Callbacks, Decision, Turn, WaitNotice

QUEUED = frozenset({HandoffReason.LANGUAGE, HandoffReason.PRIVACY_REQUEST})  # reasons for which no call-back is offered


@dataclass(frozen=True)
class Finishing:
    """Converts turns into decisions; without ``callbacks``, never offers a call-back in place of the queue notice."""

    agency: Agency
    wait_notice: WaitNotice
    danger_notices: DangerNotices
    notices: NoticeInserter
    callbacks: Callbacks | None = None

    async def finished(self, turn: Turn, message: CitizenMessage | None = None) -> Decision:
        """Converts a turn about the citizen's message into a decision; in a group, never offers a call-back."""
        if turn.handoff is None:
            replies = with_ids(turn.replies)
            return Decision(replies, turn.change(Change(buttons=offered(replies))))
        words, shared = (message.text, message.shared) if message else ("", False)
        team = turn.handoff.team if turn.handoff.team in self.agency.teams else self.agency.default_team
        handoff = self.notices.first_in_line(replace(turn.handoff, team=team), words)
        asked = None if shared else self._called_back(handoff)
        asked_replies = asked.replies if asked else (await self._notice(handoff, turn, words),)
        replies = with_ids((*turn.replies, *asked_replies))
        form = asked.change.form if asked else None
        change = Change(buttons=offered(replies), noticed_at=now_ms(), form=form)
        return Decision(replies, turn.change(change), handoff)

    def _called_back(self, handoff: Handoff) -> Decision | None:
        """Returns the offer of a call-back, if a running notice puts it in place of the queue notice; else None.

        The ticket is opened in any case, so that a citizen who refuses or never answers has a place in the queue.
        """
        effects = self.notices.effects
        if not (effects.calls_back and self.callbacks and self.agency.desk.calls_back):
            return None
        if handoff.priority is not Priority.NORMAL or handoff.reason in QUEUED:
            return None
        asked = self.callbacks.begun(handoff.team)
        return asked.led_by(Reply(effects.overload, author=Author.SYSTEM)) if effects.overload else asked

    async def _notice(self, handoff: Handoff, turn: Turn, words: str) -> Reply:
        """Returns the notice after a handoff; in an emergency, a question instead of the position and the wait."""
        if handoff.priority is Priority.EMERGENCY:
            return self.danger_notices.question(sure_kind(turn) or GENERAL, words)
        return await self.wait_notice(handoff, self.agency.now())
