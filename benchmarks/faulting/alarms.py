"""Simulates the receivers of alarms, a mail server and a webhook, causes spikes, and judges which alarms arrived.

Agents claim an emergency only when its alarm was mailed, so a lost alarm leaves its ticket in the queue until the end
of the run.
"""

from __future__ import annotations

import asyncio
import email
import json
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.faulting.evidence import Evidence
from benchmarks.faulting.ledger import Ledger
from benchmarks.faulting.providers import DEAF_S, SLOW_S, Delivery, Mood, Moods, after
from benchmarks.faulting.register import Register, is_signed, rejection
from benchmarks.faulting.told import TOUCH_SENDING, Struck, excess
from benchmarks.faulting.verdict import LOST_ALARM, REFUSED_HOOK
from bot.core.events import EventKind
from bot.record.engine import open_database
from bot.record.tables import Spike
from bot.record.tables.spikes import SpikeMinute
from bot.run.ports import LOOPBACK, free_port
from bot.spikes.alarms import TOGETHER
from bot.spikes.history import TOTAL
from bot.spikes.words import PATH as SPIKE_PAGE
from tests.desk_world import served

HOOK_SECRET = "h" * 40
MAIL, SPIKE_MAIL, HOOK = "mail", "mail of a spike", "webhook"
TICKET = re.compile(r"n\.º (\d+)\)")
SPIKE = re.compile(rf"{SPIKE_PAGE}/(\d+)")
FIRST_SPIKE = 101  # the first spike's number of citizens; identifies it in a mail without a link
NUMBER = re.compile(r"\b\d{3}\b")
USUAL_EVERY, USUAL_SINCE = timedelta(minutes=20), timedelta(days=30)  # the usual traffic that the detector reads
LATER, TAKEN = "451 4.3.0 try later", "250 OK"
HELD_LOOK_S = 0.05
RAISED_BY = frozenset(
    {EventKind.TICKET_OPENED, EventKind.TICKET_RAISED, EventKind.TICKET_RETURNED, EventKind.TICKET_MOVED}
)
EMERGENCY = "emergency"


def _moods(seed: int) -> Moods:
    return Moods(random.Random(seed))  # noqa: S311


