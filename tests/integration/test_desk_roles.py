"""Tests which permission each address of the console requires, and that a refusal has a message."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from itertools import groupby
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import yaml
from redis.asyncio import Redis

import bot.core.roles
from bot.agency.model import Agency
from bot.core.texts import area
from bot.desk.auth.permissions import Permission
from bot.record.engine import Sessions
from tests.desk_world import DeskWorld, desk_world
from tests.integration.desk_routes import no_file, routes

WHATEVER = "00000000-0000-0000-0000-000000000000"
NUMBER, NUMBERED = "7", {"callback", "ends", "complaint", "photo", "decision", "notice", "number"}
NOTE = {"note_id": "n-000001", "text": "nota"}
# Valid for every handler; no request has the session's token, so nothing is changed.
BODY = {"reply_id": "r-000001", "text": "hola", "event_id": "1-0", "presence": "busy", "html": "<p>hola</p>"} | NOTE
# Address -> required permission, None if any account may; the first match counts, and an address without a match
# fails the test.
NEEDS = {
    r"POST /desk/api/(entries/\{id\}/(draft|try|test|open|left|reach)|pasted|backlog.*)": Permission.ENTRIES,
    r"POST /desk/api/tickets/\{ticket_id\}/take-over": Permission.REASSIGN,
    r"GET /desk/api/team|GET /desk/en-vivo": Permission.REASSIGN,
    r"POST /desk/api/alive|POST /desk/api/notices/.*": Permission.DESK,
    r"GET /desk/api/proposals": Permission.ANSWER,
    r"POST /desk/api/search": Permission.DESK,
    r"GET /desk/api/.*|GET /desk/(adjuntos|archivos)/.*": Permission.DESK,
    r"POST /desk/api/.*": Permission.ANSWER,
    r"GET /desk/llamadas.*": Permission.DESK,
    r"POST /desk/llamadas.*": Permission.ANSWER,
    r"GET /desk/reclamos\.csv": Permission.REGISTER,
    r"GET /desk/reclamos.*": Permission.DESK,
    r"POST /desk/reclamos.*": Permission.ANSWER,
    r"GET /desk/opiniones": Permission.OPINIONS,
    r"(GET|POST) /desk/cifras/(muestra|cautela)": Permission.JUDGE,
    r"GET /desk/cifras.*": Permission.FIGURES,
    r"(GET|POST) /desk/guardadas": Permission.CANNED,
    r"(GET|POST) /desk/respuestas(/\{id\}|/traer|/empezar|/pruebas|/archivo|/borradores|/aprobar)?": Permission.ENTRIES,
    r"GET /desk/respuestas/(llevar|dadas|dadas\.csv|\{id\}/efecto)": Permission.ENTRIES,
    r"(GET|POST) /visto-bueno/\{token\}": None,
    r"(GET|POST) /desk/(faltantes|bandeja)": Permission.ENTRIES,
    r"(GET|POST) /desk/avisos.*": Permission.NOTICES,
    r"(GET|POST) /desk/canales": Permission.CHANNELS,
    r"(GET|POST) /desk/institucion": Permission.AGENCY,
    r"POST /desk/canales/codigo": Permission.CHANNELS,
    r"GET /desk/auditoria(\.csv)?": Permission.AUDIT,
    r"(GET|POST) /desk/mensajes": Permission.REMOVE,
    r"(GET|POST) /desk/bloqueos.*": Permission.BAN,
    r"(GET|POST) /desk/datos.*": Permission.PRIVACY,
    r"(GET|POST) /desk/personal.*": Permission.STAFF,
    r"(GET|POST) /desk/(clave|confirmar|login.*|cuenta.*)|GET /desk(/colors.css)?": None,
    r"GET /desk/\{unknown:path\}": None,
}


def needed(route: str) -> Permission | None:
    return next(permission for pattern, permission in NEEDS.items() if re.fullmatch(pattern, route))


@pytest.fixture(autouse=True)
def one_role_per_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces the table of roles by one role per permission, so that tests can combine permissions."""
    made = {one.value: {"name": one.value, "about": one.value, "may": [one.value]} for one in Permission}
    table = tmp_path / "roles.yml"
    table.write_text(yaml.safe_dump(made), encoding="utf-8")
    monkeypatch.setattr(bot.core.roles, "FILE", table)


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, fetch=no_file, preview=no_file) as made:
        yield made


def is_refused(answer: httpx.Response) -> bool:
    """Returns whether permission was denied with a message, rather than for the token or a missing object."""
    if answer.status_code != 403:
        return False
    words = answer.json()["detail"]["message"] if "json" in answer.headers["content-type"] else answer.text
    return any(said in words for said in area("desk")["sin_permiso"].values())


async def refuses(browser: httpx.AsyncClient, method: str, path: str) -> bool:
    """Returns whether the permission is denied. Does not read the live stream, which never ends."""
    address = re.sub(r"\{(\w+)\}", lambda name: NUMBER if name[1] in NUMBERED else WHATEVER, path)
    sent = {"json": BODY} if method == "POST" and "/api/" in path else {}
    async with browser.stream(method, address, params={"words": "licencia"}, **sent) as answer:
        if "event-stream" in answer.headers.get("content-type", ""):
            return False
        await answer.aread()
        assert answer.status_code not in {422, *range(500, 600)}, (method, path, answer.text)
        return is_refused(answer)


async def account(world: DeskWorld, name: str, may: Iterable[Permission]) -> httpx.AsyncClient:
    email = f"{name}@x.cl"
    await world.hire(email, name, roles=tuple(one.value for one in may))
    return await world.sign_in_elsewhere(email)


async def test_each_address_requires_exactly_its_own_permission(world: DeskWorld) -> None:
    known = [*routes(world.app.routes), ("GET", "/desk/api/events")]
    assert len(known) > 60
    wrong: list[str] = []
    for permission, found in groupby(sorted(known, key=group), key=group):
        addresses = list(found)
        if not permission:
            nobody = await account(world, "nobody", ())
            wrong += [f"{one} is refused to an account" for one in addresses if await refuses(nobody, *one)]
            continue
        alone = await account(world, f"only-{permission}", (Permission(permission),))
        others = await account(world, f"not-{permission}", set(Permission) - {Permission(permission)})
        wrong += [f"{one} is refused with {permission}" for one in addresses if await refuses(alone, *one)]
        wrong += [f"{one} opens without {permission}" for one in addresses if not await refuses(others, *one)]
    assert wrong == []


def group(route: tuple[str, str]) -> str:
    return needed(" ".join(route)) or ""
