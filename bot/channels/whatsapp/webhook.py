"""Handles Twilio's webhooks: verifies a request, parses and stores it, and only then responds.

``POST /channels/whatsapp`` is for citizens' messages, ``POST /channels/whatsapp/status`` for the delivery statuses of
our messages; each route accepts both, since a Messaging Service may have a single address. Forged requests get 403. If
Redis is unavailable, the response is 503, so that Twilio retries.
"""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response
from redis.exceptions import RedisError

from bot.channels.outgoing.message_limits import MessageLimits
from bot.channels.whatsapp.errors import failure
from bot.channels.whatsapp.read import Status, read_message, read_status
from bot.channels.whatsapp.signature import (
    SETTINGS_HEADER,
    SIGNATURE_HEADER,
    Call,
    Pairs,
    Secrets,
    form_fields,
    is_genuine,
    public_address,
)
from bot.conversation.addresses import Addresses
from bot.conversation.inbox import Inbox
from bot.core.logs import log
from bot.core.messages import Channel
from bot.core.network import source_of
from bot.metrics.measures import Refusal, count_refusal
from bot.tickets.outbox import Outbox

PATH = "/channels/whatsapp"
STATUS_PATH = f"{PATH}/status"
OVERRIDES = "#rc=3&rp=all"  # makes Twilio retry up to 3 times after any error; Twilio does not send the fragment
MAX_BODY_BYTES = 64 * 1024
NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
STATES = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed", "undelivered": "failed"}
EARLY_REPORT_PAUSES_S = (0.5, 2.0, 8.0)


class Webhook:
    """The webhook routes; ``public_url`` is PUBLIC_URL, the beginning of the URLs that Twilio signs."""

    def __init__(
        self, *, inbox: Inbox, outbox: Outbox, addresses: Addresses, secrets: Secrets, public_url: str
    ) -> None:
        self._inbox, self._limits = inbox, MessageLimits(inbox)
        self._outbox = outbox
        self._addresses = addresses
        self._secrets = secrets
        self._public_url = public_url
        self._beside: set[asyncio.Task[None]] = set()

    def router(self) -> APIRouter:
        router = APIRouter(include_in_schema=False, max_body_size=MAX_BODY_BYTES)
        for path in (PATH, STATUS_PATH):
            router.add_api_route(path, self._called, methods=["POST"])
        return router

    async def close(self) -> None:
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    async def _called(self, request: Request) -> Response:
        call = await self._call(request)
        if not is_genuine(call, self._secrets):
            log.warning("webhook: forged request refused", channel=Channel.WHATSAPP, network=source_of(request))
            count_refusal(Refusal.SIGNATURE)
            return Response(status_code=403)
        pairs = form_fields(call.body) if call.is_form else None
        try:
            return await self._take(pairs or [])
        except RedisError as error:
            log.warning("whatsapp: request not stored, answered 503", error=type(error).__name__)
            return Response(status_code=503, headers={"Retry-After": "5"})

    async def _call(self, request: Request) -> Call:
        path = request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or request.url.path
        return Call(
            address=public_address(self._public_url, path, request.scope["query_string"].decode("latin-1")),
            body=await request.body(),
            content_type=request.headers.get("content-type", ""),
            signature=request.headers.get(SIGNATURE_HEADER, ""),
            settings=request.headers.get(SETTINGS_HEADER, ""),
        )

    async def _take(self, pairs: Pairs) -> Response:
        status = read_status(pairs)
        if status is not None:
            await self._report(status)
            return Response(status_code=204)
        read = read_message(pairs, self._addresses)
        if read is None:
            log.warning("whatsapp: unknown form ignored", fields=sorted({name for name, _ in pairs})[:40])
        else:
            message, address = read
            if await self._limits.allow(message):
                await self._inbox.accept(message, address=self._addresses.encrypt(address))
        return Response(NO_ANSWER, media_type="text/xml")

    async def _report(self, status: Status) -> None:
        """Updates the delivery state of a message that we sent; ignores states that are not in STATES.

        If the message is not yet recorded as sent, tries again in the background, except for the state ``sent``.
        """
        state = STATES.get(status.state)
        if state is None:
            return
        reason = failure(status.code).reason if state == "failed" else ""
        if state == "failed":
            log.warning("whatsapp: message not delivered", sent_id=status.sid, code=status.code, reason=reason)
        if await self._outbox.report(Channel.WHATSAPP, status.sid, state, reason) is None and state != "sent":
            task = asyncio.create_task(self._report_again(status.sid, state, reason))
            self._beside.add(task)
            task.add_done_callback(self._beside.discard)

    async def _report_again(self, sid: str, state: str, reason: str) -> None:
        """Tries several times to store a delivery status that arrived before the message was recorded as sent."""
        for pause_s in EARLY_REPORT_PAUSES_S:
            await asyncio.sleep(pause_s)
            try:
                if await self._outbox.report(Channel.WHATSAPP, sid, state, reason) is not None:
                    return
            except RedisError as error:
                log.warning("whatsapp: delivery status not stored", error=type(error).__name__)
