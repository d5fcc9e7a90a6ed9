"""Fills the record with past conversations (past.sql)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psycopg

PAST = Path(__file__).with_name("past.sql")
MESSAGES_EACH = 8
TEXTS = "CREATE TEMPORARY TABLE texts (author text, number int, text text)"


def fill(database_url: str, messages: int, *, asked: Sequence[str], said: Sequence[str]) -> None:
    """Adds ``messages`` messages: citizens wrote ``asked``, the assistant ``said``. A million takes some minutes."""
    counts = {"conversations": messages // MESSAGES_EACH, "asked": len(asked), "said": len(said)}
    texts = [("citizen", *one) for one in enumerate(asked)] + [("assistant", *one) for one in enumerate(said)]
    with psycopg.connect(database_url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(TEXTS)
        connection.cursor().executemany("INSERT INTO texts VALUES (%s, %s, %s)", texts)
        connection.execute(PAST.read_text(encoding="utf-8"), counts)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