@dataclass
class Alarms:
    """The receivers of alarms and complaints; ``mail`` and ``hook`` are the moods of the mail server and the webhook.

    ``raised`` are the ids of the spikes with an alarm; ``detected``, a subset, the ids of the spikes that the detector
    found. While ``is_left``, agents claim no emergency. While ``is_held``, the mail server delays its answers;
    ``waiting`` maps each waiting client's port to its ticket ('' for a spike).
    """

    ledger: Ledger = field(default_factory=Ledger)
    mail: Moods = field(default_factory=lambda: _moods(0))
    hook: Moods = field(default_factory=lambda: _moods(1))
    register: Register = field(default_factory=Register)
    raised: list[int] = field(default_factory=list)
    detected: set[int] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)  # a number of citizens -> the id of its spike
    refused: list[str] = field(default_factory=list)
    is_left: bool = False
    is_held: bool = False
    waiting: dict[int, str] = field(default_factory=dict)
    turned_away: set[int] = field(default_factory=set)  # ports of clients whose mail is refused after the wait

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[dict[str, str]]:
        """Runs the mail server and the webhook on free ports; yields the settings that make the bot send to them."""
        controller = Controller(_Mailbox(self), hostname=LOOPBACK, port=free_port())
        controller.start()
        try:
            routes = [Route("/alarm", self._called, methods=["POST"]), self.register.route]
            async with served(Starlette(routes=routes)) as url:  # type: ignore[arg-type]
                yield self.register.settings(url) | {
                    "SMTP_URL": f"smtp://{LOOPBACK}:{controller.port}",
                    "ALARM_WEBHOOK_URL": f"{url}/alarm",
                    "ALARM_WEBHOOK_SECRET": HOOK_SECRET,
                }
        finally:
            controller.stop()

    async def _called(self, request: Request) -> Response:
        body = await request.body()
        if not is_signed(request, body, HOOK_SECRET):
            self.refused.append(body.decode(errors="replace")[:100])
            return Response(status_code=401)
        mood, began = self.hook.draw(), time.monotonic()
        if instead := await rejection(mood, self.hook.rng):
            return instead
        self.hook.delivers(HOOK, str(json.loads(body)["id"]), "", mood, began=began)
        return await after(mood, Response(status_code=204))

    @property
    def delivered(self) -> list[Delivery]:
        return [*self.mail.delivered, *self.hook.delivered]

    def mailed(self, ticket: str) -> int:
        """Returns how many mails arrived about an emergency."""
        return sum(one.channel == MAIL and one.chat == ticket for one in list(self.mail.delivered))

    def keeps(self, ticket: Mapping[str, Any]) -> bool:
        """Returns whether agents leave a waiting ticket alone.

        They leave an emergency alone until its alarm has arrived, and every emergency while ``is_left``.
        """
        return ticket["priority"] == EMERGENCY and (self.is_left or not self.mailed(ticket["id"]))

    def want_emergencies(self, count: int) -> None:
        """Makes the next ``count`` citizens report an emergency."""
        self.ledger.emergencies_wanted = count

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Makes the mail server delay its answers during the block, and agents leave emergencies alone."""
        self.waiting.clear()
        self.is_held = self.is_left = True
        try:
            yield
        finally:
            self.is_held = self.is_left = False
            self.ledger.emergencies_wanted = 0

    async def raise_spike(self, database_url: str) -> None:
        """Stores an open alarm about a spike, as the detector does, but too old for the detector to extend.

        Raises SQLAlchemyError.
        """
        number, now = FIRST_SPIKE + len(self.numbers), datetime.now(UTC)
        engine, sessions = open_database(database_url)
        try:
            async with sessions.begin() as session:
                since = now - timedelta(minutes=5)
                facts = {"streams": ["total"], "citizens": number, "expected": 1.0, "window": 5, "chance": 1e-9}
                spike = Spike(since=since, at=now, last_at=now - 2 * TOGETHER, **facts)
                session.add(spike)
                await session.flush()
        finally:
            await engine.dispose()
        self.raised.append(spike.id)
        self.numbers[str(number)] = spike.id

    async def write_history(self, database_url: str) -> None:
        """Writes USUAL_SINCE of sparse history, so that the detector takes the simulated citizens for a spike.

        A citizen wrote every USUAL_EVERY.
        """
        start = datetime.now(UTC).replace(second=0, microsecond=0) - USUAL_SINCE
        minutes = [start + number * USUAL_EVERY for number in range(USUAL_SINCE // USUAL_EVERY)]
        engine, sessions = open_database(database_url)
        try:
            async with sessions.begin() as session:
                rows = [{"minute": minute, "stream": TOTAL, "citizens": 1} for minute in minutes]
                await session.execute(insert(SpikeMinute), rows)
        finally:
            await engine.dispose()

    async def read_detected(self, database_url: str) -> None:
        """Adds the spikes that the detector raised to ``raised``, and sets ``detected``. Raises SQLAlchemyError."""
        engine, sessions = open_database(database_url)
        try:
            async with sessions() as session:
                self.detected = set(await session.scalars(select(Spike.id))) - set(self.numbers.values())
        finally:
            await engine.dispose()
        self.raised = sorted({*self.raised, *self.detected})

    async def raise_spikes(self, noted: Callable[[], Mapping[str, str]], every_s: float) -> None:
        """Raises an alarm about a spike every ``every_s`` seconds until cancelled; does nothing if ``every_s`` is 0.

        Ignores that PostgreSQL is unreachable. ``noted`` returns the URLs of the running parts.
        """
        while every_s:
            await asyncio.sleep(every_s)
            try:
                await self.raise_spike(noted()["DATABASE_URL"])
            except (SQLAlchemyError, OSError, KeyError):
                continue

    def unheard(self) -> dict[str, int]:
        """Counts the alarms about spikes and the changes of complaints that have not arrived, by kind; omits zeros."""
        missing = {SPIKE_MAIL: self._missing(self.mail, SPIKE_MAIL), HOOK: self._missing(self.hook, HOOK)}
        spikes = {f"spikes not told by {way}": len(numbers) for way, numbers in missing.items() if numbers}
        return spikes | self.register.unheard()

    def _missing(self, moods: Moods, way: str) -> set[str]:
        return {str(one) for one in self.raised} - {one.chat for one in list(moods.delivered) if one.channel == way}

    def judge(self, found: Evidence, struck: Sequence[Struck]) -> Iterable[tuple[str, str]]:
        """Yields each fault of the alarms and of the register of complaints, as a kind and a line of evidence.

        The faults are missing and repeated alarms, calls with a wrong signature, and those that ``Register.judge``
        yields.
        """
        yield from ((REFUSED_HOOK, line) for line in self.refused)
        yield from ((LOST_ALARM, f"{count} {what}") for what, count in self.unheard().items())
        yield from self.register.judge(struck)
        for ticket in sorted(found.emergencies):
            if not self.mailed(ticket):
                yield LOST_ALARM, f"emergency {ticket}, which waits"
        events = (one for log in found.logs.values() for one in log if one.ticket and one.kind in RAISED_BY)
        raises = Counter(one.ticket.ticket for one in events if one.ticket and one.ticket.priority == EMERGENCY)
        seen: dict[tuple[str, str], list[Delivery]] = {}
        for one in self.delivered:
            seen.setdefault((one.channel, one.chat), []).append(one)
        for (way, what), saw in seen.items():
            allowed = max(1, raises[what]) if way == MAIL else 1
            touches = TOUCH_SENDING if way == MAIL else TOUCH_SENDING | {"postgres"}
            moments = ", ".join(f"{one.at - saw[0].at:.1f} s ({one.mood})" for one in saw)
            for kind in excess(saw, len(saw) - allowed, struck, touches):
                yield kind, f"{way} {what}, seen {moments}"


class _Mailbox:
    """Receives mail as the handler of aiosmtpd, which runs in a separate thread."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        way, what, port = *about(content, self._alarms.numbers), session.peer[1] if session.peer else 0
        if self._alarms.is_held:
            return await self._hold(way, what, port)
        moods = self._alarms.mail
        mood, began = moods.draw(), time.monotonic()
        if mood is Mood.SLOW:
            await asyncio.sleep(moods.rng.uniform(*SLOW_S))
        if mood in {Mood.LIMITED, Mood.BROKEN, Mood.BABBLING, Mood.DROPPED}:
            return _dropped(server) if mood is Mood.DROPPED else LATER
        moods.delivers(way, what, "", mood, began=began)
        if mood is Mood.ACCEPTED_DEAF:
            await asyncio.sleep(DEAF_S)
        if mood in {Mood.ACCEPTED_DEAF, Mood.ACCEPTED_DROPPED}:
            return _dropped(server)
        return LATER if mood is Mood.ACCEPTED_BROKEN else TAKEN

    async def _hold(self, way: str, what: str, port: int) -> str:
        began = time.monotonic()
        self._alarms.waiting[port] = what if way == MAIL else ""
        while self._alarms.is_held:  # noqa: ASYNC110  (another thread ends it)
            await asyncio.sleep(HELD_LOOK_S)
        if port in self._alarms.turned_away:
            return LATER
        self._alarms.mail.delivers(way, what, "", Mood.WELL, began=began)
        return TAKEN


def about(content: bytes, numbers: Mapping[str, int]) -> tuple[str, str]:
    """Returns the subject of a mail: MAIL and the ticket, or SPIKE_MAIL and the id of the spike.

    If the mail has no link to the spike, looks up the id in ``numbers`` by the number of citizens in the subject line.
    If that number is unknown, returns it in place of the id; without a number, returns the subject line.
    """
    message = email.message_from_bytes(content)
    subject = str(make_header(decode_header(message["Subject"])))
    if found := TICKET.search(subject):
        return MAIL, found[1]
    text = message.get_payload(decode=True)
    if linked := SPIKE.search(text.decode(errors="replace") if isinstance(text, bytes) else ""):
        return SPIKE_MAIL, linked[1]
    number = NUMBER.search(subject)
    return SPIKE_MAIL, str(numbers.get(number[0], number[0])) if number else subject


def _dropped(server: SMTP) -> str:
    if server.transport is not None:
        cast(asyncio.WriteTransport, server.transport).abort()
    return LATER
