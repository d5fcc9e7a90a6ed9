"""Tests attacks on the sign-in: session fixation, open redirects, enumeration by response or time, old cookies."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from argon2 import Parameters, PasswordHasher, extract_parameters
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from bot.agency.model import Agency
from bot.desk.auth.account_changes import StaffChange, change_staff
from bot.desk.auth.accounts import add_staff, utc_now
from bot.record.engine import Sessions
from bot.record.tables import Audit, Staff, StaffSession
from tests.desk_world import PASSWORD, DeskWorld, desk_world
from tests.slow_body import slow_body

ANA = "ana@losaromos.example"
RIGHT = {"correo": ANA, "clave": PASSWORD}
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/desk@evil.example",
    "/desk/../../evil",
    "/desk?volver=//evil.example",
    "javascript:alert(1)",
    "/desk\nSet-Cookie: a=b",
    "/desk/%2f%2fevil.example",
]


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana")
        yield made


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_sign_in_redirects_to_no_other_site(world: DeskWorld, address: str) -> None:
    client = world.browser()
    answer = await client.post("/desk/login", data=RIGHT | {"volver": address})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    again = await client.get("/desk/login", params={"volver": address})
    assert again.headers["location"] == "/desk"


async def test_cookie_planted_before_sign_in_is_worthless_afterwards(world: DeskWorld) -> None:
    victim, attacker = world.browser(), world.browser()
    for client in (victim, attacker):
        client.cookies.set("ventanilla", "planted", domain="127.0.0.1")
    answer = await victim.post("/desk/login", data=RIGHT)
    assert "ventanilla=planted" not in answer.headers["set-cookie"]
    assert (await attacker.get("/desk/api/tickets")).status_code == 401


async def test_signing_in_again_ends_the_previous_session(world: DeskWorld) -> None:
    client, thief = world.browser(), world.browser()
    await client.post("/desk/login", data=RIGHT)
    thief.cookies.update(dict(client.cookies))
    await client.post("/desk/login", data=RIGHT)
    assert (await thief.get("/desk/api/tickets")).status_code == 401


async def test_giving_the_password_again_replaces_the_token_of_the_session(world: DeskWorld) -> None:
    client, thief = world.browser(), world.browser()
    await client.post("/desk/login", data=RIGHT)
    thief.cookies.update(dict(client.cookies))
    page = (await client.get("/desk/confirmar")).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    form = {"csrf": csrf[1], "actual": RIGHT["clave"], "volver": "/desk/cuenta"}
    origin = {"Origin": str(client.base_url).rstrip("/")}
    answer = await client.post("/desk/confirmar", data=form, headers=origin)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/cuenta")
    assert [(await one.get("/desk/api/tickets")).status_code for one in (client, thief)] == [200, 401]
    again = (await client.get("/desk/confirmar")).text
    assert f'value="{csrf[1]}"' in again  # forms of other tabs still work


@pytest.mark.usefixtures("full_cost_passwords")
async def test_refusals_take_the_same_time_for_every_account(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts the hash checks, which must be one at full cost per sign-in, because they take most of the time."""
    await add_staff(world.sessions, "vencida@x.cl", "Vencida", ("agent",))
    await world.hire("baja@x.cl", "Baja")
    await change_staff(world.sessions, "baja@x.cl", StaffChange(active=False))
    async with world.sessions.begin() as session:
        over = update(Staff).where(Staff.email == "vencida@x.cl").values(password_expires_at=utc_now())
        await session.execute(over)
    checked: list[Parameters] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, hashed: str, password: str) -> bool:
        checked.append(extract_parameters(hashed))
        return verify(hasher, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    client = world.browser()
    for email in ("nadie@x.cl", "baja@x.cl", "vencida@x.cl"):
        assert (await client.post("/desk/login", data={"correo": email, "clave": "mala"})).status_code == 401
    assert checked == [extract_parameters(PasswordHasher().hash("otra"))] * 3


async def test_session_that_awaits_a_code_opens_nothing(world: DeskWorld) -> None:
    client = await world.sign_in(ANA)
    async with world.sessions.begin() as session:
        await session.execute(update(StaffSession).values(awaits_code=True))
    for path in ("/desk/cuenta", "/desk/cuenta/dos-pasos", "/desk/clave", "/desk/confirmar", "/desk/opiniones"):
        assert (await client.get(path)).headers["location"].startswith("/desk/login")
    csrf = client.headers["X-CSRF-Token"]
    assert (await client.post("/desk/clave", data={"csrf": csrf})).headers["location"].startswith("/desk/login")


async def test_account_forms_refuse_other_sites_and_missing_tokens(world: DeskWorld) -> None:
    await world.hire("admin@x.cl", "Admin", roles=("admin",))
    admin = await world.sign_in("admin@x.cl")
    csrf = admin.headers["X-CSRF-Token"]
    paths = ("/desk/personal/nueva", "/desk/cuenta/sesiones", "/desk/cuenta/dos-pasos", "/desk/confirmar")
    for path in paths:
        other = await admin.post(path, data={"csrf": csrf}, headers={"Origin": "https://evil.example"})
        without = await admin.post(path, data={"csrf": "x"})
        assert (other.status_code, without.status_code) == (403, 403), path


async def test_partial_transcript_view_is_audited_too(world: DeskWorld) -> None:
    ticket, client = await world.wait_for_person("hola"), await world.sign_in(ANA)
    later = f"/desk/api/tickets/{ticket.id}?after={int(time.time() * 1000) + 60_000}-0"
    for _ in range(3):
        assert (await client.get(later)).status_code == 200
    views = select(func.count()).select_from(Audit).where(Audit.action == "transcript_viewed")
    async with world.sessions() as session:
        assert await session.scalar(views) == 1


async def test_guessed_ticket_number_of_another_team_reveals_nothing(world: DeskWorld) -> None:
    await world.hire("olga@x.cl", "Olga", teams=("obras",))
    ticket, olga = await world.wait_for_person("mi vecino es Juan Secreto"), await world.sign_in("olga@x.cl")
    one = f"/desk/api/tickets/{ticket.id}"
    for path in ("", "/card", "/deliveries", "/suggested"):
        answer = await olga.get(f"{one}{path}")
        assert "Secreto" not in answer.text, path
        assert answer.status_code == 404 or not any(answer.json().values()), path
    assert (await olga.get(one)).status_code == 404
    assert (await olga.post(f"{one}/claim")).status_code == 409
    assert (await olga.post(f"{one}/notes", json={"note_id": "a1b2c3d4", "text": "hola"})).status_code == 404
    assert (await world.tickets.get(ticket.id)).owner is None  # type: ignore[union-attr]


async def test_agent_who_receives_another_teams_ticket_sees_it(world: DeskWorld) -> None:
    await world.hire("olga@x.cl", "Olga", teams=("obras",))
    ticket, olga, ana = await world.wait_for_person("hola"), await world.sign_in("olga@x.cl"), await world.sign_in(ANA)
    await olga.post("/desk/api/heartbeat")
    (there,) = (await ana.get("/desk/api/agents")).json()["agents"]
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    moved = await ana.post(f"/desk/api/tickets/{ticket.id}/move", json={"staff": there["id"]})
    assert moved.status_code == 200
    assert (await olga.get(f"/desk/api/tickets/{ticket.id}")).status_code == 200


LATE_FORMS = {
    "page": ("/desk/personal/nueva", {"correo": "otra@losaromos.example", "nombre": "Otra", "rol": "admin"}),
    "api": ("/desk/api/backlog", {"que": "ignorar", "grupo": "1"}),
}


@pytest.mark.parametrize("where", LATE_FORMS)
@pytest.mark.parametrize(
    ("change", "status"),
    [(StaffChange(active=False), {303, 401}), (StaffChange(roles=["agent"]), {303, 401, 403})],
    ids=["deactivated", "role removed"],
)
async def test_form_that_was_begun_before_the_account_lost_its_right_does_nothing(
    world: DeskWorld, where: str, change: StaffChange, status: set[int]
) -> None:
    await world.hire("jefa@losaromos.example", "Jefa", ("admin",))
    await change_staff(world.sessions, ANA, StaffChange(roles=["admin", "agent"]))
    ana = await world.sign_in(ANA)
    path, form = LATE_FORMS[where]
    body = urlencode(form | {"csrf": ana.headers["X-CSRF-Token"]}).encode()
    sent = await slow_body(world.sessions, body, lambda: change_staff(world.sessions, ANA, change))
    answer = await ana.post(path, content=sent, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code in status
