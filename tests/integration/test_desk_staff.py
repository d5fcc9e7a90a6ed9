"""Tests accounts in the console: who manages them, one-time passwords, the last administrator, sessions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from bot.agency.model import Agency
from bot.core.errors.staff import LastAdministrator, RoleUnknown, StaffUnknown
from bot.desk.auth.account_changes import StaffChange, change_staff
from bot.desk.auth.accounts import list_staff, utc_now
from bot.desk.auth.sessions import CONFIRMED_FOR
from bot.record.engine import Sessions
from bot.record.tables import Audit, Staff, StaffSession
from tests.desk_world import PASSWORD, DeskWorld, desk_world
from tests.integration.desk_frames import listening

ADMIN, ANA = "admin@losaromos.example", "ana@losaromos.example"
ONE_TIME = re.compile(r"<code>([a-z0-9-]+)</code>")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ADMIN, "Admin", roles=("admin",))
        await made.hire(ANA, "Ana Soto")
        yield made


async def id_of(world: DeskWorld, email: str) -> UUID:
    return next(one.id for one in await list_staff(world.sessions) if one.email == email)


async def send(client: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    return await client.post(path, data={"csrf": client.headers["X-CSRF-Token"]} | form)


async def actions(world: DeskWorld, subject: UUID) -> list[tuple[str, dict[str, Any]]]:
    async with world.sessions() as session:
        rows = await session.scalars(select(Audit).where(Audit.subject == str(subject)).order_by(Audit.id))
        return [(row.action, row.detail) for row in rows]


async def test_only_administrators_manage_accounts(world: DeskWorld) -> None:
    ana = await world.sign_in(ANA)
    one = f"/desk/personal/{await id_of(world, ADMIN)}"
    for path in ("/desk/personal", "/desk/personal/nueva", one):
        assert (await ana.get(path)).status_code == 403
    for path in ("/desk/personal/nueva", one):
        refused = await send(ana, path, que="clave", correo="x@y.cl", rol="admin")
        assert (refused.status_code, "Sólo quien administra" in refused.text) == (403, True)
    assert len(await list_staff(world.sessions)) == 2


async def test_new_account_gets_a_working_password_that_is_shown_once(world: DeskWorld) -> None:
    admin = await world.sign_in(ADMIN)
    form = {"correo": " Beto@losaromos.example", "nombre": "Beto\r\nDíaz", "rol": ["agent", "editor"]}
    form |= {"equipo": "transito", "capacidad": "2"}
    made = await send(admin, "/desk/personal/nueva", **form)
    one_time = ONE_TIME.search(made.text)[1]  # type: ignore[index]
    assert made.headers["cache-control"] == "no-store"
    assert one_time not in (await admin.get("/desk/personal")).text
    beto = next(one for one in await list_staff(world.sessions) if one.email == "beto@losaromos.example")
    assert (beto.name, beto.roles, beto.teams, beto.capacity) == ("Beto Díaz", ("agent", "editor"), ("transito",), 2)
    signed_in = await world.browser().post("/desk/login", data={"correo": beto.email, "clave": one_time})
    assert signed_in.status_code == 303
    (added,) = await actions(world, beto.id)
    serves = {"teams": ["transito"], "languages": [], "capacity": 2}
    assert added == ("staff_added", {"roles": ["agent", "editor"]} | serves)


@pytest.mark.parametrize(
    "form", [{"que": "desactivar", "seguro": "1"}, {"que": "clave", "seguro": "1", "comprobado": "presente"}]
)
async def test_open_desk_of_an_account_ends_at_once_with_its_sessions(world: DeskWorld, form: dict[str, str]) -> None:
    admin, ana = await world.sign_in(ADMIN), await world.sign_in(ANA)
    ticket = await world.wait_for_person("persona")
    async with listening(ana) as frames, listening(admin) as of_admin:
        for one in (frames, of_admin):
            await one.until("problems")  # the streams run; without a signal they check their sessions after 15 s
        assert (await send(admin, f"/desk/personal/{await id_of(world, ANA)}", **form)).status_code in {200, 303}
        await world.say(ticket.conversation, "esto ya no es para Ana")
        assert (await frames.next())[0] == "signed_out"
        assert (await of_admin.until("message"))["event"]["text"] == "esto ya no es para Ana"


async def test_own_session_ended_on_another_machine_ends_its_desk_at_once(world: DeskWorld) -> None:
    here, there = await world.sign_in(ANA), await world.sign_in(ANA)
    async with listening(there) as frames:
        await frames.until("problems")
        await send(here, "/desk/cuenta/sesiones", sesion="otras")
        assert (await frames.next())[0] == "signed_out"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"correo": ANA, "rol": "agent"}, "Ya existe"),
        ({"correo": "sin arroba", "rol": "agent"}, "correo válido"),
        ({"correo": "x@y.cl"}, "al menos un rol"),
        ({"correo": "x@y.cl", "rol": "jefe"}, "al menos un rol"),
        ({"correo": "x@y.cl", "rol": "agent", "capacidad": "51"}, "de 1 a 50"),
        ({"correo": "x@y.cl", "rol": "agent", "capacidad": "dos"}, "de 1 a 50"),
    ],
)
async def test_refused_account_shows_why_and_keeps_the_form(
    world: DeskWorld, form: dict[str, str], expected: str
) -> None:
    answer = await send(await world.sign_in(ADMIN), "/desk/personal/nueva", nombre="Beto Díaz", **form)
    assert (answer.status_code, expected in answer.text, "Beto Díaz" in answer.text) == (422, True, True)


async def test_one_time_password_expires_after_three_days(world: DeskWorld) -> None:
    answer = await send(
        await world.sign_in(ADMIN),
        f"/desk/personal/{await id_of(world, ANA)}",
        que="clave",
        seguro="1",
        comprobado="presente",
    )
    form = {"correo": ANA, "clave": ONE_TIME.search(answer.text)[1]}  # type: ignore[index]
    async with world.sessions.begin() as session:
        until = await session.scalar(select(Staff.password_expires_at).where(Staff.email == ANA))
        assert timedelta(hours=71) < until - utc_now() <= timedelta(hours=72)  # type: ignore[operator]
        await session.execute(update(Staff).where(Staff.email == ANA).values(password_expires_at=utc_now()))
    assert (await world.browser().post("/desk/login", data=form)).status_code == 401
    assert "vencida" in (await (await world.sign_in(ADMIN)).get("/desk/personal")).text


async def test_deactivating_ends_sessions_immediately_and_activating_lets_in_again(world: DeskWorld) -> None:
    admin, ana = await world.sign_in(ADMIN), await world.sign_in(ANA)
    staff_id = await id_of(world, ANA)
    await send(admin, f"/desk/personal/{staff_id}", que="desactivar", seguro="1")
    assert (await ana.get("/desk/api/tickets")).status_code == 401
    refused = await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD})
    assert refused.status_code == 401
    await send(admin, f"/desk/personal/{staff_id}", que="activar")
    assert (await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD})).status_code == 303
    assert [detail for _, detail in await actions(world, staff_id)][-2:] == [{"active": False}, {"active": True}]


async def test_roles_and_team_are_changed_and_a_lost_role_signs_out(world: DeskWorld) -> None:
    admin, ana = await world.sign_in(ADMIN), await world.sign_in(ANA)
    path = f"/desk/personal/{await id_of(world, ANA)}"
    both = {"nombre": "Ana Soto", "rol": ["agent", "supervisor"], "equipo": "obras"}
    assert (await send(admin, path, que="datos", **both)).headers["location"] == path
    assert (await ana.get("/desk/api/tickets")).status_code == 200
    await send(admin, path, que="datos", nombre="Ana Soto", rol="analyst", equipo="no es nuestro")
    assert (await ana.get("/desk/api/tickets")).status_code == 401
    (ana_now,) = [one for one in await list_staff(world.sessions) if one.email == ANA]
    assert (ana_now.roles, ana_now.teams) == (("analyst",), ())


async def test_languages_are_stored_shown_and_audited(world: DeskWorld) -> None:
    admin, ana = await world.sign_in(ADMIN), f"/desk/personal/{await id_of(world, ANA)}"
    await send(admin, ana, que="datos", nombre="Ana Soto", rol="agent", idioma=["ht", "es", "klingon", "en"])
    member = next(one for one in await list_staff(world.sessions) if one.email == ANA)
    assert member.languages == ("en", "ht")
    assert "inglés, creole haitiano" in (await admin.get("/desk/personal")).text
    assert re.findall(r'name="idioma" value="(\w+)" checked', (await admin.get(ana)).text) == ["en", "ht"]
    assert (await actions(world, member.id))[-1] == ("staff_changed", {"languages": ["en", "ht"]})
    await send(admin, ana, que="datos", nombre="Ana Soto", rol="agent")
    assert [one.languages for one in await list_staff(world.sessions)] == [(), ()]


async def test_teams_and_capacity_are_stored_shown_audited_and_cleared(world: DeskWorld) -> None:
    admin, ana = await world.sign_in(ADMIN), f"/desk/personal/{await id_of(world, ANA)}"
    same = {"que": "datos", "nombre": "Ana Soto", "rol": "agent"}
    await send(admin, ana, **same, equipo=["obras", "aseo", "no es nuestro"], capacidad=" 7 ")
    member = next(one for one in await list_staff(world.sessions) if one.email == ANA)
    assert (member.teams, member.capacity) == (("obras", "aseo"), 7)
    listed, form = (await admin.get("/desk/personal")).text, (await admin.get(ana)).text
    assert ("Dirección de Obras Municipales · Aseo" in listed, "7 a la vez" in listed) == (True, True)
    assert re.findall(r'name="equipo" value="(\w+)" checked', form) == ["obras", "aseo"]
    assert re.search(r'name="capacidad"[^>]* value="7"', form)
    assert (await actions(world, member.id))[-1] == ("staff_changed", {"teams": ["obras", "aseo"], "capacity": 7})
    refused = await send(admin, ana, **same, equipo="obras", capacidad="0x")
    assert (refused.status_code, "de 1 a 50" in refused.text) == (422, True)
    await send(admin, ana, **same, capacidad="")
    assert [(one.teams, one.capacity) for one in await list_staff(world.sessions)] == [((), 0), ((), 0)]


async def test_dissolved_team_is_shown_as_such_and_kept_until_removed(world: DeskWorld) -> None:
    admin, ana = await world.sign_in(ADMIN), f"/desk/personal/{await id_of(world, ANA)}"
    await world.set_teams(ANA, "disuelto")
    told = f"disuelto, que ya no existe: cuenta como {world.agency.teams[world.agency.default_team]}"
    assert (told in (await admin.get("/desk/personal")).text, told in (await admin.get(ana)).text) == (True, True)
    for chosen in (["disuelto"], ["disuelto", "aseo"], ["obras"]):
        await send(admin, ana, que="datos", nombre="Ana Soto", rol="agent", equipo=chosen)
        (now,) = [one.teams for one in await list_staff(world.sessions) if one.email == ANA]
        assert sorted(now) == sorted(chosen)


@pytest.mark.parametrize(
    "form", [{"que": "desactivar", "seguro": "1"}, {"que": "datos", "nombre": "Admin", "rol": "agent"}]
)
async def test_last_administrator_stays(world: DeskWorld, form: dict[str, str]) -> None:
    admin = await world.sign_in(ADMIN)
    answer = await send(admin, f"/desk/personal/{await id_of(world, ADMIN)}", **form)
    assert (answer.status_code, "única cuenta de administración" in answer.text) == (422, True)
    assert (await admin.get("/desk/personal")).status_code == 200


async def test_two_administrators_who_demote_each_other_leave_one(world: DeskWorld) -> None:
    await world.hire("otra@losaromos.example", "Otra", roles=("admin",))
    less = StaffChange(roles=("agent",))
    emails = (ADMIN, "otra@losaromos.example")
    done = await asyncio.gather(*(change_staff(world.sessions, one, less) for one in emails), return_exceptions=True)
    assert sorted(type(one) for one in done if one is not None) == [LastAdministrator]
    assert sum("admin" in one.roles for one in await list_staff(world.sessions)) == 1


async def test_change_of_an_unknown_account_or_to_an_unknown_role_is_refused(world: DeskWorld) -> None:
    with pytest.raises(StaffUnknown):
        await change_staff(world.sessions, "nadie@x.cl", StaffChange(active=False))
    with pytest.raises(RoleUnknown):
        await change_staff(world.sessions, ANA, StaffChange(roles=("jefe",)))


async def test_dangerous_changes_ask_for_the_password_again(world: DeskWorld) -> None:
    admin, one = await world.sign_in(ADMIN), f"/desk/personal/{await id_of(world, ANA)}"
    async with world.sessions.begin() as session:
        await session.execute(update(StaffSession).values(confirmed_at=utc_now() - timedelta(minutes=11)))
    confirm = f"/desk/confirmar?volver={one}"
    assert (await admin.get(one)).headers["location"] == confirm
    assert (await send(admin, one, que="desactivar")).headers["location"] == confirm
    assert (await send(admin, "/desk/confirmar", volver=one, actual="mala")).status_code == 422
    right = await send(admin, "/desk/confirmar", volver=one, actual=PASSWORD)
    assert (right.status_code, right.headers["location"]) == (303, one)
    assert (await admin.get(one)).status_code == 200


async def test_confirmation_is_throttled_and_redirects_to_no_other_site(world: DeskWorld) -> None:
    admin = await world.sign_in(ADMIN)
    answer = await send(admin, "/desk/confirmar", volver="https://otro.example/", actual=PASSWORD)
    assert answer.headers["location"] == "/desk"
    for _ in range(5):
        await send(admin, "/desk/confirmar", actual="mala")
    told = await send(admin, "/desk/confirmar", actual=PASSWORD)
    assert (told.status_code, "Espera unos minutos" in told.text) == (422, True)


async def test_staff_see_their_sessions_and_end_one_or_all_others(world: DeskWorld) -> None:
    phone, desk, other = await world.sign_in(ANA), await world.sign_in(ANA), await world.sign_in(ANA)
    admin = await world.sign_in(ADMIN)
    async with world.sessions.begin() as session:
        await session.execute(update(StaffSession).values(user_agent="Mozilla/5.0 (Android 14) Chrome/120 Safari/537"))
    page = (await desk.get("/desk/cuenta")).text
    ids = re.findall(r'name="sesion" value="([0-9a-f-]{36})"', page)
    assert (len(ids), page.count("Chrome en Android"), "127.0.0.1" in page) == (2, 5, True)
    await send(desk, "/desk/cuenta/sesiones", sesion=ids[0])
    assert sorted([(await one.get("/desk/api/tickets")).status_code for one in (phone, other)]) == [200, 401]
    await send(desk, "/desk/cuenta/sesiones", sesion="otras")
    statuses = [(await one.get("/desk/api/tickets")).status_code for one in (phone, other, desk, admin)]
    assert statuses == [401, 401, 200, 200]


async def test_sessions_are_ended_only_with_the_password_given_again(world: DeskWorld) -> None:
    phone, desk = await world.sign_in(ANA), await world.sign_in(ANA)
    async with world.sessions.begin() as session:
        await session.execute(update(StaffSession).values(confirmed_at=StaffSession.confirmed_at - CONFIRMED_FOR))
    asked = await send(desk, "/desk/cuenta/sesiones", sesion="otras")
    assert asked.headers["location"] == "/desk/confirmar?volver=/desk/cuenta/sesiones"
    assert (await phone.get("/desk/api/tickets")).status_code == 200
    back = await send(desk, "/desk/confirmar", actual=PASSWORD, volver="/desk/cuenta/sesiones")
    assert (await desk.get(back.headers["location"])).status_code == 200
    await send(desk, "/desk/cuenta/sesiones", sesion="otras")
    assert (await phone.get("/desk/api/tickets")).status_code == 401


async def test_staff_cannot_end_another_persons_session(world: DeskWorld) -> None:
    admin, ana = await world.sign_in(ADMIN), await world.sign_in(ANA)
    async with world.sessions() as session:
        theirs = await session.scalar(select(StaffSession.id).join(Staff).where(Staff.email == ADMIN))
    for chosen in (str(theirs), "", "no es un id"):
        await send(ana, "/desk/cuenta/sesiones", sesion=chosen)
    assert (await admin.get("/desk/personal")).status_code == 200
    async with world.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(StaffSession)) == 2
