"""Tests that parts never outlive their launcher and that their data survives any kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import redis

from bot.core.errors.launcher import PartFailed, PortBusy
from bot.core.settings import Settings
from bot.record.migrate import migrate
from bot.run import watch
from bot.run.log_files import MAX_LOG_BYTES
from bot.run.part import HUNG_AFTER_MISSES, Part, Running
from bot.run.ports import free_port, require_free
from bot.run.postgres import make_databases, postgres_part, postgres_url
from bot.run.rasa_part import bot_part
from bot.run.system import System
from bot.run.valkey import valkey_part, valkey_url
from tests.eventually import PATIENCE_S, eventually_blocking
from tests.parts import patient

LAUNCHER = Path(__file__).with_name("parts_process.py")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until_gone(pids: list[int]) -> list[int]:
    eventually_blocking(lambda: not any(map(alive, pids)))
    return [pid for pid in pids if alive(pid)]


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's parent death signal")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_part_outlives_its_launcher(tmp_path: Path, number: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": str(LAUNCHER.parents[2])}
    with subprocess.Popen(
        [sys.executable, str(LAUNCHER), str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as launcher:
        assert launcher.stdout
        pids = [int(word) for word in launcher.stdout.readline().split()]
        launcher.send_signal(number)
        launcher.wait()
    assert len(pids) == 2
    assert until_gone(pids) == []


def killed_valkey(folder: Path, port: int) -> Running:
    """Starts Valkey, writes a list of 200 items, and kills it."""
    running = Running(patient(valkey_part(folder, port, "x")))
    running.wait_healthy()
    with redis.Redis.from_url(valkey_url(port, "x")) as client:
        for number in range(200):
            client.rpush("list", number)
    running.process.kill()
    running.process.wait()
    return running


def test_valkey_keeps_every_acknowledged_write_over_kill_9(tmp_path: Path) -> None:
    port = free_port()
    running = killed_valkey(tmp_path, port)
    running.restart()
    running.wait_healthy()
    with redis.Redis.from_url(valkey_url(port, "x")) as client:
        assert client.llen("list") == 200
    running.stop()


def test_valkey_refuses_a_file_damaged_in_the_middle_and_starts_once_it_is_moved_aside(tmp_path: Path) -> None:
    port = free_port()
    running = killed_valkey(tmp_path, port)
    (file,) = (tmp_path / "valkey").glob("appendonlydir/*.incr.aof")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] + b"\xff" * 40 + whole[len(whole) // 2 + 40 :])
    running.restart()
    eventually_blocking(lambda: running.dead)
    assert "Bad file format reading the append only file" in running.part.log.read_text(errors="replace")
    file.parent.rename(tmp_path / "aside")
    running.restart()
    running.wait_healthy()
    running.stop()


def test_postgres_comes_back_after_kill_9_and_migrating_again_changes_nothing(tmp_path: Path) -> None:
    port = free_port()
    running = Running(patient(postgres_part(tmp_path, port, "x")))
    running.wait_healthy()
    make_databases(port, "x")
    migrate(postgres_url(port, "x"))
    with psycopg.connect(postgres_url(port, "x")) as connection:
        connection.execute("INSERT INTO faq_versions (version, entry, content) VALUES ('v', 'e', 'c')")
    running.process.kill()
    running.process.wait()
    running.restart()
    running.wait_healthy()
    make_databases(port, "x")
    migrate(postgres_url(port, "x"))
    with psycopg.connect(postgres_url(port, "x")) as connection:
        assert connection.execute("SELECT count(*) FROM faq_versions").fetchone() == (1,)
    running.stop()


def test_postgres_waits_for_the_one_that_a_killed_launcher_left(tmp_path: Path) -> None:
    former = Running(patient(postgres_part(tmp_path, free_port(), "x")))
    former.wait_healthy()
    former.process.send_signal(signal.SIGSTOP)  # a server that takes long to stop
    former.ask_to_stop()
    goes_on = threading.Timer(0.5, former.process.send_signal, [signal.SIGCONT])
    goes_on.start()
    later = Running(patient(postgres_part(tmp_path, free_port(), "x")))
    try:
        later.wait_healthy()
    finally:
        goes_on.join()
        later.stop()
        former.stop()


def test_part_that_dies_is_restarted(tmp_path: Path) -> None:
    system = System(Settings(VENTANILLA_HOME=tmp_path), lambda _name: None)
    system._start(valkey_part(tmp_path, system.ports["redis"], "x"))
    running = system._supervised[0].running
    running.wait_healthy()
    first = running.process.pid
    running.process.kill()
    deadline = time.monotonic() + PATIENCE_S
    died: list[str] = []
    system.keep_alive(
        lambda: (running.process.pid != first and running.part.healthy()) or time.monotonic() > deadline, died.append
    )
    assert died == ["valkey"]
    assert running.process.pid != first
    system.stop()
    assert until_gone([running.process.pid]) == []


def test_hung_part_is_restarted_without_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.run.part.HUNG_AFTER_MISSES", 1)
    monkeypatch.setattr(watch, "ASK_EVERY_S", 0.1)
    system = System(Settings(VENTANILLA_HOME=tmp_path), lambda _name: None)
    system._start(replace(valkey_part(tmp_path, system.ports["redis"], "x"), patience_s=2.0))
    running = system._supervised[0].running
    eventually_blocking(running.part.healthy)
    with redis.Redis.from_url(valkey_url(system.ports["redis"], "x")) as client:
        client.set("kept", "yes")
    first = running.process
    first.send_signal(signal.SIGSTOP)
    deadline = time.monotonic() + PATIENCE_S
    died: list[str] = []
    hung: list[str] = []
    system.keep_alive(
        lambda: (running.process is not first and running.part.healthy()) or time.monotonic() > deadline,
        died.append,
        hung.append,
    )
    with redis.Redis.from_url(valkey_url(system.ports["redis"], "x")) as client:
        assert client.get("kept") == b"yes"
    assert died[0] == "valkey"
    assert hung.count("valkey") == died.count("valkey")  # once for each process
    assert first.returncode == -signal.SIGKILL
    system.stop()


SAYS_READY_BUT_HUNG = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def restarted(system: System, part: Part) -> bool:
    """Starts a part and supervises it; returns whether it was restarted."""
    system._start(replace(part, patience_s=0.5))
    running = system._supervised[0].running
    first = running.process
    deadline = time.monotonic() + PATIENCE_S
    system.keep_alive(lambda: running.process is not first or time.monotonic() > deadline, lambda _name: None)
    system.stop()
    return running.process is not first


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.run.part.HUNG_AFTER_MISSES", 2)
    monkeypatch.setattr(watch, "ASK_EVERY_S", 0.1)


@pytest.mark.usefixtures("impatient")
def test_bot_whose_tasks_make_no_progress_is_restarted(tmp_path: Path) -> None:
    port = free_port()
    hung = [sys.executable, "-c", SAYS_READY_BUT_HUNG, str(port)]
    part = replace(bot_part(tmp_path, "127.0.0.1", port, dict(os.environ)), command=hung)
    assert restarted(System(Settings(VENTANILLA_HOME=tmp_path), lambda _name: None), part)


@pytest.mark.usefixtures("impatient")
def test_part_whose_probe_raises_is_still_watched(tmp_path: Path) -> None:
    def broken() -> bool:
        raise RuntimeError

    sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
    part = Part("slow", sleeping, tmp_path / "log", lambda: True, alive=broken)
    assert restarted(System(Settings(VENTANILLA_HOME=tmp_path), lambda _name: None), part)


def test_part_that_hangs_soon_after_each_start_gets_ever_longer_to_start(tmp_path: Path) -> None:
    sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
    running = Running(Part("slow", sleeping, tmp_path / "log", lambda: False, alive=lambda: False, patience_s=100.0))

    def hung_after(seconds: float) -> bool:
        running.started_at, running.misses = time.monotonic() - seconds, HUNG_AFTER_MISSES
        return running.hung

    def restarted_after(seconds: float) -> None:
        assert hung_after(seconds)
        running.process.kill()
        running.process.wait()
        running.restart()

    restarted_after(150.0)
    assert not hung_after(150.0)
    restarted_after(250.0)
    assert not hung_after(350.0)
    restarted_after(3600.0)  # it had worked for long
    restarted_after(150.0)
    running.stop()


def test_log_of_a_running_part_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOGS_EVERY_S", 0.1)
    system = System(Settings(VENTANILLA_HOME=tmp_path), lambda _name: None)
    line = f"import time; print('x' * {MAX_LOG_BYTES + 1}, flush=True); time.sleep(600)"
    system._start(Part("loud", [sys.executable, "-c", line], tmp_path / "log", lambda: True))
    deadline, log, older = time.monotonic() + PATIENCE_S, tmp_path / "log", tmp_path / "log.1"

    def bounded() -> bool:
        return older.exists() and log.stat().st_size <= MAX_LOG_BYTES  # it is emptied after it was copied

    system.keep_alive(lambda: bounded() or time.monotonic() > deadline, lambda _name: None)
    system.stop()
    assert bounded()


def test_rewrite_of_valkeys_file_that_was_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port()
    running = Running(patient(valkey_part(tmp_path, port, "pw")))
    running.wait_healthy()
    with redis.Redis.from_url(valkey_url(port, "pw")) as client:
        client.config_set("rdb-key-save-delay", 600_000_000)
        client.set("word", "x" * 100_000)
        client.set("other", "x")
        client.bgrewriteaof()
    unfinished = eventually_blocking(lambda: list((tmp_path / "valkey").glob("temp-rewriteaof-*.aof")))
    [child] = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
    for pid in (running.process.pid, int(child)):
        os.kill(pid, signal.SIGKILL)
    running.process.wait()
    assert unfinished[0].exists()
    running.restart()
    running.wait_healthy()
    assert not unfinished[0].exists()
    running.stop()


def test_patience_with_a_part_begins_when_it_is_waited_for(tmp_path: Path) -> None:
    answers = iter([False, False, True])
    slow = Part("slow", [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log", lambda: next(answers))
    running = Running(replace(slow, patience_s=5.0))
    running.started_at -= 3600  # another part, started together with this one, took an hour
    running.wait_healthy()
    running.stop()


def test_part_that_cannot_start_names_its_log(tmp_path: Path) -> None:
    broken = Running(Part("roto", [sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "roto.log", lambda: False))
    with pytest.raises(PartFailed) as failed:
        broken.wait_healthy()
    assert failed.value.facts == {"part": "roto", "log": str(tmp_path / "roto.log"), "exit": 3}


def test_busy_port_is_named(redis_url: str) -> None:
    port = int(redis_url.rsplit(":", 1)[1].split("/")[0])
    with pytest.raises(PortBusy) as busy:
        require_free("127.0.0.1", port)
    assert busy.value.facts == {"port": port}
