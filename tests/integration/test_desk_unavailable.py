"""Tests that staff get a plain message, without internals, while a store is unreachable."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.auth.unavailable import STORE_ERRORS
from bot.record.engine import Sessions, binary_rows, open_database, psycopg_url
from bot.run.ports import LOOPBACK, free_port
from bot.store.client import open_redis
from tests.desk_world import PASSWORD, desk_world

LOGIN = {"correo": "ana@losaromos.cl", "clave": PASSWORD}
COOKIE = {"Cookie": f"ventanilla={'x' * 43}"}


def told(answer: httpx.Response) -> bool:
    return answer.status_code == 503 and say("desk.errores.sin_servicio") in answer.text


async def test_staff_get_a_plain_message_without_postgresql(redis: Any, agency: Agency) -> None:
    engine, nowhere = open_database(f"postgresql://x:y@{LOOPBACK}:{free_port()}/z")
    async with desk_world(redis, nowhere, agency) as world:
        browser = world.browser()
        assert told(await browser.post("/desk/login", data=LOGIN))
        assert told(await browser.get("/desk", headers=COOKIE))
        api = await browser.get("/desk/api/tickets", headers=COOKIE)
        assert told(api)
        assert told(await browser.post("/desk/api/tickets/some/files", headers=COOKIE))
        assert api.json()["detail"]["error"] == "unavailable"
    await engine.dispose()


async def test_staff_get_a_plain_message_without_redis(redis: Any, database: Sessions, agency: Agency) -> None:
    async with desk_world(redis, database, agency) as world:
        await world.hire("ana@losaromos.cl", "Ana")
        browser = await world.sign_in("ana@losaromos.cl")
        nowhere = open_redis(f"redis://{LOOPBACK}:{free_port()}/0")
        pool, redis.connection_pool = redis.connection_pool, nowhere.connection_pool
        assert told(await browser.get("/desk/api/tickets"))
        redis.connection_pool = pool
        await nowhere.aclose()
        assert (await browser.get("/desk/api/tickets")).status_code == 200


async def test_staff_get_a_plain_message_while_postgresql_is_read_only(
    redis: Any, database: Sessions, database_url: str, agency: Agency
) -> None:
    async with desk_world(redis, database, agency) as world:
        await world.hire("ana@losaromos.cl", "Ana")
    read_only = create_async_engine(
        psycopg_url(database_url), connect_args={"options": "-c default_transaction_read_only=on"}
    )
    async with desk_world(redis, async_sessionmaker(read_only), agency) as world:
        assert told(await world.browser().post("/desk/login", data=LOGIN))
    await read_only.dispose()


async def test_cancelled_query_for_binary_values_is_an_error_of_the_store(database: Sessions) -> None:
    async with database() as session:
        await session.execute(text("SET LOCAL statement_timeout = '50ms'"))
        with pytest.raises(STORE_ERRORS):
            await binary_rows(session, "SELECT pg_sleep(:seconds)", {"seconds": 60})
