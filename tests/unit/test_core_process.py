"""Tests that a child process has a new session, log and environment, and ends with its parent."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core import process
from bot.core.errors.launcher import PartFailed
from bot.core.process import loading, spawn
from bot.run.part import Part, Running
from tests.eventually import eventually_blocking

PARENT = """
import signal, sys, time
from pathlib import Path
from bot.core.process import spawn
child = spawn([sys.executable, "-c", "import time; time.sleep(600)"], log=Path(sys.argv[1]), death_signal=signal.{name})
print(child.pid, flush=True)
time.sleep(600)
"""


def test_output_and_errors_are_appended_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "part.log"
    for word in ("one", "two"):
        script = f"import sys; print({word!r}, flush=True); print('bad', file=sys.stderr)"
        assert spawn([sys.executable, "-c", script], log=log).wait(30) == 0
    assert log.read_text().split() == ["one", "bad", "two", "bad"]


def test_child_gets_the_given_environment_and_no_stdin(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    script = "import os, sys; print(sorted(os.environ)[-1], os.environ.get('HOME'), repr(sys.stdin.read()))"
    assert spawn([sys.executable, "-c", script], log=log, env={"ZZ_ONLY": "1"}).wait(30) == 0
    assert log.read_text().split() == ["ZZ_ONLY", "None", "''"]


def test_child_leads_a_session_of_its_own(tmp_path: Path) -> None:
    """Checks this because Ctrl-C must not reach the stores: the launcher ends them in order."""
    child = spawn([sys.executable, "-c", "import os; print(os.getsid(0) == os.getpid())"], log=tmp_path / "log")
    assert child.wait(30) == 0
    assert (tmp_path / "log").read_text().strip() == "True"


def test_missing_program_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing-here"):
        spawn([str(tmp_path / "nothing-here")], log=tmp_path / "log")


def test_child_that_cannot_drop_root_says_why_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "CLONE_NEWUSER", 1)  # no flag of unshare, so the kernel refuses it
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    running = Running(Part("x", [sys.executable, "-c", ""], tmp_path / "log", lambda: False, unprivileged=True))
    with pytest.raises(PartFailed) as failed:
        running.wait_healthy()
    assert failed.value.facts["exit"] == 1
    assert "unshare" in (tmp_path / "log").read_text() and "Inicia Ventanilla como" in (tmp_path / "log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_child_ends_when_its_parent_is_killed(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-c", PARENT.format(name=name), str(tmp_path / "log")]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait(30)
    parent.stdout.close()
    eventually_blocking(lambda: _is_gone(child))


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def test_garbage_is_collected_again_after_loading_but_not_sought_in_what_was_loaded() -> None:
    before = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        loaded = [[number] for number in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(loaded)
