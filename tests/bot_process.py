"""Runs the bot in its own process with its own Valkey, the caller's PostgreSQL and a stand-in for Rasa.

Used for what is visible only from outside: store faults, slow clients, thousands of sockets.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.run.part import Part, Running
from bot.run.ports import LOOPBACK, free_port, listening
from bot.run.rasa_part import bot_part
from bot.run.valkey import valkey_part, valkey_url
from tests.parts import patient

ROOT = Path(__file__).parent.parent
PASSWORD = "test-password"


@dataclass(frozen=True)
class BotProcess:
    """A running bot; ``url`` has no trailing slash, ``log`` is the bot's log file."""

    url: str
    redis_url: str
    bot: Running
    valkey: Running

    @property
    def log(self) -> str:
        return self.bot.part.log.read_text(encoding="utf-8")


def rasa_stand_in(home: Path, port: int) -> Part:
    command = [sys.executable, "-m", "tests.rasa_stand_in", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return Part("rasa", command, home / "logs" / "rasa.log", lambda: listening(port), env=environment)


@contextmanager
def bot_process(home: Path, database_url: str, **settings: str) -> Iterator[BotProcess]:
    """Starts everything; ``settings`` are added to the bot's environment."""
    redis, rasa, port = free_port(), free_port(), free_port()
    environment = {
        **os.environ,
        "VENTANILLA_HOME": str(home),
        "VENTANILLA_SECRET": "s" * 40,
        "REDIS_URL": valkey_url(redis, PASSWORD),
        "DATABASE_URL": database_url,
        "RASA_DATABASE_URL": "",
        "RASA_URL": f"http://{LOOPBACK}:{rasa}",
        "PORT": str(port),
        "METRICS_PORT": "",
        **settings,
    }
    with ExitStack() as stack:
        started: list[Running] = []
        for part in (
            valkey_part(home, redis, PASSWORD),
            rasa_stand_in(home, rasa),
            bot_part(home, LOOPBACK, port, environment),
        ):
            running = Running(patient(part))
            stack.callback(running.stop)
            running.wait_healthy()
            started.append(running)
        yield BotProcess(f"http://{LOOPBACK}:{port}", environment["REDIS_URL"], started[2], started[0])
