"""Tests that the action server's process reaches only its files and ports, with a child confined like it."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from actions.serving import ActionsAddress, confined_if_possible
from bot.core.settings import Settings
from bot.run.ports import LOOPBACK, free_port
from tests.confined import landlock, refused_in
from tests.faq_files import ROOT

# Confines itself as the action server does, and prints the name of each attempt that was refused.
CHILD = """
import json, os, socket, sys
from pathlib import Path
from actions.serving import ActionsAddress, confined
from bot.core.settings import ROOT, Settings

settings, asked = Settings(), json.loads(sys.argv[1])
confined(settings, ActionsAddress())
home, faq = settings.home, settings.faq_dir

def attempts():
    yield "connect", lambda: socket.create_connection(("127.0.0.1", asked["other"]))
    yield "listen on its port", lambda: socket.socket().bind(("127.0.0.1", asked["own"]))
    yield "listen elsewhere", lambda: socket.socket().bind(("127.0.0.1", asked["free"]))
    yield "read an entry", (faq / "bache.md").read_bytes
    yield "write an entry", lambda: (faq / "bache.md").write_bytes(b"")
    yield "read agency.yml", settings.agency_file.read_bytes
    yield "read a test of its first editor", lambda: list(settings.tests_dir.iterdir())
    yield "read a new benchmark", settings.benchmark_file.with_name("new.jsonl").read_bytes
    yield "write its folder", lambda: (settings.answers_home / "vectors").write_bytes(b"")
    yield "read the encoder on another disk", (settings.answers_home / "encoder" / "model").read_bytes
    yield "write a version on another disk", lambda: (settings.answers_home / "good" / "bache.md").write_bytes(b"")
    yield "make a link", lambda: (settings.answers_home / "classifiers").symlink_to(home)
    yield "read the passwords beside the code", (ROOT / ".env").read_bytes
    yield "read the secrets of a home beside the code", (ROOT / ".ventanilla" / "secrets.json").read_bytes
    yield "read the secrets", (home / "secrets.json").read_bytes
    yield "read a citizen's file", (home / "files" / "a" / "b").read_bytes
    yield "write beside its folder", lambda: (home / "new").write_bytes(b"")
    yield "signal", lambda: os.kill(os.getppid(), 0)
    yield "read another's environment", Path(f"/proc/{os.getppid()}/environ").read_bytes
"""
REFUSED = [
    "connect",
    "listen elsewhere",
    "write an entry",
    "make a link",
    "read the passwords beside the code",
    "read the secrets of a home beside the code",
    "read the secrets",
    "read a citizen's file",
    "write beside its folder",
    "signal",
    "read another's environment",
]


@landlock
def test_confined_process_reaches_only_its_files_and_its_port(tmp_path: Path) -> None:
    home, faq = tmp_path / "agency" / ".ventanilla", tmp_path / "agency" / "faq"  # as `ventanilla new` lays them out
    code, disk, benchmarks = tmp_path / "code", tmp_path / "disk", tmp_path / "benchmarks"
    for name in ("actions", "bot"):
        shutil.copytree(ROOT / name, code / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    write(home / "secrets.json", home / "files" / "a" / "b", faq / "bache.md", benchmarks / "new.jsonl")
    write(code / ".env", code / ".ventanilla" / "secrets.json", disk / "encoder" / "model", disk / "good" / "luz.md")
    (home / "answers").mkdir()
    for name in ("encoder", "good"):
        (home / "answers" / name).symlink_to(disk / name)
    with socket.create_server((LOOPBACK, 0)) as other:
        asked = {"other": other.getsockname()[1], "own": free_port(), "free": free_port()}
        variables = {
            "VENTANILLA_HOME": str(home),
            "FAQ_DIR": str(faq),
            "AGENCY_FILE": str(ROOT / "agency.yml"),
            "BENCHMARK_MESSAGES": str(benchmarks / "messages.jsonl"),
            "ACTIONS_PORT": str(asked["own"]),
            "ACTIONS_TOKEN": "t" * 40,
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": str(code),
        }
        assert refused_in(CHILD, asked, variables, code) == REFUSED


def write(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")


# Confines itself to a folder, and to one that its user may not reach; prints the restrictions in effect.
CHILD_OF_A_USER = """
import os, sys
from bot.rasa.confinement import confine
if os.geteuid() == 0:
    os.seteuid(65534)
print(*confine(reads=["/usr", sys.argv[1]], writes=[], listens=[], connects=[]))
"""


@landlock
def test_a_path_that_its_user_may_not_reach_does_not_leave_it_unconfined(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    child = [sys.executable, "-c", CHILD_OF_A_USER, str(closed / "library")]
    told = subprocess.run(child, check=True, capture_output=True, text=True, cwd=ROOT)
    assert told.stdout.split() == ["files", "ports", "signals"]


def test_refusal_of_landlock_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise OSError(errno.EPERM, "landlock: Operation not permitted")

    monkeypatch.setattr("actions.serving.confine", refused)
    settings = Settings(VENTANILLA_HOME=tmp_path / "home", FAQ_DIR=tmp_path / "faq")
    address = ActionsAddress(ACTIONS_PORT=5055, ACTIONS_TOKEN="t" * 40)
    names, problem = confined_if_possible(settings, address)
    assert not names and "not permitted" in problem
