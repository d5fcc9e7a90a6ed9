"""Decides how to respond to a citizen who waits for an agent, until an agent claims the ticket.

The assistant keeps answering if it is confident: with FAQ entries, the opening hours, the estimated wait, the state of
a complaint, and the citizen's rights over their data. The citizen keeps their queue position. Every other message is
left for the agent, and the citizen is informed of this once per ticket; a question gets choices or a notice
(unanswered.py). A citizen who writes words to which a running notice gives precedence is moved ahead of others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.clock import now_ms
from bot.core.messages import Author, CitizenMessage, Reply, Speaker
from bot.text.complaint import complains
from bot.text.languages import recognised
from bot.text.wordless import wordless
from bot.turns.assistant import IDENTITY, OWN_DATA, Assistant
from bot.turns.buttons import asks_for_notice, plain
from bot.turns.emergency import MAX_MESSAGE_CHARACTERS
from bot.turns.foreign_language import says_name, translated
from bot.turns.outcome import ApprovalPolicy, Callbacks, Complaints, Decision, PositionNotice, Recognizes
from bot.turns.queue.unanswered import UnansweredQuestions
from bot.turns.rasa_client import harmless
from bot.turns.rights.dialogue import Rights

RETURN_WORDS = frozenset({"volver", "vuelve", "quiero volver", "volver al asistente", "volver con la asistente"})

HoursAnswer = Callable[[str, datetime], Awaitable[str]]


def never(_text: str) -> bool:
    return False


async def no_hours(_text: str, _now: datetime) -> str:
    return ""


@dataclass(frozen=True)
class WaitingRules:
    """The rules for answering a waiting citizen, and the parts of bot/handoff that they need.

    By default, no rule applies.

    ``position_notice(ticket, now)`` returns a notice with the position and the wait. ``asks_how_long(text)`` returns
    whether a text asks about the wait, ``names_matter(text)`` whether such a text names something else than the wait,
    and ``is_courtesy(text)`` whether it needs no answer. ``hours_answer(text, now)`` answers a question about the
    opening hours; it returns '' for any other text.
    """

    position_notice: PositionNotice | None = None
    callbacks: Callbacks | None = None
    approval_policy: ApprovalPolicy | None = None
    asks_how_long: Recognizes = never
    is_courtesy: Recognizes = never
    hours_answer: HoursAnswer = no_hours
    complaints: Complaints | None = None
    names_matter: Recognizes = never


NO_RULES = WaitingRules()


class WaitingTurns:
    """Decides on the messages of waiting citizens; emergencies are recognized earlier (turns.py).

    ``puts_first(text)`` returns whether a running notice gives precedence to citizens who write the text. Without
    ``rights``, privacy requests are left for the agent.
    """

    def __init__(
        self,
        agency: Agency,
        assistant: Assistant,
        rules: WaitingRules,
        puts_first: Recognizes = never,
        rights: Rights | None = None,
    ) -> None:
        self._agency, self._assistant, self._rules, self._puts_first = agency, assistant, rules, puts_first
        self._rights = rights
        self._unanswered = UnansweredQuestions(agency, assistant)

    async def decide(self, message: CitizenMessage, state: ConversationState) -> Decision:
        calls = self._rules.callbacks
        if calls and message.shared and state.form and calls.turn(message, state) is None:
            # A group is asked for no contact: the dialogue ends, and the message counts.
            decision = await self._decided(message, replace(state, form=""))
            return replace(decision, change=replace(decision.change, form=""))
        return await self._decided(message, state)

    async def _decided(self, message: CitizenMessage, state: ConversationState) -> Decision:
        if plain(message.text) in RETURN_WORDS:
            left = translated(self._agency, "vuelve_asistente")
            return Decision((left,), Change(cancel_ticket=True, buttons=()))
        if self._goes_first(message, state):
            return await self._first(message, state)
        if not state.form and (choice := self._unanswered.chooses(message, state)):
            return await self._approved(await self._unanswered.chosen(message, choice, state), message)
        # A call-back would take an emergency, even a denied one, out of the queue.
        calls = None if state.in_emergency else self._rules.callbacks
        if calls and (decision := await self._answered_beside(calls, message, state) or calls.turn(message, state)):
            return decision
        if asks_for_notice(message, state.buttons):
            noted = replace(translated(self._agency, "aviso_pedido"), subscription="allowed")
            return Decision((noted,), Change(notify_near=True, notices=True))
        if message.button is not None:
            return Decision((translated(self._agency, "opcion_con_persona"),))
        return await self._written(message, state)

    async def _answered_beside(
        self, calls: Callbacks, message: CitizenMessage, state: ConversationState
    ) -> Decision | None:
        """Returns the decision with the answer to a question, and the question of the dialogue about a call-back again.

        None if no dialogue is open, the message is no question, or nothing surely answers it.
        """
        again = calls.again(message, state) if state.form else None
        answer = await self.known_answer(message, state) if again else Decision()
        if again is None or not answer.replies:
            return answer if answer.change.to_approve else None
        kept = replace(answer.change, buttons=again.change.buttons, form=again.change.form)
        return replace(again.led_by(*answer.replies), change=kept)

    async def _written(self, message: CitizenMessage, state: ConversationState) -> Decision:
        if name := says_name(self._agency, message.text):
            return Decision((Reply(name),))
        # Nobody leaves an emergency, even a denied one, with «volver» to file a complaint.
        explained = state.in_emergency or (state.ticket is not None and state.complaint_explained == state.ticket)
        if self._rules.complaints and complains(message.text) and not explained:
            return await self._complained(message, state)
        return await self._answered(message, state)

    async def _answered(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision with a confident answer, if any, and with the position if the citizen lacks it."""
        asks_how_long = self._rules.asks_how_long(message.text)
        needs_none = asks_how_long or self._rules.is_courtesy(message.text)
        is_asked = not needs_none or (asks_how_long and self._rules.names_matter(message.text))
        answer = await self.answer(message, state) if is_asked else Decision()
        if answer.change.to_approve or (not answer.replies and self._rules.is_courtesy(message.text)):
            return answer
        is_left = not (answer.replies or needs_none) and self._is_readable(message.text)
        if self._knows_place(state, message.text) and not asks_how_long:
            return await self._unanswered.left(message, state) if is_left else answer
        if is_left:
            answer = await self._unanswered.choices(message, state)
        informed = answer.followed_by(await self._place(state))
        return replace(informed, change=_informed(answer.change))

    async def _complained(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision that explains how to file a complaint with a number, after the answer if there is one.

        It is explained once per ticket. The agent reads the complaint in any case.
        """
        answer = await self.answer(message, state)
        if answer.change.to_approve:
            return answer
        explained = answer.followed_by(self._system("reclamo_en_espera"))
        return replace(explained, change=replace(_informed(answer.change), complaint_explained=True))

    def _goes_first(self, message: CitizenMessage, state: ConversationState) -> bool:
        if message.button is not None or state.ticket is None or state.priority_announced == state.ticket:
            return False
        return self._puts_first(message.text)

    async def _first(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision that gives the citizen precedence and informs them, with the answer if there is one.

        The decision ends an unfinished dialogue about a call-back, which a citizen with precedence does not need.
        """
        answer = await self.answer(message, state)
        reply, change = translated(self._agency, "va_antes"), replace(_informed(answer.change), first=True)
        if not state.form:
            return replace(answer.led_by(reply), change=change)
        ended = replace(change, form="", buttons=())
        return replace(answer.led_by(reply, self._system("llamada_sobra")), change=ended)

    def _knows_place(self, state: ConversationState, text: str) -> bool:
        """Returns whether the citizen got their position, and the notice that an agent will read unanswered messages.

        A citizen of another language got that notice when entering the queue.
        """
        announced_rest = state.rest_announced == state.ticket or recognised(text) is not None
        return bool(state.noticed_at) and announced_rest

    async def answer(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision with the answer, or the menu of privacy requests; empty if the agent is to answer.

        Who asks whether a person writes is told that none does. An answer may have to wait for approval
        (``to_approve``); it is then not among the replies.
        """
        known = await self.known_answer(message, state)
        if known.replies or known.change.to_approve or not self._is_readable(message.text):
            return known
        if self._rights is None or self._rules.is_courtesy(message.text):
            return Decision()
        intent = await self._assistant.intent(message)
        if intent in OWN_DATA:
            return self._rights.menu_beside(message, state)
        return Decision((Reply(self._agency.say("soy_automatica_en_espera")),)) if intent == IDENTITY else Decision()

    async def again(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision with the answer to an earlier message, or with its choices; empty if there is none."""
        answer = await self.known_answer(message, state)
        is_left = not (answer.replies or answer.change.to_approve) and self._is_readable(message.text)
        return await self._unanswered.choices(message, state) if is_left else answer

    async def known_answer(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision with a confident answer, or an empty decision if there is none; never asks Rasa.

        An answer may have to wait for approval (``to_approve``); it is then not among the replies.
        """
        if not self._is_readable(message.text):
            return Decision()
        waits, complaints = state.speaker is Speaker.WAITING, self._rules.complaints
        if complaints and (reply := await complaints.state_reply(message, waits=waits)):
            return Decision((reply,))
        whole = not waits or bool(state.form)  # the buttons of a dialogue replace those of an answer
        if turn := await self._assistant.sure_turn(message, state, whole=whole):
            return await self._approved(self._unanswered.answered(turn, state, keeps=not whole), message)
        hours = await self.hours(message.text)
        return Decision((Reply(hours),)) if hours else Decision()

    async def _approved(self, decision: Decision, message: CitizenMessage) -> Decision:
        policy = self._rules.approval_policy
        return await policy.hold(decision, message) if policy else decision

    async def hours(self, text: str) -> str:
        """Returns the answer to a question about the opening hours; '' for any other text."""
        return await self._rules.hours_answer(text, self._agency.now())

    def _is_readable(self, text: str) -> bool:
        """Returns whether the assistant may answer the text: in Spanish, with words, and not too long.

        A telephone number alone is left for the agent; it does not continue the subject of the last answer.
        """
        is_text = any(char.isalnum() for char in harmless(text)) and len(text) <= MAX_MESSAGE_CHARACTERS
        return is_text and not wordless(text) and recognised(text) is None

    async def _place(self, state: ConversationState) -> Reply:
        if self._rules.position_notice is None or state.ticket is None:
            return translated(self._agency, "ya_en_espera")
        return await self._rules.position_notice(state.ticket, self._agency.now())

    def _system(self, key: str) -> Reply:
        return Reply(self._agency.say(key), author=Author.SYSTEM)


def _informed(change: Change) -> Change:
    """Returns the change after which the citizen knows that they wait, and that an agent reads what they write."""
    return replace(change, noticed_at=now_ms(), rest_announced=True)
