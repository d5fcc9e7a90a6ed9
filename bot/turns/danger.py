"""Recognizes dangers in messages that the answerer does not see, and builds the replies to dangers.

Emergency phrases (bot/crisis) are searched first. The danger classifier recognizes more, but runs in the action server,
which ``DangerJudge`` asks. If that request fails, or takes longer than TIMEOUT_S seconds, phrases alone decide.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core.logs import log
from bot.core.messages import Author, Button, CitizenMessage, Handoff, HandoffReason, Priority, Reply, ToldDanger
from bot.core.network import ActionsEndpoint
from bot.core.texts import say
from bot.crisis.emergency import confirmation, told_abroad
from bot.metrics.measures import count_danger_failure
from bot.text.translations import before_spanish, in_other_languages, titles
from bot.turns.buttons import offered, with_ids
from bot.turns.emergency import ASK_HUMAN
from bot.turns.outcome import Decision, Turn

TIMEOUT_S = 1.0
CONNECT_TIMEOUT_S = 0.3
NOTICE_EVERY_MS = 15 * 60 * 1000  # minimum interval between two notices about a possible danger of one kind
GENERAL = "general"

Judge = Callable[[str], Awaitable[ToldDanger | None]]


class DangerJudge:
    """A client of the action server; without an action server, it finds no danger."""

    def __init__(self, actions: ActionsEndpoint, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._client = actions.client(timeout, transport) if actions.url else None
        self._failing = False

    async def judge(self, text: str) -> ToldDanger | None:
        """Returns the danger that the text may describe; None if there is none or the action server fails."""
        if self._client is None or not text.strip():
            return None
        try:
            async with asyncio.timeout(TIMEOUT_S):  # httpx only limits the wait for each chunk
                answer = await self._client.post("/danger", json={"text": text})
            found = answer.raise_for_status().json()["danger"]
            danger = ToldDanger.from_data(found) if found else None
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self._failed(error)
            return None
        self._failing = False
        return danger

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _failed(self, error: Exception) -> None:
        """Counts each failure, but logs only the first of consecutive failures."""
        count_danger_failure()
        if not self._failing:
            log.warning("danger: action server unavailable, phrases only", error=type(error).__name__)
        self._failing = True


async def judged_by_nobody(_text: str) -> ToldDanger | None:
    """Finds no danger; used as the judge if there is no classifier."""
    return None


def with_other_languages(judge: Judge) -> Judge:
    """Returns a judge that also finds dangers in other languages, on which the classifier was not trained."""

    async def judged(text: str) -> ToldDanger | None:
        danger = await judge(text)
        if danger and danger.sure:
            return danger
        abroad = told_abroad(text)
        return ToldDanger(abroad.kind, sure=abroad.sure) if abroad else danger

    return judged


def is_judged(turn: Turn) -> bool:
    """Returns whether the message of this turn was already checked for dangers.

    It was checked if the answerer decided the turn or a reply is about a danger. Only the answerer sends answers from
    entries, referrals, questions about the audience, choices, and handoffs with candidates. All other turns count as
    small talk.
    """
    if turn.handoff and turn.handoff.candidates:
        return True
    return any(one.provenance or one.referral or one.danger or one.asks or one.candidates for one in turn.said)


class DangerNotices:
    """A builder of replies to dangers, with the agency's texts."""

    def __init__(self, agency: Agency) -> None:
        self._agency = agency

    def sure(self, kind: str, author: Author = Author.ASSISTANT) -> Reply:
        """Returns the reply with the emergency number for this kind of danger, or for GENERAL if it is unknown."""
        known = kind if kind in self._agency.emergencies else GENERAL
        text = self._agency.emergency_reply(known)
        translations = before_spanish("peligro", text, numeros=self._numbers(known))
        return Reply(text, author=author, danger=ToldDanger(known, sure=True), translations=translations)

    def handed_off(self, kind: str, team: str) -> Turn:
        """Returns the turn for a citizen with the assistant: the emergency number, and a handoff of top priority."""
        return Turn((self.sure(kind),), Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, team))

    def escalated(self, kind: str) -> Decision:
        """Returns the decision for a citizen who waits or has an agent: the emergency number, and top priority."""
        return Decision((self.sure(kind, Author.SYSTEM),), Change(escalate_to=Priority.EMERGENCY))

    def raised(self, kind: str, state: ConversationState) -> Decision:
        """Returns the decision for a waiting citizen: as ``escalated``, plus ``question`` if not yet asked."""
        decision = self.escalated(kind)
        return decision if emergency_of(state) else replace(decision, replies=(*decision.replies, self.question()))

    def question(self) -> Reply:
        """Returns the question that follows the emergency number: whether the citizen has called, and is safe."""
        key = "emergencia_pregunta"
        return Reply(self._agency.say(key), translations=in_other_languages(key))

    def reminded(self, kind: str, decision: Decision) -> Decision:
        """Returns the decision plus a reminder of the numbers, for a citizen who keeps writing while waiting."""
        return replace(decision, replies=(*decision.replies, self._reminder(kind)))

    def above(self, kind: str, decision: Decision) -> Decision:
        """Returns the decision with the reminder first, since its replies end with buttons, such as a menu."""
        return replace(decision, replies=(self._reminder(kind), *decision.replies))

    def _reminder(self, kind: str) -> Reply:
        text = self._agency.say("emergencia_sigue", numeros=say("desk.peligros.o").join(self._numbers(kind)))
        translations = in_other_languages("emergencia_sigue", numeros=self._numbers(kind))
        return Reply(text, danger=ToldDanger(kind, sure=True), translations=translations)

    def possible(self, kind: str, *more: Button, author: Author = Author.ASSISTANT) -> Reply:
        """Returns a reply with the emergency number, a button that confirms the danger, and the buttons ``more``."""
        confirm = Button(self._agency.say("boton_emergencia"), confirmation(kind), titles=titles("emergencia"))
        danger, text = ToldDanger(kind, sure=False), self._agency.emergency_notice(kind)
        translations = before_spanish("peligro_posible", text, numeros=self._numbers(kind))
        return Reply(text, (confirm, *more), author=author, danger=danger, translations=translations)

    def _numbers(self, kind: str) -> tuple[str, ...]:
        """Returns the numbers to call for this kind of danger, in bold."""
        numbers = self._agency.emergency_numbers(kind) or self._agency.emergency_numbers(GENERAL)
        return tuple(f"**{number}**" for number in numbers)

    def over_small_talk(self, kind: str, turn: Turn) -> Turn:
        """Returns the turn with the reply about a possible danger.

        The reply precedes the replies of a handoff or a public notice, but replaces small talk, such as a farewell.
        """
        if turn.handoff or any(one.notice for one in turn.replies):
            return replace(turn, replies=(self.possible(kind), *turn.replies))
        person = Button(self._agency.say("boton_persona"), ASK_HUMAN, titles=titles("persona"))
        return replace(turn, replies=(self.possible(kind, person),))

    def beside_answer(self, kind: str, turn: Turn) -> Turn:
        """Returns the turn that repeats an answer about an animal, below the reply about a person's possible danger."""
        line = self.possible(kind, Button(self._agency.say("boton_persona"), ASK_HUMAN))
        return replace(turn, replies=(line, *turn.replies))

    def over_another_language(self, message: CitizenMessage, turn: Turn) -> Turn:
        """Returns the turn for a message in another language, preceded by the reply about a possible danger."""
        abroad = told_abroad(message.text) if message.button is None else None
        return replace(turn, replies=(self.possible(abroad.kind), *turn.replies)) if abroad else turn

    def over(self, kind: str, decision: Decision, state: ConversationState) -> Decision:
        """Returns the decision with the reply about a possible danger first, unless the citizen recently got it.

        Earlier buttons stay valid; they follow the button that confirms the danger.
        """
        if told_lately(kind, state):
            return decision
        (line,) = with_ids((self.possible(kind, author=Author.SYSTEM),))
        change = decision.change
        buttons = state.buttons if change.buttons is None else change.buttons
        rest = tuple(one for one in buttons if one.id not in {button.id for button in line.buttons})
        return replace(
            decision,
            replies=(line, *decision.replies),
            change=replace(change, buttons=(*offered((line,)), *rest)),
        )


def sure_kind(turn: Turn) -> str:
    """Returns the kind of the confirmed danger that the turn replies to, or ''."""
    return next((one.danger.kind for one in turn.replies if one.danger and one.danger.sure), "")


def emergency_of(state: ConversationState) -> str:
    """Returns the kind of the citizen's current emergency; '' if there is none.

    An emergency lasts as long as its ticket is open, however long that is.
    """
    sure = [one for one in state.dangers if one.sure and state.in_emergency]
    return max(sure, key=lambda one: one.at).kind if sure else ""


def told_lately(kind: str, state: ConversationState) -> bool:
    """Returns whether the citizen got the number for this kind of danger within the last NOTICE_EVERY_MS ms."""
    now_ms = int(time.time() * 1000)
    return any(one.kind == kind and now_ms - one.at < NOTICE_EVERY_MS for one in state.dangers)
