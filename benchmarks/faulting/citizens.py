"""Simulates citizens on the web, Telegram and WhatsApp, who resend unacknowledged messages with the same id."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from twilio.request_validator import RequestValidator

from benchmarks.faulting.ledger import Ledger, Said
from benchmarks.faulting.providers import TelegramDouble, TwilioDouble
from benchmarks.faulting.system import SECRET
from bot.channels.outgoing.message_limits import MESSAGES, WINDOW_S
from bot.channels.telegram.adapter import PATH as TELEGRAM_PATH
from bot.channels.telegram.adapter import SECRET_HEADER, SECRET_PURPOSE
from bot.channels.whatsapp.signature import FORM, Fields
from bot.channels.whatsapp.webhook import PATH as WHATSAPP_PATH
from bot.channels.whatsapp.webhook import STATUS_PATH
from bot.conversation.addresses import Addresses
from bot.core.messages import Channel
from tests.channels.twilio_peer import SENDER, SID
from tests.channels.twilio_peer import TOKEN as TWILIO_TOKEN
from tests.live_people import Event, SocketCitizen
from tests.pictures import picture

ANSWER_PATIENCE_S = 12.0
AGAIN_S = 0.5
REPEATED_SHARE, REPEATED_LATER_SHARE = 0.05, 0.03
LATER_S = (2.0, 15.0)
STATUS_S, FAILED_SHARE, UNREACHABLE = (0.05, 2.0), 0.02, "63024"
IN_ONE_GO, SENDS_FILE = 0.5, 0.04
FILE_S = 20.0
PICTURE = picture()
WANTS_A_PERSON = ("quiero hablar con una persona", "persona", "necesito hablar con un funcionario")
EMERGENCIES = ("me quiero morir ya no doy mas", "hay un incendio en la casa del lado")
GOES_ON = ("sigo aquí", "se me olvidó decir algo", "y otra cosa más", "¿me pueden ayudar?")
ADDRESSES = Addresses(SECRET)
CALLS_A_MINUTE = MESSAGES - 2  # just below the limit, from which on the bot refuses messages


@dataclass(frozen=True)
class Manner:
    """The behavior of citizens: pauses in seconds, and probabilities of messages other than a single question."""

    pauses_s: tuple[float, float] = (0.5, 4.0)
    person: float = 0.12
    pieces: float = 0.08
    emergency: float = 0.01


class Citizen(ABC):
    """Simulates a citizen, who writes until ``ending`` is set and the last message is acknowledged."""

    channel: str

    def __init__(self, name: str, ledger: Ledger, rng: random.Random, questions: Sequence[str]) -> None:
        self.name, self._ledger, self._rng = name, ledger, rng
        self._questions = rng.sample(questions, len(questions))
        self._news = asyncio.Event()

    @abstractmethod
    async def deliver(self, said: Said) -> None:
        """Sends the message and returns when it is acknowledged."""

    async def live(self, manner: Manner, ending: asyncio.Event) -> None:
        while not ending.is_set():
            await self.say(*self._next(manner))
            await self._answer()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._rng.uniform(*manner.pauses_s)):
                    await ending.wait()

    def _next(self, manner: Manner) -> list[str]:
        drawn = self._rng.random()
        if self._ledger.wants_emergency() or drawn > 1 - manner.emergency:
            return [self._rng.choice(EMERGENCIES)]
        if drawn < manner.person:
            goes_on = self._rng.choices(GOES_ON, k=self._rng.randint(0, 2))
            return [self._rng.choice(WANTS_A_PERSON), *goes_on]
        self._questions.append(self._questions.pop(0))
        begins = ["una consulta"] if drawn < manner.person + manner.pieces else []
        return [*begins, self._questions[-1]]

    async def say(self, *words: str) -> None:
        """Sends the messages one by one, each after the previous one is acknowledged."""
        for one in words:
            await self._say(self._ledger.say(self.name, self.channel, one))

    async def _say(self, said: Said) -> None:
        self._news.clear()
        await self.deliver(said)
        said.acknowledged_at = time.monotonic()

    async def _answer(self) -> None:
        """Waits at most ANSWER_PATIENCE_S seconds for an answer to the last message."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_PATIENCE_S):
                await self._news.wait()

    def heard(self) -> None:
        """Records that a message arrived; the first one after a message of the citizen counts as its answer."""
        self._news.set()
        last = next((one for one in reversed(self._ledger.messages) if one.citizen == self.name), None)
        if last is not None and last.answered_at is None:
            last.answered_at = time.monotonic()


