"""Implements ``ventanilla staff ...``, and creates the first administrator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.table import Table

from bot.agency.model import load_agency
from bot.core.errors.launcher import NotRunning
from bot.core.errors.staff import ChoiceUnknown
from bot.core.roles import role_table
from bot.core.secrets.encryption import MasterKeys
from bot.core.settings import Settings
from bot.core.texts import area, say
from bot.desk.auth import accounts
from bot.desk.auth.account_changes import StaffChange, change_staff
from bot.desk.auth.second_factor import remove_second_factor
from bot.record.engine import Sessions, open_database
from bot.run.system import running_system
from bot.text.languages import OTHERS

Result = TypeVar("Result")


@dataclass(frozen=True)
class Account:
    """A new account and its one-time password."""

    email: str
    password: str


def first_administrator(database_url: str) -> Account | None:
    """Creates the first administrator and returns the account; returns None if there already are staff accounts."""
    made = with_database(database_url, accounts.ensure_admin)
    return Account(*made) if made else None


def wanted(
    settings: Settings,
    *,
    roles: Sequence[str] | None,
    teams: Sequence[str] | None,
    languages: Sequence[str] | None,
    capacity: int | None,
) -> StaffChange:
    """Builds the change that a command requests; None stands for an option that was not given.

    Raises ChoiceUnknown, InvalidAgency.
    """
    return StaffChange(
        roles=roles or None,
        teams=_chosen(teams, list(load_agency(settings.agency_file).teams)),
        languages=_chosen(languages, [one.value for one in OTHERS]),
        capacity=capacity,
    )


def _chosen(names: Sequence[str] | None, known: Sequence[str]) -> list[str] | None:
    """Returns the names without duplicates; None if no name was given, [] if the only name is empty.

    Raises ChoiceUnknown for a name that is not in ``known``.
    """
    if not names:
        return None
    chosen = [name for name in dict.fromkeys(names) if name]
    for name in chosen:
        if name not in known:
            raise ChoiceUnknown(nombre=name, conocidos=", ".join(known))
    return chosen


def add(settings: Settings, email: str, name: str, account: StaffChange) -> str:
    async def work(sessions: Sessions) -> str:
        password = await accounts.add_staff(
            sessions,
            email,
            name,
            account.roles or (),
            teams=account.teams or (),
            languages=account.languages or (),
            capacity=account.capacity or 0,
        )
        return say("cli.staff.creada", correo=email, nombre=name, clave=password)

    return with_database(database_url_of(settings), work)


def reset(settings: Settings, *, email: str, second_factor: bool) -> str:
    async def work(sessions: Sessions) -> str:
        if second_factor:
            await remove_second_factor(sessions, await accounts.staff_id_of(sessions, email))
        return say("cli.staff.nueva", correo=email, clave=await accounts.reset_password(sessions, email))

    return with_database(database_url_of(settings), work)


def change(settings: Settings, email: str, account: StaffChange) -> str:
    """Changes the account; returns a Spanish text with its new values.

    Raises NotRunning and the errors of ``change_staff``.
    """

    async def work(sessions: Sessions) -> str:
        await change_staff(sessions, email, account)
        staff_id = await accounts.staff_id_of(sessions, email)
        (now,) = [one for one in await accounts.list_staff(sessions) if one.id == staff_id]
        roles, teams, languages, capacity = _words(now)
        return say(
            "cli.staff.cambiada", correo=email, roles=roles, equipos=teams, idiomas=languages, capacidad=capacity
        )

    return with_database(database_url_of(settings), work)


def table(settings: Settings) -> Table:
    texts = area("cli")["staff"]
    grid = Table(*texts["columnas"])
    for one in with_database(database_url_of(settings), accounts.list_staff):
        grid.add_row(one.email, one.name, *_words(one), texts["si" if one.active else "no"])
    return grid


def _words(one: accounts.StaffMember) -> tuple[str, str, str, str]:
    """Returns the account's roles (with their names), teams, languages and capacity as Spanish texts."""
    texts, known = area("cli")["staff"], role_table()
    roles = ", ".join(f"{role} ({known[role].name})" if role in known else role for role in one.roles)
    teams, languages = ", ".join(one.teams) or texts["todos"], ", ".join(one.languages) or texts["ninguno"]
    return roles, teams, languages, str(one.capacity or texts["de_la_institucion"])


def database_url_of(settings: Settings) -> str:
    """Returns the URL of the record, from the settings or the running system. Raises NotRunning."""
    configured = settings.database_url.get_secret_value()
    running = running_system(settings.home)
    if not configured and running is None:
        raise NotRunning()
    return configured or (running or {})["DATABASE_URL"]


def with_database(url: str, work: Callable[[Sessions], Awaitable[Result]], masters: MasterKeys | None = None) -> Result:
    """Runs ``work`` with a connection to the record and returns its result; encrypted texts need ``masters``."""

    async def run() -> Result:
        engine, sessions = open_database(url, masters=masters)
        try:
            return await work(sessions)
        finally:
            await engine.dispose()

    return asyncio.run(run())
