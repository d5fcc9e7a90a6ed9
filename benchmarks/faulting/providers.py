"""Simulates a Telegram and a Twilio that delay, refuse or drop calls, or accept a message without reporting success."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tests.channels.telegram_peer import BABBLE, WORDS, TelegramPeer
from tests.channels.twilio_peer import TwilioPeer

RETRY_AFTER_S = 2
SLOW_S = (1.0, 6.0)
DEAF_S = 20.0  # longer than our clients' timeout


class Mood(StrEnum):
    """The way in which a provider handles a call.

    With a mood in LIES it delivers the message but reports no success.
    """

    WELL = "well"
    SLOW = "slow"
    LIMITED = "429"
    BROKEN = "500"
    BABBLING = "HTML"
    DROPPED = "dropped"
    ACCEPTED_BROKEN = "accepted, then 500"
    ACCEPTED_DROPPED = "accepted, then dropped"
    ACCEPTED_DEAF = "accepted, never answered"
    ACCEPTED_LATE = "accepted, answered too late"  # not drawn: this machine was too slow


LIES = frozenset({Mood.ACCEPTED_BROKEN, Mood.ACCEPTED_DROPPED, Mood.ACCEPTED_DEAF, Mood.ACCEPTED_LATE})
LATE_S = 10.0  # our clients, whose timeout is 15 s, may have given up on a call that takes longer
CALM = {Mood.WELL: 95, Mood.SLOW: 3, Mood.LIMITED: 1, Mood.BROKEN: 1}
STORM = {
    Mood.WELL: 40,
    Mood.SLOW: 15,
    Mood.LIMITED: 5,
    Mood.BROKEN: 10,
    Mood.BABBLING: 5,
    Mood.DROPPED: 10,
    Mood.ACCEPTED_BROKEN: 5,
    Mood.ACCEPTED_DROPPED: 7,
    Mood.ACCEPTED_DEAF: 3,
}
DEAF = {Mood.ACCEPTED_DEAF: 1}
WELL = {Mood.WELL: 1}


@dataclass(frozen=True)
class Delivery:
    """A message, alarm or change of a complaint that arrived; ``mood`` is how the receiving server handled the call.

    ``chat`` identifies the citizen, ticket, spike or change; ``at`` is in monotonic seconds.
    """

    channel: str
    chat: str
    text: str
    at: float
    mood: Mood


@dataclass
class Moods:
    """Draws a mood for each call according to ``weights``, which may change at any time.

    ``counted`` counts the moods drawn; ``delivered`` lists what arrived.
    """

    rng: random.Random
    weights: dict[Mood, int] = field(default_factory=lambda: dict(CALM))
    counted: Counter[Mood] = field(default_factory=Counter)
    delivered: list[Delivery] = field(default_factory=list)

    def delivers(self, channel: str, chat: str, text: str, mood: Mood, *, began: float) -> None:
        """Records what arrived with a call that began at the monotonic time ``began``."""
        now = time.monotonic()
        late = mood not in LIES and now - began > LATE_S
        self.delivered.append(Delivery(channel, chat, text, now, Mood.ACCEPTED_LATE if late else mood))

    def draw(self) -> Mood:
        (mood,) = self.rng.choices(list(self.weights), list(self.weights.values()))
        self.counted[mood] += 1
        return mood


async def before(mood: Mood, rng: random.Random) -> Response | None:
    """Returns the response if the provider rejects the message, or None if the provider accepts it.

    Pauses first if the mood is SLOW. The callers handle LIMITED.
    """
    if mood is Mood.SLOW:
        await asyncio.sleep(rng.uniform(*SLOW_S))
    if mood is Mood.BROKEN:
        return Response(status_code=500)
    if mood is Mood.BABBLING:
        return Response(BABBLE, media_type="text/html")
    return dropped() if mood is Mood.DROPPED else None


async def after(mood: Mood, answer: Response) -> Response:
    """Returns the response to an accepted message: ``answer``, unless the mood is one of LIES."""
    if mood is Mood.ACCEPTED_BROKEN:
        return Response(status_code=500)
    if mood is Mood.ACCEPTED_DEAF:
        await asyncio.sleep(DEAF_S)
    return dropped() if mood in {Mood.ACCEPTED_DROPPED, Mood.ACCEPTED_DEAF} else answer


def dropped() -> Response:
    """Returns a response whose connection closes before the body is complete."""

    async def nothing() -> AsyncIterator[bytes]:
        yield b"{"

    return StreamingResponse(nothing(), headers={"content-length": "1000"}, media_type="application/json")


@dataclass
class TelegramDouble(TelegramPeer):
    """A simulated Telegram; ``people`` maps a chat to the callback for each message that the chat receives."""

    moods: Moods = field(default_factory=lambda: Moods(random.Random()))  # noqa: S311
    people: dict[str, Callable[[], None]] = field(default_factory=dict)

    async def _call(self, request: Request) -> Response:
        if request.path_params["method"] not in WORDS:
            return await super()._call(request)
        mood, began = self.moods.draw(), time.monotonic()
        if mood is Mood.LIMITED:
            told = {"ok": False, "error_code": 429, "parameters": {"retry_after": RETRY_AFTER_S}}
            return JSONResponse(told | {"description": f"Too Many Requests: retry after {RETRY_AFTER_S}"}, 429)
        if instead := await before(mood, self.moods.rng):
            return instead
        answer = await super()._call(request)
        result = json.loads(bytes(answer.body)).get("result")
        if isinstance(result, dict):
            chat, text = str(result["chat"]["id"]), result.get("text") or result.get("caption", "")
            self.moods.delivers("telegram", chat, text, mood, began=began)
            self.people.get(chat, int)()
        return await after(mood, answer)


@dataclass
class TwilioDouble(TwilioPeer):
    """A simulated Twilio; ``people`` maps an address to the callback for each message that the address receives.

    ``reports`` maps an address to the callback that gets the id of each accepted message and reports its delivery.
    """

    moods: Moods = field(default_factory=lambda: Moods(random.Random()))  # noqa: S311
    people: dict[str, Callable[[], None]] = field(default_factory=dict)
    reports: dict[str, Callable[[str], None]] = field(default_factory=dict)

    async def _message(self, request: Request) -> Response:
        mood, began = self.moods.draw(), time.monotonic()
        if mood is Mood.LIMITED:
            return JSONResponse(
                {"code": 20429, "message": "Too Many Requests", "status": 429},
                429,
                headers={"Retry-After": str(RETRY_AFTER_S)},
            )
        if instead := await before(mood, self.moods.rng):
            return instead
        answer = await super()._message(request)
        told = json.loads(bytes(answer.body))
        if answer.status_code == 201:
            text = self.sent[int(told["sid"][2:], 16) - 1].get("Body", "")
            self.moods.delivers("whatsapp", told["to"], text, mood, began=began)
            self.people.get(told["to"], int)()
            self.reports.get(told["to"], len)(told["sid"])
        return await after(mood, answer)
