"""Runs the real git program in repositories of tests, without any user's settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
NOBODYS = {"GIT_CONFIG_GLOBAL": "/nonexistent/gitconfig", "GIT_CONFIG_NOSYSTEM": "1"}
PERSON = {"GIT_AUTHOR_NAME": "Pía", "GIT_AUTHOR_EMAIL": "pia@losaromos.example"}
COMMITTER = {"GIT_COMMITTER_NAME": "Pía", "GIT_COMMITTER_EMAIL": "pia@losaromos.example"}


def git(folder: Path, *arguments: str, check: bool = True) -> str:
    """Runs git in the folder and returns its output; checks the exit status only if ``check``."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=env | NOBODYS | PERSON | COMMITTER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n") if check else f"{done.stdout}{done.stderr}"


def repository(folder: Path) -> Path:
    """Creates a repository in the folder, with one commit of the folder's contents; returns the folder."""
    git(folder, "init", "-q", "-b", "principal")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Todo")
    return folder


def status(folder: Path) -> list[str]:
    return git(folder, "status", "--porcelain").splitlines()
