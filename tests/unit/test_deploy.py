"""Tests the scripts of the containers, and that every service of docker-compose.yml is confined."""

from __future__ import annotations

import ctypes
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.backup.backup import OWN_DATA
from bot.core.settings import LEAST_SECRET, Settings
from bot.core.yaml import read_yaml_file
from bot.desk.editing.disk import DRAFTS
from bot.desk.pages.notices.manual import FILE as MANUAL
from bot.rasa.examples import ASK_ATLAS, ASK_FAQ
from bot.run.service import Service
from bot.store.accounts import COMMANDS, HEALTH, UNNAMED, account_lines
from deploy import healthcheck, make_secrets
from scripts.compose_confinement import confinement
from tests.rows import each_row
from tests.small_server import Quiet, serving

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = read_yaml_file(ROOT / "docker-compose.yml")
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
    assert f":{first['postgres/app_password']}@postgres:" in first["app/database_url"]
    assert f":{first['postgres/rasa_password']}@postgres:" in first["rasa/rasa_database_url"]
    assert f"ventanilla_owner:{first['postgres/owner_password']}@postgres:" in first["owner/database_owner_url"]
    assert first["postgres/owner_password"] not in "".join(first[name] for name in first if name.startswith("app/"))
    assert first["postgres/admin_password"] not in "".join(first[name] for name in first if name.startswith("app/"))
    assert "backup@" not in "".join(first[name] for name in first if name.startswith("app/"))


def test_each_account_of_valkey_has_its_own_password_of_which_valkey_has_the_hash(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "redis_url").write_text("redis://:shared@valkey:6379/0")  # as the release before made it
    make_secrets.main(str(tmp_path))
    made = contents(tmp_path)
    bot, backup = (made[name].split(":")[1:3] for name in ("app/redis_url", "backup/redis_backup_url"))
    assert (bot[0], backup[0]) == ("//ventanilla", "//ventanilla_backup")
    secret = [one.partition("@")[0] for one in (bot[1], backup[1])] + [made["valkey/password"]]
    assert len({*secret, "shared"}) == 4
    hashes = [hashlib.sha256(one.encode()).hexdigest() for one in secret]
    lines = made["valkey/users.acl"].splitlines()
    assert lines[0] == UNNAMED
    assert [re.search(r"^user (\w+) reset on #(\w+) ", line).groups() for line in lines[1:]] == [  # type: ignore[union-attr]
        (HEALTH, hashes[2]),
        ("ventanilla", hashes[0]),
        ("ventanilla_backup", hashes[1]),
    ]
    assert "aclfile /run/secrets/users.acl\n" in made["valkey/valkey.conf"]
    assert ["--aclfile", "/run/secrets/users.acl"] == SERVICES["valkey"]["command"][5:7]
    assert f"valkey-cli --user {HEALTH} ping" in SERVICES["valkey"]["healthcheck"]["test"][1]


def test_update_that_changes_the_accounts_starts_valkey_again() -> None:
    lines = "".join(account_lines(dict.fromkeys(COMMANDS, "")))
    assert SERVICES["valkey"]["labels"]["accounts"] == hashlib.sha256(lines.encode()).hexdigest()[:12]


def test_renewal_changes_every_secret_but_the_applications(tmp_path: Path) -> None:
    make_secrets.main(str(tmp_path))
    first = contents(tmp_path)
    make_secrets.main(str(tmp_path), "--renew")
    second = contents(tmp_path)
    make_secrets.main(str(tmp_path))
    assert contents(tmp_path) == second
    assert {name for name in first if first[name] == second[name]} == {"app/ventanilla_secret", "valkey/valkey.conf"}
    assert second["postgres/admin_password_before"] == first["postgres/admin_password"] + "\n"
    assert second["app/rasa_token"] == second["rasa/rasa_token"]


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_secret_of_the_agency_is_read_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1:abc\n"))
    make_secrets.main(str(tmp_path), "telegram_token")
    assert (tmp_path / "app" / "telegram_token").read_text() == "1:abc"
    with pytest.raises(SystemExit):
        make_secrets.main(str(tmp_path), "../valkey/password")


