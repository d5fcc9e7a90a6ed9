"""``ventanilla staff ...`` and the first administrator: runs the console's account functions on the record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.table import Table

from bot.agency import load_agency
from bot.console import staff as accounts
from bot.console.second_factor import remove_second_factor
from bot.console.staff_changes import StaffChange, change_staff
from bot.db.engine import Sessions, open_database
from bot.errors import NotRunning
from bot.run.system import running_system
from bot.settings import Settings
from bot.texts import area, say

Result = TypeVar("Result")


@dataclass(frozen=True)
class Account:
    """An account just made and the password that works once."""

    email: str
    password: str


def first_administrator(database_url: str) -> Account | None:
    """Makes the administrator when the record holds no staff at all."""
    password = _with_database(database_url, accounts.ensure_admin)
    return Account(accounts.FIRST_ADMIN_EMAIL, password) if password else None


def add(settings: Settings, *, email: str, name: str, roles: list[str], team: str | None) -> str:
    teams = load_agency(settings.agency_file).teams
    if team is not None and team not in teams:
        return say("cli.staff.equipo_desconocido", equipo=team, equipos=", ".join(teams))

    async def work(sessions: Sessions) -> str:
        password = await accounts.add_staff(sessions, email, name, roles, team)
        return say("cli.staff.creada", correo=email, nombre=name, clave=password)

    return _with_database(_database_url(settings), work)


def reset(settings: Settings, *, email: str, second_factor: bool) -> str:
    async def work(sessions: Sessions) -> str:
        if second_factor:
            await remove_second_factor(sessions, await accounts.staff_id_of(sessions, email))
        return say("cli.staff.nueva", correo=email, clave=await accounts.reset_password(sessions, email))

    return _with_database(_database_url(settings), work)


def change_roles(settings: Settings, *, email: str, roles: list[str]) -> str:
    async def work(sessions: Sessions) -> str:
        await change_staff(sessions, email, StaffChange(roles=roles))
        return say("cli.staff.roles", correo=email, roles=_role_words(roles))

    return _with_database(_database_url(settings), work)


def table(settings: Settings) -> Table:
    texts = area("cli")["staff"]
    shown = Table(*texts["columnas"])
    for one in _with_database(_database_url(settings), accounts.list_staff):
        shown.add_row(one.email, one.name, _role_words(one.roles), one.team or "", texts["si" if one.active else "no"])
    return shown


def _role_words(roles: Sequence[str]) -> str:
    """Each role with the name it has in the pages."""
    words = area("desk")["roles"]
    return ", ".join(f"{role} ({words[role]})" if role in words else role for role in roles)


def _database_url(settings: Settings) -> str:
    given = settings.database_url.get_secret_value()
    running = running_system(settings.home)
    if not given and running is None:
        raise NotRunning()
    return given or (running or {})["DATABASE_URL"]


def _with_database(url: str, work: Callable[[Sessions], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        engine, sessions = open_database(url)
        try:
            return await work(sessions)
        finally:
            await engine.dispose()

    return asyncio.run(run())
