"""Tests the signed webhook to the agency's register, with a real HTTP server."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import test_utils, web
from pydantic import SecretStr, ValidationError
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from bot.core.messages import Place
from bot.core.settings import Settings
from bot.handoff.complaints.register import (
    ANSWERED_WITHIN_S,
    KEY,
    MAX_TRIES,
    RESERVED_S,
    SIGNATURE,
    TIMESTAMP,
    Register,
)
from bot.handoff.complaints.upkeep import ComplaintUpkeep
from bot.privacy.corrections import Corrections
from bot.record.engine import Sessions
from bot.record.tables.complaints import ComplaintChange
from bot.store import keys
from tests.eventually import eventually
from tests.idle_transactions import idle_transactions
from tests.integration.complaints import filed
from tests.no_record import mailbox_of

SECRET = "k" * 40


@dataclass
class Peer:
    """Simulates the agency's register, which answers ``statuses`` in turn and then 204."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    waits_for: asyncio.Event | None = None
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        if self.waits_for:
            await self.waits_for.wait()
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@pytest_asyncio.fixture
async def peer() -> AsyncIterator[Peer]:
    made, app = Peer(), web.Application()
    app.router.add_post("/reclamos", made.take)
    async with test_utils.TestServer(app) as server:
        made.url = str(server.make_url("/reclamos"))
        yield made


@pytest_asyncio.fixture
async def register(peer: Peer, database: Sessions) -> AsyncIterator[Register]:
    made = Register(database, peer.url, SecretStr(SECRET))
    yield made
    await made.close()


@pytest_asyncio.fixture
async def complaint(redis: Redis, database: Sessions) -> int:
    await redis.set(keys.RESTORED, "1")
    where = {"what": "¡Hay un hoyo!", "location": "Prat 9", "place": Place(-33.4, -70.6)}
    return (await filed(redis, database, mailbox_of(redis), **where)).id


async def drained(register: Register) -> None:
    while await register.send_one():
        pass


