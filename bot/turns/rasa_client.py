"""Requests turns and intents from Rasa and adds turns to its tracker; the only module that handles Rasa's JSON.

A turn is requested with POST /webhooks/rest/webhook. Rasa reads text that starts with "/" as an intent, so ``say``
strips typed slashes, while ``press`` sends a button's payload. A greeting before a question is removed (greeting.py).
If Rasa returns an empty list with status 200, an action failed, and RasaSilent is raised. The requests for one message
share a TimeLeft.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from bot.agency.desk_settings import COMMUNE, LANGUAGE
from bot.conversation.dialogue import Dialogue
from bot.conversation.unheard import UnheardTurn
from bot.core.errors.rasa import RasaSilent, RasaUnavailable
from bot.core.logs import log
from bot.core.messages import Channel, CitizenMessage
from bot.core.network import trusted
from bot.core.outgoing.destinations import only_to
from bot.core.outgoing.private import by_proxy
from bot.core.payload import KEY, Payload
from bot.metrics.measures import Stage, timed
from bot.text.masking.masking import masked
from bot.turns.greeting import without_opening
from bot.turns.outcome import Turn

ANSWER_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 1.0
PARSE_TIMEOUT_S = RECORD_TIMEOUT_S = 2.0  # limit of a request that precedes the request for the turn
PATIENCE_S = 15.0  # time limit for retrying a request while Rasa restarts
PAUSE_S = 0.5
TOKEN_HEADER = "X-Rasa-Token"  # noqa: S105  (a name), also in bot/rasa/command.py
QUESTION, ANSWERED_BY = "ask_faq", "action_answer_faq"  # the intent and the action of a rule in rules.yml
QUESTIONS = frozenset({QUESTION, "ask_other", "nlu_fallback"})  # the intents whose rule runs ANSWERED_BY
LISTEN = {"event": "action", "name": "action_listen"}
NEW_SESSION = ({"event": "action", "name": "action_session_start"}, {"event": "session_started"}, LISTEN)
_COMMAND_START = re.compile(r"^[\s/]+")


@dataclass
class TimeLeft:
    """The time that the requests to Rasa for one message may still take, in seconds; ANSWER_TIMEOUT_S in all.

    ``began`` is the time of the event loop at which the first request could begin.
    """

    seconds: float = field(default_factory=lambda: ANSWER_TIMEOUT_S)
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    @asynccontextmanager
    async def limit(self, most_s: float) -> AsyncIterator[None]:
        """Subtracts the time of the block; raises TimeoutError after ``most_s`` seconds, or when no time is left."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            async with asyncio.timeout(min(most_s, self.seconds)):
                yield
        finally:
            self.seconds -= loop.time() - start


@dataclass(frozen=True)
class Asker:
    """The citizen who asks.

    ``known`` contains the citizen's user attributes, such as ``comuna`` and ``idioma``. ``resumed`` is None unless an
    agent attended the citizen since the assistant's last answer; then it is the id of the entry they discussed, or ''.
    ``summary`` is the agent's summary of that session. ``dialogue`` contains the exchanges that the message may refer
    to; None if Rasa's tracker contains them. ``certainty`` is the minimum probability for answering, if a running
    public notice sets one; else 0. ``calm`` is true if the citizen denied that the message tells of a danger.
    ``whole`` is true if no button can request the rest of a shortened answer.
    """

    conversation: str
    channel: Channel
    known: Mapping[str, str] = field(default_factory=dict)
    resumed: str | None = None
    summary: str = ""
    dialogue: Dialogue | None = None
    certainty: float = 0.0
    calm: bool = False
    whole: bool = False

    @property
    def metadata(self) -> dict[str, Any]:
        """Returns the metadata of a message, in the form that actions/context.py and actions/tracker.py read."""
        metadata: dict[str, Any] = {"channel": self.channel.value}
        if self.dialogue is not None:
            metadata["dialogue"] = self.dialogue.to_data()
        metadata |= {name: self.known[name] for name in (COMMUNE, LANGUAGE) if name in self.known}
        if self.resumed is not None:
            metadata["resumed"] = self.resumed
        if self.certainty:
            metadata["certainty"] = self.certainty
        if self.calm:
            metadata["calm"] = True
        if self.whole:
            metadata["whole"] = True
        if self.summary:
            metadata["summary"] = self.summary  # for people who read the tracker
        return metadata


