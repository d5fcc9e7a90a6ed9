"""Reads verdicts on the assistant from the record: choices among offers, ratings of answers, entries sent by agents.

An agent who sends an entry thereby judges the assistant. After an answer that did not help, another entry means that
the answer was wrong. After a handoff for low confidence, the entry counts as the citizen's choice.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from bot.faq.answering.experience import Verdict
from bot.figures.facts.staff_signal import CHOSEN
from bot.learning.offers import MOST, offers_since
from bot.record.engine import Sessions

# «other» is «No era eso»: another entry would have been right. The other reasons are about the text of the answer. An
# agent's entry counts only if the citizen asked nothing between the answer and the handoff.
ANSWERS = text("""
    SELECT (answer.data -> 'provenance' ->> 'confidence')::float AS confidence,
        coalesce(opinion.reason = 'other' AND NOT opinion.useful, false) OR EXISTS (
            SELECT FROM tickets AS ticket JOIN messages AS reply ON reply.conversation_id = ticket.conversation_id
            WHERE ticket.conversation_id = answer.conversation_id
                AND ticket.reason IN ('negative_feedback', 'asked_human')
                AND ticket.opened_at BETWEEN answer.at AND answer.at + interval '1 hour'
                AND reply.author = 'staff' AND reply.data ? 'provenance'
                AND reply.at BETWEEN ticket.opened_at AND coalesce(ticket.closed_at, reply.at)
                AND reply.data -> 'provenance' ->> 'entry' <> answer.data -> 'provenance' ->> 'entry'
                AND (SELECT count(*) FROM messages AS between_them
                    WHERE between_them.conversation_id = answer.conversation_id AND between_them.author = 'citizen'
                        AND between_them.at > answer.at AND between_them.at <= ticket.opened_at) <= 1
        ) AS complaint
    FROM messages AS answer
    JOIN conversations AS talk ON talk.id = answer.conversation_id AND talk.blocked_at IS NULL
    LEFT JOIN answer_ratings AS opinion
        ON opinion.conversation_id = answer.conversation_id AND opinion.answer = answer.data ->> 'rating_id'
    WHERE answer.author = 'assistant' AND answer.at > :since AND answer.data ? 'provenance'
    ORDER BY answer.at DESC LIMIT :most
""")
# The first entry that an agent sent after a handoff for low confidence, compared with the likeliest candidate.
HANDOFFS = text("""
    SELECT (ticket.candidates -> 0 ->> 'confidence')::float AS confidence,
        ticket.candidates -> 0 ->> 'entry' = reply.data -> 'provenance' ->> 'entry' AS was_right
    FROM tickets AS ticket
    JOIN conversations AS talk ON talk.id = ticket.conversation_id AND talk.blocked_at IS NULL
    CROSS JOIN LATERAL (
        SELECT data FROM messages
        WHERE conversation_id = ticket.conversation_id AND author = 'staff' AND data ? 'provenance'
            AND at BETWEEN ticket.opened_at AND coalesce(ticket.closed_at, at)
        ORDER BY at LIMIT 1
    ) AS reply
    WHERE ticket.opened_at > :since AND ticket.reason = 'low_confidence' AND jsonb_array_length(ticket.candidates) > 0
    ORDER BY ticket.opened_at DESC LIMIT :most
""")


async def verdicts_since(sessions: Sessions, since: datetime) -> list[Verdict]:
    """Returns the verdicts on the newest offers, answers and handoffs after ``since``.

    A choice that the citizen made counts only as an offer, not also as an answer. Reads at most MOST rows of each kind
    and leaves out blocked conversations. Raises SQLAlchemyError.
    """
    offers = await offers_since(sessions, since)
    async with sessions() as session:
        answers = (await session.execute(ANSWERS, {"since": since, "most": MOST})).all()
        handoffs = (await session.execute(HANDOFFS, {"since": since, "most": MOST})).all()
    return [
        *(Verdict.of_choice(one.offered[0].confidence, right=one.likeliest_is_right) for one in offers),
        *(Verdict.of_choice(sure, right=was_right) for sure, was_right in handoffs),
        *(Verdict.of_answer(sure, complaint=complaint) for sure, complaint in answers if sure < CHOSEN),
    ]
