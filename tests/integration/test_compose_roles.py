"""Tests the roles that deploy/postgres-roles.sh makes, in a PostgreSQL of its own, also after an older release."""

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

    def make_roles(self) -> None:
        env = os.environ | {"PGHOST": LOOPBACK, "PGPORT": str(self.port), "PGUSER": ADMIN}
        env |= {"PATH": f"{binaries()}:{os.environ['PATH']}", "SECRETS": str(self.secrets / "postgres")}
        subprocess.run(["sh", str(ROOT / "deploy" / "postgres-roles.sh")], env=env, check=True)


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
        stand.make_roles()
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
