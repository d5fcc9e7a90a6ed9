"""Adds the turns that were answered without Rasa to Rasa's tracker, so that it contains the whole dialogue.

The turns of a conversation are added together, before the next request to Rasa in that conversation, or once no message
has arrived for a while. Turns are sent again if Rasa does not answer in time, or if the process is killed before it has
removed them from Redis; Rasa ignores those that its tracker has (``add_posted_turns_once`` in bot/rasa/command.py).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError

from bot.conversation.unheard import UnheardTurn, UnheardTurns
from bot.core.clock import now_ms
from bot.core.errors.rasa import RasaUnavailable
from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.store.keys import UNHEARD_AT_ONCE
from bot.turns import rasa_client
from bot.turns.rasa_client import Rasa, TimeLeft

QUIET_MS = 30 * 1000
EVERY_S = 5.0
AT_ONCE = 100
PAUSE_S = 0.05  # after each conversation: the turns of a hundred in a row would delay every answer meanwhile

Pause = Callable[[float], Awaitable[object]]


class RasaRecord:
    """The task that adds turns decided without Rasa to Rasa's tracker; ``pause(seconds)`` waits."""

    def __init__(self, unheard: UnheardTurns, rasa: Rasa, pause: Pause = asyncio.sleep) -> None:
        self._unheard, self._rasa, self._pause = unheard, rasa, pause

    async def run(self, beat: Beat = no_beat) -> None:
        """Adds the turns of every conversation without messages for QUIET_MS ms, until cancelled."""
        while True:
            beat()
            are_more = False
            try:
                are_more = await self._report_due(beat)
            except RedisError as error:
                log.warning("rasa record: redis unavailable, retrying", error=type(error).__name__)
            if not are_more:
                await self._pause(EVERY_S)

    async def _report_due(self, beat: Beat) -> bool:
        """Adds the turns of AT_ONCE conversations, one every PAUSE_S; returns whether more may be due.

        Stops, and returns False, if Rasa fails.
        """
        conversations = await self._unheard.due(now_ms() - QUIET_MS, AT_ONCE)
        for conversation in conversations:
            if not await self.report(conversation, beat=beat):
                return False
            await self._pause(PAUSE_S)
        return len(conversations) == AT_ONCE

    async def report(self, conversation: str, left: TimeLeft | None = None, beat: Beat = no_beat) -> bool:
        """Adds the conversation's missing turns to Rasa's tracker; if Rasa fails, logs a warning and returns False.

        After a long conversation without Rasa, several requests add the turns, and what one has added is not sent
        again. ``left`` limits the time if a message waits for this; after RECORD_TIMEOUT_S of it no further request is
        sent, and False is returned, since the message needs the rest. Adds nothing, and returns True, while another
        process adds them. May raise redis.RedisError.
        """
        enough = left.seconds - rasa_client.RECORD_TIMEOUT_S if left else 0.0
        while True:
            beat()
            reservation = secrets.token_hex(8)
            lines = await self._unheard.take(conversation, reservation)
            if lines is None:
                return True
            if not await self._add(conversation, reservation, lines, left):
                return False
            if len(lines) < UNHEARD_AT_ONCE:
                return True
            if left and left.seconds <= enough:
                log.warning("rasa record: many turns, adding the others later", conversation=conversation)
                return False

    async def _add(self, conversation: str, reservation: str, lines: list[str], left: TimeLeft | None) -> bool:
        done = 0
        try:
            if turns := [turn for turn in map(_readable, lines) if turn]:
                await self._rasa.record(conversation, turns, left)
            done = len(lines)
        except RasaUnavailable as error:
            log.warning("rasa record: rasa failed, retrying later", conversation=conversation, **error.facts)
        finally:
            await self._unheard.heard(conversation, reservation, done)
        return done == len(lines)


def _readable(line: str) -> UnheardTurn | None:
    """Parses a stored turn; if that fails, e.g. because another release wrote it, logs a warning and returns None."""
    try:
        return UnheardTurn.from_json(line)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        log.warning("rasa record: turn skipped", error=type(error).__name__)
        return None
