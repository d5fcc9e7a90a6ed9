"""Tests that stores on other machines are reached with TLS as their URLs say, by the bot and by Rasa."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.settings import Settings
from bot.rasa import confinement
from bot.record.engine import open_database
from bot.run.rasa_part import rasa_variables
from bot.run.system import System
from bot.run.valkey import default_max_mb
from bot.store.client import open_redis

CHECKED = "?sslmode=verify-full&sslrootcert=/srv/ca.pem"


def test_redis_elsewhere_is_asked_over_tls_and_its_certificate_is_checked() -> None:
    pool = open_redis("rediss://:password@stores.example:6379/0").connection_pool  # type: ignore[attr-defined]
    connection = pool.make_connection()
    assert connection.ssl_context.cert_reqs is ssl.CERT_REQUIRED
    assert connection.ssl_context.check_hostname


def test_postgres_gets_the_options_of_its_url() -> None:
    engine, _ = open_database(f"postgresql://ventanilla:p@stores.example/ventanilla{CHECKED}")
    _, options = engine.dialect.create_connect_args(engine.url)
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/srv/ca.pem")


def test_rasa_checks_the_certificate_that_the_url_of_its_trackers_names(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = rasa_variables(f"postgresql://rasa:p@stores.example/rasa{CHECKED}")
    assert (variables["PGSSLMODE"], variables["PGSSLROOTCERT"]) == ("verify-full", "/srv/ca.pem")
    assert (variables["RASA_DB_HOST"], variables["RASA_DB_NAME"]) == ("stores.example", "rasa")
    read: list[str] = []
    monkeypatch.setattr(confinement, "confine", lambda *, reads, **_: read.extend(reads))
    confinement.confine_run(["run"], variables)
    assert "/srv/ca.pem" in read
    assert not [name for name in rasa_variables("postgresql://rasa:p@127.0.0.1/rasa") if name.startswith("PG")]


@pytest.mark.parametrize("asked", [0, 300])
def test_embedded_valkey_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: int) -> None:
    empty = {"REDIS_URL": SecretStr(""), "DATABASE_URL": SecretStr("postgresql://stores.example/x")}
    system = System(Settings(VENTANILLA_HOME=tmp_path, VALKEY_MAXMEMORY_MB=asked, **empty), lambda _name: None)
    monkeypatch.setattr(system, "_start", lambda _part: None)
    monkeypatch.setattr("bot.run.system.migrate_record", lambda _url, _owner: None)
    system.start_stores()
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
    assert 256 <= default_max_mb() <= max(256, memory_mb // 4)
    written = (tmp_path / "valkey" / "valkey.conf").read_text()
    assert f"maxmemory {asked or default_max_mb()}mb\n" in written
    assert "maxmemory-policy noeviction\n" in written