@pytest.mark.parametrize(
    ("name", "given"),
    [("ventanilla_secret", ""), ("telegram_token", " \n"), ("ventanilla_secret", "short,2027-02-26:" + "x" * 43)],
)
def test_command_that_failed_before_the_pipe_does_not_replace_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    make_secrets.store(tmp_path / "app" / name, "the only copy")
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    with pytest.raises(SystemExit, match=f"{name} was not changed"):
        make_secrets.main(str(tmp_path), name)
    assert (tmp_path / "app" / name).read_text() == "the only copy"
    assert set(make_secrets.LEAST.values()) == {LEAST_SECRET}


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


def test_health_check_loads_little_since_it_runs_often() -> None:
    script = "import sys; sys.path.append('.'); import deploy.healthcheck; print(*sys.modules)"
    command = [sys.executable, "-IS", "-c", script]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {"urllib.request", "http.client", "pathlib", "tempfile", "ssl"} & set(loaded)


def test_misses_count_only_after_the_first_success(tmp_path: Path) -> None:
    note = str(tmp_path / "note")
    told = [healthcheck.missed(note, well) for well in (False, False, True, False, False, True, False)]
    assert told == [0, 0, 0, 1, 2, 0, 1]


def test_hung_service_is_killed(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(healthcheck, "NOTE", str(tmp_path / "note"))
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


@each_row("name", sorted(SERVICES))
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


def test_scalable_services_keep_their_scale_at_an_update() -> None:
    scales = {name: service["scale"] for name, service in SERVICES.items() if "scale" in service}
    assert scales == {name: f"${{{name.upper()}_SCALE:-1}}" for name in ("actions", "rasa", "worker", "bot")}


def test_own_service_is_ended_after_80_s_without_health_and_others_are_checked_each_minute() -> None:
    checks = {name: service["healthcheck"] for name, service in SERVICES.items() if "healthcheck" in service}
    ours = {name for name, check in checks.items() if "deploy/healthcheck.py" in check["test"]}
    assert ours == {"bot", "worker", "rasa", "actions"}
    assert {int(checks[name]["interval"].rstrip("s")) * healthcheck.MISSES for name in ours} == {80}
    assert {checks[name]["interval"] for name in checks.keys() - ours} == {"60s"}


def test_only_services_that_write_the_state_may_write_it() -> None:
    writable = {name for name, service in SERVICES.items() if "state:/state" in service.get("volumes", ())}
    assert writable == {"prepare", "worker", "bot", "ready", "restore"}


def part_of(volume: str, part: str, target: str) -> dict[str, Any]:
    """Returns the mount of one folder of a volume, which its container cannot write."""
    return {"type": "volume", "source": volume, "target": target, "read_only": True, "volume": {"subpath": part}}


def bound(source: str, target: str) -> dict[str, Any]:
    return {"type": "bind", "source": source, "target": target, "read_only": True}


READ_FROM_THE_AGENCY = (
    bound("${AGENCY_FILE:-./agency.yml}", "/app/agency.yml"),
    bound("${FAQ_DIR:-./data/faq}", "/app/data/faq"),
    bound("${FAQ_DIR:-./data/faq}/../pruebas", "/app/data/pruebas") | {"bind": {"create_host_path": True}},
)
ADDED_TO = [f"./data/{name}:/app/data/{name}:ro" for name in ("danger", "lexicon", "atlas", "commands", "requests")]


def test_every_service_looks_for_an_agencys_own_folder_in_the_same_place() -> None:
    for name in ("prepare", "worker", "bot", "ready", "backup", "restore", "actions"):
        service = SERVICES[name]
        mounted = {one["source"]: one["target"] for one in service["volumes"] if isinstance(one, dict)}
        places = {"AGENCY_FILE": "/app/agency.yml", "FAQ_DIR": "/app/data/faq"}
        assert (mounted["${AGENCY_FILE:-./agency.yml}"], mounted["${FAQ_DIR:-./data/faq}"]) == tuple(places.values())
        assert not service["env_file"] or places.items() <= service["environment"].items()


def test_action_server_sees_only_its_part_of_the_state() -> None:
    folder = Settings(VENTANILLA_HOME=SERVICES["actions"]["environment"]["VENTANILLA_HOME"]).answers_home
    mounted = [
        part_of("state", folder.name, str(folder)),
        *READ_FROM_THE_AGENCY,
        *ADDED_TO,
        part_of("secrets", "actions", "/run/secrets"),
    ]
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
    written = [*READ_FROM_THE_AGENCY[1:]]
    copying = part_of("secrets", "backup", "/run/backup-secrets")
    assert data == ["state:/state:ro", "files:/state/files:ro", copying, *written, "${BACKUPS:-./backups}:/backups"]
    assert [volume for volume in SERVICES["restore"]["volumes"] if volume in written] == written
    assert SERVICES["restore"]["volumes"][-1] == "${BACKUPS:-./backups}:/backups:ro"


def test_only_the_migrating_services_know_the_owner_of_the_database() -> None:
    knows = {name for name, one in SERVICES.items() if "/run/owner-secrets" in str(one.get("volumes"))}
    assert knows == {"prepare", "restore"}


def test_only_backups_know_the_account_that_copies_valkey() -> None:
    assert {name for name, one in SERVICES.items() if "/run/backup-secrets" in str(one.get("volumes"))} == ON_DEMAND


def test_secrets_come_from_systemd_too(tmp_path: Path) -> None:
    (tmp_path / "telegram_token").write_text("1:abc")
    script = "from bot.core.settings import Environment; print(Environment.model_config['secrets_dir'])"
    env = os.environ | {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", script], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert str(tmp_path) in told.stdout


def test_files_that_the_agency_writes_are_not_the_copies_in_the_image() -> None:
    assert READ_FROM_THE_AGENCY[0] in SERVICES["bot"]["volumes"]
    for path in ("data/crisis", "data/transparencia.yml"):
        for name in ("bot", *ON_DEMAND):
            assert f"./{path}:/app/{path}:ro" in SERVICES[name]["volumes"]
        assert (ROOT / path).exists()


@each_row("name", ["prepare", "actions", "worker", "bot", *sorted(ON_DEMAND)])
def test_what_the_agency_adds_to_the_projects_data_is_in_every_container_that_reads_or_saves_it(name: str) -> None:
    folders = {path.split("/")[0] for path in OWN_DATA} - {"*"}
    folders |= {path.parent.name for path in (ROOT / "data").glob("*/*.txt") if path.parent.name != "encoder"}
    assert {f"./data/{one}:/app/data/{one}:ro" for one in folders} == set(ADDED_TO)
    assert [one for one in SERVICES[name]["volumes"] if one in ADDED_TO] == ADDED_TO


def test_drafts_beside_the_answers_reach_the_process_that_imports_them() -> None:
    settings = Settings(FAQ_DIR=SERVICES["worker"]["environment"]["FAQ_DIR"])
    mounted = {
        "type": "bind",
        "source": "${FAQ_DIR:-./data/faq}/../borradores",
        "target": str(settings.faq_dir.parent / DRAFTS),
        "bind": {"create_host_path": True},
    }
    assert [mounted in SERVICES[name]["volumes"] for name in ("worker", "bot", "backup")] == [True, True, False]


def test_both_servers_of_metrics_listen_where_the_operator_says() -> None:
    assert SERVICES["worker"]["env_file"] == [{"path": ".env", "required": False}]
    environment = SERVICES["actions"]["environment"]
    assert environment["METRICS_HOST"] == "${METRICS_HOST:-127.0.0.1}"
    assert environment["ACTIONS_METRICS_PORT"] == "${ACTIONS_METRICS_PORT:-9465}"


def test_stores_and_rasa_have_no_way_out() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in SERVICES.items() if "outside" in service.get("networks", ())}
    assert outside == {"bot", "worker", "proxy"}


@pytest.mark.parametrize("service", Service)
def test_services_of_the_compose_file_exist(service: Service) -> None:
    commands = [one["command"] for one in SERVICES.values() if "command" in one]
    assert ["ventanilla", "serve", str(service)] in commands


@pytest.mark.parametrize(
    "public_url", ["https://chat.example", "https://chat.example:8443", "https://chat.example:8443/"]
)
def test_proxy_serves_the_host_of_the_public_address_at_its_own_port(public_url: str, tmp_path: Path) -> None:
    caddy = tmp_path / "caddy"
    caddy.write_text('#!/bin/sh\nprintf %s "$SITE"')
    caddy.chmod(0o755)
    last = (ROOT / "deploy" / "proxy.Dockerfile").read_text(encoding="utf-8").splitlines()[-1]
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PUBLIC_URL": public_url}
    told = subprocess.run(json.loads(last.removeprefix("CMD ")), env=env, capture_output=True, text=True, check=True)
    assert told.stdout == "https://chat.example"


def test_page_while_no_bot_answers_is_in_the_image_of_the_proxy_and_needs_nothing_else() -> None:
    deploy = ROOT / "deploy"
    page = (deploy / "away.html").read_text(encoding="utf-8")
    assert [f"tel:{number}" in page for number in (131, 132, 133)] == [True] * 3
    assert re.findall(r"(?:src|href)=\"(?!tel:)", page) == []
    assert "COPY Caddyfile away.html /etc/caddy/" in (deploy / "proxy.Dockerfile").read_text(encoding="utf-8")
    assert "!away.html" in (deploy / "proxy.Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "rewrite * /away.html" in (deploy / "Caddyfile").read_text(encoding="utf-8")


def test_images_lack_only_the_examples_that_training_writes() -> None:
    lines = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    left_out = {line for line in lines if line.startswith("data/")}
    assert left_out == {ASK_FAQ.as_posix(), ASK_ATLAS.as_posix()}


def test_images_have_every_file_of_the_project_that_the_code_opens() -> None:
    sources = "".join(
        path.read_text("utf-8") for folder in ("bot", "actions") for path in (ROOT / folder).rglob("*.py")
    )
    steps = re.findall(r'\b(?:(?:ROOT|\w*root) / |Path\()((?:"[\w.-][\w./-]*"\)?(?: / )?)+)', sources)
    opened = {"/".join(re.findall('"([^"]+)"', one)) for one in steps}
    opened = {one for one in opened if (ROOT / one).exists() and not one.startswith(".")}
    lines = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line[1:] for line in lines if line.startswith("!")]
    assert {MANUAL.as_posix(), "requirements/encoder.txt", "agency.yml"} <= opened
    assert [one for one in sorted(opened) if not any(Path(one).is_relative_to(folder) for folder in let_in)] == []


def test_images_and_bases_are_pinned_and_name_no_registry() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("docker-compose.yml", "deploy/Dockerfile")]
    images = re.findall(r"(?:_IMAGE=|_IMAGE:-)([^\s}]+)", "\n".join(texts))
    assert len(images) >= 5
    assert [one for one in images if not re.fullmatch(r"[a-z]+(/[a-z]+)?:\d+\.\d+(\.\d+)?-[a-z-]+", one)] == []


def test_plain_http_leads_people_to_https_and_refuses_programs() -> None:
    """Checks the Caddyfile and the sample for nginx as texts, because the tests have neither server."""
    caddy = (ROOT / "deploy" / "Caddyfile").read_text()
    plain = caddy.partition("\n:80 {")[2].partition("\n}\n")[0]
    assert "auto_https disable_redirects" in caddy
    assert re.findall(r"@programs path (.+)", plain) == ["/api/* /desk/api/* /channels/* /openapi.json"]
    places = [plain.index(one) for one in ("route {", "respond @programs", "redir {$PUBLIC_URL}{uri} 308")]
    assert places == sorted(places)  # without `route` Caddy redirects first
    nginx = (ROOT / "docs" / "operations" / "service.md").read_text()
    assert "location ~ ^/(api|desk/api|channels)/ { return 403; }" in nginx
