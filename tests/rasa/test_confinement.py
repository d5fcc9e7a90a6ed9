"""Tests that Rasa's process can access only what it needs: with a child confined like Rasa, and a real Rasa."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from bot.rasa.confinement import confine_run
from bot.run.ports import LOOPBACK, free_port
from tests.confined import landlock, refused_in
from tests.rasa.speaking import SpeakingRasa

# Confines itself as Rasa does, and prints the name of each attempt that was refused.
CHILD = """
import json, os, socket, sys, tempfile
from bot.rasa.confinement import confine_run
asked = json.loads(sys.argv[1])
confine_run(["run", "-p", str(asked["own"]), "--model", asked["model"]], asked["environment"])

def attempts():
    yield "connect to the actions", lambda: socket.create_connection(("127.0.0.1", asked["actions"]))
    yield "connect elsewhere", lambda: socket.create_connection(("127.0.0.1", asked["other"]))
    yield "listen on its port", lambda: socket.socket().bind(("127.0.0.1", asked["own"]))
    yield "listen elsewhere", lambda: socket.socket().bind(("127.0.0.1", asked["free"]))
    yield "read the model", lambda: open(asked["model"]).read()
    yield "read the secrets", lambda: open(asked["secrets"]).read()
    yield "write beside the model", lambda: open(asked["model"] + ".new", "w")
    yield "write the model", lambda: open(asked["model"], "w")
    yield "write a temporary file", tempfile.TemporaryFile
    yield "signal", lambda: os.kill(os.getppid(), 0)
    yield "read another's environment", lambda: open(f"/proc/{os.getppid()}/environ").read()
"""
REFUSED = [
    "connect elsewhere",
    "listen elsewhere",
    "read the secrets",
    "write beside the model",
    "write the model",
    "signal",
    "read another's environment",
]


@landlock
def test_confined_process_reaches_only_its_ports_and_files(tmp_path: Path) -> None:
    home, place = tmp_path / "home", tmp_path / "tmp"
    home.mkdir(), place.mkdir()
    for name in ("model.tar.gz", "secrets.json"):
        (home / name).write_text("x")
    with socket.create_server((LOOPBACK, 0)) as actions, socket.create_server((LOOPBACK, 0)) as other:
        asked = {
            "actions": (port := actions.getsockname()[1]),
            "other": other.getsockname()[1],
            "own": free_port(),
            "free": free_port(),
            "model": str(home / "model.tar.gz"),
            "secrets": str(home / "secrets.json"),
            "environment": {"ACTIONS_URL": f"http://{LOOPBACK}:{port}", "RASA_DB_PORT": "1"},
        }
        assert refused_in(CHILD, asked, {"TMPDIR": str(place)}) == REFUSED


def test_kernel_without_landlock_confines_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.rasa.confinement.version", lambda: 0)
    assert confine_run(["run", "-p", "1"], {}) == []


def status_of(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


@landlock
async def test_rasa_answers_confined(rasa: SpeakingRasa) -> None:
    assert (await rasa.say("confined", "hola")).replies
    log = rasa.logs[-1].read_text()
    assert "confined: files, ports, signals" in log
    assert "PermissionError" not in log
    assert re.search(r"NoNewPrivs:\s+1", status_of(rasa.pid))
