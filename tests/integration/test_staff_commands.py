"""Tests ``ventanilla staff``: accounts from the command line, on a real record."""

from __future__ import annotations

import asyncio
import os
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import update
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.core.settings import Settings
from bot.desk.auth.accounts import add_staff, list_staff, utc_now
from bot.desk.auth.first_password import drop_used_password, first_password_file, keep_first_password
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.run.addresses import print_addresses, ready
from tests.conftest import ROOT

ONE_TIME = re.compile(r"contraseña de un solo uso: ([a-z0-9]{4}(?:-[a-z0-9]{4}){3})", re.IGNORECASE)
ANA = "ana@losaromos.example"


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


async def ventanilla(url: str, *words: str) -> Result:
    environment = {"DATABASE_URL": url, "COLUMNS": "200"}
    return await asyncio.to_thread(CliRunner().invoke, app, ["staff", *words], env=environment)


async def test_accounts_are_added_listed_and_given_other_roles(database_url: str, database: Sessions) -> None:
    made = await ventanilla(database_url, "add", ANA, "Ana Soto", "--equipo", "transito", "--equipo", "obras")
    assert ONE_TIME.search(made.output), made.output
    changed = await ventanilla(database_url, "change", ANA, "--rol", "supervisor", "--rol", "editor")
    assert "supervisor (Supervisión), editor (Edición)" in changed.output
    assert "supervisor (Supervisión), editor (Edición)" in (await ventanilla(database_url, "list")).output
    (now,) = await list_staff(database)
    assert (now.roles, now.teams) == (("supervisor", "editor"), ("transito", "obras"))


async def test_list_marks_deactivated_accounts(database_url: str, database: Sessions) -> None:
    await ventanilla(database_url, "add", ANA, "Ana Soto")
    assert "sí" in (await ventanilla(database_url, "list")).output
    async with database.begin() as session:
        await session.execute(update(Staff).values(active=False))
    listed = await ventanilla(database_url, "list")
    (row,) = [line for line in listed.output.splitlines() if ANA in line]
    assert (listed.exit_code, row.split()[-2]) == (0, "no")


async def test_teams_languages_and_capacity_are_changed_independently_and_cleared(
    database_url: str, database: Sessions
) -> None:
    await ventanilla(database_url, "add", ANA, "Ana Soto", "--idioma", "ht", "--capacidad", "2")
    kept = []
    for words in (("--equipo", "aseo"), ("--idioma", "en", "--idioma", "pt"), ("--capacidad", "9"), ("--equipo", "")):
        changed = await ventanilla(database_url, "change", ANA, *words)
        assert changed.exit_code == 0, changed.output
        kept += [(one.teams, one.languages, one.capacity) for one in await list_staff(database)]
    assert kept == [
        (("aseo",), ("ht",), 2),
        (("aseo",), ("en", "pt"), 2),
        (("aseo",), ("en", "pt"), 9),
        ((), ("en", "pt"), 9),
    ]
    emptied = await ventanilla(database_url, "change", ANA, "--idioma", "", "--capacidad", "0")
    assert "Equipos: todos. Idiomas: ninguno. A la vez: lo que dice agency.yml." in emptied.output.replace("\n", " ")


async def test_invalid_input_is_reported_and_changes_nothing(database_url: str, database: Sessions) -> None:
    await ventanilla(database_url, "add", ANA, "Ana Soto", "--rol", "admin")
    for words, told in (
        (("change", ANA, "--rol", "jefe"), "Elige al menos un rol"),
        (("change", ANA, "--rol", "agent"), "única cuenta de administración"),
        (("change", ANA, "--equipo", "aseo", "--equipo", "nadie"), "No existe «nadie». Elige entre: atencion"),
        (("change", ANA, "--idioma", "es"), "No existe «es». Elige entre: en, pt, ht, fr"),
        (("change", ANA, "--capacidad", "51"), "de 1 a 50"),
        (("add", "beto@x.cl", "Beto", "--equipo", "nadie"), "No existe «nadie»"),
        (("reset", "nadie@x.cl"), "No hay una cuenta"),
    ):
        done = await ventanilla(database_url, *words)
        assert (done.exit_code, told in done.output) == (1, True), done.output
    assert [(one.roles, one.teams, one.capacity) for one in await list_staff(database)] == [(("admin",), (), 0)]


async def test_locked_out_administrator_gets_in_again(database_url: str, database: Sessions) -> None:
    first = await ventanilla(database_url, "add", ANA, "Ana Soto", "--rol", "admin")
    async with database.begin() as session:
        await session.execute(update(Staff).values(totp_secret="lost"))
    only_password = await ventanilla(database_url, "reset", ANA)
    assert [one.has_second_factor for one in await list_staff(database)] == [True]
    both = await ventanilla(database_url, "reset", ANA, "--dos-pasos")
    passwords = {ONE_TIME.search(done.output)[1] for done in (first, only_password, both)}  # type: ignore[index]
    assert ([one.has_second_factor for one in await list_staff(database)], len(passwords)) == ([False], 3)


