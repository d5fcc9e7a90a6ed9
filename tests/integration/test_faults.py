"""Tests faults of stores and clients under traffic from outside: nothing is lost, doubled or out of order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis as blocking_redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from bot.channels.web.connections.open_connections import PER_CONVERSATION
from bot.channels.web.shapes import MAX_BODY_BYTES
from bot.record.engine import open_database
from bot.record.migrate import migrate
from bot.record.tables import Staff
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.postgres import make_databases, postgres_part, postgres_url
from tests.bot_process import PASSWORD, BotProcess, bot_process
from tests.desk_world import PASSWORD as PASSWORD_OF_STAFF
from tests.eventually import LONG_PATIENCE_S, PATIENCE_S, eventually
from tests.parts import patient
from tests.quick_passwords import QUICK

PEOPLE, MESSAGES = 6, 5
FAULT_S = 2.0
FAULTS = ("pause_valkey", "fill_valkey", "stop_postgres", "pause_postgres")


@dataclass
class Stores:
    """A bot and its stores."""

    bot: BotProcess
    postgres: Running
    database_url: str
    conversations: int = 0

    def pause_valkey(self, on: bool) -> None:
        os.kill(self.bot.valkey.process.pid, signal.SIGSTOP if on else signal.SIGCONT)

    def pause_postgres(self, on: bool) -> None:
        for process in family(self.postgres.process.pid):
            os.kill(process, signal.SIGSTOP if on else signal.SIGCONT)

    def fill_valkey(self, on: bool) -> None:
        with blocking_redis.Redis.from_url(self.bot.redis_url) as client:
            client.config_set("maxmemory", "1mb" if on else "0")

    def stop_postgres(self, on: bool) -> None:
        if on:
            self.postgres.stop()
        else:
            self.postgres.restart()
            self.postgres.wait_healthy()


def family(process: int) -> list[int]:
    """Returns the ids of a process and of all its descendants."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(one for child in children for one in family(int(child)))]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    home, port = tmp_path_factory.mktemp("faults"), free_port()
    postgres = Running(patient(postgres_part(home, port, PASSWORD)))
    postgres.wait_healthy()
    make_databases(port, PASSWORD)
    url = postgres_url(port, PASSWORD)
    migrate(url)
    with bot_process(home, url) as bot:
        yield Stores(bot, postgres, url)
        assert not bot.bot.dead
        assert "Traceback" not in bot.log
    postgres.stop()


@dataclass
class Browser:
    """A page that reconnects with its token, resumes, and resends unacknowledged messages."""

    url: str
    address: str
    token: str = ""
    last: str = "0"
    said: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    socket: ClientConnection | None = None

    async def run(self) -> None:
        while True:
            with contextlib.suppress(OSError, WebSocketException):
                async with await dial(self.url, self.address) as self.socket:
                    await self.send(type="hello", after=self.last, **({"token": self.token} if self.token else {}))
                    async for line in self.socket:
                        self.hear(json.loads(line))
            await asyncio.sleep(0.2)

    def hear(self, told: dict[str, Any]) -> None:
        if told["type"] == "welcome":
            self.token = told["token"]
        elif told["type"] == "ack":
            self.acknowledged.add(told["id"])
        elif told["type"] == "event":
            self.last = told["id"]
            self.said.append(told["text"])

    async def send(self, **message: Any) -> None:
        with contextlib.suppress(ConnectionClosed):
            await (self.socket or await dial(self.url, self.address)).send(json.dumps(message))

    async def ask(self, number: int) -> None:
        name = f"message-{number}"
        while name not in self.acknowledged:
            await self.send(type="message", id=name, text=f"¿pregunta {number}?")
            for _ in range(20):
                await asyncio.sleep(0.05)
                if name in self.acknowledged:
                    break


async def dial(url: str, address: str) -> connect:
    return connect(url.replace("http", "ws") + "/api/chat/socket", additional_headers={"X-Forwarded-For": address})


async def chat(browser: Browser) -> None:
    for number in range(MESSAGES):
        await browser.ask(number)
        await asyncio.sleep(0.3)


@pytest.mark.parametrize("fault", FAULTS)
async def test_store_that_fails_under_traffic_loses_no_message(stores: Stores, fault: str) -> None:
    browsers = [Browser(stores.bot.url, f"10.{FAULTS.index(fault)}.0.{number}") for number in range(PEOPLE)]
    running = [asyncio.create_task(one.run()) for one in browsers]
    async with asyncio.timeout(LONG_PATIENCE_S):
        await eventually(lambda: all(one.token for one in browsers))
        talking = [asyncio.create_task(chat(one)) for one in browsers]
        await asyncio.sleep(0.5)
        await asyncio.to_thread(getattr(stores, fault), True)
        await asyncio.sleep(FAULT_S)
        await asyncio.to_thread(getattr(stores, fault), False)
        await asyncio.gather(*talking)
        await eventually(lambda: all(len(one.said) >= 1 + 2 * MESSAGES for one in browsers), LONG_PATIENCE_S)
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    asked = [f"¿pregunta {number}?" for number in range(MESSAGES)]
    for one in browsers:
        assert [text for text in one.said if text in asked] == asked
        assert [text for text in one.said[1:] if text not in asked] == [f"eco: {text}" for text in asked]
    stores.conversations += PEOPLE
    await recorded(stores, stores.conversations * (1 + 2 * MESSAGES))


