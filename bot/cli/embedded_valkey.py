"""Runs a command's work on Valkey, even while the system is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.core.secrets.kept import new_secret
from bot.core.settings import Settings
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.system import only_one, running_system
from bot.run.valkey import valkey_part, valkey_url
from bot.store.accounts import BOT
from bot.store.client import Store
from bot.store.words_keys import with_client

Result = TypeVar("Result")


def with_valkey(settings: Settings, work: Callable[[Store], Awaitable[Result]]) -> Result:
    """Runs ``work`` on the Redis of the settings or of the running system, else on the embedded Valkey.

    Starts the embedded Valkey for the work and stops it afterwards. Raises PartFailed, and the errors of ``work``.
    """
    running = running_system(settings.home) or {}
    url = settings.redis_url.get_secret_value() or running.get("REDIS_URL", "")
    secret = settings.secret.get_secret_value()
    if url:
        return asyncio.run(with_client(url, secret, work))
    with only_one(settings):
        port, password = free_port(), new_secret()
        part = Running(valkey_part(settings.home, port, new_secret(), accounts={BOT: password}))
        try:
            part.wait_healthy()
            return asyncio.run(with_client(valkey_url(port, password, BOT), secret, work))
        finally:
            part.stop()
