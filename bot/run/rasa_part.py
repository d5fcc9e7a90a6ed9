"""Builds the parts for Rasa, the action server and the bot."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx

from bot.run.part import Part
from bot.run.ports import LOOPBACK, reachable

HEALTH_TIMEOUT_S = 1.0
ALIVE_TIMEOUT_S = 5.0
SERVE = Path(__file__).parents[1] / "rasa" / "serve.py"
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def rasa_part(root: Path, home: Path, *, model: Path, port: int, env: dict[str, str]) -> Part:
    """Builds the part for Rasa: REST channel on the loopback address, trackers in PostgreSQL."""
    arguments = ["run", "-i", LOOPBACK, "-p", str(port), "--enable-api", "--model", str(model)]
    files = ["--endpoints", str(root / "endpoints.yml"), "--credentials", str(root / "credentials.yml")]
    return Part(
        name="rasa",
        command=[str(root / ".venv-rasa" / "bin" / "python"), str(SERVE), *arguments, *files],
        log=home / "logs" / "rasa.log",
        healthy=lambda: answers(f"http://{LOOPBACK}:{port}/status?token={env['RASA_TOKEN']}"),
        alive=lambda: answers(f"http://{LOOPBACK}:{port}/", ALIVE_TIMEOUT_S),
        env={**env, **QUIET},
        patience_s=120.0,
    )


def actions_part(home: Path, port: int, env: dict[str, str]) -> Part:
    """Builds the part for our action server."""
    return Part(
        name="actions",
        command=[sys.executable, "-m", "actions"],
        log=home / "logs" / "actions.log",
        healthy=lambda: answers(f"http://{LOOPBACK}:{port}/health"),
        alive=lambda: answers(f"http://{LOOPBACK}:{port}/health", ALIVE_TIMEOUT_S),
        env={**env, "ACTIONS_PORT": str(port)},
        patience_s=90.0,
    )


def bot_part(home: Path, host: str, port: int, env: dict[str, str]) -> Part:
    """Builds the part for the bot: channels, desk and worker."""
    return Part(
        name="bot",
        command=[sys.executable, "-m", "bot"],
        log=home / "logs" / "bot.log",
        healthy=lambda: answers(f"http://{reachable(host)}:{port}/healthz"),
        alive=lambda: answers(f"http://{reachable(host)}:{port}/healthz", ALIVE_TIMEOUT_S),
        env=env,
        patience_s=90.0,
    )


def answers(url: str, timeout_s: float = HEALTH_TIMEOUT_S) -> bool:
    """Returns whether the URL answers with status 200."""
    try:
        return httpx.get(url, timeout=timeout_s).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