async def test_hanging_postgresql_is_shown_at_the_desk_and_citizens_go_on(stores: Stores) -> None:
    email = "ana@losaromos.example"
    engine, sessions = open_database(stores.database_url)
    async with sessions.begin() as session:
        row = Staff(email=email, name="Ana", roles=["agent"], password_hash=QUICK.hash(PASSWORD_OF_STAFF))
        row.must_change_password = False
        session.add(row)
    await engine.dispose()
    citizen = Browser(stores.bot.url, "10.8.0.1")
    running = asyncio.create_task(citizen.run())
    async with httpx.AsyncClient(
        base_url=stores.bot.url, headers={"Origin": stores.bot.url}, timeout=PATIENCE_S
    ) as ana:
        signed_in = await ana.post("/desk/login", data={"correo": email, "clave": PASSWORD_OF_STAFF})
        assert signed_in.status_code == 303
        stores.pause_postgres(True)
        try:
            async with asyncio.timeout(PATIENCE_S):
                answers = await asyncio.gather(*(ana.get("/desk/api/tickets") for _ in range(30)), ana.get("/desk"))
            async with asyncio.timeout(PATIENCE_S):
                await citizen.ask(1)
                await eventually(lambda: "eco: ¿pregunta 1?" in citizen.said)
            health = await ana.get("/readyz")
        finally:
            stores.pause_postgres(False)
        assert {one.status_code for one in answers} == {503}
        assert all("El sistema no responde" in one.text for one in answers)
        assert (health.status_code, health.json()["postgres"]) == (200, False)

        async def look() -> bool:
            return (await ana.get("/desk/api/tickets")).status_code == 200

        await eventually(look)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def recorded(stores: Stores, count: int) -> None:
    """Waits until the record has exactly ``count`` messages."""
    async with await psycopg.AsyncConnection.connect(stores.database_url, autocommit=True) as connection:

        async def look() -> bool:
            return await (await connection.execute("SELECT count(*) FROM messages")).fetchone() == (count,)

        await eventually(look)


async def test_frame_of_a_megabyte_closes_that_socket_and_no_other(stores: Stores) -> None:
    async with await dial(stores.bot.url, "10.9.0.1") as quiet, await dial(stores.bot.url, "10.9.0.2") as loud:
        await quiet.send('{"type": "hello"}')
        await loud.send("x" * 16 * MAX_BODY_BYTES)
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(PATIENCE_S):
                await loud.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        assert json.loads(await quiet.recv())["type"] == "welcome"


async def test_all_sockets_that_a_conversation_may_have_receive_the_same(stores: Stores) -> None:
    first = Browser(stores.bot.url, "10.9.1.1")
    browsers = [first, *(Browser(stores.bot.url, "10.9.1.1") for _ in range(PER_CONVERSATION - 1))]
    running = [asyncio.create_task(first.run())]
    async with asyncio.timeout(LONG_PATIENCE_S):
        await eventually(lambda: first.said)
        for one in browsers[1:]:
            one.token = first.token
            running.append(asyncio.create_task(one.run()))
        await first.ask(1)
        await eventually(lambda: all(len(one.said) >= 3 for one in browsers))
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert {tuple(one.said[1:]) for one in browsers} == {("¿pregunta 1?", "eco: ¿pregunta 1?")}


async def test_citizen_who_writes_during_a_double_outage_is_queued_afterwards(
    stores: Stores,
) -> None:
    stores.pause_postgres(True)
    try:
        with blocking_redis.Redis.from_url(stores.bot.redis_url) as client:
            client.flushall()
        browsers = [Browser(stores.bot.url, f"10.9.2.{number}") for number in range(2)]
        running = [asyncio.create_task(one.run()) for one in browsers]
        await eventually(lambda: all(one.token for one in browsers))
        asks, burns = browsers
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(say(asks, "quiero hablar con una persona"), say(burns, "hay un incendio en mi casa"))
            await eventually(lambda: all(any("quedó guardado" in text for text in one.said) for one in browsers))
        assert any("132" in text for text in burns.said[2:3])
    finally:
        stores.pause_postgres(False)
    await eventually(lambda: "lugar" in asks.said[-1] and "¿Estás a salvo?" in burns.said[-1])
    assert [sum("quedó guardado" in text for text in one.said) for one in browsers] == [1, 1]
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def say(browser: Browser, text: str) -> None:
    while "only-one" not in browser.acknowledged:
        await browser.send(type="message", id="only-one", text=text)
        await asyncio.sleep(0.2)
