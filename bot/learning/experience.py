"""Writes the experience (bot/faq/answering/experience.py) of the last months to a file for the action server.

Several workers may write the file, since all write the same contents.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log
from bot.faq.answering.experience import Experience, store_experience
from bot.figures.sampling.promise import accepted_ratio
from bot.learning.verdicts import verdicts_since
from bot.record.engine import Sessions

EVERY_S = 900
TERM = timedelta(days=180)


async def keep_experience(sessions: Sessions, home: Path) -> None:
    """Updates the file in ``home`` every EVERY_S seconds until cancelled.

    After an error, logs it and keeps the old file.
    """
    while True:
        try:
            await update_experience(sessions, home)
        except (SQLAlchemyError, OSError) as error:
            log.warning("learning: experience not updated", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def update_experience(sessions: Sessions, home: Path) -> Experience:
    """Writes the experience of the period TERM to the file in ``home``; returns it. Raises SQLAlchemyError, OSError."""
    verdicts = await verdicts_since(sessions, datetime.now(UTC) - TERM)
    experience = Experience.of(verdicts, await accepted_ratio(sessions))
    store_experience(experience, home)
    return experience
