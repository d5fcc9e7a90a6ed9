"""Runs our assistant in a separate folder, and holds conversations with it over the web chat's socket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import redis

from benchmarks.end_to_end.questions import Conversation
from benchmarks.faulting.processes import LAUNCHER
from benchmarks.faulting.system import PARTS, copy_prepared, write_agency
from bot.core.messages import Speaker
from bot.core.secrets.encryption import MasterKeys, Secrets
from bot.core.secrets.kept import kept_secret
from bot.core.settings import ROOT
from bot.run.postgres import postgres_url
from bot.run.system import running_system
from tests.home import copy_vectors_and_classifiers
from tests.live_people import Event, SocketCitizen
from tests.system import Installation, installed

ANSWER_TIMEOUT_S = 120.0
SERVED, OFFERED, WORD = "answered from the FAQ", "asked which entry is meant", "got another word"


@dataclass
class Asked:
    """A citizen's messages in a conversation, and the number of those that were answered."""

    texts: list[str] = field(default_factory=list)
    answered: int = 0


@dataclass
class Ours:
    """Our running assistant.

    ``asked`` contains the citizens' messages, keyed by conversation; ``kinds`` counts the first replies per kind, and
    ``errors`` the errors that pages received, per code.
    """

    installation: Installation
    start_s: float
    asked: dict[str, Asked] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    _addresses: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def pids(self) -> dict[str, int]:
        return {part: self.installation.pid(part) for part in PARTS} | {LAUNCHER: self.installation.process.pid}

    @cached_property
    def redis(self) -> redis.Redis:
        """Returns a blocking client of the assistant's Valkey."""
        return redis.Redis.from_url(self.noted()["REDIS_URL"])

    def noted(self) -> dict[str, str]:
        """Returns the content of running.json, such as the parts' URLs keyed by environment variable; {} if stopped."""
        return running_system(self.installation.home) or {}

    @property
    def owned_database(self) -> str:
        """Returns the record's URL for the database's owner, who may create temporary tables, unlike the bot."""
        port = urlsplit(self.noted()["DATABASE_URL"]).port
        return postgres_url(port or 0, kept_secret(self.installation.home, "postgres"))

    @cached_property
    def masters(self) -> MasterKeys:
        """Returns the master keys of the record."""
        secret = Secrets.of(kept_secret(self.installation.home, "secret"))
        return MasterKeys(secret.current, *secret.every, search=secret.naming)

    async def converse(self, questions: Conversation) -> list[float]:
        """Asks the questions one after the other and returns the seconds until each answer.

        After a handoff, continues in a new conversation with the first question that had no answer.
        """
        times, left = list[float](), list(questions)
        while left:
            left = await self._until_handed_over(left, times)
        return times

    async def _until_handed_over(self, left: Sequence[str], times: list[float]) -> list[str]:
        """Asks the questions ``left`` in a new conversation until a handoff; returns the questions without an answer.

        Adds the seconds until each answer to ``times``.
        """
        async with self.opened() as page:
            for place, question in enumerate(left):
                if page.speaker != Speaker.ASSISTANT:
                    return list(left[place:])
                seconds = await self.ask(page, question)
                if seconds is None:
                    return list(left[place:])
                times.append(seconds)
        return []

    @asynccontextmanager
    async def opened(self, patience_s: float | None = ANSWER_TIMEOUT_S) -> AsyncIterator[Page]:
        """Opens a conversation for a citizen with a unique address, and yields its page until the block ends.

        Raises TimeoutError if the conversation is not open after ``patience_s`` seconds.
        """
        number = next(self._addresses)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        page = Page(self.installation.url, address, self.errors)
        running = asyncio.create_task(page.run())
        try:
            async with asyncio.timeout(patience_s):
                await page.until(lambda: bool(page.speaker))
            self.asked[page.conversation] = Asked()
            yield page
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def ask(self, page: Page, text: str, patience_s: float | None = ANSWER_TIMEOUT_S) -> float | None:
        """Asks a question and returns the seconds until the answer.

        Returns None if the conversation was handed off before, so that an agent gets the question. Raises TimeoutError
        if no answer arrives within ``patience_s`` seconds.
        """
        asked = self.asked[page.conversation]
        asked.texts.append(text)
        async with asyncio.timeout(patience_s):
            seconds = await page.ask(str(uuid.uuid4()), text)
        if seconds is not None and page.reply is not None:
            asked.answered += 1
            self.kinds[kind_of(page.reply)] += 1
        return seconds


