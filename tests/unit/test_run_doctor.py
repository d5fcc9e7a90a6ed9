"""Tests that the doctor checks every part and survives every fault."""

from __future__ import annotations

import os
import shutil
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr
from redis.asyncio import Redis
from rich.console import Console

from bot.core.messages import Channel, CitizenMessage
from bot.core.settings import Settings
from bot.run import doctor
from bot.run.doctor import (
    _alive,
    _confined,
    _content,
    _destinations,
    _disks,
    _in_the_clear,
    _installed,
    _memory,
    _repository,
    _waiting,
    examine,
)
from tests.desk_world import served
from tests.faq_files import ROOT, write_folder
from tests.git import git
from tests.no_record import mailbox_of

NOBODY = "127.0.0.1:1"


def settings(home: Path, **more: Any) -> Settings:
    known = {
        "VENTANILLA_HOME": home,
        "VENTANILLA_ROOT": home,
        "AGENCY_FILE": ROOT / "agency.yml",
        "FAQ_DIR": home / "faq",
    }
    empty = dict.fromkeys(("REDIS_URL", "DATABASE_URL"), SecretStr("")) | dict.fromkeys(
        ("RASA_URL", "ACTIONS_URL", "FAQ_ENCODER"), ""
    )
    return Settings(**known | empty | more)


def versions(home: Path, **more: Any) -> dict[str, str | None]:
    return {one.part: one.version for one in _alive(settings(home, **more), {})}


@pytest_asyncio.fixture
async def site() -> AsyncIterator[str]:
    app = FastAPI()

    @app.get("/{what}/{rest}")
    async def answer(what: str) -> Response:
        said = {
            "sound": ('{"version": "3.6.21"}', 200, "application/json"),
            "silent": ("ok", 200, "text/plain"),
            "listed": ("[]", 200, "application/json"),
            "broken": ("{", 200, "application/json"),
            "failing": ("", 500, "text/plain"),
        }[what]
        return Response(said[0], said[1], media_type=said[2])

    async with served(app) as url:
        yield url


def test_unstarted_part_comes_with_the_command_to_start_it(tmp_path: Path) -> None:
    found = _alive(settings(tmp_path), {})
    assert [one.part for one in found] == ["valkey", "postgres", "actions", "rasa", "bot"]
    assert {one.version for one in found} == {None}
    assert len({one.fix for one in found}) == 1


@pytest.mark.parametrize(
    ("kind", "version"), [("sound", "3.6.21"), ("silent", "ok"), ("failing", None), ("broken", None), ("listed", None)]
)
async def test_part_is_ok_when_it_answers_as_expected(
    tmp_path: Path, site: str, kind: str, version: str | None
) -> None:
    found = await to_thread(versions, tmp_path, RASA_URL=f"{site}/{kind}")
    assert found["rasa"] == version


@pytest.mark.parametrize(
    ("part", "more"),
    [
        ("valkey", {"REDIS_URL": SecretStr(f"redis://{NOBODY}")}),
        ("valkey", {"REDIS_URL": SecretStr("no address")}),
        ("valkey", {"REDIS_URL": SecretStr("redis://h:port")}),
        ("postgres", {"DATABASE_URL": SecretStr(f"postgresql+psycopg://a:b@{NOBODY}/x")}),
        ("postgres", {"DATABASE_URL": SecretStr("no address")}),
        ("rasa", {"RASA_URL": f"http://{NOBODY}"}),
        ("rasa", {"RASA_URL": "no address"}),
        ("actions", {"ACTIONS_URL": "http://[::1"}),
        ("actions", {"ACTIONS_URL": "http://h:port"}),
    ],
)
def test_unreachable_part_is_reported_with_its_log(tmp_path: Path, part: str, more: dict[str, Any]) -> None:
    (found,) = [one for one in _alive(settings(tmp_path, **more), {}) if one.part == part]
    assert found.version is None
    assert f"{part}.log" in found.fix


def test_addresses_of_the_running_launcher_are_checked_unless_set(tmp_path: Path) -> None:
    running = {"RASA_URL": f"http://{NOBODY}", "port": "1"}
    found = {one.part: one.fix for one in _alive(settings(tmp_path), running)}
    assert "rasa.log" in found["rasa"] and "bot.log" in found["bot"]
    assert "valkey.log" not in found["valkey"]


def test_environment_of_rasa_is_not_missed_where_rasa_runs_elsewhere(tmp_path: Path) -> None:
    found = _installed(settings(tmp_path, RASA_URL="http://rasa:5005"))
    assert [one.part for one in found] == ["ventanilla", "codificador"]


