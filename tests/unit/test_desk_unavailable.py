"""Tests that staff get a 503 in Spanish while a store is unreachable, and other errors stay as they are."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.core.texts import say
from bot.desk.auth.guard import Refused
from bot.desk.auth.unavailable import DeskRoute


async def answer(error: Exception) -> httpx.Response:
    router = APIRouter(route_class=DeskRoute)

    @router.get("/desk/api/x")
    async def handler() -> None:
        raise error

    app = FastAPI()
    app.router.routes.extend(router.routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk") as client:
        return await client.get("/desk/api/x")


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT secret", {}, Exception("the password")),
        InterfaceError("SELECT secret", {}, Exception()),
        PoolTimeout(),
        RedisConnectionError("the address"),
    ],
)
async def test_unreachable_store_is_reported_without_secrets(error: Exception) -> None:
    said = await answer(error)
    assert said.status_code == 503
    assert said.json()["detail"] == {"error": "unavailable", "message": say("desk.errores.sin_servicio")}


async def test_refusal_passes_unchanged() -> None:
    assert (await answer(Refused(409, "taken", "x"))).status_code == 409


@pytest.mark.parametrize("error", [IntegrityError("INSERT", {}, Exception()), ValueError("ours")])
async def test_programming_error_is_not_reported_as_an_outage(error: Exception) -> None:
    with pytest.raises(type(error)):
        await answer(error)


async def test_signature_is_read_by_the_first_request_and_only_then() -> None:
    router = APIRouter(route_class=DeskRoute)

    @router.post("/desk/api/tickets/{number}", status_code=201)
    async def handler(number: int) -> dict[str, int]:
        return {"number": number}

    (route,) = router.routes
    assert not hasattr(route, "dependant")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(FastAPI(routes=router.routes)), base_url="http://d"
    ) as to:
        for path, status in (
            ("/desk/api/tickets/7", 201),
            ("/desk/api/tickets/siete", 422),
            ("/desk/api/tickets/8", 201),
        ):
            assert (await to.post(path)).status_code == status
        assert (await to.get("/desk/api/tickets/7")).status_code == 405
    assert hasattr(route, "dependant")