class Rasa:
    """A client of Rasa's REST channel; its HTTP client stays open until ``close``.

    ``patience_s`` is the number of seconds for which a request is retried while Rasa restarts.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        patience_s: float = PATIENCE_S,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._token = token
        timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        headers = {TOKEN_HEADER: token} if token else {}
        self._client = httpx.AsyncClient(
            verify=trusted(),
            trust_env=by_proxy(url),
            base_url=url,
            timeout=timeout,
            transport=transport,
            headers=headers,
            event_hooks=only_to(url),
        )
        self._patience_s = patience_s

    async def say(self, asker: Asker, text: str, left: TimeLeft | None = None) -> Turn:
        """Returns the turn for a citizen's text, which is masked before Rasa gets it.

        Without ``left``, no other request was made for the message. Raises RasaUnavailable, RasaSilent.
        """
        return await self._ask(asker, harmless(without_opening(masked(text))), left or TimeLeft())

    async def press(self, asker: Asker, payload: str, left: TimeLeft | None = None) -> Turn:
        """Returns the turn for a button's payload, such as ``/ask_human``. Raises RasaUnavailable, RasaSilent."""
        return await self._ask(asker, payload, left or TimeLeft())

    async def record(self, conversation: str, turns: Sequence[UnheardTurn], left: TimeLeft | None = None) -> None:
        """Adds turns that were decided without Rasa to Rasa's tracker. Raises RasaUnavailable.

        With ``left``, a message waits meanwhile, so that this takes at most RECORD_TIMEOUT_S.
        """
        path = f"/conversations/{conversation}/tracker/events"
        query = {"include_events": "NONE"} | ({"token": self._token} if self._token else {})
        try:
            async with left.limit(RECORD_TIMEOUT_S) if left else asyncio.timeout(ANSWER_TIMEOUT_S):
                answer = await self._client.post(path, params=query, json=[e for turn in turns for e in _events(turn)])
            answer.raise_for_status()
        except (httpx.HTTPError, TimeoutError) as error:
            raise RasaUnavailable(cause=type(error).__name__) from error

    async def intent(self, message: CitizenMessage, left: TimeLeft | None = None) -> str:
        """Returns the intent that Rasa recognizes in the text, masked as for ``say``; '' if Rasa fails.

        Takes PARSE_TIMEOUT_S at most, and changes no tracker.
        """
        query = {"token": self._token} if self._token else {}
        body = {"text": harmless(without_opening(masked(message.text)))}
        try:
            with timed(Stage.INTENT):
                async with (left or TimeLeft()).limit(PARSE_TIMEOUT_S):
                    answer = await self._client.post("/model/parse", params=query, json=body)
            return str(answer.raise_for_status().json()["intent"]["name"] or "")
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            log.warning("rasa: intent unknown", conversation=message.conversation, error=type(error).__name__)
            return ""

    async def healthy(self) -> bool:
        """Returns whether Rasa answers GET /version with status 200."""
        try:
            answer = await self._client.get("/version", timeout=CONNECT_TIMEOUT_S)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, asker: Asker, message: str, left: TimeLeft) -> Turn:
        body = {"sender": asker.conversation, "message": message, "metadata": asker.metadata}
        with timed(Stage.RASA):
            answer = await self._post(body, left)
        try:
            turn = turn_from(answer.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RasaSilent(unreadable=type(error).__name__) from error
        if not turn.replies and turn.handoff is None:
            raise RasaSilent()
        return turn

    async def _post(self, body: dict[str, Any], left: TimeLeft) -> httpx.Response:
        """Sends a request and returns the response; retries while a restarting Rasa refuses connections.

        All attempts together wait at most for the time ``left``. No attempt begins later than ``patience_s`` seconds
        after ``left.began``. Raises RasaUnavailable.
        """
        loop = asyncio.get_running_loop()
        deadline = left.began + self._patience_s
        end = max(deadline, loop.time() + left.seconds)
        while True:
            try:
                async with left.limit(end - loop.time()):  # httpx only limits the wait for each chunk
                    answer = await self._client.post("/webhooks/rest/webhook", json=body)
                answer.raise_for_status()
                return answer
            except TimeoutError as error:
                raise RasaUnavailable(cause="late") from error
            except httpx.TimeoutException as error:
                if not isinstance(error, httpx.ConnectTimeout) or loop.time() > deadline:
                    raise RasaUnavailable(cause=type(error).__name__) from error
            except httpx.HTTPError as error:
                if loop.time() > deadline:
                    raise RasaUnavailable(cause=type(error).__name__) from error
            await asyncio.sleep(PAUSE_S)


def _events(turn: UnheardTurn) -> list[dict[str, Any]]:
    """Returns the events that Rasa itself would have added to its tracker in this turn."""
    parsed = {"intent": {"name": QUESTION, "confidence": 1.0}, "entities": [], "text": turn.text}
    heard = {"event": "user", "text": turn.text, "parse_data": parsed, "metadata": {"channel": turn.channel.value}}
    said = [{"event": "bot", "text": None, "data": {"custom": one.to_data()}} for one in turn.said]
    events = [*(NEW_SESSION if turn.begins else ()), heard, {"event": "action", "name": ANSWERED_BY}, *said, LISTEN]
    return [event | {"timestamp": turn.at / 1000} for event in events]


def harmless(text: str) -> str:
    """Returns the text without the leading slashes and blanks that would make it a command."""
    return _COMMAND_START.sub("", text)


def turn_from(answer: Sequence[Mapping[str, Any]]) -> Turn:
    """Converts Rasa's messages into a Turn.

    A message from our actions has a payload under ``custom.ventanilla``; a message from Rasa itself is plain text.
    Raises the errors of ``Payload.from_data``.
    """
    return turn_of([_payload(line) for line in answer])


def turn_of(payloads: Sequence[Payload]) -> Turn:
    """Returns the turn with the payloads as replies; if several contain a handoff, the last one counts.

    If one payload is a fallback, all replies are marked as such, since Rasa sends a fallback's text and payload as
    separate messages.
    """
    handoffs = [one.handoff for one in payloads if one.handoff]
    known = {name: value for one in payloads for name, value in one.known.items()}
    missed = any(one.missed for one in payloads)
    replies = tuple(replace(one.reply, missed=missed) for one in payloads if one.reply)
    return Turn(replies, handoffs[-1] if handoffs else None, known, tuple(payloads))


def _payload(line: Mapping[str, Any]) -> Payload:
    custom = line.get("custom") or {}
    return Payload.from_data(custom if custom.get(KEY) else {KEY: line})
