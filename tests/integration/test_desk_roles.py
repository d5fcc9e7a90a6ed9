"""Tests each role against each address of the console: permitted or refused with a message."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.core.texts import area
from bot.desk.auth.permissions import Role
from bot.record.engine import Sessions
from tests.desk_world import DeskWorld, desk_world
from tests.integration.desk_routes import no_file, routes

WHATEVER = "00000000-0000-0000-0000-000000000000"
NUMBER = "7"
NOTE = {"note_id": "n-000001", "text": "nota"}
# Valid for every handler; no request has the session's token, so nothing is changed.
BODY = {"reply_id": "r-000001", "text": "hola", "event_id": "1-0", "presence": "busy"} | NOTE
ALL = set(Role)
OF_THE_DESK = {Role.AGENT, Role.SUPERVISOR, Role.ADMIN}
ONLY_ADMIN = {Role.ADMIN}
# Address -> permitted roles; the first match counts, and an address without a match fails the test.
MAY = {
    r"GET /desk/api/.*|GET /desk/(adjuntos|archivos)/.*": OF_THE_DESK,
    r"POST /desk/api/tickets/\{ticket_id\}/take-over": {Role.SUPERVISOR, Role.ADMIN},
    r"POST /desk/api/.*": OF_THE_DESK,
    r"(GET|POST) /desk/llamadas.*": OF_THE_DESK,
    r"GET /desk/opiniones": {*OF_THE_DESK, Role.ANALYST},
    r"(GET|POST) /desk/guardadas": {Role.SUPERVISOR, Role.EDITOR, Role.ADMIN},
    r"(GET|POST) /desk/faltantes": {Role.EDITOR, Role.ADMIN},
    r"(GET|POST) /desk/canales": ONLY_ADMIN,
    r"GET /desk/auditoria(\.csv)?": ONLY_ADMIN,
    r"(GET|POST) /desk/personal.*": ONLY_ADMIN,
    r"(GET|POST) /desk/(clave|confirmar|login.*|cuenta.*)|GET /desk(/colors.css)?": ALL,
}


def set_session_cookie(route: str) -> set[Role]:
    return next(roles for pattern, roles in MAY.items() if re.fullmatch(pattern, route))


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, fetch=no_file, preview=no_file) as made:
        for role in Role:
            await made.hire(f"{role}@x.cl", role.title(), roles=(role,))
        yield made


def is_refused(answer: httpx.Response) -> bool:
    """Returns whether permission was denied with a message, rather than for the token or a missing object."""
    if answer.status_code != 403:
        return False
    words = answer.json()["detail"]["message"] if "json" in answer.headers["content-type"] else answer.text
    return any(said in words for said in area("desk")["sin_permiso"].values())


async def refuses(browser: httpx.AsyncClient, method: str, path: str) -> bool:
    """Returns whether the role is denied. Does not read the live stream, which never ends."""
    address = re.sub(r"\{(\w+)\}", lambda name: NUMBER if name[1] in {"callback", "ends"} else WHATEVER, path)
    sent = {"json": BODY} if method == "POST" and "/api/" in path else {}
    async with browser.stream(method, address, params={"words": "licencia"}, **sent) as answer:
        if "event-stream" in answer.headers.get("content-type", ""):
            return False
        await answer.aread()
        assert answer.status_code not in {422, *range(500, 600)}, (method, path, answer.text)
        return is_refused(answer)


@pytest.mark.parametrize("role", list(Role))
async def test_role_is_let_in_where_permitted_and_refused_with_a_message_elsewhere(
    world: DeskWorld, role: Role
) -> None:
    browser = await world.sign_in_elsewhere(f"{role}@x.cl")
    known = [*routes(world.app.routes), ("GET", "/desk/api/events")]
    assert len(known) > 60
    refused = {route for route in known if await refuses(browser, *route)}
    assert refused == {route for route in known if role not in set_session_cookie(" ".join(route))}
