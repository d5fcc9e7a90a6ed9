"""Runs the bot in a separate process, with a new Valkey, the caller's PostgreSQL and a stub of Rasa.

Used to test what is visible only from outside: store faults, slow clients, thousands of sockets.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.app.role import Role
from bot.run.part import Part, Running
from bot.run.ports import LOOPBACK, free_port, listening
from bot.run.rasa_part import bot_part
from bot.run.valkey import valkey_part, valkey_url
from tests.forked import ForkedPart
from tests.parts import patient

ROOT = Path(__file__).parent.parent
PASSWORD = "test-password"


@dataclass(frozen=True)
class BotProcess:
    """A running bot; ``url`` has no trailing slash, and ``log`` is the text of the bot's log file.

    If the roles run in separate processes, ``bot`` has the role web, and ``worker`` runs at ``worker_url``.
    """

    url: str
    redis_url: str
    bot: Running
    valkey: Running
    worker: Running | None = None
    worker_url: str = ""

    @property
    def log(self) -> str:
        return self.bot.part.log.read_text(encoding="utf-8")


def rasa_stand_in(home: Path, port: int) -> Part:
    command = [sys.executable, "-m", "tests.rasa_stand_in", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return Part("rasa", command, home / "logs" / "rasa.log", lambda: listening(port), env=environment)


def role_part(home: Path, role: Role, port: int, environment: dict[str, str]) -> Part:
    """Builds the part for a bot process with one role."""
    part = bot_part(home, LOOPBACK, port, environment | {"PORT": str(port)})
    return replace(part, name=role, command=[*part.command, role], log=home / "logs" / f"{role}.log")


@contextmanager
def bot_process(home: Path, database_url: str, **settings: str) -> Iterator[BotProcess]:
    """Starts a bot with all roles in one process; ``settings`` are added to the bot's environment."""
    port = free_port()
    with _beside(home, database_url, settings) as (stack, valkey, environment):
        bot = _started(stack, role_part(home, Role.ALL, port, environment), ForkedPart)
        yield BotProcess(f"http://{LOOPBACK}:{port}", environment["REDIS_URL"], bot, valkey)


@contextmanager
def bot_in_roles(home: Path, database_url: str, **settings: str) -> Iterator[BotProcess]:
    """Starts the roles web and worker in separate processes; ``settings`` are added to their environment."""
    web, worker = free_port(), free_port()
    with _beside(home, database_url, settings) as (stack, valkey, environment):
        yield BotProcess(
            f"http://{LOOPBACK}:{web}",
            environment["REDIS_URL"],
            _started(stack, role_part(home, Role.WEB, web, environment), ForkedPart),
            valkey,
            _started(stack, role_part(home, Role.WORKER, worker, environment), ForkedPart),
            f"http://{LOOPBACK}:{worker}",
        )


@contextmanager
def _beside(
    home: Path, database_url: str, settings: dict[str, str]
) -> Iterator[tuple[ExitStack, Running, dict[str, str]]]:
    """Starts Valkey and the stub of Rasa; yields the stack that stops parts, Valkey, and a bot's environment."""
    redis, rasa = free_port(), free_port()
    environment = {
        **os.environ,
        "VENTANILLA_HOME": str(home),
        "VENTANILLA_SECRET": "s" * 40,
        "REDIS_URL": valkey_url(redis, PASSWORD),
        "DATABASE_URL": database_url,
        "RASA_DATABASE_URL": "",
        "RASA_URL": f"http://{LOOPBACK}:{rasa}",
        "METRICS_PORT": "",
        **settings,
    }
    with ExitStack() as stack:
        valkey = _started(stack, valkey_part(home, redis, PASSWORD))
        _started(stack, rasa_stand_in(home, rasa), ForkedPart)
        yield stack, valkey, environment


def _started(stack: ExitStack, part: Part, kind: type[Running] = Running) -> Running:
    running = kind(patient(part))
    stack.callback(running.stop)
    running.wait_healthy()
    return running