class WebCitizen(Citizen):
    """A citizen of the web chat, who uses the socket and resumes from the last event received."""

    channel = "web"

    def __init__(self, name: str, ledger: Ledger, rng: random.Random, questions: Sequence[str], url: str) -> None:
        super().__init__(name, ledger, rng, questions)
        number = int(name.partition("-")[2])
        self.page = SocketCitizen(url, f"10.{number // 250}.{number % 250}.1", self._told)
        self._client = httpx.AsyncClient(base_url=url, headers={"X-Forwarded-For": self.page.address}, timeout=FILE_S)

    async def live(self, manner: Manner, ending: asyncio.Event) -> None:
        await self.page.until(lambda: bool(self.page.conversation))
        self._ledger.conversations[self.name] = self.page.chats
        self._ledger.begun[self.name] = self.page.begun
        async with self._client:
            await super().live(manner, ending)

    def _told(self, event: Event) -> None:
        if event["author"] != "citizen":
            self.heard()

    async def say(self, *words: str) -> None:
        """Sends the messages one by one or, with probability IN_ONE_GO, together; then may send a file."""
        await self._say_all(words)
        if self._rng.random() < SENDS_FILE:
            await self._send_file()

    async def _send_file(self) -> None:
        """Uploads a picture and records the response; does not repeat the request if it is refused."""
        given = {"id": self._ledger.sends_file(), "name": "foto.png"}
        headers = {"Authorization": f"Bearer {self.page.token}"}
        try:
            answer = await self._client.post("/api/chat/files", params=given, content=PICTURE, headers=headers)
        except httpx.HTTPError as error:
            self._ledger.files[type(error).__name__] += 1
            return
        self._ledger.files[str(answer.status_code)] += 1
        self._ledger.accepted_files[self.name] += answer.status_code == httpx.codes.ACCEPTED

    async def _say_all(self, words: Sequence[str]) -> None:
        if self._rng.random() >= IN_ONE_GO:
            return await super().say(*words)
        said = [self._ledger.say(self.name, self.channel, one) for one in words]
        self._news.clear()
        await self.page.say_all({one.id: one.text for one in said})
        for one in said:
            one.acknowledged_at = self.page.acknowledged[one.id]

    async def deliver(self, said: Said) -> None:
        await self.page.say(said.id, said.text)


