"""Sends complaints and their changes to the agency's own register: a signed POST to COMPLAINTS_WEBHOOK_URL.

The signature is HMAC-SHA256, with COMPLAINTS_WEBHOOK_SECRET, of the timestamp, a period and the body. The register
answers 2xx once it has stored the change. Otherwise the change is sent again with the same Idempotency-Key, first after
FIRST_RETRY_S seconds, then at doubling intervals of up to LONGEST_RETRY_S seconds, MAX_TRIES times in total. Changes of
one complaint arrive in order. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import SecretStr
from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.core.errors.base import RetryableError
from bot.core.logs import log
from bot.core.network import trusted
from bot.core.outgoing.destinations import only_to
from bot.core.texts import say
from bot.record.engine import Sessions
from bot.record.tables.complaints import Complaint, ComplaintChange, ComplaintPhoto
from bot.record.tables.privacy import blocked_conversations

TIMEOUT_S = 15.0  # of each step of a request
ANSWERED_WITHIN_S = 30.0
RESERVED_S = 120  # longer than ANSWERED_WITHIN_S
FIRST_RETRY_S = 30
LONGEST_RETRY_S = 6 * 3600
MOST_DOUBLINGS = 12
MAX_TRIES = 60  # about 13 days
TIMESTAMP, SIGNATURE, KEY = "X-Ventanilla-Timestamp", "X-Ventanilla-Signature", "Idempotency-Key"


class RegisterFailed(RetryableError):
    """The agency's register did not accept a complaint."""


@dataclass(frozen=True)
class _ReservedChange:
    """A change with its body and earlier attempts, reserved until ``reserved``."""

    change: int
    body: bytes
    tries: int
    reserved: datetime | None


class Register:
    """The agency's register at ``url``; the HTTP client stays open until ``close``."""

    def __init__(self, sessions: Sessions, url: str, secret: SecretStr) -> None:
        self._sessions, self._url, self._secret = sessions, url, secret.get_secret_value().encode()
        self._client = httpx.AsyncClient(
            verify=trusted(), timeout=TIMEOUT_S, follow_redirects=False, event_hooks=only_to(url)
        )

    async def send_one(self) -> bool:
        """Sends the oldest change that is due or, if that fails, schedules another attempt.

        Returns False if none is due. No transaction is open meanwhile: the change is reserved for RESERVED_S. If the
        process is killed, another one sends the change after that time. May raise SQLAlchemyError.
        """
        taken = await self._reserve()
        if taken is None:
            return False
        try:
            await self._post(taken)
        except RegisterFailed as error:
            await self._store(taken, _later(taken, error), only_if_reserved=True)
        else:
            await self._store(taken, {"export_at": None})
        return True

    async def _reserve(self) -> _ReservedChange | None:
        """Reserves the oldest change that is due; None if there is none."""
        async with self._sessions.begin() as session:
            change = await session.scalar(_due().with_for_update(skip_locked=True))
            if change is None:
                return None
            reserving = update(ComplaintChange).where(ComplaintChange.id == change.id)
            until = reserving.values(export_at=func.now() + timedelta(seconds=RESERVED_S))
            body, tries = await _body(session, change), change.export_tries
            reserved = await session.scalar(until.returning(ComplaintChange.export_at))
            return _ReservedChange(change.id, body, tries, reserved)

    async def _store(
        self, taken: _ReservedChange, values: Mapping[str, object], *, only_if_reserved: bool = False
    ) -> None:
        storing = update(ComplaintChange).where(ComplaintChange.id == taken.change)
        if only_if_reserved:  # else another process sends the change now and stores its result
            storing = storing.where(ComplaintChange.export_at == taken.reserved)
        async with self._sessions.begin() as session:
            await session.execute(storing.values(values))

    async def close(self) -> None:
        await self._client.aclose()

    async def _post(self, taken: _ReservedChange) -> None:
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: f"v1={signature(self._secret, timestamp, taken.body)}",
            KEY: f"complaint-change-{taken.change}",
        }
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):  # httpx only limits each step
                answer = await self._client.post(self._url, content=taken.body, headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            raise RegisterFailed(change=taken.change, error=type(error).__name__) from error
        if not answer.is_success:
            raise RegisterFailed(change=taken.change, status=answer.status_code)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Returns the signature of a body sent at ``timestamp`` (seconds since 1970): an HMAC-SHA256 in hexadecimal."""
    return hmac.new(secret, timestamp.encode() + b"." + body, "sha256").hexdigest()


def _due() -> Select[ComplaintChange]:
    """Selects the oldest change that is due, skipping complaints with an earlier change still to be sent.

    Changes of blocked conversations wait until these are unblocked.
    A change is due at its time, and at once if that is later than any pause or reservation could set it.
    """
    earlier = aliased(ComplaintChange)
    waits = select(earlier.id).where(
        earlier.complaint_id == ComplaintChange.complaint_id,
        earlier.id < ComplaintChange.id,
        earlier.export_at.is_not(None),
    )
    tries = func.least(ComplaintChange.export_tries, MOST_DOUBLINGS)
    pause_s = func.least(LONGEST_RETRY_S, FIRST_RETRY_S * func.power(2, tries))
    # A time so far away was set while the clock was ahead.
    too_late = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, pause_s + RESERVED_S)
    due = or_(ComplaintChange.export_at <= func.now(), ComplaintChange.export_at > too_late)
    of_blocked = select(Complaint.id).where(Complaint.conversation_id.in_(blocked_conversations()))
    usable = ComplaintChange.complaint_id.not_in(of_blocked)
    return select(ComplaintChange).where(due, usable, ~waits.exists()).order_by(ComplaintChange.id).limit(1)


async def _body(session: AsyncSession, change: ComplaintChange) -> bytes:
    one = await session.get_one(Complaint, change.complaint_id)
    photos = await session.scalar(select(func.count()).where(ComplaintPhoto.complaint_id == one.id))
    data = {
        "id": change.id,
        "number": one.number,
        "state": change.state,
        "state_name": say(f"desk.reclamos.estados.{change.state}"),
        "unit": change.unit,
        "reply": change.reply,
        "changed_at": change.at.astimezone(UTC).isoformat(),
        "received_at": one.at.astimezone(UTC).isoformat(),
        "channel": one.channel,
        "team": one.team,
        "what": one.what,
        "where": one.location,
        "latitude": one.latitude,
        "longitude": one.longitude,
        "photos": photos,
    }
    return json.dumps(data, ensure_ascii=False).encode()


def _later(taken: _ReservedChange, error: RegisterFailed) -> dict[str, object]:
    """Returns the column values to store for a change that was not accepted; logs the failure."""
    tries = taken.tries + 1
    if tries >= MAX_TRIES:
        log.error("complaints: not exported, given up", **error.facts)
        return {"export_tries": tries, "export_at": None}
    pause_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** min(tries - 1, MOST_DOUBLINGS))
    log.warning("complaints: not exported, retrying", retry_s=pause_s, **error.facts)
    return {"export_tries": tries, "export_at": datetime.now(UTC) + timedelta(seconds=pause_s)}
