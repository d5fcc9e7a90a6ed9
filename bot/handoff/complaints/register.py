"""Sends complaints and their changes to the agency's own register: a signed POST to COMPLAINTS_WEBHOOK_URL.

The signature is HMAC-SHA256, with COMPLAINTS_WEBHOOK_SECRET, of the timestamp, a period and the body. The register
answers 2xx once it has stored the change. Otherwise the change is sent again with the same Idempotency-Key, first after
FIRST_RETRY_S seconds, then at doubling intervals of up to LONGEST_RETRY_S seconds, MAX_TRIES times in total. Changes of
one complaint arrive in order. Redirects are not followed.
"""

from __future__ import annotations

import hmac
import json
import time
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import SecretStr
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.core.errors import RetryableError
from bot.core.logs import log
from bot.core.network import trusted
from bot.core.texts import say
from bot.record.engine import Sessions
from bot.record.tables.complaints import Complaint, ComplaintChange, ComplaintPhoto

TIMEOUT_S = 15.0
FIRST_RETRY_S = 30
LONGEST_RETRY_S = 6 * 3600
MAX_TRIES = 60  # two weeks
TIMESTAMP, SIGNATURE, KEY = "X-Ventanilla-Timestamp", "X-Ventanilla-Signature", "Idempotency-Key"


class RegisterFailed(RetryableError):
    """The agency's register did not accept a complaint."""


class Register:
    """The agency's register at ``url``; the HTTP client stays open until ``close``."""

    def __init__(self, sessions: Sessions, url: str, secret: SecretStr) -> None:
        self._sessions, self._url, self._secret = sessions, url, secret.get_secret_value().encode()
        self._client = httpx.AsyncClient(verify=trusted(), timeout=TIMEOUT_S, follow_redirects=False)

    async def send_one(self) -> bool:
        """Sends the oldest change that is due or, if that fails, schedules another attempt.

        Returns False if none is due.

        May raise SQLAlchemyError.
        """
        async with self._sessions.begin() as session:
            change = await session.scalar(_due().with_for_update(skip_locked=True))
            if change is None:
                return False
            try:
                await self._post(change, await _body(session, change))
            except RegisterFailed as error:
                _retry(change, error)
            else:
                change.export_at = None
        return True

    async def close(self) -> None:
        await self._client.aclose()

    async def _post(self, change: ComplaintChange, body: bytes) -> None:
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: f"v1={signature(self._secret, timestamp, body)}",
            KEY: f"complaint-change-{change.id}",
        }
        try:
            answer = await self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise RegisterFailed(change=change.id, error=type(error).__name__) from error
        if not answer.is_success:
            raise RegisterFailed(change=change.id, status=answer.status_code)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Returns the signature, as hexadecimal, of a body sent at ``timestamp`` (seconds since 1970)."""
    return hmac.new(secret, timestamp.encode() + b"." + body, "sha256").hexdigest()


def _due() -> Select[ComplaintChange]:
    """Selects the oldest change that is due, skipping complaints with an earlier change still to be sent."""
    earlier = aliased(ComplaintChange)
    waits = select(earlier.id).where(
        earlier.complaint_id == ComplaintChange.complaint_id,
        earlier.id < ComplaintChange.id,
        earlier.export_at.is_not(None),
    )
    due = ComplaintChange.export_at <= func.now()
    return select(ComplaintChange).where(due, ~waits.exists()).order_by(ComplaintChange.id).limit(1)


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


def _retry(change: ComplaintChange, error: RegisterFailed) -> None:
    change.export_tries += 1
    if change.export_tries >= MAX_TRIES:
        log.error("complaints: not exported, given up", **error.facts)
        change.export_at = None
        return
    pause_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** min(change.export_tries - 1, 12))
    log.warning("complaints: not exported, retrying", retry_s=pause_s, **error.facts)
    change.export_at = datetime.now(UTC) + timedelta(seconds=pause_s)
