"""Records the restarts of the bot: after the launcher killed it for not answering, and after it ended by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.faulting.processes import LAUNCHER
from benchmarks.faulting.told import Struck

LOOK_EVERY_S = 1.0
HUNG_S = 60.0  # about the time without an answer after which the launcher restarts the bot
BOT = "bot"
SILENT = "the launcher ended it, since it did not answer"


@dataclass
class Restarts:
    """The restarts of the bot; ``pid`` returns its process id, or None while it does not run.

    ``silences`` returns how many bot processes the launcher killed because they did not answer, as on a busy machine.
    Messages that such a process had sent but not recorded are sent again, as after a fault that kills the bot.
    """

    pid: Callable[[], int | None]
    silences: Callable[[], int]
    seen: list[Struck] = field(default_factory=list)

    async def watch(self) -> None:
        """Checks the process id every LOOK_EVERY_S seconds until cancelled, and records each restart."""
        before, last, told = await asyncio.to_thread(self.pid), time.monotonic(), await asyncio.to_thread(self.silences)
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            pid, now = await asyncio.to_thread(self.pid), time.monotonic()
            if pid is None:
                continue
            if before is not None and pid != before:
                told_before, told = told, await asyncio.to_thread(self.silences)
                why = SILENT if told > told_before else ""
                self.seen.append(Struck("bot started again", last, now, frozenset({BOT}), why, well=now))
            before, last = pid, now

    def excused(self, struck: Sequence[Struck]) -> list[Struck]:
        """Returns the restarts of a silent bot that no fault explains, each from HUNG_S earlier, to cover the hang."""
        return [replace(one, began=one.began - HUNG_S) for one in self._own(struck) if one.remark == SILENT]

    def crashed(self, struck: Sequence[Struck]) -> list[str]:
        """Returns a line for each restart of a bot that ended by itself although no fault touched it."""
        return [f"within {one.ended - one.began:.0f} s" for one in self._own(struck) if one.remark != SILENT]

    def _own(self, struck: Sequence[Struck]) -> list[Struck]:
        """Returns the restarts during which no fault touched the bot or the launcher."""
        causes = [one for one in struck if one.parts & {BOT, LAUNCHER}]
        return [one for one in self.seen if not any(it.began <= one.ended and one.began <= it.well for it in causes)]
