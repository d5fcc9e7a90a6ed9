"""Reads from the record how messages turned out, from choices among offered entries and opinions on answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from bot.faq.answering.experience import Verdict
from bot.learning.offers import MOST, offers_since
from bot.record.engine import Sessions

CHOSEN = 0.9995  # an answer of at least this probability is one that the citizen chose
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
    offers = await offers_since(sessions, since)
    async with sessions() as session:
        answers = (await session.execute(ANSWERS, {"since": since, "most": MOST})).all()
    return [
        *(Verdict.of_choice(one.offered[0].confidence, right=one.likeliest_is_right) for one in offers),
        *(Verdict.of_answer(sure, complaint=complaint) for sure, complaint in answers if sure < CHOSEN),
    ]
