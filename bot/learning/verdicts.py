"""Reads from the record how messages turned out, from choices among offered entries and opinions on answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from bot.core.messages import Candidate
from bot.faq.answering.experience import Verdict
from bot.record.engine import Sessions

Json = Mapping[str, Any]
MOST = 5000  # offers, and as many answers: the newest
CHOSEN = 0.9995  # an answer of at least this probability is one that the citizen chose
# The first message of the citizen after each offer. Event ids are sorted as in bot/record/log_order.py.
OFFERS = text("""
    SELECT offer.data -> 'offered' AS offered, offer.data -> 'buttons' AS buttons, reaction.button
    FROM messages AS offer
    CROSS JOIN LATERAL (
        SELECT next.data ->> 'button' AS button FROM messages AS next
        WHERE next.conversation_id = offer.conversation_id AND next.author = 'citizen' AND next.at >= offer.at
        AND lpad(split_part(next.event_id, '-', 1), 20, '0') || lpad(split_part(next.event_id, '-', 2), 20, '0')
          > lpad(split_part(offer.event_id, '-', 1), 20, '0') || lpad(split_part(offer.event_id, '-', 2), 20, '0')
        ORDER BY lpad(split_part(next.event_id, '-', 1), 20, '0'), lpad(split_part(next.event_id, '-', 2), 20, '0')
        LIMIT 1
    ) AS reaction
    WHERE offer.author = 'assistant' AND offer.at > :since AND offer.data ? 'offered'
    ORDER BY offer.at DESC LIMIT :most
""")
# «other» is «No era eso»: another entry would have been right. The other reasons are about the text of the answer.
ANSWERS = text("""
    SELECT (answer.data -> 'provenance' ->> 'confidence')::float AS confidence,
        coalesce(opinion.reason = 'other' AND NOT opinion.useful, false) AS complaint
    FROM messages AS answer
    LEFT JOIN answer_ratings AS opinion
        ON opinion.conversation_id = answer.conversation_id AND opinion.answer = answer.data ->> 'rating_id'
    WHERE answer.author = 'assistant' AND answer.at > :since AND answer.data ? 'provenance'
    ORDER BY answer.at DESC LIMIT :most
""")


async def verdicts_since(sessions: Sessions, since: datetime) -> list[Verdict]:
    """Returns the verdicts on the newest messages after ``since``. Raises SQLAlchemyError."""
    asked = {"since": since, "most": MOST}
    async with sessions() as session:
        offers = (await session.execute(OFFERS, asked)).all()
        answers = (await session.execute(ANSWERS, asked)).all()
    chosen = (_of_choice(offered, buttons or (), pressed) for offered, buttons, pressed in offers)
    return [*filter(None, chosen), *_of_answers((float(confidence), said) for confidence, said in answers)]


def _of_choice(offered: Sequence[Json], buttons: Sequence[Json], pressed: str | None) -> Verdict | None:
    """Returns the verdict on an offer; None if the citizen wrote something else instead of pressing one of its buttons.

    The buttons of the offered entries come first, in the same order; the one after them is «Ninguna de estas».
    """
    number = next((number for number, one in enumerate(buttons) if pressed and one["id"] == pressed), None)
    if number is None:
        return None
    return Verdict.of_choice(Candidate.from_data(offered[0]).confidence, right=number == 0)


def _of_answers(answers: Iterator[tuple[float, bool]]) -> Iterator[Verdict]:
    for confidence, complaint in answers:
        if confidence < CHOSEN:
            yield Verdict.of_answer(confidence, complaint=complaint)