async def due_again(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        waiting = ComplaintChange.export_at.is_not(None)
        await session.execute(update(ComplaintChange).where(waiting).values(export_at=func.now()))


async def pauses_s(sessions: Sessions) -> list[int]:
    """Returns the pauses until the next attempts, rounded up to tens of seconds: a busy machine looks some later."""
    pause = func.extract("epoch", ComplaintChange.export_at - func.now())
    async with sessions() as session:
        return [
            10 * ceil(one / 10)
            for one in await session.scalars(select(pause).where(ComplaintChange.export_at.is_not(None)))
        ]


async def test_complaint_of_blocked_data_is_sent_when_it_is_unblocked(
    peer: Peer, register: Register, complaint: int, database: Sessions
) -> None:
    await Corrections(database).block("c1")
    await drained(register)
    sent_while_blocked = len(peer.got)
    await Corrections(database).unblock("c1")
    await drained(register)
    assert (sent_while_blocked, len(peer.got)) == (0, 1)


async def test_complaint_is_sent_once_and_signed(peer: Peer, register: Register, complaint: int) -> None:
    await drained(register)
    ((headers, body),) = peer.got
    timestamp = headers[TIMESTAMP]
    expected = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
    assert headers[SIGNATURE] == f"v1={expected}"
    assert abs(int(timestamp) - time.time()) < 60
    (told,) = peer.bodies
    assert (told["number"], told["state"], told["what"]) == ("179-610", "received", "¡Hay un hoyo!")
    assert (told["where"], told["latitude"], told["photos"]) == ("Prat 9", -33.4, 0)
    assert headers[KEY] == f"complaint-change-{told['id']}"


@pytest.mark.parametrize("status", [500, 404, 429, 302])
async def test_refusal_is_sent_again_with_the_same_key(
    peer: Peer, register: Register, complaint: int, database: Sessions, status: int
) -> None:
    peer.statuses = [status, status]
    pauses = []
    for _ in range(2):
        await drained(register)
        pauses += await pauses_s(database)
        await due_again(database)
    await drained(register)
    assert len(peer.got) == 3
    assert len({headers[KEY] for headers, _ in peer.got}) == 1
    assert pauses == [30, 60]
    assert await pauses_s(database) == []


async def test_register_that_is_away_is_tried_again(database: Sessions, complaint: int) -> None:
    gone = Register(database, "http://127.0.0.1:1/reclamos", SecretStr(SECRET))
    assert await gone.send_one()
    assert await pauses_s(database) == [30]
    await gone.close()


async def test_changes_of_a_complaint_arrive_in_order(
    peer: Peer, register: Register, complaint: int, database: Sessions
) -> None:
    async with database.begin() as session:
        session.add(ComplaintChange(complaint_id=complaint, state="resolved", reply="Listo"))
    peer.statuses = [503]
    await drained(register)
    assert [one["state"] for one in peer.bodies] == ["received"]
    await due_again(database)
    await drained(register)
    assert [one["state"] for one in peer.bodies] == ["received", "received", "resolved"]
    assert peer.bodies[-1]["reply"] == "Listo"


async def test_slow_register_keeps_no_transaction_open_and_gets_each_change_once(
    peer: Peer, register: Register, complaint: int, database: Sessions
) -> None:
    peer.waits_for = asyncio.Event()
    sending = asyncio.create_task(register.send_one())
    await eventually(lambda: asyncio.sleep(0, peer.got))
    assert await idle_transactions(database) == 0
    assert not await register.send_one()
    peer.waits_for.set()
    assert await sending and not await register.send_one()
    assert (len(peer.got), await pauses_s(database)) == (1, [])


async def test_change_of_a_killed_process_is_sent_again_with_the_same_key(
    peer: Peer, register: Register, complaint: int, database: Sessions
) -> None:
    peer.waits_for = asyncio.Event()
    killed = asyncio.create_task(register.send_one())
    await eventually(lambda: asyncio.sleep(0, peer.got))
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    peer.waits_for = None
    await due_again(database)
    await drained(register)
    assert len(peer.got) == 2
    assert len({headers[KEY] for headers, _ in peer.got}) == 1


@pytest.mark.parametrize(
    ("tries", "ahead_s", "sent"), [(0, 3600, 1), (3, 3600, 1), (0, 100, 0), (3, 200, 0), (30, 6 * 3600, 0)]
)
async def test_change_put_off_by_a_clock_that_was_ahead_is_sent_at_once(
    peer: Peer, register: Register, complaint: int, database: Sessions, tries: int, ahead_s: int, sent: int
) -> None:
    later = {"export_tries": tries, "export_at": func.now() + timedelta(seconds=ahead_s)}
    async with database.begin() as session:
        await session.execute(update(ComplaintChange).values(later))
    await drained(register)
    assert len(peer.got) == sent


async def test_register_that_answers_too_slowly_is_tried_again_before_its_reservation_ends(
    peer: Peer, register: Register, complaint: int, database: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ANSWERED_WITHIN_S < RESERVED_S
    monkeypatch.setattr("bot.handoff.complaints.register.ANSWERED_WITHIN_S", 0.1)
    peer.waits_for = asyncio.Event()
    assert await register.send_one()
    assert await pauses_s(database) == [30]
    peer.waits_for.set()


async def test_register_that_never_takes_it_is_given_up(
    peer: Peer, register: Register, complaint: int, database: Sessions
) -> None:
    async with database.begin() as session:
        await session.execute(update(ComplaintChange).values(export_tries=MAX_TRIES - 1))
    peer.statuses = [500]
    await drained(register)
    assert await pauses_s(database) == []


async def test_failure_of_one_kind_of_work_does_not_stop_the_others(
    peer: Peer, register: Register, complaint: int
) -> None:
    class Broken:
        async def notify_one(self) -> bool:
            raise ValueError("broken")

        async def copy_one(self) -> bool:
            raise OSError("no disk")

    await ComplaintUpkeep(Broken(), Broken(), register).do_due()  # type: ignore[arg-type]
    assert len(peer.got) == 1


@pytest.mark.parametrize(
    ("url", "secret", "accepted"),
    [
        ("https://registro.example/reclamos", SECRET, True),
        ("http://127.0.0.1:8080/x", SECRET, True),
        ("http://localhost/x", SECRET, True),
        ("", "", True),
        ("http://registro.example/x", SECRET, False),
        ("ftp://127.0.0.1/x", SECRET, False),
        ("https://", SECRET, False),
        ("https://registro.example/x", "corto", False),
        ("https://registro.example/x", "", False),
    ],
)
def test_address_must_be_https_or_loopback_and_the_secret_long(url: str, secret: str, accepted: bool) -> None:
    values = {"COMPLAINTS_WEBHOOK_URL": url, "COMPLAINTS_WEBHOOK_SECRET": SecretStr(secret)}
    if accepted:
        assert Settings(**values).complaints_webhook_url == url
    else:
        with pytest.raises(ValidationError):
            Settings(**values)
