"""Says which messages were already checked for dangers, and whether the answerer decided on them."""

from __future__ import annotations

from bot.turns.greeting import is_correction, loses_words
from bot.turns.outcome import Turn


def is_judged(turn: Turn, text: str) -> bool:
    """Returns whether ``text``, the message of this turn, was already checked for dangers.

    It was checked if a reply is about a danger, or if the answerer decided the turn on the whole text. If Rasa decided
    it, the answerer got the text without its thanks, which may tell of a danger: «gracias por nada, está morada, ¿qué
    hago?».
    """
    if any(one.danger for one in turn.said):
        return True
    return is_from_answerer(turn) and not (turn.unheard is None and loses_words(text))


def may_hide_danger(turn: Turn, text: str) -> bool:
    """Returns whether only the whole ``text`` may be surely dangerous, while this turn tells of no sure danger.

    The answerer gets a correction without its beginning, and «me corté» alone sounds less dangerous than «quise decir
    que me corté».
    """
    return is_correction(text) and not any(one.danger and one.danger.sure for one in turn.said)


def sure_kind(turn: Turn) -> str:
    """Returns the kind of the confirmed danger that the turn replies to, or ''."""
    return next((one.danger.kind for one in turn.replies if one.danger and one.danger.sure), "")


def is_from_answerer(turn: Turn) -> bool:
    """Returns whether the answerer decided the turn; all other turns count as small talk.

    Only the answerer sends answers from entries, referrals, questions about the audience, choices, and handoffs with
    candidates.
    """
    if turn.handoff and turn.handoff.candidates:
        return True
    return any(one.provenance or one.referral or one.asks or one.candidates for one in turn.said)
