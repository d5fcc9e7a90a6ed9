"""Runs only the task that sends broadcasts, with a pause after each citizen, to be killed.

Environment: REDIS_URL, DATABASE_URL.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from bot.agency.model import load_agency
from bot.public_notices import broadcasting
from bot.public_notices.broadcasting import Broadcasting
from bot.record.engine import open_database
from bot.record.tables import Notice
from bot.record.tables.broadcasts import Subscription
from bot.store.client import open_redis
from tests.transcripts import MASTERS, SECRET

AGENCY = load_agency(Path(__file__).parents[2] / "agency.yml")
MOMENT_S = 0.02  # so that a kill falls between two citizens of one transaction
BETWEEN_S = 0.01


class SlowBroadcasting(Broadcasting):
    """Sends broadcasts as in production, with a pause after each citizen."""

    async def send(self, to: Subscription, notice: Notice, name: str) -> str:
        sent = await super().send(to, notice, name)
        await asyncio.sleep(MOMENT_S)
        return sent


async def run() -> None:
    broadcasting.EVERY_S = BETWEEN_S
    _, sessions = open_database(os.environ["DATABASE_URL"], masters=MASTERS)
    await SlowBroadcasting(sessions, open_redis(os.environ["REDIS_URL"], SECRET), AGENCY).run()


if __name__ == "__main__":
    asyncio.run(run())
