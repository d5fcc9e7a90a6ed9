"""Responds to a waiting citizen's question that no entry surely answers, so that no question is met with silence.

The citizen gets the choices or the referral that the assistant would send if they did not wait. If there are none, they
get a notice that the agent will see the question, at most once in NOTICE_EVERY_MS. A text that is no question is left
for the agent without a reply.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.state import ConversationState
from bot.core import clock
from bot.core.errors.rasa import RasaSilent, RasaUnavailable
from bot.core.messages import CHOOSE_ENTRY, NONE_OF_THESE, Author, Button, CitizenMessage, Handoff, HandoffReason, Reply
from bot.core.payload import Payload
from bot.core.texts import area
from bot.text.questions import asks_or_wishes, has_mark, without_told
from bot.turns.assistant import Assistant
from bot.turns.buttons import is_line_below, offered, place_in, plain, pressed, with_ids
from bot.turns.outcome import Decision, Turn

NOTICE_EVERY_MS = 3 * 60 * 1000
MIN_WORDS = 4  # of a question that begins a new subject
TELL_AUDIENCE = "/tell_audience{"  # begins the payload of a button that answers a question about the audience
WHOLE = "whole"  # in the payload of the button for the whole answer


@dataclass(frozen=True)
class UnansweredQuestions:
    """Offers choices to waiting citizens, and answers the choice."""

    agency: Agency
    assistant: Assistant

    async def left(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision on a text that no entry surely answers; empty if the text is no question."""
        if not asks(message.text):
            return Decision()
        if (offered := await self.choices(message, state)).replies:
            return offered
        now_ms = clock.now_ms()
        decision = self._noticed(now_ms) if now_ms - state.noticed_at >= NOTICE_EVERY_MS else Decision()
        return _ending_matter(decision, message.text, state, now_ms)

    async def choices(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision with the choices or the referral for a question; empty if there are none.

        A short question that goes on («¿y cuánto cuesta?») is about the matter for which the citizen waits, and gets
        none.
        """
        words = plain(message.text).split()
        goes_on = len(words) < MIN_WORDS and words[:1] != [] and words[0] in area("agency")["sigue_la_pregunta"]
        asked = asks(message.text) and not goes_on
        turn = await self.assistant.choices(message, state) if asked else None
        return self._offered(turn, state) if turn else Decision()

    def chooses(self, message: CitizenMessage, state: ConversationState) -> Button | None:
        """Returns the offered choice, or answer about the citizen's audience, that the message presses; else None.

        Words such as «la segunda» mean a position among the choices, even if the queue's own buttons are newer
        (``kept_choices``). A number means a position among all buttons, the queue's own first, as channels number
        them; a number above those of the queue's buttons means a position among the choices.
        """
        choices = tuple(filter(_is_option, state.buttons))
        newer = next((n for n, one in enumerate(state.buttons) if _is_option(one)), 0)
        place = place_in(message.text) if message.button is None else None
        only_choices = place and newer and (place > newer or not message.text.strip(" .,").isdigit())
        button = pressed(message, choices if only_choices else state.buttons)
        return button if button and _is_option(button) else None

    async def chosen(self, message: CitizenMessage, button: Button, state: ConversationState) -> Decision:
        """Returns the decision with the answer that the citizen chose; never a handoff, since they already wait.

        If the answer depends on the citizen's audience, it is a question, whose buttons are valid before earlier ones.
        """
        if button.payload == NONE_OF_THESE:
            return self._noticed(clock.now_ms())
        try:
            turn = await self.assistant.turn(message, button, state)
        except (RasaUnavailable, RasaSilent):
            return self._noticed(clock.now_ms())
        shown = (replace(one, buttons=tuple(filter(_tells_audience, one.buttons))) for one in turn.replies)
        replies = with_ids(tuple(shown))
        earlier = tuple(one for one in state.buttons if not _tells_audience(one))
        return Decision(replies, turn.change(Change(buttons=(*offered(replies), *earlier))))

    def answered(self, turn: Turn, state: ConversationState, *, keeps: bool) -> Decision:
        """Returns the decision with an answer, without buttons that lead to an agent: the citizen already waits.

        If ``keeps``, the buttons for other entries and for the whole answer stay. A line below the answer that loses
        its buttons is left out, since it refers to them.
        """
        shown = [replace(one, buttons=tuple(filter(is_choice, one.buttons)) if keeps else ()) for one in turn.replies]
        has_answer = any(one.provenance for one in shown)
        replies = tuple(
            one
            for one, before in zip(shown, turn.replies, strict=True)
            if one.buttons or not (has_answer and is_line_below(before))
        )
        if not any(one.buttons for one in replies):
            return Decision(replies, turn.change())
        return self._offered(replace(turn, replies=replies), state)

    def _offered(self, turn: Turn, state: ConversationState) -> Decision:
        """Returns the decision that offers the choices; earlier buttons stay valid, except earlier choices."""
        shown = (replace(one, buttons=tuple(filter(is_choice, one.buttons))) for one in turn.replies)
        replies = with_ids(tuple(shown))
        earlier = (one for one in state.buttons if not is_choice(one))
        return Decision(replies, turn.change(Change(buttons=(*offered(replies), *earlier))))

    def _noticed(self, now_ms: int) -> Decision:
        notice = Reply(self.agency.say("pregunta_en_espera"), author=Author.SYSTEM)
        return Decision((notice,), Change(noticed_at=now_ms))


def kept_choices(decision: Decision, state: ConversationState) -> Decision:
    """Returns the decision; if the citizen refused all choices, adds their buttons, which stay valid in the queue.

    After «no», a citizen often says which choice they meant: «la segunda».
    """
    refused = decision.handoff and decision.handoff.reason is HandoffReason.NONE_OF_THESE
    if not refused or decision.change.form or decision.change.buttons is None:
        return decision
    buttons = (*decision.change.buttons, *filter(is_choice, state.buttons))
    return replace(decision, change=replace(decision.change, buttons=buttons))


def _ending_matter(decision: Decision, text: str, state: ConversationState, now_ms: int) -> Decision:
    """Returns the decision; if ``text`` is a whole question, later messages no longer refer to the last answer.

    Otherwise a follow-up such as «y cuánto sale» would be answered for the subject before that question.
    """
    words = plain(text).split()
    if len(words) < MIN_WORDS or words[0] in area("agency")["sigue_la_pregunta"]:
        return decision
    left = Payload(handoff=Handoff(HandoffReason.LOW_CONFIDENCE))
    dialogue = state.dialogue.after((left,), {}, state.resumed, now_ms)
    return replace(decision, change=replace(decision.change, dialogue=dialogue))


def asks(text: str) -> bool:
    """Returns whether the text looks like a question or a request for information."""
    words = plain(without_told(text)).split()
    return has_mark(text) or (len(words) > 1 and asks_or_wishes(words))


def is_offer(buttons: tuple[Button, ...]) -> bool:
    """Returns whether the buttons ask the citizen to choose: with «Ninguna de estas», or two choices at least.

    A button below an answer, for the whole answer or for one other entry, asks for no choice.
    """
    choices = [one.payload for one in buttons if is_choice(one)]
    return NONE_OF_THESE in choices or sum(f'"{WHOLE}"' not in one for one in choices) > 1


def is_choice(button: Button) -> bool:
    """Returns whether the button chooses an offered entry or is «Ninguna de estas»."""
    return button.payload == NONE_OF_THESE or button.payload.startswith(f"{CHOOSE_ENTRY}{{")


def _tells_audience(button: Button) -> bool:
    return button.payload.startswith(TELL_AUDIENCE)


def _is_option(button: Button) -> bool:
    return is_choice(button) or _tells_audience(button)