def test_installed_tools_are_listed_with_their_version(tmp_path: Path) -> None:
    assert {one.part: one.version for one in _installed(settings(tmp_path))} | {"ventanilla": ""} == {
        "ventanilla": "",
        ".venv-rasa": None,
        "codificador": None,
    }
    (tmp_path / ".venv-rasa/lib/python3.11/site-packages/rasa-3.6.21.dist-info").mkdir(parents=True)
    (tmp_path / "answers/encoder/e5-small").mkdir(parents=True)
    (tmp_path / "answers/encoder/e5-small/model.onnx").touch()
    assert [one.version for one in _installed(settings(tmp_path))][1:] == ["3.6.21", "e5-small"]


def test_faq_without_errors_is_ok(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "faq")
    assert _content(settings(tmp_path)).version == "4"
    (folder / "calle" / "bache.md").write_text("---\nid: bache\n---\n")
    assert _content(settings(tmp_path)).version is None


def test_table_names_every_part_and_all_must_be_ok(tmp_path: Path) -> None:
    write_folder(tmp_path / "faq")
    console = Console(record=True, width=200)
    assert examine(settings(tmp_path), console) is False
    text = console.export_text()
    assert all(
        part in text for part in ("ventanilla", ".venv-rasa", "codificador", "data/faq", "valkey", "postgres", "bot")
    )


@pytest.mark.parametrize(("late", "expected"), [({}, None), ({"worker": 200}, "worker (200 s)")])
async def test_doctor_names_the_hung_tasks_of_the_bot(
    tmp_path: Path, late: dict[str, int], expected: str | None
) -> None:
    app = FastAPI()

    @app.get("/healthz")
    async def healthz() -> dict[str, dict[str, int]]:
        return {"late": late}

    @app.get("/readyz")
    async def readyz() -> dict[str, bool]:
        return {"redis": True}

    async with served(app) as url:
        port = url.rsplit(":", 1)[1].split("/")[0]
        found = await to_thread(_alive, settings(tmp_path), {"port": port})
    bot = next(one for one in found if one.part == "bot")
    assert (bot.version is None) == (expected is not None)
    assert expected is None or expected in bot.fix


@pytest.mark.parametrize(("host", "found"), [("127.0.0.1", "ok"), ("0.0.0.0", "ok"), ("127.0.0.2", None)])  # noqa: S104
async def test_bot_is_checked_at_the_address_where_it_listens(tmp_path: Path, host: str, found: str | None) -> None:
    app = FastAPI()

    @app.get("/healthz")
    async def healthz() -> dict[str, dict[str, int]]:
        return {"late": {}}

    @app.get("/readyz")
    async def readyz() -> dict[str, bool]:
        return {"redis": True}

    async with served(app) as url:
        rows = await to_thread(_alive, settings(tmp_path, HOST=host), {"port": url.rsplit(":", 1)[1]})
    assert [one.version for one in rows if one.part == "bot"] == [found]


def test_repository_of_the_answers_is_checked_only_if_commits_are_wanted(tmp_path: Path) -> None:
    pytest.importorskip("dulwich")
    faq_dir = write_folder(tmp_path / "faq", ["bache"])
    assert _repository(settings(tmp_path)) == []
    (missing,) = _repository(settings(tmp_path, FAQ_COMMITS="name"))
    assert (missing.version, "no está dentro de un repositorio" in missing.fix) == (None, True)
    if shutil.which("git"):
        git(faq_dir, "init", "-q", "-b", "respuestas")
        assert [one.version for one in _repository(settings(tmp_path, FAQ_COMMITS="name"))] == ["respuestas"]


@pytest.mark.parametrize(
    ("rasa", "actions", "warned"),
    [
        ("", "", []),
        ("http://127.0.0.1:5005", "https://actions.example", []),
        ("http://10.0.0.9:5005", "http://actions.example:5055", ["RASA_URL", "ACTIONS_URL"]),
        ("http://rasa:5005", "http://actions:5055", []),
        ("http://[fd00::9]:5005", "", ["RASA_URL"]),
    ],
)
def test_rasa_and_actions_elsewhere_without_tls_are_warned_about(
    tmp_path: Path, rasa: str, actions: str, warned: list[str]
) -> None:
    found = _in_the_clear(settings(tmp_path, RASA_URL=rasa, ACTIONS_URL=actions))
    assert [one.part for one in found] == warned
    assert all(one.version and one.part in one.warning for one in found)


