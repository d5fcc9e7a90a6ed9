"""Creates search terms: PostgreSQL's lexemes of a masked text or of a search, each replaced by its HMAC.

The record stores these terms, so that encrypted texts can be searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.messages import Author
from bot.record.transcripts.keys import masters_of
from bot.text.masking.masking import masked

PREPARED = "search terms"
SEARCHED = frozenset({Author.CITIZEN, Author.STAFF})
LEXEME = re.compile(r"'((?:[^'\\]|''|\\.)*)'")  # as PostgreSQL writes tsvector and tsquery
ESCAPED = re.compile(r"''|\\(.)")
LEXEMES = text("""
  SELECT search_words(said)::text FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY AS one(said, place) ORDER BY place
""")
QUERY = text("SELECT search_query(:words)::text")


async def message_terms(session: AsyncSession, author: str, said: str) -> str:
    """Returns the search terms of a message, as text for a tsvector.

    Returns '' if the text is empty, or if neither a citizen nor staff wrote it, since only their messages are searched.
    """
    if not said or author not in SEARCHED:
        return ""
    known: dict[str, str] = session.info.get(PREPARED, {})
    return known[said] if said in known else (await terms_of(session, [masked(said)]))[0]


async def prepare_terms(session: AsyncSession, said: Iterable[tuple[str, str]]) -> None:
    """Computes the search terms of (author, text) pairs in one query, to be used by ``message_terms``."""
    texts = list(dict.fromkeys(text for author, text in said if text and author in SEARCHED))
    terms = await terms_of(session, [masked(one) for one in texts])
    session.info[PREPARED] = dict(zip(texts, terms, strict=True))


async def terms_of(session: AsyncSession, texts: Sequence[str]) -> list[str]:
    """Returns the search terms of each masked text, as text for a tsvector: HMACs with their positions."""
    if not any(texts):
        return ["" for _ in texts]
    found = await session.scalars(LEXEMES, {"texts": list(texts)})
    return [_hidden(session, one) for one in found]


async def query_of(session: AsyncSession, words: str) -> str:
    """Returns the search for ``words``, as text for a tsquery of HMACs."""
    return _hidden(session, await session.scalar(QUERY, {"words": words}) or "")


def _hidden(session: AsyncSession, lexemes: str) -> str:
    masters = masters_of(session)

    def term(found: re.Match[str]) -> str:
        plain = ESCAPED.sub(lambda one: one[1] or "'", found[1])
        return f"'{masters.search_term(plain)}'"

    return LEXEME.sub(term, lexemes)
