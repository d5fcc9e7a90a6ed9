"""Tests Twilio's webhook: stores genuine calls before answering, refuses the rest, asks for a retry on failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr
from redis.exceptions import ConnectionError as RedisConnectionError
from twilio.request_validator import RequestValidator

from bot.channels.whatsapp import webhook as module
from bot.channels.whatsapp.signature import FORM, Fields, Secrets
from bot.channels.whatsapp.webhook import MAX_BODY_BYTES, PATH, STATUS_PATH, Webhook
from bot.conversation.addresses import Addresses
from bot.core.messages import CitizenMessage

TOKEN, PUBLIC = "a-token", "https://chat.losaromos.example"
SID = f"SM{1:032x}"
WORDS = {"MessageSid": SID, "From": "whatsapp:+56911112222", "Body": "¿cuándo pasa la basura? ñ", "NumMedia": "0"}


@dataclass
class Inbox:
    """Records messages as the inbox; ``away`` means that Redis is unreachable."""

    away: bool = False
    kept: list[CitizenMessage] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    async def accept(self, message: CitizenMessage, *, address: str = "") -> None:
        if self.away:
            raise RedisConnectionError("away")
        self.kept.append(message)
        self.addresses.append(address)

    async def allow(self, *_limit: object, **_cost: object) -> bool:
        return True


@dataclass
class Outbox:
    """Replaces the outbox; ``known_after`` is the number of reports before the message is known.

    ``known_after`` of -1 means that Redis fails once. ``moves`` states whether the reports of a known message change
    its state.
    """

    known_after: int = 0
    moves: bool = True
    reports: list[tuple[str, str, str]] = field(default_factory=list)

    async def report(self, _channel: str, sid: str, state: str, reason: str = "") -> bool | None:
        self.reports.append((sid, state, reason))
        if self.known_after < 0 and len(self.reports) == 2:
            raise RedisConnectionError("away")
        return self.moves if len(self.reports) > abs(self.known_after) else None


@dataclass
class Twilio:
    """Calls the webhook as Twilio does."""

    inbox: Inbox = field(default_factory=Inbox)
    outbox: Outbox = field(default_factory=Outbox)
    addresses: Addresses = field(default_factory=lambda: Addresses("s" * 40))

    def __post_init__(self) -> None:
        secrets = Secrets(SecretStr(TOKEN))
        self.webhook = Webhook(
            inbox=self.inbox,  # type: ignore[arg-type]
            outbox=self.outbox,  # type: ignore[arg-type]
            addresses=self.addresses,
            secrets=secrets,
            public_url=PUBLIC,
        )
        app = FastAPI()
        app.include_router(self.webhook.router())
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside:8000")

    async def calls(self, fields: dict[str, str], path: str = PATH, *, token: str = TOKEN) -> httpx.Response:
        pairs = list(fields.items())
        sign = RequestValidator(token).compute_signature(PUBLIC + path, Fields(pairs))
        headers = {"X-Twilio-Signature": sign, "Content-Type": FORM}
        return await self._client.post(path, content=urlencode(pairs), headers=headers)

    async def sends(self, content: bytes, **headers: str) -> httpx.Response:
        named = {key.replace("_", "-").encode(): one.encode("latin-1") for key, one in headers.items()}
        return await self._client.post(PATH, content=content, headers=named)


@pytest_asyncio.fixture
async def twilio(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Twilio]:
    monkeypatch.setattr(module, "EARLY_REPORT_PAUSES_S", (0.0, 0.0, 0.0))
    made = Twilio()
    yield made
    await made.webhook.close()


async def settled(twilio: Twilio) -> list[str]:
    """Waits until all background work ends; returns the reported statuses."""
    await asyncio.gather(*twilio.webhook._beside)
    return [state for _, state, _ in twilio.outbox.reports]


async def test_message_is_stored_with_its_encrypted_address_before_it_is_answered(twilio: Twilio) -> None:
    answer = await twilio.calls(WORDS)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/xml")
    assert [one.text for one in twilio.inbox.kept] == [WORDS["Body"]]
    (encrypted,) = twilio.inbox.addresses
    assert "56911112222" not in encrypted
    assert twilio.addresses.decrypt(encrypted) == WORDS["From"]


@pytest.mark.parametrize("path", [PATH, STATUS_PATH])
async def test_either_path_accepts_either_call(twilio: Twilio, path: str) -> None:
    await twilio.calls(WORDS, path)
    await twilio.calls({"MessageSid": "SM2", "MessageStatus": "read"}, path)
    assert (len(twilio.inbox.kept), twilio.outbox.reports) == (1, [("SM2", "read", "")])


async def test_forged_call_changes_nothing(twilio: Twilio) -> None:
    assert (await twilio.calls(WORDS, token="another")).status_code == 403
    assert (await twilio.sends(urlencode(WORDS).encode(), content_type=FORM)).status_code == 403
    assert (await twilio.sends(b"", x_twilio_signature="x")).status_code == 403
    assert (await twilio.sends(b"\xff\xfe", content_type=FORM, x_twilio_signature="\xff")).status_code == 403
    assert twilio.inbox.kept == []


async def test_signature_of_one_path_is_invalid_at_the_other(twilio: Twilio) -> None:
    sign = RequestValidator(TOKEN).compute_signature(PUBLIC + STATUS_PATH, Fields(list(WORDS.items())))
    forged = await twilio.sends(urlencode(WORDS).encode(), content_type=FORM, x_twilio_signature=sign)
    assert forged.status_code == 403


async def test_twilio_is_asked_to_retry_while_nothing_can_be_stored(twilio: Twilio) -> None:
    twilio.inbox.away = True
    answer = await twilio.calls(WORDS)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_other_calls_are_answered_so_that_they_are_not_repeated(twilio: Twilio) -> None:
    assert (await twilio.calls({"EventType": "new thing"})).status_code == 200
    assert (await twilio.calls({"MessageSid": SID, "From": "+56911112222", "Body": "un SMS"})).status_code == 200
    assert twilio.inbox.kept == []


@pytest.mark.parametrize("state", ["queued", "sending", "accepted", "scheduled", "", "nonsense"])
async def test_irrelevant_status_is_ignored(twilio: Twilio, state: str) -> None:
    await twilio.calls({"MessageSid": "SM2", "MessageStatus": state})
    assert twilio.outbox.reports == []


@pytest.mark.parametrize("state", ["failed", "undelivered", "FAILED"])
async def test_failure_is_reported_with_its_reason(twilio: Twilio, state: str) -> None:
    await twilio.calls({"MessageSid": "SM2", "MessageStatus": state, "ErrorCode": "63016"})
    assert twilio.outbox.reports == [("SM2", "failed", "window_closed")]


@pytest.mark.parametrize("code", ["", "abc", "٦٣٠١٦", "-1"])
async def test_failure_without_a_number_has_a_reason_too(twilio: Twilio, code: str) -> None:
    await twilio.calls({"MessageSid": "SM2", "MessageStatus": "failed", "ErrorCode": code})
    assert twilio.outbox.reports[0][2] == "refused"


async def test_status_of_a_still_unknown_message_is_reported_again(twilio: Twilio) -> None:
    twilio.outbox.known_after = 2
    await twilio.calls({"MessageSid": "SM2", "MessageStatus": "delivered"})
    assert await settled(twilio) == ["delivered"] * 3


async def test_repeated_status_is_not_reported_again(twilio: Twilio) -> None:
    twilio.outbox.moves = False
    await twilio.calls({"MessageSid": "SM2", "MessageStatus": "delivered"})
    assert await settled(twilio) == ["delivered"]


async def test_short_redis_outage_does_not_end_the_retries(twilio: Twilio) -> None:
    twilio.outbox.known_after = -2
    await twilio.calls({"MessageSid": "SM2", "MessageStatus": "delivered"})
    assert await settled(twilio) == ["delivered"] * 3


async def test_retries_end_and_a_sent_status_is_not_retried(twilio: Twilio) -> None:
    twilio.outbox.known_after = 99
    await twilio.calls({"MessageSid": "SM2", "MessageStatus": "sent"})
    assert await settled(twilio) == ["sent"]
    await twilio.calls({"MessageSid": "SM3", "MessageStatus": "read"})
    assert await settled(twilio) == ["sent"] + ["read"] * 4


async def test_oversized_form_is_not_read(twilio: Twilio) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * (MAX_BODY_BYTES // 16)

    sent = twilio._client.build_request("POST", PATH, content=endless(), headers={"Content-Type": FORM})
    assert (await twilio._client.send(sent)).status_code == 413
