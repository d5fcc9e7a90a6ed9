"""Notes when the launcher starts the bot again by itself, since it did not answer in time on a busy machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.faulting.processes import LAUNCHER
from benchmarks.faulting.told import Struck

LOOK_EVERY_S = 1.0
HUNG_S = 60.0  # the launcher starts a bot again that did not answer for about so long
BOT = "bot"


@dataclass
class Restarts:
    """The restarts of the bot; ``pid`` returns its process id, or None while it does not run.

    What the ended process had sent, but not recorded, is sent once more, as after a fault that kills it.
    """

    pid: Callable[[], int | None]
    seen: list[Struck] = field(default_factory=list)

    async def watch(self) -> None:
        """Looks every LOOK_EVERY_S seconds until cancelled."""
        before, last = await asyncio.to_thread(self.pid), time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            pid, now = await asyncio.to_thread(self.pid), time.monotonic()
            if pid is None:
                continue
            if before is not None and pid != before:
                self.seen.append(Struck("bot started again", last, now, frozenset({BOT}), well=now))
            before, last = pid, now

    def by_itself(self, struck: Sequence[Struck]) -> list[Struck]:
        """Returns the restarts during which no fault touched the bot or the launcher, with the time that it hung."""
        causes = [one for one in struck if one.parts & {BOT, LAUNCHER}]
        own = [one for one in self.seen if not any(it.began <= one.ended and one.began <= it.well for it in causes)]
        return [replace(one, began=one.began - HUNG_S) for one in own]
