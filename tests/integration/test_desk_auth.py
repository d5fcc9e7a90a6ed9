"""Tests signing in at the desk: sessions, tokens, lockout, first password, audit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import func, select, update

from bot.agency.model import Agency
from bot.core.errors.staff import RoleUnknown, StaffExists, StaffInvalid, StaffUnknown
from bot.core.texts import area
from bot.desk.auth.accounts import add_staff, ensure_admin, list_staff, reset_password, staff_id_of, utc_now
from bot.desk.auth.passwords import MAX_CHARACTERS
from bot.desk.auth.sessions import CONFIRMED_FOR, Browser, StaffSessions
from bot.desk.pages.sign_in.password import FIELD_OF
from bot.record.engine import Sessions
from bot.record.tables import Audit, Staff, StaffSession
from tests.desk_world import CSRF, PASSWORD, DeskWorld, desk_world

ANA = "ana@losaromos.example"
NEW = "otra frase larga y tranquila"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        yield made


async def actions(world: DeskWorld) -> list[str]:
    async with world.sessions() as session:
        return list(await session.scalars(select(Audit.action).order_by(Audit.id)))


async def test_sign_in_gives_a_session_whose_token_is_not_stored(world: DeskWorld) -> None:
    await world.appoint(ANA, "Ana")
    client = world.browser()
    answer = await client.post("/desk/login", data={"correo": " ANA@losaromos.example ", "clave": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/"))
    token = client.cookies["ventanilla"]
    async with world.sessions() as session:
        kept = (await session.scalars(select(StaffSession))).one()
    assert token not in (kept.token_hash, kept.csrf_token)
    assert await actions(world) == ["staff_added", "sign_in"]


async def test_cookie_behind_https_is_secure_and_bound_to_the_host(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    async with desk_world(redis, database, agency, "https://chat.losaromos.example") as world:
        await world.hire(ANA, "Ana")
        client = world.browser()
        headers = {"Origin": "https://chat.losaromos.example"}
        answer = await client.post("/desk/login", data={"correo": ANA, "clave": PASSWORD}, headers=headers)
    assert answer.headers["set-cookie"].startswith("__Host-ventanilla=")
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/desk", "/desk/clave"])
async def test_pages_redirect_to_sign_in_without_a_session(world: DeskWorld, path: str) -> None:
    answer = await world.browser().get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/login?volver={path}")


async def test_api_answers_401_in_spanish_without_a_session(world: DeskWorld) -> None:
    answer = await world.browser().get("/desk/api/tickets")
    assert (answer.status_code, answer.json()["detail"]["error"]) == (401, "signed_out")
    assert "Tu sesión terminó" in answer.json()["detail"]["message"]


async def test_every_refusal_has_the_same_message(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    await world.hire("baja@losaromos.example", "Baja")
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).where(Staff.email == "baja@losaromos.example").values(active=False))
    client, pages = world.browser(), []
    for email, password in [(ANA, "mala"), ("nadie@x.example", PASSWORD), ("baja@losaromos.example", PASSWORD)]:
        answer = await client.post("/desk/login", data={"correo": email, "clave": password})
        assert answer.status_code == 401
        pages.append(answer.text.replace(email, ""))
    assert len(set(pages)) == 1
    assert not client.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://otro.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_form_of_another_site_cannot_sign_in(world: DeskWorld, headers: dict[str, str]) -> None:
    await world.hire(ANA, "Ana")
    answer = await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD}, headers=headers)
    assert answer.status_code == 403
    assert "La solicitud no vino de esta página." in answer.text


async def test_input_that_no_database_can_store_is_refused(world: DeskWorld) -> None:
    form = {"correo": "a\x00@x.cl", "clave": "\x00" * 300}
    assert (await world.browser().post("/desk/login", data=form)).status_code == 401


@pytest.mark.parametrize("token", ["", "otra"])
async def test_change_without_the_session_token_is_refused(world: DeskWorld, token: str) -> None:
    await world.hire(ANA, "Ana")
    ticket = await world.wait_for_person("persona por favor")
    client = await world.sign_in(ANA)
    client.headers["X-CSRF-Token"] = token
    for path in (f"tickets/{ticket.id}/claim", f"tickets/{ticket.id}/close", "alive"):
        answer = await client.post(f"/desk/api/{path}")
        assert (answer.status_code, answer.json()["detail"]["error"]) == (403, "csrf")
    assert (await client.post("/desk/salir", data={"csrf": token})).status_code == 403
    assert [one.id for one in await world.tickets.waiting()] == [ticket.id]


async def test_sign_out_ends_the_session(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    client = await world.sign_in(ANA)
    cookie = dict(client.cookies)
    out = await client.post("/desk/salir", data={"csrf": client.headers["X-CSRF-Token"]})
    assert (out.status_code, out.headers["location"]) == (303, "/desk/login?salida")
    thief = world.browser()
    thief.cookies.update(cookie)
    assert (await thief.get("/desk/api/tickets")).status_code == 401


@pytest.mark.parametrize(("column", "age"), [("last_seen_at", timedelta(minutes=61)), ("expires_at", timedelta(0))])
async def test_session_ends_when_idle_or_old(world: DeskWorld, column: str, age: timedelta) -> None:
    await world.hire(ANA, "Ana")
    client = await world.sign_in(ANA)
    assert (await client.get("/desk/api/tickets")).status_code == 200
    async with world.sessions.begin() as session:
        await session.execute(update(StaffSession).values({column: utc_now() - age}))
    assert (await client.get("/desk/api/tickets")).status_code == 401


async def test_polling_by_the_page_is_not_activity(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    client = await world.sign_in(ANA)
    before = utc_now() - timedelta(minutes=30)
    async with world.sessions.begin() as session:
        await session.execute(update(StaffSession).values(last_seen_at=before))
    await client.get("/desk/api/tickets")
    async with world.sessions() as session:
        assert await session.scalar(select(StaffSession.last_seen_at)) == before
    await client.post("/desk/api/alive")
    async with world.sessions() as session:
        assert await session.scalar(select(StaffSession.last_seen_at)) > before


async def test_deactivated_account_is_signed_out_immediately(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    client = await world.sign_in(ANA)
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).values(active=False))
    assert (await client.get("/desk/api/tickets")).status_code == 401


async def test_first_sign_in_forces_a_new_password(world: DeskWorld) -> None:
    one_time = await add_staff(world.sessions, ANA, "Ana Soto", ("agent",))
    client = world.browser()
    await client.post("/desk/login", data={"correo": ANA, "clave": one_time})
    assert (await client.get("/desk")).headers["location"] == "/desk/clave"
    assert (await client.get("/desk/api/tickets")).json()["detail"]["error"] == "password_change"
    page = await client.get("/desk/clave")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    assert 'name="actual"' not in page.text
    form = {"csrf": csrf, "nueva": NEW, "repetida": NEW}
    before = client.cookies["ventanilla"]
    changed = await client.post("/desk/clave", data=form)
    assert (changed.status_code, changed.headers["location"]) == (303, "/desk")
    assert client.cookies["ventanilla"] != before
    assert (await client.get("/desk")).status_code == 200
    assert (await world.browser().post("/desk/login", data={"correo": ANA, "clave": one_time})).status_code == 401


def test_every_error_of_a_field_has_words_and_the_field_exists() -> None:
    assert set(FIELD_OF) <= set(area("desk")["clave"])
    assert set(FIELD_OF.values()) <= {"actual", "nueva", "repetida"}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"nueva": "corta", "repetida": "corta"}, "Usa al menos 12 caracteres."),
        ({"nueva": NEW, "repetida": "no es lo mismo"}, "no coinciden"),
        ({"nueva": PASSWORD, "repetida": PASSWORD}, "debe ser distinta"),
        ({"nueva": "anasoto12345", "repetida": "anasoto12345"}, "tu nombre, tu correo"),
        ({"nueva": "correcthorsebatterystaple", "repetida": "correcthorsebatterystaple"}, "contraseñas robadas"),
        ({"nueva": NEW, "repetida": NEW, "actual": "mala"}, "actual no es correcta"),
    ],
)
async def test_refused_new_password_shows_why(world: DeskWorld, form: dict[str, str], expected: str) -> None:
    await world.hire(ANA, "Ana Soto")
    client = await world.sign_in(ANA)
    full = {"csrf": client.headers["X-CSRF-Token"], "actual": PASSWORD} | form
    answer = await client.post("/desk/clave", data=full)
    assert answer.status_code == 422
    assert expected in answer.text
    assert f'value="{form["nueva"]}"' in answer.text
    assert PASSWORD == form["nueva"] or PASSWORD not in answer.text


@pytest.mark.usefixtures("full_cost_passwords")
async def test_password_is_hashed_anew_when_its_hash_has_other_parameters(world: DeskWorld) -> None:
    await world.appoint(ANA, "Ana")
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).values(password_hash=weak))
    for _ in range(2):
        answer = await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD})
        assert answer.status_code == 303
    async with world.sessions() as session:
        kept = await session.scalar(select(Staff.password_hash)) or ""
    assert extract_parameters(kept) == extract_parameters(PasswordHasher().hash("x"))


async def test_longest_password_is_compared_whole(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana Soto")
    longest = "la más larga que se puede elegir ".ljust(MAX_CHARACTERS, "ñ")
    await world.set_password(ANA, longest)
    longer = await world.browser().post("/desk/login", data={"correo": ANA, "clave": f"{longest}x"})
    client = await world.sign_in(ANA, longest)
    form = {"csrf": client.headers["X-CSRF-Token"], "actual": f"{longest}x", "nueva": NEW, "repetida": NEW}
    changed = await client.post("/desk/clave", data=form)
    assert (longer.status_code, changed.status_code) == (401, 422)


async def test_one_time_password_is_asked_for_again_after_a_while(world: DeskWorld) -> None:
    one_time = await add_staff(world.sessions, ANA, "Ana Soto", ("agent",))
    client = world.browser()
    await client.post("/desk/login", data={"correo": ANA, "clave": one_time})
    page = await client.get("/desk/clave")
    form = {"csrf": page.text.split('name="csrf" value="')[1].split('"')[0], "nueva": NEW, "repetida": NEW}
    again = await client.post("/desk/clave", data=form | {"nueva": one_time, "repetida": one_time})
    assert "debe ser distinta" in again.text
    async with world.sessions.begin() as session:
        long_ago = utc_now() - CONFIRMED_FOR
        await session.execute(update(StaffSession).values(confirmed_at=long_ago))
    late = await client.post("/desk/clave", data=form)
    assert (late.status_code, 'name="actual"' in late.text, f'value="{NEW}"' in late.text) == (422, True, True)
    assert (await client.post("/desk/clave", data=form | {"actual": one_time})).status_code == 303


async def test_current_password_cannot_be_left_out(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana Soto")
    client = await world.sign_in(ANA)
    form = {"csrf": client.headers["X-CSRF-Token"], "nueva": NEW, "repetida": NEW}
    assert (await client.post("/desk/clave", data=form)).status_code == 422
    assert (await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD})).status_code == 303


async def test_new_password_ends_the_other_sessions(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    other, client = await world.sign_in(ANA), await world.sign_in(ANA)
    form = {"csrf": client.headers["X-CSRF-Token"], "actual": PASSWORD, "nueva": NEW, "repetida": NEW}
    assert (await client.post("/desk/clave", data=form)).status_code == 303
    assert (await other.get("/desk/api/tickets")).status_code == 401
    assert (await client.get("/desk/api/tickets")).status_code == 200


async def test_editor_signs_in_but_has_no_desk(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana", roles=("editor",))
    client = world.browser()
    await client.post("/desk/login", data={"correo": ANA, "clave": PASSWORD})
    assert (await client.get("/desk")).headers["location"] == "/desk/respuestas"
    refused = (await client.get("/desk/api/tickets")).json()["detail"]
    assert (refused["error"], "no tiene acceso a la mesa" in refused["message"]) == ("not_allowed", True)


async def test_analyst_begins_at_the_figures_and_is_refused_the_rest(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana", roles=("analyst",))
    client = world.browser()
    await client.post("/desk/login", data={"correo": ANA, "clave": PASSWORD})
    assert (await client.get("/desk")).headers["location"] == "/desk/cifras"
    assert (await client.get("/desk/opiniones")).status_code == 200
    refused = await client.get("/desk/canales")
    assert (refused.status_code, "Sólo quien administra el sistema" in refused.text) == (403, True)


async def test_pages_have_a_strict_policy_and_are_not_cached(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    client = await world.sign_in(ANA)
    for path in ("/desk", "/desk/clave", "/desk/cuenta", "/desk/confirmar"):
        answer = await client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert " style=" not in answer.text
    assert CSRF.search((await client.get("/desk")).text)


async def test_name_cannot_break_out_of_the_page(world: DeskWorld) -> None:
    await world.hire(ANA, "</script><script>alert(1)</script>&\"'")
    page = await (await world.sign_in(ANA)).get("/desk")
    assert "<script>alert(1)" not in page.text


async def test_accounts_are_created_listed_and_reset(database: Sessions) -> None:
    await add_staff(database, "B@x.cl", "Beto", ("agent", "editor"), teams=("obras", "aseo"))
    await add_staff(database, "a@x.cl", "Ana", ("admin",))
    listed = [(one.email, one.name, one.roles, one.teams) for one in await list_staff(database)]
    assert listed == [("a@x.cl", "Ana", ("admin",), ()), ("b@x.cl", "Beto", ("agent", "editor"), ("obras", "aseo"))]
    first, second = await reset_password(database, "B@X.CL"), await reset_password(database, "b@x.cl")
    assert first != second
    with pytest.raises(StaffExists):
        await add_staff(database, "B@X.cl", "Otra", ("agent",))
    with pytest.raises(RoleUnknown):
        await add_staff(database, "c@x.cl", "C", ("jefe",))
    for email in ("sin-arroba", "c\x1b[31m@x.cl"):
        with pytest.raises(StaffInvalid):
            await add_staff(database, email, "C", ("agent",))
    await add_staff(database, "d@x.cl", "D\x1b]0;otra\x07", ("agent",))
    assert [one.name for one in await list_staff(database)] == ["Ana", "Beto", "D]0;otra"]
    with pytest.raises(StaffUnknown):
        await reset_password(database, "nadie@x.cl")


async def test_password_reset_ends_sessions_and_unlocks(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    client = await world.sign_in(ANA)
    for _ in range(5):
        await world.browser().post("/desk/login", data={"correo": ANA, "clave": "mala"})
    one_time = await reset_password(world.sessions, ANA)
    assert (await client.get("/desk/api/tickets")).status_code == 401
    again = await world.browser().post("/desk/login", data={"correo": ANA, "clave": one_time})
    assert again.status_code == 303


async def test_first_administrator_is_created_once_even_by_two_processes(database: Sessions) -> None:
    made = await asyncio.gather(ensure_admin(database), ensure_admin(database))
    assert len([account for account in made if account]) == 1
    assert await ensure_admin(database) is None
    async with database() as session:
        assert await session.scalar(select(func.count()).select_from(Staff)) == 1


async def test_checking_whether_the_session_is_valid_does_not_prolong_it(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    client, long_ago = await world.sign_in(ANA), utc_now() - timedelta(minutes=59)
    async with world.sessions.begin() as session:
        await session.execute(update(StaffSession).values(last_seen_at=long_ago))
    assert (await client.get("/desk/cuenta/viva")).status_code == 204
    async with world.sessions.begin() as session:
        assert await session.scalar(select(StaffSession.last_seen_at)) == long_ago
        await session.execute(update(StaffSession).values(last_seen_at=long_ago - timedelta(minutes=2)))
    assert (await client.get("/desk/cuenta/viva")).status_code == 401


async def test_old_sessions_are_deleted_at_the_next_sign_in(database: Sessions) -> None:
    await add_staff(database, ANA, "Ana", ("agent",))
    (ana,) = await list_staff(database)
    await StaffSessions(database, lambda: utc_now() - timedelta(hours=13)).begin(ana.id, Browser())
    await StaffSessions(database).begin(ana.id, Browser())
    async with database() as session:
        assert await session.scalar(select(func.count()).select_from(StaffSession)) == 1


async def test_password_given_in_two_tabs_at_the_same_time_leaves_the_first_token(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    browsers = StaffSessions(world.sessions)
    begun = await browsers.begin(await staff_id_of(world.sessions, ANA), Browser())
    signed_in = await browsers.find(begun)
    assert signed_in is not None
    first, second = await browsers.confirm(signed_in), await browsers.confirm(signed_in)
    assert [await browsers.find(one) is not None for one in (begun, first)] == [False, True] and second == ""


async def test_tab_that_confirms_after_another_goes_on_to_its_page(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana")
    browser = await world.sign_in(ANA)
    name, old = next((one.name, one.value) for one in browser.cookies.jar if "device" not in one.name)
    form = {"csrf": browser.headers["X-CSRF-Token"], "actual": PASSWORD, "volver": "/desk/cuenta"}
    first = await browser.post("/desk/confirmar", data=form)
    late = await browser.post("/desk/confirmar", data=form, headers={"Cookie": f"{name}={old}"})
    assert [one.headers["location"] for one in (first, late)] == ["/desk/cuenta", "/desk/login?volver=/desk/cuenta"]
    assert "set-cookie" not in late.headers
    assert (await browser.get(late.headers["location"])).headers["location"] == "/desk/cuenta"
