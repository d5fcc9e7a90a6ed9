"""Adds the running notices to the replies to citizens, and applies their measures to answers and handoffs.

On channels without a page, each notice is sent once, before the next answer; the web shows a banner instead. No notice
is added to a reply about a confirmed danger, during an emergency, or while an agent attends the citizen. The commit of
the turn records the sent notices, so that a killed worker neither repeats nor omits a notice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from bot.agency.model import Agency
from bot.conversation.event_log_entry import EventLogEntry
from bot.conversation.state import ConversationState
from bot.core.channels import traits_of
from bot.core.messages import (
    Author,
    Button,
    CitizenMessage,
    Handoff,
    Priority,
    Reply,
    Speaker,
)
from bot.public_notices.board import NoticeBoard
from bot.public_notices.measures import Effects
from bot.public_notices.notice import PublicNotice
from bot.public_notices.words import reply_of, unasked
from bot.turns.buttons import ASK_HUMAN
from bot.turns.notices.matter import NoticeMatter
from bot.turns.outcome import Decision, Turn

BREAK = "\n\n"  # between two paragraphs of an answer


class NoticeInserter:
    """Adds the notices on ``board`` (by default none) to replies; ``matter`` recognizes messages about a notice.

    If a running notice changes the agency's hours, ``opening()`` returns a Spanish sentence that says whether the
    agency is open now, else ''. ``usual_openings()`` returns the texts that the action server, which ignores such
    changes, may have used.
    """

    def __init__(
        self,
        agency: Agency,
        board: NoticeBoard | None = None,
        matter: NoticeMatter | None = None,
        opening: Callable[[], str] = lambda: "",
        usual_openings: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._agency, self._board, self._matter = agency, board or NoticeBoard(), matter
        self._opening, self._usual_openings = opening, usual_openings

    @property
    def effects(self) -> Effects:
        """Returns the combined effects of the running notices' measures."""
        return self._board.effects

    def first_in_line(self, handoff: Handoff, words: str) -> Handoff:
        """Returns the handoff with high instead of normal priority if a running notice gives it precedence.

        ``words`` is the citizen's text.
        """
        entries = (one.entry for one in handoff.candidates[:1])
        is_first = handoff.priority is Priority.NORMAL and self.effects.is_first(handoff.team, entries, words)
        return replace(handoff, priority=Priority.HIGH) if is_first else handoff

    def puts_first(self, words: str) -> bool:
        """Returns whether a running notice gives precedence to citizens who write these words."""
        return self.effects.is_first("", (), words)

    def current(self, turn: Turn) -> Turn:
        """Returns the turn as the running notices require.

        A notice takes the place of the answers that it replaces, on every channel, even the web. Other answers are
        withdrawn or changed, and hours corrected. What quotes such an answer is treated like it; an offer loses its
        quotes.
        """
        return replace(turn, replies=tuple(dict.fromkeys(map(self._current, turn.replies))))

    def current_line(self, line: EventLogEntry) -> EventLogEntry:
        """Returns a message of an answer that waited for approval as the notices that run by now require."""
        proof = line.facts.provenance
        instead = self._instead_of(proof.entry) if proof else None
        return EventLogEntry.of(instead) if instead else line

    def _current(self, reply: Reply) -> Reply:
        answer = reply.provenance.entry if reply.provenance else ""
        if instead := self._instead_of(answer):
            return instead
        if instead := next(filter(None, map(self._instead_of, reply.quotes)), None):
            return replace(reply, text=self._agency.say("duda_otra_vez"), quotes=()) if reply.offered else instead
        if answer and answer == self._agency.hours_entry and (opening := self._opening()):
            return self._reopened(reply, opening)
        return reply

    def _instead_of(self, entry: str) -> Reply | None:
        """Returns the reply that running notices put in the place of an entry's answer; None if that is still valid."""
        if notice := self._replaced().get(entry):
            return reply_of(notice, self._agency)
        answers = self.effects.answers
        if entry in answers:
            return Reply(answers[entry] or self._agency.say("respuesta_retirada"), author=Author.SYSTEM)
        return None

    def _reopened(self, reply: Reply, opening: str) -> Reply:
        """Returns the reply with its opening text replaced by ``opening``, or preceded by it if it has none."""
        said, stale = f"**{opening}.**", {f"**{one}.**" for one in self._usual_openings()}
        paragraphs = reply.text.split(BREAK)
        if stale.isdisjoint(paragraphs):
            fold_after = reply.fold_after and reply.fold_after + 1
            return replace(reply, text=BREAK.join((said, *paragraphs)), fold_after=fold_after)
        return replace(reply, text=BREAK.join(said if one in stale else one for one in paragraphs))

    async def about(self, text: str) -> Turn | None:
        """Returns the turn that answers a message about a running notice with that notice.

        Returns None for any other message.
        """
        notice = await self._matter.of(text) if self._matter else None
        if notice is None:
            return None
        person = Button(self._agency.say("boton_persona"), ASK_HUMAN)
        return Turn((replace(reply_of(notice, self._agency), buttons=(person,)),))

    def first(self, decision: Decision, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision with the notices that the citizen has not got yet, marked as sent; adds none on the web.

        The notices follow the greeting and replies about a possible danger; the module's docstring says when none is
        added.
        """
        sent = [one.notice for one in decision.replies if one.notice]
        if self._is_untimely(decision, state):
            new: list[Reply] = []
        else:
            known = {*state.sent_notices, *sent}
            running = self._board.running if traits_of(message.channel).has_address else ()
            new = [unasked(one, self._agency) for one in running if one.id not in known]
        sent += [one.notice for one in new]
        if not sent:
            return decision
        place = _place_of_notices(decision)
        replies = (*decision.replies[:place], *new, *decision.replies[place:])
        marks = (*decision.change.sent_notices, *sent)  # the former may contain the mark of a block
        return replace(decision, replies=replies, change=replace(decision.change, sent_notices=marks))

    def _replaced(self) -> dict[str, PublicNotice]:
        """Returns the ids of the entries that running notices replace, each with its notice; ignores drills."""
        return {entry: one for one in reversed(self._board.running) if not one.drill for entry in one.entries}

    def _is_untimely(self, decision: Decision, state: ConversationState) -> bool:
        if not decision.replies or decision.change.notices is not None:
            return True
        if state.speaker is Speaker.STAFF or state.emergency():
            return True
        return any(one.danger and one.danger.sure for one in decision.replies)


def _place_of_notices(decision: Decision) -> int:
    """Returns the number of replies that precede the notices: the greeting, and replies about a danger."""
    greeting = 1 if decision.change.welcomed else 0
    dangers = [number for number, one in enumerate(decision.replies, 1) if one.danger]
    return max([greeting, *dangers])
