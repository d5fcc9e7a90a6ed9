"""Tests that every refusal of the chat's API is a problem in Spanish with its code."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.channels.web.errors import TooManyMessages, UnknownToken
from bot.channels.web.files import FileRoute, files_router
from bot.channels.web.http import ChatRoute, configuration, problems
from bot.channels.web.shapes import MAX_BODY_BYTES, Incoming
from bot.conversation.files import MAX_FILE_BYTES
from bot.core.texts import area
from tests.faq_files import agency


async def answer(
    *, error: Exception | None = None, route: type[ChatRoute] = ChatRoute, declared: int = 0, **body: Any
) -> httpx.Response:
    router = APIRouter(route_class=route)

    @router.post("/x")
    async def handler(incoming: Incoming) -> str:
        if error:
            raise error
        return incoming.text

    app = FastAPI()
    app.include_router(router)
    headers = {"content-length": str(declared)} if declared else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
        return await client.post("/x", json={"id": "12345678"} | body, headers=headers)


async def test_valid_shape_passes_stripped() -> None:
    assert (await answer(text="  hola \x00 ñ ")).json() == "hola  ñ"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "  "},
        {"text": "a", "button": "b1"},
        {"button": "b 1"},
        {"text": 1},
        {"text": "a", "id": "corto"},
        {"text": "a", "place": {"latitude": -33.4, "longitude": -70.6}},
        {"button": "b1", "place": {"latitude": -33.4, "longitude": -70.6}},
        {"button": "ubicacion", "place": {"latitude": -133.4, "longitude": -70.6}},
    ],
)
async def test_other_shape_is_invalid(body: dict[str, Any]) -> None:
    refused = await answer(**body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert refused.headers["cache-control"] == "no-store"


async def test_text_that_is_one_letter_too_long_is_refused_as_such() -> None:
    assert (await answer(text="ñ" * 4000)).status_code == 200
    refused = await answer(text="ñ" * 4001)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_long")


async def test_oversized_body_is_refused_by_its_declared_length() -> None:
    assert (await answer(text="a", declared=MAX_BODY_BYTES + 1)).json()["code"] == "too_long"
    assert (await answer(text="a", declared=MAX_BODY_BYTES)).status_code == 200


async def test_file_may_be_larger_than_a_message_and_is_refused_by_its_own_limit() -> None:
    assert (await answer(text="a", route=FileRoute, declared=MAX_FILE_BYTES)).status_code == 200
    refused = await answer(text="a", route=FileRoute, declared=MAX_FILE_BYTES + 1)
    assert (refused.status_code, refused.json()["code"]) == (413, "file_too_big")


@pytest.mark.parametrize(("error", "status"), [(UnknownToken(), 401), (TooManyMessages(), 429)])
async def test_refusal_has_its_status_and_spanish_text(error: Exception, status: int) -> None:
    refused = await answer(error=error, text="a")
    code = refused.json()["code"]
    assert (refused.status_code, refused.json()["text"]) == (status, area("widget")["errores"][code])
    assert "retry-after" not in refused.headers


async def test_request_may_be_repeated_while_redis_is_unreachable() -> None:
    refused = await answer(error=RedisConnectionError("10.0.0.1:6379"), text="a")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert "6379" not in refused.text


def test_only_named_problems_are_documented() -> None:
    assert list(problems(401, 503)) == [401, 503]
    with pytest.raises(KeyError):
        problems(418)


def test_refusals_of_a_file_are_documented() -> None:
    app = FastAPI()
    app.include_router(files_router(None))  # type: ignore[arg-type]
    described = app.openapi()["paths"]["/api/chat/files"]["post"]["responses"]
    assert {status for status in described if status >= "4"} == {"401", "413", "422", "429", "503", "507"}
    assert described["413"]["description"] == f"The file is larger than {MAX_FILE_BYTES} bytes."


def test_english_labels_are_complete_and_messages_stay_the_agencys() -> None:
    spanish, english = configuration(agency(), "es"), configuration(agency(), "en")
    assert spanish.labels.keys() == english.labels.keys()
    assert spanish.labels != english.labels
    assert (english.language, english.examples) == ("en", spanish.examples)
    assert english.files.accept.split(",")[0].startswith(".")


@pytest.mark.parametrize(("status", "code"), [(400, "invalid"), (413, "too_long")])
async def test_body_that_cannot_be_read_is_refused_in_spanish(status: int, code: str) -> None:
    refused = await answer(error=HTTPException(status, "There was an error parsing the body"), text="a")
    assert (refused.json()["code"], refused.json()["text"]) == (code, area("widget")["errores"][code])
