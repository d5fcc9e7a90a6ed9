"""Asks each part for its version, for ``ventanilla doctor``."""

from __future__ import annotations

import httpx
import psycopg
import redis

from bot.core.errors.base import VentanillaError
from bot.core.network import ActionsEndpoint
from bot.core.outgoing.private import by_proxy
from bot.store.client import Store
from bot.store.words_keys import require_words_keys

TIMEOUT_S = 3.0
# Errors of probes; ValueError means an invalid address, or a response from another program.
NOT_WELL = (redis.RedisError, psycopg.Error, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError)


class Late(Exception):
    """Raised when background tasks of the bot are late; its text lists these tasks and their seconds of silence."""


class _WrongToken(VentanillaError):
    """The action server does not accept the token."""

    text_key = "cli.doctor.ficha"


async def redis_version(store: Store) -> str:
    await require_words_keys(store)
    info = await store.info("server")
    return str(info.get("valkey_version") or info["redis_version"])


def postgres_version(url: str) -> str:
    with psycopg.connect(url.replace("+psycopg", ""), connect_timeout=int(TIMEOUT_S)) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]) if row else ""


def actions_version(actions: ActionsEndpoint, url: str) -> str:
    found = http_version(f"{url}/health")
    asked = _asked(f"{url}/danger", {"text": ""}, actions.headers)
    if asked.status_code == httpx.codes.UNAUTHORIZED:
        raise _WrongToken
    return found


def bot_version(url: str) -> str:
    late = _asked(f"{url}/healthz").json()["late"]
    if late:
        raise Late(", ".join(f"{task} ({seconds} s)" for task, seconds in late.items()))
    return http_version(f"{url}/readyz")


def http_version(url: str) -> str:
    answer = _asked(url).raise_for_status()
    facts = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    if not isinstance(facts, dict):
        raise ValueError("not an object")
    return str(facts.get("version", "ok"))


def _asked(url: str, json: object = None, headers: dict[str, str] | None = None) -> httpx.Response:
    method = "GET" if json is None else "POST"
    return httpx.request(method, url, json=json, headers=headers, timeout=TIMEOUT_S, trust_env=by_proxy(url))