@pytest.mark.parametrize(("token", "version"), [("t" * 40, "ok"), ("other", None)])
async def test_action_server_that_refuses_the_token_is_reported(
    tmp_path: Path, token: str, version: str | None
) -> None:
    app = FastAPI()

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/danger")
    async def danger(request: Request) -> Response:
        return Response("{}", 200 if request.headers.get("X-Actions-Token") == "t" * 40 else 401)

    async with served(app) as url:
        more = {"ACTIONS_URL": url, "ACTIONS_TOKEN": SecretStr(token)}
        found = await to_thread(_alive, settings(tmp_path, **more), {})
    (actions,) = [one for one in found if one.part == "actions"]
    assert actions.version == version
    assert version or "ACTIONS_TOKEN" in actions.fix


async def test_valkey_that_is_nearly_full_is_warned_about(redis: Redis, redis_url: str) -> None:
    assert await to_thread(_memory, redis_url) == []
    await redis.config_set("maxmemory", "1gb")
    try:
        assert await to_thread(_memory, redis_url) == []
        await redis.config_set("maxmemory", (await redis.info("memory"))["used_memory"])
        (found,) = await to_thread(_memory, redis_url)
    finally:
        await redis.config_set("maxmemory", 0)
    assert found.version and "VALKEY_MAXMEMORY_MB" in found.warning
    assert await to_thread(_memory, f"redis://{NOBODY}") == []


def test_full_disk_is_reported_with_what_stops(tmp_path: Path) -> None:
    (well,) = _disks(settings(tmp_path, DISK_FLOOR_MB=0))
    (low,) = _disks(settings(tmp_path, DISK_FLOOR_MB=10**9))
    assert well.version is not None
    assert low.version is None and "no se reciben archivos" in low.fix


def test_full_volume_of_files_is_reported_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda folder: folder.name == "files")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=(folder.name != "files") * 2**40))
    home, files = _disks(settings(tmp_path))
    assert (home.part, home.version) == ("disco", f"{2**20} MB")
    assert (files.part, files.version) == ("disco files", None) and "conversaciones" not in files.fix


def test_folders_that_another_user_must_not_read_stop_no_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stat", "lstat"):
        monkeypatch.setattr(os, name, denied(getattr(os, name)))
    (home,) = _disks(settings(tmp_path))
    assert home.part == "disco"


def denied(look: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
    """Returns ``look`` changed to fail for the files' folders, as for a user who does not run the system."""

    def failing(path: str | Path, **how: Any) -> os.stat_result:
        if Path(path).name in {"files", "complaint_files"}:
            raise PermissionError(path)
        return look(path, **how)

    return failing


async def test_message_and_event_that_wait_too_long_are_reported(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mailbox_of(redis).accept(CitizenMessage("c1", Channel.WEB, "m1", "hola", at=0))
    assert await to_thread(_waiting, redis_url) == []
    for name in ("UNANSWERED_S", "UNRECORDED_S"):
        monkeypatch.setattr(doctor, name, -1)
    found = await to_thread(_waiting, redis_url)
    assert [(one.part, one.version) for one in found] == [("mensajes", None), ("registro", None)]
    assert await to_thread(_waiting, f"redis://{NOBODY}") == []


def test_row_shows_to_what_rasa_and_the_action_server_are_confined(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "rasa.log.1").write_text("confined: files, ports, signals\nmore\n")
    (logs / "rasa.log").write_text("a line of the running one, whose first was cut off\n")
    (logs / "actions.log").write_text(
        '{"event": "actions: confined", "confined": "files, ports, signals"}\nmore\n'
        '{"event": "actions: confined", "confined": "files"}\n'
    )
    rasa, actions = _confined(settings(tmp_path), {"port": "8000"})
    assert (rasa.part, rasa.version, rasa.warning) == ("límites de rasa", "archivos, puertos, señales", "")
    assert (actions.version, "puertos, señales" in actions.warning) == ("archivos", True)
    (logs / "rasa.log").write_text("confined: nothing, since this kernel has no Landlock\n")
    (rasa, _) = _confined(settings(tmp_path), {"port": "8000"})
    assert (rasa.version, "archivos, puertos, señales" in rasa.warning) == ("—", True)
    assert _confined(settings(tmp_path), {}) == []


def test_rows_name_the_places_to_which_the_bot_connects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:abc")
    found = {one.part: one.version for one in _destinations(settings(tmp_path, CLAMD_URL="tcp://clamd:3310"))}
    assert found == {"salida CLAMD_URL": "clamd:3310", "salida TELEGRAM_API_URL": "api.telegram.org:443"}
    unread = next(iter(_destinations(settings(tmp_path, SMTP_URL="smtp://u:cl#ve@mail.muni.cl:587"))))
    assert (unread.part, unread.version, "%23" in unread.warning) == ("salida SMTP_URL", "—", True)
