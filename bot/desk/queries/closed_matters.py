"""Finds what the citizens of closed tickets wanted, also where the ticket's summary does not say it («una persona»)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.queries.reach import EPISODES, reach_of
from bot.handoff.agent import Agent
from bot.handoff.matter import states_matter
from bot.record.tables import Message
from bot.record.transcripts.rows import decrypt_rows, gone
from bot.text.masking.masking import masked

NEWEST = 8  # messages of an episode that are read
LONGEST = 200
SAID = text(f"""
  WITH episodes AS ({EPISODES})
  SELECT said.*, episode.id AS ticket
  FROM episodes episode, LATERAL (
    SELECT m.* FROM messages m
    WHERE m.conversation_id = episode.conversation_id AND m.author = 'citizen'
      AND m.at > episode.begins AND m.at <= episode.ends
    ORDER BY m.at DESC LIMIT {NEWEST}) AS said
  WHERE episode.id = ANY(:tickets) ORDER BY said.at
""")  # noqa: S608  (constants of this file and of reach.py)


async def closed_matters(session: AsyncSession, summaries: Mapping[str, str], agent: Agent) -> dict[str, str]:
    """Returns the words that say what each citizen wanted, by ticket; ``summaries`` maps tickets to their summaries.

    A summary that says it is kept. Else it is the citizen's latest masked message of the episode that does, of the
    newest NEWEST; if none does, the summary.
    """
    vague = [ticket for ticket, summary in summaries.items() if not states_matter(summary)]
    if not vague:
        return dict(summaries)
    said = (await session.execute(SAID, {"tickets": vague} | reach_of(agent))).mappings()
    rows = await decrypt_rows(session, Message, said, gone=gone())
    found = {row["ticket"]: masked(row["text"])[:LONGEST] for row in rows if states_matter(row["text"])}
    return {**summaries, **found}