def kind_of(reply: Event) -> str:
    """Returns the kind of a first reply: SERVED, OFFERED or WORD."""
    if reply.get("source"):
        return SERVED
    return OFFERED if reply["buttons"] else WORD


class Page(SocketCitizen):
    """A citizen's page, which records when each event arrives.

    ``reply`` is the first event that answered the last question; ``errors`` counts the errors received per code.
    """

    pause_s, acknowledged_within_s = 1.0, 10.0  # similar to the widget
    reply: Event | None = None
    _closing: asyncio.Future[None] | None = None

    def __init__(self, url: str, address: str, errors: Counter[str] | None = None) -> None:
        super().__init__(url, address, self._arrived)
        self._arrivals: list[float] = []
        self.errors = Counter[str]() if errors is None else errors

    async def ask(self, message_id: str, text: str) -> float | None:
        """Sends a message and returns the seconds until the answer; None if an agent already has the conversation."""
        seen, begun = len(self.events), time.perf_counter()
        await self.say(message_id, text)
        if self.speaker != Speaker.ASSISTANT:
            return None
        await self.until(lambda: self._answer_to(message_id, seen) is not None)
        place = self._answer_to(message_id, seen) or 0
        self.reply = self.events[place]
        return self._arrivals[place] - begun

    async def reconnect(self) -> None:
        """Closes the connection and returns once the page is connected again."""
        self.speaker = ""
        if self._socket:
            await self._socket.close()
        await self.until(lambda: bool(self.speaker))

    def _answer_to(self, message_id: str, seen: int) -> int | None:
        """Returns the position of the first event after message ``message_id`` that the citizen did not write, or None.

        Looks only at the events from position ``seen`` on.
        """
        own = False
        for place in range(seen, len(self.events)):
            event = self.events[place]
            own = own or event.get("message_id") == message_id
            if own and event["author"] != "citizen":
                return place
        return None

    def _arrived(self, _event: Event) -> None:
        self._arrivals.append(time.perf_counter())

    def _handle(self, kind: str, frame: Event) -> None:
        if kind == "ack":
            self.speaker = frame["speaker"]  # the speaker when the message was stored
        elif kind == "error":
            self.errors[frame["code"]] += 1
            if self._socket and not self.token:  # refused: a page would also try again with a new connection
                self._closing = asyncio.ensure_future(self._socket.close())
        super()._handle(kind, frame)


@contextmanager
def running(folder: Path) -> Iterator[Callable[..., contextlib.AbstractContextManager[Ours]]]:
    """Prepares an installation in ``folder``.

    Yields a function that returns a context manager that runs the installation; with ``fresh=False``, on its existing
    data.
    """
    home = folder / "home"
    home.mkdir(parents=True)
    copy_prepared(home)
    copy_vectors_and_classifiers(home)
    shutil.copytree(ROOT / "data" / "faq", folder / "faq")
    write_agency(folder / "agency.yml")

    @contextmanager
    def start(*, fresh: bool = True) -> Iterator[Ours]:
        settings = {"AGENCY_FILE": str(folder / "agency.yml"), "VENTANILLA_TIED": "1"}
        begun = time.monotonic()
        with installed(home, folder / "faq", fresh=fresh, **settings) as installation:
            yield Ours(installation, time.monotonic() - begun)

    yield start
