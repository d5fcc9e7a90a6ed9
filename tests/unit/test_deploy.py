"""Tests the scripts of the containers, and that every service of docker-compose.yml is confined."""

from __future__ import annotations

import ctypes
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.settings import Settings
from bot.core.yaml import read_yaml
from bot.rasa.examples import ASK_ATLAS, ASK_FAQ
from bot.run.service import Service
from deploy import healthcheck, make_secrets
from scripts.compose_confinement import confinement
from tests.small_server import Quiet, serving

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = read_yaml((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
ON_DEMAND = {"backup", "restore"}
ONE_SHOTS = {"setup", "roles", "prepare", "ready"} | ON_DEMAND
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 38, 39


def test_secrets_are_made_once_and_agree(tmp_path: Path) -> None:
    make_secrets.main(str(tmp_path))
    first = contents(tmp_path)
    make_secrets.main(str(tmp_path))
    assert contents(tmp_path) == first
    assert first["app/rasa_token"] == first["rasa/rasa_token"]
    assert first["app/actions_token"] == first["rasa/actions_token"] == first["actions/actions_token"]
    assert [name for name in first if name.startswith("actions/")] == ["actions/actions_token"]
    assert f":{first['valkey/password']}@valkey:" in first["app/redis_url"]
    assert f"requirepass {first['valkey/password']}\n" in first["valkey/valkey.conf"]
    assert f":{first['postgres/app_password']}@postgres:" in first["app/database_url"]
    assert f":{first['postgres/rasa_password']}@postgres:" in first["rasa/rasa_database_url"]
    assert f"ventanilla_owner:{first['postgres/owner_password']}@postgres:" in first["owner/database_owner_url"]
    assert first["postgres/owner_password"] not in "".join(first[name] for name in first if name.startswith("app/"))
    assert first["postgres/admin_password"] not in "".join(first[name] for name in first if name.startswith("app/"))


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_secret_of_the_agency_is_read_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1:abc\n"))
    make_secrets.main(str(tmp_path), "telegram_token")
    assert (tmp_path / "app" / "telegram_token").read_text() == "1:abc"
    with pytest.raises(SystemExit):
        make_secrets.main(str(tmp_path), "../valkey/password")


def test_settings_are_read_from_files_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_secrets.main(str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/v")
    settings = Settings(_secrets_dir=tmp_path / "app")  # type: ignore[call-arg]
    assert settings.redis_url.get_secret_value().endswith("@valkey:6379/0")
    assert settings.database_url.get_secret_value() == "postgresql://elsewhere/v"


@pytest.fixture
def server() -> Iterator[str]:
    class Answer(Quiet):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/well" else 503)
            self.end_headers()

    with serving(Answer) as url:
        yield url


def test_only_200_is_healthy(server: str) -> None:
    nowhere = "http://127.0.0.1:9"
    assert [healthcheck.answers(url) for url in (f"{server}/well", f"{server}/ill", nowhere)] == [True, False, False]


def test_misses_count_only_after_the_first_success(tmp_path: Path) -> None:
    note = tmp_path / "note"
    told = [healthcheck.missed(note, well) for well in (False, False, True, False, False, True, False)]
    assert told == [0, 0, 0, 1, 2, 0, 1]


def test_hung_service_is_killed(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        monkeypatch.setattr(healthcheck, "INIT", str(os.getpid()))
        monkeypatch.setattr(healthcheck, "MISSES", 2)
        paths = ("/well", "/ill", "/well", "/ill")
        assert [healthcheck.main(server + path) for path in paths] == [0, 1, 0, 1]
        assert process.poll() is None
        monkeypatch.setattr(healthcheck, "children_of_init", lambda: [process.pid])
        healthcheck.main(f"{server}/ill")
        assert process.wait() == -9


def test_children_of_init_are_found() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        init, healthcheck.INIT = healthcheck.INIT, str(os.getpid())
        assert process.pid in healthcheck.children_of_init()
        healthcheck.INIT = init
        process.communicate(b"\n")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is (name != "prepare")
    assert {"mem_limit", "pids_limit", "logging"} <= service.keys()
    assert service["restart"] == ("no" if name in ONE_SHOTS else "unless-stopped")
    assert ("healthcheck" in service) is (name not in ONE_SHOTS)
    assert ("ports" in service) is (name == "proxy")
    assert not service.get("privileged") and "container_name" not in service


def test_only_what_writes_the_state_may_write_it() -> None:
    writable = {name for name, service in SERVICES.items() if "state:/state" in service.get("volumes", ())}
    assert writable == {"prepare", "worker", "bot", "ready", "restore"}


def part_of(volume: str, part: str, target: str) -> dict[str, Any]:
    """Returns the mount of one folder of a volume, which its container cannot write."""
    return {"type": "volume", "source": volume, "target": target, "read_only": True, "volume": {"subpath": part}}


def test_what_answers_sees_its_part_of_the_state_alone() -> None:
    folder = Settings(VENTANILLA_HOME=SERVICES["actions"]["environment"]["VENTANILLA_HOME"]).answers_home
    agencys = ("./agency.yml:/app/agency.yml:ro", "./data/faq:/app/data/faq:ro", "./data/pruebas:/app/data/pruebas:ro")
    mounted = [part_of("state", folder.name, str(folder)), *agencys, part_of("secrets", "actions", "/run/secrets")]
    assert SERVICES["actions"]["volumes"] == mounted


def test_rasa_sees_its_models_alone() -> None:
    assert SERVICES["rasa"]["volumes"] == ["models:/state/models:ro", part_of("secrets", "rasa", "/run/secrets")]


def test_confinement_is_read_from_the_kernel() -> None:
    own = confinement(Path("/proc/self"))
    with subprocess.Popen(["sleep", "60"], preexec_fn=no_new_privileges) as process:
        childs = confinement(Path("/proc", str(process.pid)))
        process.kill()
    assert own.root is (os.geteuid() == 0)
    already = bool(ctypes.CDLL(None).prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0))
    assert (own.new_privileges, childs.new_privileges) == (not already, False)


def no_new_privileges() -> None:
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def test_backups_run_on_demand_and_change_nothing() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" in service} == ON_DEMAND
    data = [volume for volume in SERVICES["backup"]["volumes"] if volume not in SERVICES["bot"]["volumes"]]
    written = ["./data/faq:/app/data/faq:ro", "./data/pruebas:/app/data/pruebas:ro"]
    assert data == ["state:/state:ro", "files:/state/files:ro", *written, "${BACKUPS:-./backups}:/backups"]
    assert [volume for volume in SERVICES["restore"]["volumes"] if volume in written] == written
    assert SERVICES["restore"]["volumes"][-1] == "${BACKUPS:-./backups}:/backups:ro"


def test_owner_of_the_database_is_known_to_what_migrates_alone() -> None:
    knows = {name for name, one in SERVICES.items() if "/run/owner-secrets" in str(one.get("volumes"))}
    assert knows == {"prepare", "restore"}


def test_secrets_come_from_systemd_too(tmp_path: Path) -> None:
    (tmp_path / "telegram_token").write_text("1:abc")
    script = "from bot.core.settings import Environment; print(Environment.model_config['secrets_dir'])"
    env = os.environ | {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", script], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert str(tmp_path) in told.stdout


def test_what_the_agency_writes_is_not_the_copy_in_the_image() -> None:
    for path in ("agency.yml", "data/crisis", "data/transparencia.yml"):
        assert f"./{path}:/app/{path}:ro" in SERVICES["bot"]["volumes"]
        assert (ROOT / path).exists()


def test_stores_and_rasa_have_no_way_out() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in SERVICES.items() if "outside" in service.get("networks", ())}
    assert outside == {"bot", "worker", "proxy"}


@pytest.mark.parametrize("service", Service)
def test_services_of_the_compose_file_exist(service: Service) -> None:
    commands = [one["command"] for one in SERVICES.values() if "command" in one]
    assert ["ventanilla", "serve", str(service)] in commands


def test_images_lack_only_the_examples_that_training_writes() -> None:
    lines = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    left_out = {line for line in lines if line.startswith("data/")}
    assert left_out == {ASK_FAQ.as_posix(), ASK_ATLAS.as_posix()}


def test_images_and_bases_are_pinned_and_name_no_registry() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("docker-compose.yml", "deploy/Dockerfile")]
    images = re.findall(r"(?:_IMAGE=|_IMAGE:-)([^\s}]+)", "\n".join(texts))
    assert len(images) >= 5
    assert [one for one in images if not re.fullmatch(r"[a-z]+(/[a-z]+)?:\d+\.\d+(\.\d+)?-[a-z-]+", one)] == []
