"""Tests what the roles of the embedded PostgreSQL may do, and which secrets each process gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

from bot.backup.database import snapshot
from bot.core.settings import Settings
from bot.record.engine import psycopg_url
from bot.record.migrate import migrate
from bot.record.tables import Episode
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.postgres import (
    APP_ROLE,
    RASA_DATABASE,
    RASA_ROLE,
    make_databases,
    make_roles,
    postgres_part,
    postgres_url,
)
from bot.run.system import System
from tests.episode_rows import row
from tests.parts import patient

OWNER = "owner-password"
PASSWORDS = {APP_ROLE: "app-password", RASA_ROLE: "rasa-password"}
AUDITED = "INSERT INTO audit (action, subject, detail, at) VALUES ('x', '', '{}', now() - interval '3 years')"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    number = free_port()
    running = Running(patient(postgres_part(tmp_path_factory.mktemp("postgres"), number, OWNER)))
    running.wait_healthy()
    make_databases(number, OWNER)
    migrate(postgres_url(number, OWNER))
    with psycopg.connect(postgres_url(number, OWNER, RASA_DATABASE), autocommit=True) as connection:
        connection.execute("CREATE TABLE events (id serial PRIMARY KEY)")  # as an older release left it
    for _ in range(2):
        make_roles(number, OWNER, passwords=PASSWORDS)
    yield number
    running.stop()


@dataclass
class Dumped:
    """Keeps what is dumped."""

    pieces: list[bytes] = field(default_factory=list)

    def write(self, piece: bytes) -> None:
        self.pieces.append(piece)


def as_app(port: int) -> psycopg.Connection:
    return psycopg.connect(postgres_url(port, PASSWORDS[APP_ROLE], role=APP_ROLE), autocommit=True)


def test_bot_writes_rows_and_its_audit_is_sealed_and_shortened(port: int) -> None:
    with as_app(port) as connection:
        row = (uuid4().hex,)
        connection.execute(
            "INSERT INTO conversations (id, channel, started_at, last_at) VALUES (%s, 'web', now(), now())", row
        )
        connection.execute("DELETE FROM conversations WHERE id = %s", row)
        connection.execute(AUDITED)
        assert connection.execute("SELECT count(*) FROM audit_seals").fetchone() == (1,)
        assert connection.execute("SELECT audit_forget(730)").fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit",
        "UPDATE audit SET action = 'y'",
        "INSERT INTO audit_seals VALUES (1, 1, 'x')",
        "TRUNCATE audit",
        "SET session_replication_role = replica",
        "DROP TRIGGER audit_kept ON audit",
        "CREATE TABLE mine (id int)",
        "COPY audit TO PROGRAM 'cat'",
        "ALTER ROLE ventanilla_app SUPERUSER",
    ],
)
def test_bot_cannot_forge_the_audit_or_own_anything(port: int, statement: str) -> None:
    with as_app(port) as connection:
        connection.execute("SET ventanilla.audit_forgets = 'on'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)  # type: ignore[arg-type]


def test_bots_role_makes_no_month_but_an_episode_of_any_month_has_a_place(port: int) -> None:
    url = postgres_url(port, PASSWORDS[APP_ROLE], role=APP_ROLE)
    migrate(url)
    engine = create_engine(psycopg_url(url), poolclass=NullPool)
    with engine.begin() as begun:
        begun.execute(insert(Episode), [row(timedelta(), now=datetime(2001, 9, 11, tzinfo=UTC))])
    with as_app(port) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT episode_month('2001-09-01')")
    migrate(postgres_url(port, OWNER))
    with as_app(port) as connection:
        place = "SELECT tableoid::regclass::text FROM episodes WHERE day = '2001-09-11'"
        assert connection.execute(place).fetchone() == ("episodes_2001_09",)


def test_bots_role_can_be_backed_up(port: int) -> None:
    with snapshot(postgres_url(port, PASSWORDS[APP_ROLE], role=APP_ROLE)) as taken:
        dumped = Dumped()
        taken.dump(dumped)  # type: ignore[arg-type]
    assert dumped.pieces[0].startswith(b"PGDMP")


def test_rasa_reaches_its_own_database_alone(port: int) -> None:
    password = PASSWORDS[RASA_ROLE]
    with psycopg.connect(postgres_url(port, password, RASA_DATABASE, role=RASA_ROLE), autocommit=True) as connection:
        connection.execute("ALTER TABLE events ADD COLUMN more text")
        connection.execute("INSERT INTO events DEFAULT VALUES")
    for database in ("ventanilla", "postgres"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(postgres_url(port, password, database, role=RASA_ROLE))


def test_each_process_gets_only_its_own_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TELEGRAM_TOKEN", "TWILIO_AUTH_TOKEN", "OIDC_CLIENT_SECRET", "SMTP_URL"):
        monkeypatch.setenv(name, f"secret-{name}")
    system = System(Settings(VENTANILLA_HOME=tmp_path), lambda _name: None)
    kept = {secret for name, secret in system.secrets.items() if name not in (RASA_ROLE, "rasa", "actions")}
    for environment in (system.actions_environment(), system.rasa_environment()):
        told = " ".join(environment.values())
        assert not [secret for secret in kept if secret in told]
        assert "secret-" not in told
    actions = " ".join(system.actions_environment().values())
    assert system.secrets["actions"] in actions
    assert not [name for name in (RASA_ROLE, "rasa") if system.secrets[name] in actions]
    bot = system.environment()
    assert bot["TELEGRAM_TOKEN"] == "secret-TELEGRAM_TOKEN"
    assert system.secrets["postgres"] not in " ".join(bot.values())
