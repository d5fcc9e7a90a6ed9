"""Tests the roles that deploy/postgres-roles.sh creates in a new PostgreSQL, also after an older release."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from bot.record.migrate import migrate
from bot.run import postgres
from bot.run.part import Running
from bot.run.ports import LOOPBACK, free_port
from bot.run.postgres import binaries, migrate_record, postgres_part
from deploy import make_secrets
from tests.conftest import ROOT
from tests.parts import patient

ADMIN = "postgres"


class Stand:
    """A PostgreSQL with the superuser and the secrets of Docker Compose."""

    def __init__(self, port: int, secrets: Path) -> None:
        self.port, self.secrets = port, secrets

    def url(self, role: str, secret: str, database: str = "ventanilla") -> str:
        password = (self.secrets / "postgres" / f"{secret}_password").read_text()
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    def make_roles(self, **changes: str) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"PGHOST": LOOPBACK, "PGPORT": str(self.port), "PGUSER": ADMIN}
        env |= {"PATH": f"{binaries()}:{os.environ['PATH']}", "SECRETS": str(self.secrets / "postgres")} | changes
        command = ["sh", str(ROOT / "deploy" / "postgres-roles.sh")]
        return subprocess.run(command, env=env, capture_output=True, text=True)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    secrets, port = tmp_path_factory.mktemp("secrets"), free_port()
    make_secrets.make(secrets)
    made = Stand(port, secrets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "USER", ADMIN)
        password = (secrets / "postgres" / "admin_password").read_text()
        part = postgres_part(tmp_path_factory.mktemp("postgres"), port, password)

    def answers() -> bool:
        try:
            psycopg.connect(made.url(ADMIN, "admin", ADMIN)).close()
        except psycopg.OperationalError:
            return False
        return True

    running = Running(patient(replace(part, healthy=answers)))
    running.wait_healthy()
    yield made
    running.stop()


def test_roles_are_made_and_a_bot_that_owned_the_tables_owns_nothing_any_more(stand: Stand) -> None:
    with psycopg.connect(stand.url(ADMIN, "admin", ADMIN), autocommit=True) as admin:  # as the release before did
        password = (stand.secrets / "postgres" / "app_password").read_text()
        admin.execute(f"CREATE ROLE ventanilla LOGIN PASSWORD '{password}'")  # type: ignore[arg-type]
        admin.execute("CREATE DATABASE ventanilla OWNER ventanilla")
    bot, owner = stand.url("ventanilla", "app"), stand.url("ventanilla_owner", "owner")
    migrate(bot)
    for _ in range(2):
        assert stand.make_roles().returncode == 0
        migrate_record(bot, owner)
    with psycopg.connect(stand.url(ADMIN, "admin"), autocommit=True) as admin:
        owned = "SELECT count(*) FROM pg_class WHERE relowner = 'ventanilla'::regrole"
        assert admin.execute(owned).fetchone() == (0,)
        of = "SELECT datname FROM pg_database WHERE datdba = %s::regrole"
        owners = {name: admin.execute(of, (name,)).fetchall() for name in ("ventanilla", "ventanilla_owner", "rasa")}
    assert owners == {"ventanilla": [], "ventanilla_owner": [("ventanilla",)], "rasa": [("rasa",)]}
    with psycopg.connect(bot, autocommit=True) as connection:
        connection.execute("INSERT INTO audit (action, subject, detail) VALUES ('x', '', '{}')")
        assert connection.execute("SELECT count(*) FROM audit_seals").fetchone() == (1,)
        connection.execute("SELECT audit_forget(730)")
        for statement in ("DELETE FROM audit", "UPDATE audit SET action = 'y'", "CREATE TABLE mine (id int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE audit DISABLE TRIGGER ALL")
    for role, secret, database in (("ventanilla", "app", "rasa"), ("rasa", "rasa", "ventanilla")):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(stand.url(role, secret, database))


def test_renewed_passwords_open_what_the_former_ones_opened_and_those_open_nothing(stand: Stand) -> None:
    assert stand.make_roles().returncode == 0
    former = [stand.url(*one) for one in ((ADMIN, "admin"), ("ventanilla", "app"), ("rasa", "rasa", "rasa"))]
    make_secrets.make(stand.secrets, renew=True)
    make_secrets.make(stand.secrets, renew=True)  # again, before PostgreSQL knew of the first
    assert stand.make_roles().returncode == 0
    for url, one in zip(former, ((ADMIN, "admin"), ("ventanilla", "app"), ("rasa", "rasa", "rasa")), strict=True):
        psycopg.connect(stand.url(*one)).close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url)


def test_secrets_of_another_installation_are_distinguished_from_other_faults(stand: Stand, tmp_path: Path) -> None:
    make_secrets.make(tmp_path)
    done = stand.make_roles(SECRETS=str(tmp_path / "postgres"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Nothing was changed" in done.stderr
    down = Stand(free_port(), stand.secrets).make_roles(WAIT_S="0")
    assert down.returncode == 1
    assert "Connection refused" in down.stderr
    assert "Nothing was changed" not in down.stderr


def test_server_that_still_starts_is_waited_for(stand: Stand, tmp_path: Path) -> None:
    tries, client = tmp_path / "tries", tmp_path / "psql"
    refuses_twice = f'echo >> {tries}; [ "$(wc -l < {tries})" -gt 2 ] || {{ echo starting; exit 2; }}'
    client.write_text(f'#!/bin/sh\n{refuses_twice}\nexec {binaries()}/psql "$@"\n')
    client.chmod(0o755)
    done = stand.make_roles(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (done.returncode, done.stderr) == (0, "")


def test_no_password_is_an_argument_of_a_command_and_former_ones_are_tried_last(stand: Stand, tmp_path: Path) -> None:
    make_secrets.make(stand.secrets, renew=True)
    assert stand.make_roles().returncode == 0
    given, client = tmp_path / "given", tmp_path / "psql"
    client.write_text(f'#!/bin/sh\necho "$@" >> {given}\nexec {binaries()}/psql "$@"\n')
    client.chmod(0o755)
    done = stand.make_roles(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (done.returncode, done.stderr) == (0, "")
    passwords = [path.read_text().strip() for path in (stand.secrets / "postgres").glob("*_password")]
    assert len(passwords) == 4
    assert not [one for one in passwords if one in given.read_text()]
    assert given.read_text().splitlines()[0] == "-qt -d postgres -c "
    assert "-c" not in given.read_text().splitlines()[1]
