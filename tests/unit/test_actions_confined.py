"""Tests that the action server's process reaches its files and ports alone, with a child confined as it is."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.rasa.confinement import version
from bot.run.ports import LOOPBACK, free_port
from tests.faq_files import ROOT

# Confines itself as the action server does, and prints the name of each attempt that was refused.
CHILD = """
import json, os, socket, sys
from pathlib import Path
from actions.serving import ActionsAddress, confined
from bot.core.settings import Settings

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
    yield "write its folder", lambda: (settings.answers_home / "vectors").write_bytes(b"")
    yield "read the secrets", (home / "secrets.json").read_bytes
    yield "read a citizen's file", (home / "files" / "a" / "b").read_bytes
    yield "write beside its folder", lambda: (home / "new").write_bytes(b"")
    yield "signal", lambda: os.kill(os.getppid(), 0)
    yield "read another's environment", Path(f"/proc/{os.getppid()}/environ").read_bytes

refused = []
for name, attempt in attempts():
    try:
        attempt()
    except PermissionError:
        refused.append(name)
print(json.dumps(refused))
"""
REFUSED = [
    "connect",
    "listen elsewhere",
    "write an entry",
    "read the secrets",
    "read a citizen's file",
    "write beside its folder",
    "signal",
    "read another's environment",
]


@pytest.mark.skipif(version() < 6, reason="this kernel has no Landlock of version 6")
def test_confined_process_reaches_only_its_files_and_its_port(tmp_path: Path) -> None:
    home, faq = tmp_path / "agency" / ".ventanilla", tmp_path / "agency" / "faq"  # as `ventanilla new` lays them out
    for file in (home / "secrets.json", home / "files" / "a" / "b", faq / "bache.md"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    with socket.create_server((LOOPBACK, 0)) as other:
        asked = {"other": other.getsockname()[1], "own": free_port(), "free": free_port()}
        variables = {
            "VENTANILLA_HOME": str(home),
            "FAQ_DIR": str(faq),
            "AGENCY_FILE": str(ROOT / "agency.yml"),
            "ACTIONS_PORT": str(asked["own"]),
            "ACTIONS_TOKEN": "t" * 40,
            "OPENBLAS_NUM_THREADS": "1",
        }
        child = [sys.executable, "-c", CHILD, json.dumps(asked)]
        told = subprocess.run(
            child, check=True, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **variables}
        )
    assert json.loads(told.stdout) == REFUSED
