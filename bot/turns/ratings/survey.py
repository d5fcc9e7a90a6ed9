"""Asks citizens on channels without a form to rate a support session: a score from 1 to 5, then an optional comment.

The survey's state is encoded in the buttons offered last, so it ends with the citizen's next question, or after a day.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.change import Change, SurveyAnswer
from bot.conversation.state import ConversationState
from bot.core.channels import RatedBy, traits_of
from bot.core.messages import Author, Button, CitizenMessage, Reply
from bot.core.texts import area, say
from bot.text.translations import survey_in_other_languages, titles
from bot.turns.buttons import offered, plain, pressed, with_ids

ASKED_FOR_MS = 24 * 3600 * 1000
MARK = "opinion"
SCORES = (1, 2, 3, 4, 5)
COMMENT, NOTHING = "comment", "nothing"


@dataclass(frozen=True)
class Judged:
    """The replies to a survey answer or to the rating of an answer, and the changes to the conversation."""

    replies: tuple[Reply, ...]
    change: Change


@dataclass(frozen=True)
class _Choice:
    """The content of a survey button's payload: ``what`` is a score, COMMENT or NOTHING; ``asked_at`` is in ms."""

    what: str
    ticket: str
    asked_at: int

    @classmethod
    def of(cls, button: Button | None) -> _Choice | None:
        mark, *facts = button.payload.split(":") if button else [""]
        return cls(facts[0], facts[1], int(facts[2])) if mark == MARK and len(facts) == 3 else None

    def button(self, title: str, key: str) -> Button:
        return Button(title, f"{MARK}:{self.what}:{self.ticket}:{self.asked_at}", titles=titles(key))


def question(ticket: str, now_ms: int) -> Reply:
    """Returns the survey question with one button per score; the citizen may also type the score."""
    words = area("canales")["opinion"]["notas"]
    buttons = tuple(_Choice(str(score), ticket, now_ms).button(words[score], f"nota_{score}") for score in SCORES)
    return with_ids((_said("pregunta", *buttons),))[0]


def answered(message: CitizenMessage, state: ConversationState, now_ms: int) -> Judged | None:
    """Returns the replies and changes for a message that answers the survey; None for any other message.

    Returns None on channels where a form asks for the rating.
    """
    if traits_of(message.channel).rated_by is RatedBy.FORM:
        return None
    if choice := _Choice.of(pressed(message, state.buttons)):
        return _expired() if _is_over(choice, now_ms) else _chosen(choice)
    asked = next((one for one in map(_Choice.of, state.buttons) if one and one.what == NOTHING), None)
    if asked is None or _is_over(asked, now_ms) or not _is_comment(message):
        return None
    survey_answer = SurveyAnswer(asked.ticket, words=message.text)
    person = Button(say("canales.opinion.persona"), "/ask_human", titles=titles("persona"))
    return _judged(_said("anotado", person), survey_answer)


def _chosen(choice: _Choice) -> Judged:
    if choice.what == COMMENT:
        none = _Choice(NOTHING, choice.ticket, choice.asked_at).button(say("canales.opinion.nada"), "nada")
        return _judged(_said("cuenta", none))
    if choice.what == NOTHING:
        return _judged(_said("sin_comentario"))
    comment = _Choice(COMMENT, choice.ticket, choice.asked_at).button(say("canales.opinion.comentar"), "comentar")
    return _judged(_said("gracias", comment), SurveyAnswer(choice.ticket, score=int(choice.what)))


def _is_over(choice: _Choice, now_ms: int) -> bool:
    return now_ms - choice.asked_at > ASKED_FOR_MS


def _expired() -> Judged:
    return _judged(_said("vencida"))


def _is_comment(message: CitizenMessage) -> bool:
    """Returns whether the message is a comment: text without a question or a request for a person."""
    asks = "?" in message.text or plain(message.text) in {plain(one) for one in area("canales")["opinion"]["pide"]}
    return bool(message.text) and message.button is None and not message.command and not asks


def _judged(reply: Reply, survey_answer: SurveyAnswer | None = None) -> Judged:
    replies = with_ids((reply,))
    return Judged(replies, Change(buttons=offered(replies), survey_answer=survey_answer))


def _said(key: str, *buttons: Button) -> Reply:
    translations = survey_in_other_languages(key)
    return Reply(say(f"canales.opinion.{key}"), buttons, author=Author.SYSTEM, translations=translations)
