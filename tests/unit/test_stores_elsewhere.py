"""Tests that the bot and Rasa use TLS for stores on other machines, as the stores' URLs say."""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from bot.cli.main import app
from bot.core.outgoing.stores import StoreUnchecked, checked, postgres_is_checked, redis_is_checked
from bot.core.settings import ROOT, Settings
from bot.rasa import confinement
from bot.record.engine import open_database
from bot.run.rasa_part import rasa_variables
from bot.run.system import System
from bot.run.valkey import default_max_mb
from bot.store.client import open_redis
from deploy import make_secrets
from tests.rows import each_row

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


@each_row(
    ("variable", "url", "fine"),
    [
        ("DATABASE_URL", "postgresql://v:p@stores.example/v?sslmode=verify-full", True),
        ("DATABASE_URL", "postgresql+psycopg://v:p@127.0.0.1:5432/v", True),
        ("DATABASE_URL", "postgresql://v:p@[::1]:5432/v", True),
        ("DATABASE_URL", "postgresql:///v?host=/run/postgresql", True),
        ("DATABASE_URL", "postgresql://v:p@postgres:5432/v?sslmode=disable", True),
        ("DATABASE_URL", "postgresql://v:p@postgres:5432/v", False),  # takes any certificate, if the server has one
        ("DATABASE_URL", "postgresql://v:p@postgres:5432/v?sslmode=require", False),
        ("DATABASE_URL", "postgresql://v:p@stores.example/v", False),
        ("DATABASE_URL", "postgresql://v:p@stores.example/v?sslmode=disable", False),
        ("DATABASE_OWNER_URL", "postgresql://v:p@stores.example/v?sslmode=verify-ca", False),
        ("RASA_DATABASE_URL", "postgresql://v:p@10.0.0.5/v?sslmode=require", False),
        ("DATABASE_URL", "postgresql://v:p@localhost,stores.example/v", False),
        ("DATABASE_URL", "postgresql://v:p@/v?host=stores.example", False),
        ("DATABASE_URL", "postgresql://v:p%40localhost@stores.example/v", False),
        ("DATABASE_URL", "postgresql://v:p@localhost/v?hostaddr=10.0.0.5", False),
        ("DATABASE_URL", "postgresql://v:p@localhost/v?hostaddr=::1", True),
        ("DATABASE_URL", "postgresql://v:p@localhost/v?hostaddr=fd00::5", False),
        ("DATABASE_URL", "postgresql://v:a/b@stores.example/v?sslmode=disable", False),
        ("DATABASE_URL", "postgresql://v:a/b[@127.0.0.1/v", True),
        ("DATABASE_URL", "postgresql://v:a?b@stores.example/v?sslmode=disable", False),
        ("DATABASE_URL", "postgresql://v:a[b@stores.example/v?sslmode=verify-full", True),
        ("REDIS_URL", "rediss://:p@stores.example:6379/0", True),
        ("REDIS_URL", "redis://stores%2eexample:6379/0", False),
        ("REDIS_URL", "redis:///0?host=stores.example", False),
        ("REDIS_URL", "redis://:a[b@stores.example", False),
        ("REDIS_URL", "redis://:p@valkey:6379/0", True),
        ("REDIS_URL", "redis://:p@127.0.0.1:6379/0", True),
        ("REDIS_URL", "unix:///run/valkey.sock", True),
        ("REDIS_URL", "redis://:p@stores.example:6379/0", False),
        ("REDIS_URL", "redis://:p@10.0.0.5:6379/0", False),
        ("REDIS_BACKUP_URL", "rediss://:p@stores.example:6379/0?ssl_cert_reqs=none", False),
        ("REDIS_URL", "rediss://:p@stores.example:6379/0?ssl_check_hostname=False", False),
    ],
)
def test_store_elsewhere_whose_certificate_nobody_checks_stops_every_command(
    tmp_path: Path, variable: str, url: str, fine: bool
) -> None:
    settings = Settings(VENTANILLA_HOME=tmp_path, **{variable: SecretStr(url)})
    if fine:
        assert checked(settings) is settings
    else:
        with pytest.raises(StoreUnchecked, match=variable):
            checked(settings)


def test_variables_of_postgres_client_count_where_the_url_leaves_them_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "stores.example")
    assert not postgres_is_checked("postgresql:///v")
    assert postgres_is_checked("postgresql://127.0.0.1/v")
    monkeypatch.setenv("PGHOSTADDR", "10.0.0.5")
    assert not postgres_is_checked("postgresql://127.0.0.1/v")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert postgres_is_checked("postgresql://stores.example/v")
    assert not postgres_is_checked("postgresql://stores.example/v?sslmode=require")


def test_command_says_in_spanish_which_setting_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VENTANILLA_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://v:secret@stores.example/v")
    for command in (["ready"], ["serve", "web"], ["serve", "rasa"], ["prepare"], ["backup", str(tmp_path / "b")]):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 1
        assert "DATABASE_URL lleva a otra máquina sin comprobar su certificado" in done.stderr
        assert "secret" not in done.stderr


def test_addresses_of_docker_compose_are_accepted(tmp_path: Path) -> None:
    make_secrets.make(tmp_path)
    for folder in ("app", "owner", "backup", "rasa"):
        checked(Settings(_secrets_dir=tmp_path / folder))  # type: ignore[call-arg]


def test_addresses_of_the_readme_are_accepted() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = dict(re.findall(r'(REDIS_URL|DATABASE_URL)="?(\w+://[^\s"]+)', readme))
    assert found.keys() == {"REDIS_URL", "DATABASE_URL"}
    assert redis_is_checked(found["REDIS_URL"])
    assert postgres_is_checked(found["DATABASE_URL"])
