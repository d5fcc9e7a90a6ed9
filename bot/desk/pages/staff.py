"""Serves the staff accounts (``/desk/personal``) to administrators.

All pages except the list require a recently confirmed password. One-time passwords are shown once, in the response to
the form that created them. Every change is recorded in the audit log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.desk_settings import MAX_CAPACITY
from bot.agency.model import Agency
from bot.conversation.readable import readable
from bot.conversation.signals import Signals
from bot.core.errors.base import PermanentError
from bot.core.errors.staff import LastAdministrator, RoleUnknown, StaffExists, StaffInvalid
from bot.core.roles import AGENT, role_table
from bot.core.texts import area, say
from bot.desk.auth.account_changes import StaffChange, change_staff
from bot.desk.auth.accounts import (
    MAX_NAME_CHARACTERS,
    ONE_TIME_TERM,
    StaffMember,
    add_staff,
    find_staff,
    list_staff,
    reset_password,
    utc_now,
)
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.second_factor import remove_second_factor
from bot.desk.auth.sessions import SignedIn
from bot.desk.pages.base import DeskPages, is_sure
from bot.desk.views.times import day_and_hour
from bot.handoff.notices import team_name
from bot.record.engine import Sessions
from bot.text.languages import OTHERS, Language

PATH = "/desk/personal"
NEW = f"{PATH}/nueva"
ONE = PATH + "/{staff_id}"
ASKED_ABOUT = frozenset({"clave", "desactivar", "dos_pasos"})
PROVED = frozenset({"clave", "dos_pasos"})  # the administrator states how they identified the requester
REFUSALS = (LastAdministrator, RoleUnknown, StaffExists, StaffInvalid)


class StaffPage:
    """The list of accounts, and the forms to create and edit an account."""

    def __init__(self, *, guard: Guard, pages: DeskPages, sessions: Sessions, agency: Agency, signals: Signals) -> None:
        self._guard = guard
        self._pages = pages
        self._sessions = sessions
        self._signals = signals
        self._agency = agency
        self._zone = agency.zone

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", NEW, self.new)
        self._pages.serve(router, "POST", NEW, self.add)
        self._pages.serve(router, "GET", ONE, self.one)
        self._pages.serve(router, "POST", ONE, self.change)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.STAFF)
        staff = await list_staff(self._sessions)
        return self._pages.sheet(
            "staff.html", signed_in, here=PATH, staff=staff, state=_state, team=self._team, language=Language
        )

    async def new(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.STAFF, fresh=True)
        return self._form("staff_new.html", signed_in, {"roles": [AGENT]})

    async def add(self, request: Request) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.STAFF, fresh=True)
        values = self._given(form)
        email = readable(str(form.get("correo", "")))
        try:
            password = await add_staff(self._sessions, email, **values, by=signed_in.staff.id)
        except REFUSALS as error:
            return self._form("staff_new.html", signed_in, values | {"email": email}, error=_words(error))
        return self._one_time(signed_in, email.strip().lower(), password)

    async def one(self, request: Request, staff_id: UUID) -> Response:
        signed_in = await self._guard.page(request, Permission.STAFF, fresh=True)
        return self._about(signed_in, await self._found(staff_id))

    async def change(self, request: Request, staff_id: UUID) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.STAFF, fresh=True)
        member = await self._found(staff_id)
        action = str(form.get("que", ""))
        proof = str(form.get("comprobado", ""))
        proofs = area("desk")["comprobaciones"] if action in PROVED else {}
        if action in ASKED_ABOUT and not (is_sure(form) and (not proofs or proof in proofs)):
            return self._pages.ask(request, signed_in, form, here=PATH, key=action, proofs=proofs, nombre=member.name)
        if action == "clave":
            password = await reset_password(self._sessions, member.email, by=signed_in.staff.id, proof=proof)
            await self._signals.account_changed(str(staff_id))
            return self._one_time(signed_in, member.email, password)
        if action == "dos_pasos":
            await remove_second_factor(self._sessions, staff_id, by=signed_in.staff.id, proof=proof)
            return RedirectResponse(f"{PATH}/{staff_id}", 303)
        try:
            await change_staff(self._sessions, member.email, self._change(action, form, member), by=signed_in.staff.id)
        except REFUSALS as error:
            return self._about(signed_in, member, error=_words(error))
        await self._signals.account_changed(str(staff_id))
        return RedirectResponse(f"{PATH}/{staff_id}", 303)

    def _change(self, action: str, form: Any, member: StaffMember) -> StaffChange:
        if action in {"desactivar", "activar"}:
            return StaffChange(active=action == "activar")
        return StaffChange(**self._given(form, member.teams))

    def _given(self, form: Any, current: Sequence[str] = ()) -> dict[str, Any]:
        """Parses the account's fields from a form; drops unknown languages and teams.

        Keeps a team that the agency has removed if ``current`` contains it.
        """
        return {
            "name": " ".join(readable(str(form.get("nombre", ""))).split())[:MAX_NAME_CHARACTERS],
            "roles": [str(role) for role in form.getlist("rol")],
            "teams": [team for team in self._teams(current) if team in form.getlist("equipo")],
            "languages": [one.value for one in OTHERS if one.value in form.getlist("idioma")],
            "capacity": _number(str(form.get("capacidad", ""))),
        }

    def _teams(self, current: Sequence[str]) -> dict[str, str]:
        """Maps team keys to names: all teams of the agency, and the removed teams in ``current``."""
        return {team: self._team(team) for team in (*self._agency.teams, *current)}

    def _team(self, team: str) -> str:
        """Returns a team's name; for a removed team, a text with its key and the team that now gets its tickets."""
        if name := self._agency.teams.get(team):
            return name
        return say("desk.personal.equipo_quitado", equipo=team, ahora=team_name(self._agency, team))

    async def _found(self, staff_id: UUID) -> StaffMember:
        member = await find_staff(self._sessions, staff_id)
        if member is None:
            raise Refused(404, "unknown", say("desk.errores.cuenta_desconocida"))
        return member

    def _about(self, signed_in: SignedIn, member: StaffMember, *, error: str = "") -> Response:
        return self._form("staff_one.html", signed_in, vars(member), error=error, member=member, state=_state(member))

    def _form(
        self, template: str, signed_in: SignedIn, given: dict[str, Any], *, error: str = "", **values: Any
    ) -> Response:
        return self._pages.sheet(
            template,
            signed_in,
            status=422 if error else 200,
            here=PATH,
            given={"name": "", "email": "", "roles": [], "teams": [], "languages": [], "capacity": 0} | given,
            all_languages=OTHERS,
            all_roles=role_table(),
            all_teams=self._teams(given.get("teams", ())),
            capacity=self._agency.desk.capacity,
            most=MAX_CAPACITY,
            error=error,
            **values,
        )

    def _one_time(self, signed_in: SignedIn, email: str, password: str) -> Response:
        until = day_and_hour(utc_now() + ONE_TIME_TERM, self._zone)
        return self._pages.sheet(
            "staff_password.html", signed_in, here=PATH, email=email, password=password, until=until
        )


def _state(member: StaffMember) -> str:
    """Returns the account's state as a text key below ``desk.personal.estados``."""
    if not member.active:
        return "inactiva"
    if not member.must_change_password:
        return "activa"
    expired = member.password_expires_at is not None and member.password_expires_at <= utc_now()
    return "vencida" if expired else "sin_entrar"


def _number(text: str) -> int:
    """Parses a number from a form field: 0 if empty, -1 if invalid."""
    text = text.strip() or "0"
    return int(text) if text.isdecimal() and len(text) < 4 else -1


def _words(error: PermanentError) -> str:
    return say(error.text_key).format(**error.facts)