async def test_first_run_on_a_terminal_prints_the_password_and_the_steps_of_the_first_administrator(
    database_url: str, database: Sessions, tmp_path: Path
) -> None:
    agency_file = tmp_path / "agency.yml"
    asks_nobody = "segundo_factor: []"  # as the demo does; an agency of its own has no such line
    written = (ROOT / "agency.yml").read_text(encoding="utf-8")
    agency_file.write_text(written.replace(asks_nobody, "segundo_factor: [admin]"), encoding="utf-8")
    settings = Settings(DATABASE_URL=database_url, AGENCY_FILE=agency_file, VENTANILLA_HOME=tmp_path / "home")
    keep_first_password(settings.home, "admin@ventanilla.local", "of an earlier installation")
    told = Console(record=True, width=300, file=Terminal())
    await asyncio.to_thread(print_addresses, settings, database_url, told)
    first = told.export_text()
    assert ONE_TIME.search(first), first
    assert "código QR" in first
    assert not first_password_file(settings.home).exists()
    await asyncio.to_thread(print_addresses, settings, database_url, told)
    assert "código QR" not in told.export_text()


async def test_first_run_without_a_terminal_keeps_the_password_in_a_private_file_until_it_is_used(
    database_url: str, database: Sessions, tmp_path: Path
) -> None:
    settings = Settings(DATABASE_URL=database_url, VENTANILLA_HOME=tmp_path / "home")
    told = Console(record=True, width=300, file=StringIO(), force_terminal=True)  # as with FORCE_COLOR
    await asyncio.to_thread(print_addresses, settings, database_url, told)
    file = first_password_file(settings.home)
    email, password = file.read_text().split()
    assert re.fullmatch(r"administracion-[0-9a-f]{8}@ventanilla\.local", email)
    assert file.stat().st_mode & 0o777 == 0o600
    first = told.export_text()
    assert f"el correo y la contraseña de un solo uso están en {file}" in first
    assert password not in first
    containers = settings.model_copy(update={"commands_in": "docker compose exec bot"})
    await asyncio.to_thread(print_addresses, containers, database_url, told)
    assert f"docker compose exec bot cat {file}" in told.export_text()
    await drop_used_password(database, settings.home)
    await asyncio.to_thread(print_addresses, settings, database_url, told)
    assert str(file) in told.export_text()  # also at the next start
    async with database.begin() as session:
        await session.execute(update(Staff).values(must_change_password=False, password_expires_at=None))
    await drop_used_password(database, settings.home)
    assert not file.exists()
    await drop_used_password(database, settings.home)


async def test_system_whose_editors_cannot_publish_explains_how_to_enable_them(
    database_url: str, database: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("faq/transito", "pruebas"):
        (tmp_path / folder).mkdir(parents=True)
    settings = Settings(DATABASE_URL=database_url, VENTANILLA_HOME=tmp_path / "home", FAQ_DIR=tmp_path / "faq")
    told = Console(record=True, width=300, file=StringIO())
    await asyncio.to_thread(ready, settings, told)
    assert "chown" not in told.export_text()
    monkeypatch.setattr(os, "access", lambda place, _mode: place != tmp_path / "faq" / "transito")  # root may all
    await asyncio.to_thread(ready, settings, told)
    assert re.search(rf"sudo chown -R {os.getuid()} \S+/faq\n", told.export_text())


async def test_first_run_that_cannot_keep_the_password_shows_how_to_get_another(
    database_url: str, database: Sessions, tmp_path: Path
) -> None:
    (tmp_path / "home").touch()
    settings, told = Settings(DATABASE_URL=database_url, VENTANILLA_HOME=tmp_path / "home"), StringIO()
    await asyncio.to_thread(print_addresses, settings, database_url, Console(width=300, file=told))
    other = r"pide otra con: ventanilla staff reset administracion-[0-9a-f]{8}@ventanilla\.local"
    assert re.search(other, told.getvalue())


async def test_file_of_an_expired_first_password_is_deleted(
    database_url: str, database: Sessions, tmp_path: Path
) -> None:
    settings = Settings(DATABASE_URL=database_url, VENTANILLA_HOME=tmp_path)
    await asyncio.to_thread(print_addresses, settings, database_url, Console(force_terminal=False, quiet=True))
    async with database.begin() as session:
        await session.execute(update(Staff).values(password_expires_at=utc_now() - timedelta(seconds=1)))
    await drop_used_password(database, tmp_path)
    assert not first_password_file(tmp_path).exists()


async def test_first_administrator_of_an_earlier_version_stays_with_their_file(
    database_url: str, database: Sessions, tmp_path: Path
) -> None:
    earlier = "admin@ventanilla.local"
    settings, told = Settings(DATABASE_URL=database_url, VENTANILLA_HOME=tmp_path / "home"), StringIO()
    keep_first_password(settings.home, earlier, await add_staff(database, earlier, "Administración", ("admin",)))
    await drop_used_password(database, settings.home)
    await asyncio.to_thread(print_addresses, settings, database_url, Console(width=300, file=told))
    assert str(first_password_file(settings.home)) in told.getvalue()
    assert [one.email for one in await list_staff(database)] == [earlier]
