"""Sends alarms to ALARM_WEBHOOK_URL by POST, signed in the same way as the webhook of complaints."""

from __future__ import annotations

import json
import time

import httpx
from pydantic import SecretStr

from bot.core.network import trusted
from bot.core.outgoing.destinations import only_to
from bot.handoff.complaints.register import KEY, SIGNATURE, TIMESTAMP, signature
from bot.mail.senders import TIMEOUT_S, SendingFailed
from bot.record.tables import Spike
from bot.spikes.words import page_of


class SpikeWebhook:
    """A client of the receiver at ``url``, which gets counts, streams and the alarm's page, but no texts."""

    def __init__(self, url: str, secret: SecretStr, public_url: str) -> None:
        self._url, self._secret, self._public_url = url, secret.get_secret_value().encode(), public_url

    async def send(self, spike: Spike) -> None:
        """Sends an alarm. Raises SendingFailed unless the receiver responds 2xx; does not follow redirects."""
        data = {
            "id": spike.id,
            "at": spike.at.isoformat(),
            "since": spike.since.isoformat(),
            "streams": spike.streams,
            "citizens": spike.citizens,
            "minutes": spike.window,
            "expected": round(spike.expected, 1),
            "page": page_of(spike, self._public_url),
        }
        body, timestamp = json.dumps(data).encode(), str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: f"v1={signature(self._secret, timestamp, body)}",
            KEY: f"spike-{spike.id}",
        }
        try:
            async with httpx.AsyncClient(
                verify=trusted(), timeout=TIMEOUT_S, follow_redirects=False, event_hooks=only_to(self._url)
            ) as client:
                answer = await client.post(self._url, content=body, headers=headers)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise SendingFailed(way="webhook", error=type(error).__name__) from error
