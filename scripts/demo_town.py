"""Starts the whole system for the screenshots, as the demo agency Los Aromos on a busy morning.

It is the system that ``make run`` starts, so answers, confidences and queues are real. Only times and a few settings
are changed. The agency gets a time zone in which the time is now between 10 and 11, is open every day, needs no second
factor and holds answers with a low confidence for approval. Conversations are moved into the past.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import redis as blocking_redis
import yaml
from argon2 import PasswordHasher

from bot.conversation.inbox import Inbox
from bot.core.messages import Channel, CitizenMessage, Speaker
from bot.core.yaml import read_yaml_file
from bot.record.engine import Sessions, open_database
from bot.record.tables import CannedReply, Staff
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.postgres import RASA_DATABASE, make_databases, postgres_part, postgres_url
from bot.run.valkey import valkey_part, valkey_url
from bot.store import keys
from bot.store.client import open_redis
from tests.acceptance.people import Citizen
from tests.home import ROOT
from tests.system import installed

T = TypeVar("T")
PASSWORD = "una frase larga y tranquila"  # noqa: S105
MORNING = 10
PATIENCE_S, MAYBE_S = 30, 4
WEEK = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")
ANA, BETO, EVA = (f"{name}@losaromos.example" for name in ("ana.soto", "beto.diaz", "eva.rios"))
PEOPLE = (
    (ANA, "Ana Soto", ["agent"], ["en"]),
    (BETO, "Beto Díaz", ["agent"], []),
    (EVA, "Eva Ríos", ["supervisor", "editor", "admin"], ["ht", "pt"]),
)
CANNED = (
    ("bache", "obras", "Gracias por avisar. ¿Me dices la numeración más cercana? Le paso el dato a la cuadrilla."),
)


SECRET = secrets.token_hex(32)


@dataclass
class Town:
    """The running system; ``zone`` is a time zone for the browsers, in which the time is now between 10 and 11."""

    url: str
    redis: Any
    redis_url: str
    database_url: str
    zone: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def hire(self) -> None:
        """Adds the canned replies and the staff, whose password is PASSWORD."""

        async def work(sessions: Sessions) -> None:
            hashed = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
            async with sessions.begin() as session:
                for email, name, roles, languages in PEOPLE:
                    row = Staff(email=email, name=name, roles=roles, password_hash=hashed)
                    row.languages, row.must_change_password = languages, False
                    session.add(row)
                session.add_all(CannedReply(shortcut=one, team=team, text=text) for one, team, text in CANNED)

        self.record(work)

    def record(self, work: Callable[[Sessions], Awaitable[None]]) -> None:
        """Runs ``work`` with a connection to the record."""

        async def run() -> None:
            engine, sessions = open_database(self.database_url)
            await work(sessions)
            await engine.dispose()

        _run(run())

    def talks(self, *messages: str, minutes_ago: float = 0, channel: Channel = Channel.WEB) -> str:
        """Sends a new citizen's messages, waiting for each answer, and returns the conversation's id.

        Afterwards moves the conversation ``minutes_ago`` minutes into the past.
        """
        if channel is Channel.WEB:
            citizen = Citizen(self.url)
            conversation, send = citizen.conversation, citizen.send
        else:
            conversation = f"{channel}-{secrets.token_hex(8)}"
            send = partial(self._send_by, channel, conversation)
        for text in messages:
            answered = self.redis.hget(keys.conversation_key(conversation), "speaker") != Speaker.WAITING.value
            after = send(text)
            self._wait_answer(conversation, after, PATIENCE_S if answered else MAYBE_S)
        time.sleep(1)  # a notice about the queue may follow the answer
        self.move_back(conversation, minutes_ago)
        return conversation

    def _send_by(self, channel: Channel, conversation: str, text: str) -> str:
        """Puts a message into the inbox, as a channel would, and returns the id of its event.

        The message has no address, so no reply is sent to the channel.
        """
        message = CitizenMessage(conversation, channel, f"m{next(self._numbers)}", text, at=0)

        async def accept() -> str:
            client = open_redis(self.redis_url, SECRET)
            accepted = await Inbox(client, _left_to_the_bot, SECRET).accept(message)
            await client.aclose()
            return accepted.event_id

        return _run(accept())

    def _wait_answer(self, conversation: str, after: str, patience_s: float) -> None:
        """Waits at most ``patience_s`` seconds for an answer or a notice; a citizen in a queue often gets neither."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            later = self.redis.xrange(keys.log_key(conversation), min=f"({after}")
            if any(said["kind"] == "message" and said["author"] != "citizen" for _, said in later):
                return
            time.sleep(0.1)

    def move_back(self, conversation: str, minutes: float) -> None:
        """Moves a conversation's messages and the opening of its ticket ``minutes`` minutes into the past."""
        back = int(minutes * 60_000)
        feed = keys.log_key(conversation)

        def rewrite(pipe: Any) -> None:
            said = pipe.xrange(feed)
            pipe.multi()
            pipe.delete(feed)
            for event_id, fields in said:
                at, number = event_id.split("-")
                pipe.xadd(feed, fields | {"at": int(fields["at"]) - back}, id=f"{int(at) - back}-{number}")

        self.redis.transaction(rewrite, feed)  # retried if the log changed meanwhile
        state = self.redis.hgetall(keys.conversation_key(conversation))
        if "inbound_at" in state:
            self.redis.hset(keys.conversation_key(conversation), "inbound_at", int(state["inbound_at"]) - back)
        if ticket := state.get("ticket"):
            self._ticket_back(ticket, back)

    def _ticket_back(self, ticket: str, back: int) -> None:
        known = self.redis.hgetall(keys.ticket_key(ticket))
        self.redis.hset(keys.ticket_key(ticket), "opened_at", int(known["opened_at"]) - back)
        if known["state"] == "waiting":
            self.redis.zincrby(keys.queue_key(known["team"]), -back, ticket)

    def ticket(self, conversation: str) -> str:
        """Returns the id of the conversation's open ticket; raises KeyError if there is none."""
        return str(self.redis.hgetall(keys.conversation_key(conversation))["ticket"])


async def _left_to_the_bot() -> None:
    """Does nothing, since the running bot restores the tickets from the record."""


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in a separate thread, since Playwright's event loop runs in the current one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@contextmanager
def town(home: Path) -> Iterator[Town]:
    """Runs the demo town with empty stores until the block ends, and yields it.

    Deletes the stores of the last run; ``home`` keeps the encoder and the Rasa model.
    """
    zone = morning_zone(datetime.now(UTC))
    for name in ("valkey", "postgres"):
        shutil.rmtree(home / "demo" / name, ignore_errors=True)
    agency = _agency(home, zone)
    with ExitStack() as stack:
        redis_port, database_port, password = free_port(), free_port(), secrets.token_hex(8)
        for part in (
            valkey_part(home / "demo", redis_port, password),
            postgres_part(home / "demo", database_port, password),
        ):
            running = Running(part)
            stack.callback(running.stop)
            running.wait_healthy()
        make_databases(database_port, password)
        stores = {
            "REDIS_URL": valkey_url(redis_port, password),
            "DATABASE_URL": postgres_url(database_port, password),
            "RASA_DATABASE_URL": postgres_url(database_port, password, RASA_DATABASE),
        }
        ours = {"AGENCY_FILE": str(agency), "VENTANILLA_SECRET": SECRET}
        system = stack.enter_context(installed(home, ROOT / "data" / "faq", **ours, **stores))
        client = blocking_redis.Redis.from_url(stores["REDIS_URL"], decode_responses=True)
        stack.callback(client.close)
        yield Town(system.url, client, stores["REDIS_URL"], stores["DATABASE_URL"], zone)


def morning_zone(now: datetime) -> str:
    """Returns a zone ``Etc/GMT±n`` in which ``now`` is between 10 and 11; the sign in such names is inverted."""
    ahead = (MORNING - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _agency(home: Path, zone: str) -> Path:
    """Writes a copy of agency.yml with the settings of the town, such as ``zone``; returns its path."""
    agency = read_yaml_file(ROOT / "agency.yml")
    hours = {day: ["08:30-14:00", "15:00-17:30"] for day in WEEK}
    agency |= {"zona_horaria": zone, "horario": hours, "feriados": "", "cierres": []}
    agency["seguridad"] = {"segundo_factor": []}
    agency["mesa"] = {"aprobacion": {"bajo": 1, "espera_s": 60}}
    home.mkdir(parents=True, exist_ok=True)
    path = home / "agency.yml"
    path.write_text(yaml.safe_dump(agency, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