class ProviderCitizen(Citizen):
    """A citizen whose provider repeats a call of our webhook until it succeeds.

    Now and then, the provider repeats a successful call, either immediately or seconds later among later messages.
    """

    def __init__(
        self, name: str, ledger: Ledger, rng: random.Random, questions: Sequence[str], client: httpx.AsyncClient
    ) -> None:
        super().__init__(name, ledger, rng, questions)
        self._client = client
        self._calls = deque[float](maxlen=CALLS_A_MINUTE)  # times of the last calls
        self._later: set[asyncio.Task[None]] = set()

    @abstractmethod
    def request(self, said: Said) -> dict[str, Any]:
        """Returns the provider's webhook request for a message, as arguments of ``post``."""

    async def deliver(self, said: Said) -> None:
        while not await self._called(said):  # noqa: ASYNC110  (polls, like the provider)
            await asyncio.sleep(AGAIN_S)
        drawn = self._rng.random()
        if drawn < REPEATED_SHARE:
            await self._called(said)
        elif drawn < REPEATED_SHARE + REPEATED_LATER_SHARE:
            self._later.add(asyncio.create_task(self._repeated(said, self._rng.uniform(*LATER_S))))

    async def live(self, manner: Manner, ending: asyncio.Event) -> None:
        await super().live(manner, ending)
        while self._later:
            await asyncio.gather(*self._later)
            self._later = {one for one in self._later if not one.done()}

    async def _repeated(self, said: Said, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self._called(said)

    async def _called(self, said: Said) -> bool:
        if len(self._calls) == CALLS_A_MINUTE:
            await asyncio.sleep(max(0.0, self._calls[0] + WINDOW_S - time.monotonic()))
        self._calls.append(time.monotonic())
        try:
            return (await self._client.post(**self.request(said))).is_success
        except httpx.HTTPError:
            return False


class TelegramCitizen(ProviderCitizen):
    """A citizen on Telegram.

    If ``polled``, the bot polls the simulated Telegram for updates and there is no webhook.
    """

    channel = "telegram"

    def __init__(self, *given: Any, double: TelegramDouble, polled: bool = False) -> None:
        super().__init__(*given)
        self.chat = 7_000_000 + int(self.name.partition("-")[2])
        self._double, self._polled = double, polled
        double.people[str(self.chat)] = self.heard
        self._ledger.conversations[self.name] = (ADDRESSES.name(Channel.TELEGRAM, str(self.chat)),)

    async def deliver(self, said: Said) -> None:
        if not self._polled:
            return await super().deliver(said)
        update = self._update(said)
        self._double.updates.append(update)
        while update in self._double.updates:  # noqa: ASYNC110  (the next poll confirms the update)
            await asyncio.sleep(AGAIN_S)

    def request(self, said: Said) -> dict[str, Any]:
        secret = ADDRESSES.secret_for(SECRET_PURPOSE)
        return {"url": TELEGRAM_PATH, "json": self._update(said), "headers": {SECRET_HEADER: secret}}

    def _update(self, said: Said) -> dict[str, Any]:
        sender = {"id": self.chat, "is_bot": False, "first_name": "Ana"}
        chat = {"id": self.chat, "type": "private", "first_name": "Ana"}
        message = {"message_id": said.number, "date": 1764000000, "from": sender, "chat": chat, "text": said.text}
        return {"update_id": said.number, "message": message}


class WhatsAppCitizen(ProviderCitizen):
    """A citizen on WhatsApp, whose requests have Twilio's signature."""

    channel = "whatsapp"

    def __init__(self, *given: Any, double: TwilioDouble, url: str) -> None:
        super().__init__(*given)
        self.address = f"whatsapp:+5697{int(self.name.partition('-')[2]):07}"
        self._url = url
        double.people[self.address] = self.heard
        double.reports[self.address] = self._delivered
        self._ledger.conversations[self.name] = (ADDRESSES.name(Channel.WHATSAPP, self.address),)

    def request(self, said: Said) -> dict[str, Any]:
        fields = {
            "MessageSid": f"SM{said.number:032x}",
            "From": self.address,
            "To": SENDER,
            "AccountSid": SID,
            "NumMedia": "0",
            "Body": said.text,
            "MessageType": "text",
        }
        return self._signed(WHATSAPP_PATH, fields)

    def _signed(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        pairs = list(fields.items())
        signature = RequestValidator(TWILIO_TOKEN).compute_signature(self._url + path, Fields(pairs))
        headers = {"X-Twilio-Signature": signature, "Content-Type": FORM}
        return {"url": path, "content": urlencode(pairs), "headers": headers}

    def _delivered(self, sid: str) -> None:
        self._later.add(asyncio.create_task(self._report(sid)))

    async def _report(self, sid: str) -> None:
        """Reports how message ``sid`` was delivered: mostly as read, with probability FAILED_SHARE as failed."""
        last = "failed" if self._rng.random() < FAILED_SHARE else "read"
        for state in ("sent", "delivered", last) if last == "read" else ("sent", last):
            await asyncio.sleep(self._rng.uniform(*STATUS_S))
            fields = {"MessageSid": sid, "MessageStatus": state, "From": SENDER, "To": self.address, "AccountSid": SID}
            failed = {"ErrorCode": UNREACHABLE} if state == "failed" else {}
            with contextlib.suppress(httpx.HTTPError, RuntimeError):  # the client is closed at the end of the run
                await self._client.post(**self._signed(STATUS_PATH, fields | failed))
