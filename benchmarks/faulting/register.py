"""Simulates the agency's register of complaints, which gets each change by a signed POST, and judges the calls.

The test itself stores the complaints, as the recorder does with citizens' complaints, and later changes each of them.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.faulting.providers import Delivery, Mood, Moods, after, before
from benchmarks.faulting.told import DISORDERED, TOUCH_SENDING, Struck, excess
from benchmarks.faulting.verdict import BROKEN, REFUSED_HOOK
from bot.handoff.complaints.register import KEY, SIGNATURE, TIMESTAMP, signature
from bot.record.complaint_record import Notified
from bot.record.engine import open_database
from bot.record.tables.complaints import Complaint, ComplaintChange

SECRET = "r" * 40
PATH, REGISTER = "/complaint", "register of complaints"
STATES = ("received", "resolved")


def _moods() -> Moods:
    return Moods(random.Random(2))  # noqa: S311


def is_signed(request: Request, body: bytes, secret: str) -> bool:
    """Returns whether the call of a webhook is signed with ``secret``."""
    expected = f"v1={signature(secret.encode(), request.headers.get(TIMESTAMP, ''), body)}"
    return hmac.compare_digest(expected, request.headers.get(SIGNATURE, ""))


async def rejection(mood: Mood, rng: random.Random) -> Response | None:
    """Returns the response if a webhook's receiver rejects a call, or None if it accepts the call.

    Rejects LIMITED and BABBLING with 503: ``before`` accepts the first, and answers the second with status 200, which
    the sender of a webhook takes for a success.
    """
    if mood in {Mood.LIMITED, Mood.BABBLING}:
        return Response(status_code=503)
    return await before(mood, rng)


@dataclass
class Register:
    """The register; ``stored`` maps each complaint to its changes in order.

    ``got`` lists the accepted calls as (key, body), and ``refused`` the bodies of calls with a wrong signature.
    """

    hook: Moods = field(default_factory=_moods)
    stored: dict[int, list[int]] = field(default_factory=dict)
    got: list[tuple[str, bytes]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def route(self) -> Route:
        return Route(PATH, self._called, methods=["POST"])

    @staticmethod
    def settings(url: str) -> dict[str, str]:
        """Returns the settings of a bot that sends complaints to the server at ``url``."""
        return {"COMPLAINTS_WEBHOOK_URL": f"{url}{PATH}", "COMPLAINTS_WEBHOOK_SECRET": SECRET}

    async def _called(self, request: Request) -> Response:
        body = await request.body()
        if not is_signed(request, body, SECRET):
            self.refused.append(body.decode(errors="replace")[:100])
            return Response(status_code=401)
        mood, began = self.hook.draw(), time.monotonic()
        if instead := await rejection(mood, self.hook.rng):
            return instead
        self.got.append((request.headers.get(KEY, ""), body))
        self.hook.delivers(REGISTER, str(json.loads(body)["id"]), "", mood, began=began)
        return await after(mood, Response(status_code=204))

    async def file(self, database_url: str) -> None:
        """Stores another complaint, and a change of the first complaint that has only one. Raises SQLAlchemyError."""
        now, number = datetime.now(UTC), len(self.stored) + 1
        times = {"at": now, "changed_at": now}
        made = Complaint(
            **{"conversation_id": f"harness-{number}", "event_id": "1-0", "number": f"{number:03}-000", **times},
            **{"channel": "web", "team": "atencion", "what": "Hay un hoyo", "location": "Prat 9", "state": STATES[0]},
        )
        engine, sessions = open_database(database_url)
        try:
            async with sessions.begin() as session:
                session.add(made)
                await session.flush()
                waiting = next((id for id, changes in self.stored.items() if len(changes) < len(STATES)), None)
                told = Notified.SENT.value  # the citizen does not exist
                changes = [ComplaintChange(complaint_id=made.id, state=STATES[0], told=told)]
                if waiting is not None:
                    changes.append(ComplaintChange(complaint_id=waiting, state=STATES[1], told=told))
                session.add_all(changes)
                await session.flush()
                stored = [(one.complaint_id, one.id) for one in changes]
        finally:
            await engine.dispose()
        for complaint, change in stored:
            self.stored.setdefault(complaint, []).append(change)

    async def file_some(self, noted: Callable[[], Mapping[str, str]], every_s: float) -> None:
        """Calls ``file`` every ``every_s`` seconds until cancelled; does nothing if ``every_s`` is 0.

        Ignores that PostgreSQL is unreachable.
        """
        while every_s:
            await asyncio.sleep(every_s)
            try:
                await self.file(noted()["DATABASE_URL"])
            except (SQLAlchemyError, OSError, KeyError):
                continue

    def unheard(self) -> dict[str, int]:
        """Counts the changes that have not arrived; {} if all have."""
        missing = {str(one) for changes in self.stored.values() for one in changes} - set(self._seen())
        return {"changes of complaints not in the register": len(missing)} if missing else {}

    def judge(self, struck: Sequence[Struck]) -> Iterable[tuple[str, str]]:
        """Yields each fault of the calls, as a kind and a line of evidence.

        The faults are a call with a wrong signature, changes of a complaint out of order, a repeated change, and a
        change that was sent again with another key or text.
        """
        yield from ((REFUSED_HOOK, line) for line in self.refused)
        seen = self._seen()
        for changes in self.stored.values():
            first = [seen[str(one)][0].at for one in changes if str(one) in seen]
            if first != sorted(first):
                yield DISORDERED, f"changes {changes} of one complaint"
        for change, saw in seen.items():
            moments = ", ".join(f"{one.at - saw[0].at:.1f} s ({one.mood})" for one in saw)
            for kind in excess(saw, len(saw) - 1, struck, TOUCH_SENDING | {"postgres"}):
                yield kind, f"change {change} of a complaint, seen {moments}"
        calls = {(json.loads(body)["id"], key, body) for key, body in self.got}
        if len(calls) != len(seen):
            yield BROKEN, "a change of a complaint was repeated with another key or text"

    def _seen(self) -> dict[str, list[Delivery]]:
        seen: dict[str, list[Delivery]] = {}
        for one in list(self.hook.delivered):
            seen.setdefault(one.chat, []).append(one)
        return seen
