"""Tests the privileges of the embedded PostgreSQL's roles, and which secrets each process gets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError
from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

from bot.backup.database import snapshot
from bot.core.errors.launcher import PartFailed
from bot.core.secrets.kept import change_secret, kept_secret
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
    renew_owner,
)
from bot.run.system import System
from bot.run.valkey import valkey_part, valkey_url
from bot.store.accounts import BACKUP, BOT, HEALTH
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
    """Records what is dumped."""

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


def test_each_start_makes_passwords_and_tokens_anew(tmp_path: Path) -> None:
    kept = {name: kept_secret(tmp_path, name) for name in ("rasa", "actions", "redis", APP_ROLE)}  # by an older release
    first, second = (System(Settings(VENTANILLA_HOME=tmp_path), lambda _name: None).secrets for _ in range(2))
    assert {name for name in first if first[name] == second[name]} == {"secret", "postgres"}
    assert not set(kept.values()) & set(first.values())


def test_each_start_gives_postgres_a_new_password_even_after_a_kill(tmp_path: Path) -> None:
    former = kept_secret(tmp_path, "postgres")
    for _ in range(2):
        system = System(Settings(VENTANILLA_HOME=tmp_path, REDIS_URL="redis://elsewhere"), lambda _name: None)
        try:
            system.start_stores()
            now = kept_secret(tmp_path, "postgres")
            psycopg.connect(postgres_url(system.ports["postgres"], now)).close()
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(postgres_url(system.ports["postgres"], former))
        finally:
            system.stop()
        former = now
        change_secret(tmp_path, "postgres", lambda kept: f"never-set {kept}")  # as a kill before the change leaves it


def test_start_whose_passwords_open_nothing_fails_with_the_reason_and_keeps_them(port: int, tmp_path: Path) -> None:
    change_secret(tmp_path, "postgres", lambda _none: "wrong other")
    with pytest.raises(PartFailed):
        renew_owner(tmp_path, port)
    assert kept_secret(tmp_path, "postgres") == "wrong other"


def test_accounts_of_valkey_may_run_no_more_than_their_commands(tmp_path: Path) -> None:
    port, passwords = free_port(), {BOT: "b", BACKUP: "k"}
    running = Running(patient(valkey_part(tmp_path, port, "own", accounts=passwords)))
    try:
        running.wait_healthy()
        bot, backup = (Redis.from_url(valkey_url(port, passwords[name], name)) for name in (BOT, BACKUP))
        bot.set("a", 1)
        health = Redis.from_url(valkey_url(port, "own", HEALTH))
        refused = [(bot, one) for one in ("CONFIG GET dir", "FLUSHALL", "KEYS *", "SYNC", "ACL LIST", "SHUTDOWN")]
        refused += [(backup, one) for one in ("GET a", "DEL a", "CONFIG GET dir", "FLUSHALL")]
        refused += [(health, one) for one in ("GET a", "INFO", "CONFIG GET dir", "FLUSHALL")]
        for client, command in refused:
            with pytest.raises(NoPermissionError):
                client.execute_command(*command.split())
        with pytest.raises(ResponseError, match="no permissions to run the 'flushall' command"):
            bot.register_script("return redis.call('FLUSHALL')")()
        assert (bot.get("a"), backup.exists("a"), health.ping()) == (b"1", 1, True)
        with pytest.raises(AuthenticationError):
            Redis.from_url(valkey_url(port, "own")).ping()
    finally:
        running.stop()


def test_writes_of_a_script_survive_a_kill_of_valkey(tmp_path: Path) -> None:
    port = free_port()
    part = patient(valkey_part(tmp_path, port, "own", accounts={BOT: "b"}))
    for _start in range(3):
        running = Running(part)
        running.wait_healthy()
        with Redis.from_url(valkey_url(port, "b", BOT)) as bot:
            bot.register_script("redis.call('INCR', 'a') redis.call('HINCRBY', 'b', 'c', 1)")()
            counted = (bot.get("a"), bot.hget("b", "c"))
        running.process.kill()
        running.process.wait()
    assert counted == (b"3", b"3")


def test_token_of_a_part_elsewhere_stays(tmp_path: Path) -> None:
    settings = Settings(VENTANILLA_HOME=tmp_path, RASA_URL="http://rasa:5005", ACTIONS_URL="http://actions:5055")
    kept = {name: kept_secret(tmp_path, name) for name in ("rasa", "actions")}
    assert System(settings, lambda _name: None).secrets.items() >= kept.items()
    bot = System(settings.model_copy(update={"rasa_token": SecretStr("t" * 40)}), lambda _name: None).environment()
    assert (bot["RASA_TOKEN"], bot["ACTIONS_TOKEN"]) == ("t" * 40, kept["actions"])


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


def test_process_without_the_secret_of_a_webhook_gets_no_url_that_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ALARM", "COMPLAINTS"):
        monkeypatch.setenv(f"{name}_WEBHOOK_URL", "http://127.0.0.1/register")
        monkeypatch.setenv(f"{name}_WEBHOOK_SECRET", "s" * 40)
    system = System(Settings(VENTANILLA_HOME=tmp_path), lambda _name: None)
    assert {"ALARM_WEBHOOK_URL", "COMPLAINTS_WEBHOOK_SECRET"} < system.environment().keys()
    (tmp_path / ".env").write_text("ALARM_WEBHOOK_URL=http://127.0.0.1/register\n")
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    for environment in (system.actions_environment(), system.rasa_environment()):
        monkeypatch.setattr(os, "environ", environment)
        assert Settings().alarm_webhook_url == Settings().complaints_webhook_url == ""
