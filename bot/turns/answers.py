"""Asks the action server (``POST /answer``) how it decides on a text before Rasa gets it.

Most questions are answered this way, with one request instead of three. Rasa's tracker gets these turns later
(rasa_record.py). The action server gets the text unmasked, since it keeps texts only in memory. The client is aiohttp,
which takes a sixth of the processor time of httpx per request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from bot.core.logs import log
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.metrics.measures import Stage, timed
from bot.turns.greeting import corrected
from bot.turns.outcome import Turn
from bot.turns.rasa_client import CONNECT_TIMEOUT_S, Asker, harmless, turn_of

TIMEOUT_S = 2.0
PATIENT_TIMEOUT_S = 10.0  # for a message that Rasa cannot get instead; a reload takes the action server seconds


@dataclass(frozen=True)
class Answered:
    """The response of the action server.

    ``turn`` is the answer to the message, or None if no entry answers it with enough confidence. ``if_question`` is the
    turn that the message gets if Rasa classifies it as a question, or None. ``command`` is the command, without its
    slash, that Rasa must get instead of the text, or ''.
    """

    turn: Turn | None = None
    command: str = ""
    if_question: Turn | None = None


class Answers:
    """A client of the action server, with one HTTP client that stays open."""

    def __init__(self, actions: ActionsEndpoint, timeout_s: float = TIMEOUT_S) -> None:
        self._actions, self._timeout_s = actions, timeout_s
        self._client: aiohttp.ClientSession | None = None

    async def surely(self, asker: Asker, text: str, *, patient: bool = False) -> Answered:
        """Asks the action server for its decision on the text.

        If the action server fails or takes longer than ``timeout_s`` (with ``patient``: PATIENT_TIMEOUT_S), logs a
        warning and returns an empty Answered.
        """
        asked = {"text": harmless(corrected(text)), "metadata": asker.metadata}
        try:
            with timed(Stage.ANSWER):
                answer = await self._post(asked, PATIENT_TIMEOUT_S if patient else self._timeout_s)
            turn, if_question = _turn(answer["said"]), _turn(answer.get("if_question") or ())
            command = str(answer.get("command") or "")
        except (aiohttp.ClientError, TimeoutError, AttributeError, KeyError, TypeError, ValueError) as error:
            log.warning("answers: action server failed", conversation=asker.conversation, error=type(error).__name__)
            return Answered()
        return Answered(turn, command, if_question)

    async def _post(self, asked: dict[str, Any], timeout_s: float) -> Any:
        if self._client is None:  # needs a running loop
            self._client = aiohttp.ClientSession(self._actions.url, headers=self._actions.headers)
        timeout = aiohttp.ClientTimeout(total=timeout_s, connect=CONNECT_TIMEOUT_S)
        async with self._client.post("/answer", json=asked, timeout=timeout, allow_redirects=False) as response:
            response.raise_for_status()
            if response.status != HTTPStatus.OK:  # a redirect would take the text and the token to another host
                raise ValueError(response.status)
            return await response.json()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


def _turn(said: Sequence[Any]) -> Turn | None:
    """Returns the turn with these payloads as replies, or None without payloads.

    Raises the errors of ``Payload.from_data``.
    """
    return turn_of([Payload.from_data(one) for one in said]) if said else None
