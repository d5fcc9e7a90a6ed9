"""Asks citizens whether an answer helped («¿Te sirvió?»), once for each entry, and reads their replies.

The web chat has a form for the question (bot/channels/web/widget/useful.js). On other channels the answer gets two
buttons, which some channels show as words to type. A button's id identifies the answer and never changes, so that the
citizen can change their mind later.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from bot.conversation.change import AnswerRating, Change
from bot.conversation.state import ConversationState
from bot.core.channels import RatedBy, traits_of
from bot.core.messages import Author, Button, Channel, CitizenMessage, HandoffReason, Reply
from bot.core.texts import area, say
from bot.turns.buttons import ASK_HUMAN, RATING, RATING_MARK, offered, plain, pressed, with_ids
from bot.turns.outcome import Decision, Turn
from bot.turns.ratings.survey import Judged

ID_BYTES = 6
YES, NO = "yes", "no"
REASONS = ("other", "missing", "unclear", "wrong")


def asking(turn: Turn, channel: Channel, state: ConversationState, now_ms: int) -> Turn:
    """Returns the turn with «¿Te sirvió?» below its answers, unless the question would be repeated or would disturb.

    It would disturb next to or after a danger, next to a handoff and, on channels without a form, next to other buttons
    or a second answer. It is asked once for each entry in a dialogue.
    """
    if turn.handoff or state.dangers or any(one.danger for one in turn.replies):
        return turn
    said = (one.provenance for past in state.dialogue.current(now_ms).exchanges for one in past.said)
    before = {proof.entry for proof in said if proof}
    new = [one for one in turn.replies if one.provenance and one.provenance.entry not in before]
    form = traits_of(channel).rated_by is RatedBy.FORM
    if not form and (len(new) != 1 or any(one.buttons for one in turn.replies)):
        return turn
    return replace(turn, replies=tuple(_asking(one, form=form) if one in new else one for one in turn.replies))


def rated(message: CitizenMessage, state: ConversationState) -> Judged | None:
    """Returns the replies and changes for a message that says whether an answer helped; None for any other message."""
    choice = _choice_of(message, state.buttons)
    if choice is None:
        return None
    what, answer = choice
    rating = AnswerRating(answer, useful=what == YES, reason=what if what in REASONS else "")
    replies = with_ids((_reply(what, answer),))
    pair = tuple(one for one in state.buttons if one.id in {_id(YES, answer), _id(NO, answer)})
    return Judged(replies, Change(buttons=(*offered(replies), *pair), answer_rating=rating))


def with_complaint(decision: Decision) -> Decision:
    """Returns the decision; if it hands off for negative feedback, adds a negative rating of the newest answer."""
    if decision.handoff is None or decision.handoff.reason is not HandoffReason.NEGATIVE_FEEDBACK:
        return decision
    return replace(decision, change=replace(decision.change, answer_rating=AnswerRating("", useful=False)))


def _asking(reply: Reply, *, form: bool) -> Reply:
    answer = secrets.token_urlsafe(ID_BYTES)
    buttons = () if form else (_button(YES, answer), _button(NO, answer))
    return replace(reply, rating_id=answer, buttons=(*reply.buttons, *buttons))


def _choice_of(message: CitizenMessage, buttons: tuple[Button, ...]) -> tuple[str, str] | None:
    """Returns the citizen's choice (YES, NO or one of REASONS) and the answer's rating id; None for other messages."""
    if message.button is not None:
        what, _, answer = message.button.removeprefix(RATING).partition("-")
        known = message.button.startswith(RATING) and what in {YES, NO, *REASONS}
        return (what, answer) if known else None
    button = pressed(message, buttons) or _worded(plain(message.text), buttons)
    if button is None or not button.payload.startswith(RATING_MARK):
        return None
    _, what, answer = button.payload.split(":")
    return what, answer


def _worded(words: str, buttons: Sequence[Button]) -> Button | None:
    """Returns the button that the citizen chose by words other than its title, such as «me sirvió», or None."""
    for what, phrases in area("canales")["util"]["palabras"].items():
        if words in phrases:
            return next((one for one in buttons if one.payload.startswith(f"{RATING_MARK}{what}:")), None)
    return None


def _reply(what: str, answer: str) -> Reply:
    person = Button(say("canales.opinion.persona"), ASK_HUMAN)
    if what == YES:
        return _said("gracias")
    if what == NO:
        return _said("por_que", *(_button(one, answer) for one in REASONS), person)
    return _said("anotado", person)


def _said(key: str, *buttons: Button) -> Reply:
    return Reply(say(f"canales.util.{key}"), buttons, author=Author.SYSTEM)


def _button(what: str, answer: str) -> Button:
    return Button(say(f"canales.util.titulos.{what}"), f"{RATING_MARK}{what}:{answer}")


def _id(what: str, answer: str) -> str:
    return f"{RATING}{what}-{answer}"
