"""Builds the parts for Rasa, the action server and the bot, and Rasa's command line."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx

from bot.channels.folders import secret_variables_of_channels
from bot.core.settings import Settings, secret_variables
from bot.rasa.training import command_line
from bot.run.part import Part
from bot.run.ports import LOOPBACK, reachable

HEALTH_TIMEOUT_S = 1.0
ALIVE_TIMEOUT_S = 5.0
POSTGRES_PORT = 5432
SIGNS = "_SECRET"  # end of the name of a webhook's secret
TLS_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey")  # of a PostgreSQL URL
# For the C library: each message reads all of the encoder's weights, which is faster in large pages of memory.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def rasa_part(root: Path, home: Path, *, model: Path, port: int, env: dict[str, str]) -> Part:
    """Builds the part for Rasa, which listens on the loopback address and stores its trackers in PostgreSQL."""
    return Part(
        name="rasa",
        command=rasa_command(root, model=model, host=LOOPBACK, port=port),
        log=home / "logs" / "rasa.log",
        healthy=lambda: answers(f"http://{LOOPBACK}:{port}/status?token={env['RASA_TOKEN']}"),
        alive=lambda: answers(f"http://{LOOPBACK}:{port}/", ALIVE_TIMEOUT_S),
        env={**env, **QUIET},
        patience_s=120.0,
    )


def rasa_command(root: Path, *, model: Path, host: str, port: int) -> list[str]:
    """Returns the command line with which Rasa serves a model.

    It must run with RASA_TOKEN, ACTIONS_URL, ACTIONS_TOKEN and the ``rasa_variables`` in its environment.
    """
    arguments = ["run", "-i", host, "-p", str(port), "--enable-api", "--model", str(model)]
    files = ["--endpoints", str(root / "endpoints.yml"), "--credentials", str(root / "credentials.yml")]
    return [*command_line(root / ".venv-rasa"), *arguments, *files]


def rasa_variables(trackers_url: str) -> dict[str, str]:
    """Splits the URL of the trackers' database into the environment variables that endpoints.yml and libpq use."""
    trackers = urlsplit(trackers_url)
    asked = dict(parse_qsl(trackers.query))
    return {
        **{f"PG{name.upper()}": asked[name] for name in TLS_OPTIONS if name in asked},
        "RASA_DB_HOST": trackers.hostname or LOOPBACK,
        "RASA_DB_PORT": str(trackers.port or POSTGRES_PORT),
        "RASA_DB_NAME": trackers.path.lstrip("/"),
        "RASA_DB_USER": unquote(trackers.username or ""),
        "RASA_DB_PASSWORD": unquote(trackers.password or ""),
    }


def actions_part(home: Path, port: int, env: dict[str, str]) -> Part:
    """Builds the part for the action server."""
    return Part(
        name="actions",
        command=[sys.executable, "-m", "actions"],
        log=home / "logs" / "actions.log",
        healthy=lambda: answers(f"http://{LOOPBACK}:{port}/health"),
        alive=lambda: answers(f"http://{LOOPBACK}:{port}/health", ALIVE_TIMEOUT_S),
        env={**env, **LARGE_PAGES, "ACTIONS_PORT": str(port)},
        patience_s=90.0,
    )


def bot_part(home: Path, host: str, port: int, env: dict[str, str]) -> Part:
    """Builds the part for the bot, which runs the channels, the desk and the worker."""
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
    """Returns whether the URL responds with status 200."""
    try:
        return _client().get(url, timeout=timeout_s).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@cache
def _client() -> httpx.Client:
    """Returns the launcher's HTTP client, which loads its certificates once and keeps no connection open.

    It calls only parts on this machine, so it uses no proxy of the environment.
    """
    return httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)


def without_secrets() -> dict[str, str]:
    """Returns this process's environment variables, except those that hold a secret.

    Also empties the webhooks' URLs, since Settings refuses a URL without the secret that signs its requests; omitted,
    they would be read from .env.
    """
    secret = secret_variables(Settings) | secret_variables_of_channels()
    signed = {name.replace(SIGNS, "_URL") for name in secret if name.endswith("_WEBHOOK" + SIGNS)}
    return {name: value for name, value in os.environ.items() if name not in secret} | dict.fromkeys(signed, "")
