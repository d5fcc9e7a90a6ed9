"""Simulates agents who claim, read, answer, snooze, release and close tickets through the desk's API."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy.exc import IntegrityError

from bot.record.engine import open_database
from bot.record.tables import Staff
from tests.desk_world import CSRF, PASSWORD, QUICK

TIMEOUT_S = 15.0
LOOK_EVERY_S = 1.0
HEARTBEAT_S = 10.0
MOST_AT_ONCE = 4
SNOOZED, GIVEN_BACK, RACED = 0.1, 0.05, 0.3
REPLIES_BEFORE_CLOSING = 2
STAYS_S = 20.0
ENDED = {401, 403}  # statuses of a session that has ended
STILL_WRITES, CLOSES_OVER = "citizen_writes", 0.5


async def hire(database_url: str, names: Mapping[str, str]) -> None:
    """Creates an account with PASSWORD for each name and role; creates none if one of them already exists."""
    engine, sessions = open_database(database_url)
    try:
        async with sessions.begin() as session:
            for name, role in names.items():
                row = Staff(email=f"{name}@x.cl", name=name, roles=[role], password_hash=QUICK.hash(PASSWORD))
                row.must_change_password = False
                session.add(row)
    except IntegrityError:
        pass  # the accounts already exist
    finally:
        await engine.dispose()


@dataclass
class Desk:
    """The agents' work: ``counted`` contains the number of their actions and errors of each kind.

    ``read_up_to`` maps each closed ticket to the last event that its agent had read. The browsers of the agents in
    ``vanished`` do nothing; ``holding`` maps each agent to the tickets that the browser showed last. ``late`` lists
    late replies that the desk wrongly accepted: the ticket had left the agent, but the desk did not refuse with 409.
    """

    counted: Counter[str] = field(default_factory=Counter)
    read_up_to: dict[str, str] = field(default_factory=dict)
    vanished: set[str] = field(default_factory=set)
    holding: dict[str, list[str]] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)


class Agent:
    """An agent with a browser, who signs in again when the session has ended.

    ``leaves(ticket)`` returns whether the agents leave a waiting ticket alone.
    """

    def __init__(
        self, url: str, name: str, rng: random.Random, desk: Desk, leaves: Callable[[Mapping[str, Any]], bool]
    ) -> None:
        self._url, self._name, self._rng, self._desk, self._leaves = url, name, rng, desk, leaves
        self._was_gone = False
        self._client = httpx.AsyncClient()
        self._beat_at = 0.0
        self._replied: Counter[str] = Counter()
        self._since: dict[str, float] = {}

    async def work(self, ending: asyncio.Event) -> None:
        while not ending.is_set():
            try:
                await self._work()
            except httpx.HTTPError as error:
                self._desk.counted[type(error).__name__] += 1
            except _Refused as refused:
                self._desk.counted[f"HTTP {refused.status}"] += 1
                if refused.status in ENDED:
                    self._client.headers.pop("X-CSRF-Token", None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await ending.wait()
        await self._client.aclose()

    async def _work(self) -> None:
        if self._name in self._desk.vanished:
            self._was_gone = True
            return
        if self._was_gone:
            await self._reply_late()
            self._was_gone = False
        await self._look()

    async def _reply_late(self) -> None:
        """Sends a reply, written before the browser vanished, to each ticket that the browser showed then.

        Raises _Refused if the session has ended or the desk is unavailable; then the reply was neither accepted nor
        rejected.
        """
        if "X-CSRF-Token" not in self._client.headers:
            await self._sign_in()
        for ticket in self._desk.holding.get(self._name, ()):
            body = {"reply_id": f"late-{ticket}-{time.monotonic_ns()}", "text": f"Le responde {self._name}, tarde"}
            answer = await self._client.post(f"/desk/api/tickets/{ticket}/replies", json=body)
            self._desk.counted[f"late reply: HTTP {answer.status_code}"] += 1
            if answer.status_code in ENDED or answer.is_server_error:
                raise _Refused(answer.status_code)
            if answer.status_code != httpx.codes.CONFLICT:
                self._desk.late.append(f"{self._name} to {ticket}: HTTP {answer.status_code}")

    async def _look(self) -> None:
        if "X-CSRF-Token" not in self._client.headers:
            await self._sign_in()
        if time.monotonic() - self._beat_at > HEARTBEAT_S:
            await self._post("sent heartbeats", "/desk/api/heartbeat")
            self._beat_at = time.monotonic()
        board = await self._get("/desk/api/tickets")
        self._desk.holding[self._name] = [ticket["id"] for ticket in board["mine"]]
        for ticket in board["mine"]:
            await self._attend(ticket)
        waiting = [one["id"] for one in board["waiting"] if not self._leaves(one)]
        if waiting and len(board["mine"]) < MOST_AT_ONCE:
            await self._take(waiting[0], only=len(waiting) < len(board["waiting"]))

    async def _sign_in(self) -> None:
        await self._client.aclose()
        self._client = httpx.AsyncClient(base_url=self._url, headers={"Origin": self._url}, timeout=TIMEOUT_S)
        answer = await self._client.post("/desk/login", data={"correo": f"{self._name}@x.cl", "clave": PASSWORD})
        if answer.status_code != 303:
            raise _Refused(answer.status_code)
        token = CSRF.search((await self._client.get("/desk")).text)
        if token is None:
            raise _Refused(503)
        self._client.headers["X-CSRF-Token"] = token[1]

    async def _take(self, ticket: str, *, only: bool) -> None:
        """Claims the next ticket or, with probability RACED, ``ticket``, so that two agents may race for it.

        With ``only``, always claims ``ticket``, because the agents leave other waiting tickets alone.
        """
        raced = only or self._rng.random() < RACED
        await self._post("claimed", f"/desk/api/tickets/{ticket}/claim" if raced else "/desk/api/next")

    async def _attend(self, shown: dict[str, Any]) -> None:
        ticket, path = shown["id"], f"/desk/api/tickets/{shown['id']}"
        since = self._since.setdefault(ticket, time.monotonic())
        events = (await self._get(path))["events"]
        said = [one for one in events if one["kind"] == "message" and one["author"] in {"citizen", "staff"}]
        if not said:
            return
        newest = events[-1]["id"]
        await self._post("read", f"{path}/read", json={"event_id": newest})
        if said[-1]["author"] == "citizen":
            await self._reply(path, ticket, newest)
        elif self._replied[ticket] >= REPLIES_BEFORE_CLOSING or time.monotonic() - since > STAYS_S:
            await self._end(path, ticket, newest)
        elif shown["state"] == "claimed" and self._rng.random() < SNOOZED:
            await self._post("snoozed", f"{path}/snooze")
        elif self._rng.random() < GIVEN_BACK:
            await self._post("given back", f"{path}/release", json={})

    async def _reply(self, path: str, ticket: str, newest: str) -> None:
        body = {"reply_id": f"reply-{ticket}-{newest}", "text": f"Le responde {self._name} hasta {newest}"}
        if await self._post("replied", f"{path}/replies", json=body):
            self._replied[ticket] += 1

    async def _end(self, path: str, ticket: str, newest: str) -> None:
        """Closes the ticket; if the desk refuses because the citizen wrote, insists in CLOSES_OVER of the cases."""
        answer = await self._client.post(f"{path}/close")
        told = answer.json().get("detail", {}) if answer.status_code == httpx.codes.CONFLICT else {}
        if told.get("error") == STILL_WRITES:
            self._desk.counted["refused, since the citizen wrote"] += 1
            if self._rng.random() >= CLOSES_OVER:
                return
            answer = await self._client.post(f"{path}/close", json={"closing_over": told["newest"]})
        if answer.is_success:
            self._desk.counted["closed over words" if told else "closed"] += 1
            self._desk.read_up_to[ticket] = newest
        elif answer.status_code != httpx.codes.CONFLICT:
            raise _Refused(answer.status_code)

    async def _get(self, path: str) -> Any:
        answer = await self._client.get(path)
        if not answer.is_success:
            raise _Refused(answer.status_code)
        return answer.json()

    async def _post(self, what: str, path: str, **request: Any) -> bool:
        """Sends a POST request and counts it as ``what``; returns False if a colleague has the ticket (HTTP 409).

        Raises _Refused for any other error status.
        """
        answer = await self._client.post(path, **request)
        accepted = answer.status_code != httpx.codes.CONFLICT
        if accepted and not answer.is_success:
            raise _Refused(answer.status_code)
        self._desk.counted[what if accepted else "told that it is another's"] += 1
        return accepted


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
