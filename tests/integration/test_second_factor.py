"""Tests the second step of signing in: enrolment, single-use codes, recovery codes, roles that require it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from bot.agency.model import Agency
from bot.desk.auth.accounts import StaffMember, list_staff, reset_password, staff_id_of
from bot.desk.auth.second_factor import RECOVERY_CODES, SecondFactor, remove_second_factor
from bot.record.engine import Sessions
from bot.record.tables import Audit, RecoveryCode, Staff, StaffSession
from tests.desk_world import PASSWORD, DeskWorld, desk_world

ADMIN, ANA = "admin@losaromos.example", "ana@losaromos.example"
PATH, CODE = "/desk/cuenta/dos-pasos", "/desk/login/codigo"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
SECRET, OFFER = re.compile(r"<code>([A-Z2-7 ]+)</code>"), re.compile(r'name="oferta" value="([^"]+)"')
RECOVERY = re.compile(r"<li><code>([a-z0-9-]+)</code>")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ADMIN, "Admin", roles=("admin",))
        await made.hire(ANA, "Ana Soto")
        yield made


async def send(client: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    return await client.post(path, data={"csrf": client.headers["X-CSRF-Token"]} | form)


async def enrol(client: httpx.AsyncClient) -> tuple[pyotp.TOTP, list[str]]:
    """Enrols as a person with a phone does; returns the TOTP generator and the recovery codes."""
    page = (await client.get(PATH)).text
    totp = pyotp.TOTP(SECRET.search(page)[1].replace(" ", ""))  # type: ignore[index]
    done = await send(client, PATH, oferta=OFFER.search(page)[1], codigo=totp.now())  # type: ignore[index]
    assert done.status_code == 200, done.text
    return totp, RECOVERY.findall(done.text)


async def used_long_ago(world: DeskWorld) -> None:
    """Backdates the last used code, so that the current code counts as new."""
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).values(totp_step=1))


async def password_given(world: DeskWorld, email: str = ANA) -> httpx.AsyncClient:
    """Returns a browser that sent the password and not yet the code."""
    client = world.browser()
    answer = await client.post("/desk/login", data={"correo": email, "clave": PASSWORD})
    assert answer.headers["location"] == f"{CODE}?volver=/desk"
    client.headers["X-CSRF-Token"] = CSRF.search((await client.get(CODE)).text)[1]  # type: ignore[index]
    return client


async def test_password_alone_is_not_enough_and_the_code_is(world: DeskWorld) -> None:
    totp, _ = await enrol(await world.sign_in(ANA))
    await used_long_ago(world)
    client = await password_given(world)
    assert (await client.get("/desk/api/tickets")).status_code == 401
    assert (await client.get("/desk")).headers["location"].startswith("/desk/login")
    before = client.cookies["ventanilla"]
    done = await send(client, CODE, codigo=f" {totp.now()[:3]} {totp.now()[3:]}", volver="/desk/cuenta")
    assert (done.status_code, done.headers["location"]) == (303, "/desk/cuenta")
    assert client.cookies["ventanilla"] != before
    async with world.sessions() as session:
        by = select(Audit.detail["by"].astext).where(Audit.action == "sign_in").order_by(Audit.id)
        ways = list(await session.scalars(by))
    assert ways[-1] == "code"
    assert (await client.get("/desk/api/tickets")).status_code == 200


async def test_code_works_once(world: DeskWorld) -> None:
    before = datetime.now(UTC)  # a code from then is used or older, even if a new one begins meanwhile
    totp, _ = await enrol(await world.sign_in(ANA))
    enrolling = await send(await password_given(world), CODE, codigo=totp.at(before))
    assert enrolling.status_code == 401
    await used_long_ago(world)
    code = totp.now()
    assert (await send(await password_given(world), CODE, codigo=code)).status_code == 303
    assert (await send(await password_given(world), CODE, codigo=code)).status_code == 401


@pytest.mark.usefixtures("full_cost_passwords")
async def test_recovery_code_works_once_and_only_its_hash_is_stored(world: DeskWorld) -> None:
    _, codes = await enrol(await world.sign_in(ANA))
    assert len(set(codes)) == RECOVERY_CODES
    async with world.sessions() as session:
        kept = " ".join(await session.scalars(select(RecoveryCode.code_hash)))
    assert (kept.count("$argon2id$v=19$m=12288,t=3,p=1$"), codes[0] in kept) == (RECOVERY_CODES, False)
    assert (await send(await password_given(world), CODE, codigo=codes[3].upper())).status_code == 303
    assert (await send(await password_given(world), CODE, codigo=codes[3])).status_code == 401
    client = await password_given(world)
    await send(client, CODE, codigo=codes[4])
    assert f"Te quedan {RECOVERY_CODES - 2} códigos" in (await client.get(PATH)).text


async def test_five_wrong_codes_block_even_a_right_one(world: DeskWorld) -> None:
    totp, _ = await enrol(await world.sign_in(ANA))
    await used_long_ago(world)
    statuses = [(await send(await password_given(world), CODE, codigo="000000")).status_code for _ in range(5)]
    assert statuses == [401] * 5
    closed = await send(await password_given(world), CODE, codigo=totp.now())
    assert (closed.status_code, "Espera un minuto" in closed.text) == (429, True)


async def test_code_must_come_soon_from_our_own_page(world: DeskWorld) -> None:
    totp, _ = await enrol(await world.sign_in(ANA))
    await used_long_ago(world)
    client = await password_given(world)
    assert (await client.post(CODE, data={"codigo": totp.now(), "csrf": "otra"})).status_code == 403
    stranger = world.browser()
    stranger.headers["X-CSRF-Token"] = client.headers["X-CSRF-Token"]
    assert (await send(stranger, CODE, codigo=totp.now())).headers["location"] == "/desk/login"
    async with world.sessions.begin() as session:
        late = update(StaffSession).where(StaffSession.awaits_code)
        await session.execute(late.values(expires_at=StaffSession.created_at))
    assert (await send(client, CODE, codigo=totp.now())).headers["location"] == "/desk/login"


async def test_secret_is_stored_encrypted(world: DeskWorld) -> None:
    totp, _ = await enrol(await world.sign_in(ANA))
    async with world.sessions() as session:
        kept = await session.scalar(select(Staff.totp_secret).where(Staff.email == ANA))
    assert (kept.startswith("AgAA"), totp.secret in kept) == (True, False)  # type: ignore[union-attr]


async def test_wrong_first_code_enables_nothing(world: DeskWorld) -> None:
    client = await world.sign_in(ANA)
    page = (await client.get(PATH)).text
    offer = OFFER.search(page)[1]  # type: ignore[index]
    refused = await send(client, PATH, oferta=offer, codigo="000000")
    assert (refused.status_code, OFFER.search(refused.text)[1]) == (422, offer)  # type: ignore[index]
    assert (await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD})).headers[
        "location"
    ] == "/desk"


async def test_stolen_enrolment_offer_is_worthless(world: DeskWorld) -> None:
    ana, admin = await world.sign_in(ANA), await world.sign_in(ADMIN)
    page = (await ana.get(PATH)).text
    totp = pyotp.TOTP(SECRET.search(page)[1].replace(" ", ""))  # type: ignore[index]
    stolen = await send(admin, PATH, oferta=OFFER.search(page)[1], codigo=totp.now())  # type: ignore[index]
    assert stolen.status_code == 422


async def test_enabling_it_ends_the_other_sessions_and_asks_for_the_password(world: DeskWorld) -> None:
    other, client = await world.sign_in(ANA), await world.sign_in(ANA)
    await enrol(client)
    assert (await other.get("/desk/api/tickets")).status_code == 401
    async with world.sessions.begin() as session:
        await session.execute(update(StaffSession).values(confirmed_at=datetime.now(UTC) - timedelta(hours=1)))
    for answer in (await client.get(PATH), await send(client, PATH, que="quitar", seguro="1")):
        assert answer.headers["location"] == f"/desk/confirmar?volver={PATH}"


async def test_required_role_can_do_nothing_before_enrolment(redis: Any, database: Sessions, agency: Agency) -> None:
    async with desk_world(redis, database, replace(agency, second_factor=("admin",))) as world:
        await world.hire(ADMIN, "Admin", roles=("agent", "admin"))
        client = world.browser()
        await client.post("/desk/login", data={"correo": ADMIN, "clave": PASSWORD})
        assert (await client.get("/desk")).headers["location"] == PATH
        assert (await client.get("/desk/api/tickets")).json()["detail"]["error"] == "second_factor"
        page = (await client.get(PATH)).text
        assert "emergencies.js" not in page  # it would only be refused
        client.headers["X-CSRF-Token"] = CSRF.search(page)[1]  # type: ignore[index]
        await enrol(client)
        assert (await client.get("/desk")).status_code == 200
        assert "emergencies.js" in (await client.get(PATH)).text
        await send(client, PATH, que="quitar", seguro="1")
        assert (await list_staff(database))[0].has_second_factor


async def member_of(world: DeskWorld) -> StaffMember:
    (member,) = [one for one in await list_staff(world.sessions) if one.email == ANA]
    return member


async def test_lost_phone_is_reset_by_an_administrator_or_the_command_line(world: DeskWorld) -> None:
    staff_id = await staff_id_of(world.sessions, ANA)
    for help_from in ("admin", "console"):
        await enrol(await world.sign_in(ANA))
        if help_from == "admin":
            admin, path = await world.sign_in(ADMIN), f"/desk/personal/{staff_id}"
            asked = await send(admin, path, que="dos_pasos", seguro="1", comprobado="otra")
            assert 'name="comprobado" value="llamada" required' in asked.text
            assert (await member_of(world)).has_second_factor
            await send(admin, path, que="dos_pasos", seguro="1", comprobado="llamada")
        else:
            await remove_second_factor(world.sessions, staff_id)
        answer = await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD})
        assert answer.headers["location"] == "/desk"
    async with world.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
        off = await session.execute(
            select(Audit.staff_id, Audit.detail).where(Audit.action == "second_factor_off").order_by(Audit.id)
        )
        assert list(off) == [(await staff_id_of(world.sessions, ADMIN), {"proof": "llamada"}), (None, {})]


async def test_forgotten_password_leaves_the_second_factor_on(world: DeskWorld) -> None:
    await enrol(await world.sign_in(ANA))
    one_time = await reset_password(world.sessions, ANA)
    answer = await world.browser().post("/desk/login", data={"correo": ANA, "clave": one_time})
    assert answer.headers["location"].startswith(CODE)


async def test_person_who_sets_up_an_agency_is_sent_to_the_missing_steps(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    async with desk_world(redis, database, replace(agency, name="Servicio Veterinario")) as world:
        client = await world.sign_in(await world.hire(ADMIN, "Admin", roles=("admin",)))
        page = (await client.get(PATH)).text
        totp = pyotp.TOTP(SECRET.search(page)[1].replace(" ", ""))  # type: ignore[index]
        done = await send(client, PATH, oferta=OFFER.search(page)[1], codigo=totp.now())  # type: ignore[index]
        assert 'href="/desk/respuestas/empezar">Ya los guardé' in done.text
        typed = await client.get("/desk", headers={"Sec-Fetch-Site": "none"})
        assert (typed.status_code, typed.headers["location"]) == (303, "/desk/respuestas/empezar")
        assert (await client.get("/desk", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200


async def test_new_recovery_codes_replace_the_old(world: DeskWorld) -> None:
    client = await world.sign_in(ANA)
    _, old = await enrol(client)
    new = RECOVERY.findall((await send(client, PATH, que="codigos", seguro="1")).text)
    assert len(set(new) - set(old)) == RECOVERY_CODES
    assert (await send(await password_given(world), CODE, codigo=old[0])).status_code == 401
    assert (await send(await password_given(world), CODE, codigo=new[0])).status_code == 303


@pytest.mark.parametrize(("seconds", "right"), [(-61, False), (-30, True), (30, True), (61, False)])
async def test_clock_may_be_half_a_minute_off(database: Sessions, seconds: int, right: bool) -> None:
    now = datetime.fromtimestamp(1_800_000_010, UTC)
    factor = SecondFactor(database, secret="s", agency="X", clock=lambda: now)
    ana = StaffMember(await _hired(database), ANA, "Ana", ("agent",), (), (), 0, True, False, None, False)
    offer = factor.offer(ana)
    secret = factor.shown(ana, offer)[0].replace(" ", "")  # type: ignore[index]
    code = pyotp.TOTP(secret).at(now + timedelta(seconds=seconds))
    assert (await factor.enrol(ana, offer, code) is not None) == right


async def _hired(database: Sessions) -> Any:
    async with database.begin() as session:
        row = Staff(email=ANA, name="Ana", password_hash="x", roles=["agent"])
        session.add(row)
        await session.flush()
        return row.id
