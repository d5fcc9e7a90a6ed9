"""Implements the Telegram channel: receives updates by webhook or polling, and sends HTML messages.

With PUBLIC_URL, Telegram calls ``POST /channels/telegram`` (``ventanilla telegram setup`` registers it); the header
``X-Telegram-Bot-Api-Secret-Token`` authenticates the call. Without PUBLIC_URL, one process at a time polls. Telegram
repeats an update until the response is 200 and holds back the chat's later updates; so an update that cannot be parsed
also gets 200, and its id is logged.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from redis.exceptions import RedisError

from bot.agency.offices import Office
from bot.channels.outgoing.channel import Chunk, Pace, with_files
from bot.channels.outgoing.message_limits import MessageLimits
from bot.channels.telegram.api import TelegramApi
from bot.channels.telegram.chat_order import ChatOrder
from bot.channels.telegram.message import Text, Upload, chat_of
from bot.channels.telegram.render import TelegramChunk, pieces, spans_of, texts
from bot.channels.telegram.update import Incoming, incoming, needs_me, read_update, rescued
from bot.conversation.addresses import Addresses
from bot.conversation.files import Files, file_id_of, kept_of
from bot.conversation.inbox import Inbox
from bot.core.clock import now_ms
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.events import Event, EventKind
from bot.core.logs import log
from bot.core.messages import Attachment, Channel, CitizenMessage, MediaKind, Speaker
from bot.core.network import source_of
from bot.core.progress import Beat, no_beat
from bot.core.texts import area
from bot.metrics.measures import Refusal, count_refusal
from bot.store.cancelling import beside
from bot.store.streams import stopping
from bot.tickets.outbox import Outbox

PATH = "/channels/telegram"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  (a header)
SECRET_PURPOSE = "telegram webhook"  # noqa: S105  (a label for key derivation)
CAPTION_LIMIT = 1024
MAX_BODY_BYTES = 1024 * 1024
PER_SECOND = 30.0
CHAT_EVERY_S = 1.0
POLL_LEASE = "telegram-polling"
POLL_LEASE_S = 8.0
POLL_RENEW_S = 2.0
POLL_RETRY_S = 2.0
POLL_PAUSE_S = 0.2
POLL_LOOK_S = 1.0
REF_PREFIX = "telegram:"


class Telegram:
    """The Telegram adapter; implements Adapter and RetractingChannel."""

    channel = Channel.TELEGRAM
    pace = Pace(per_second=PER_SECOND, chat_every_s=CHAT_EVERY_S)
    idempotent = False

    def __init__(
        self,
        *,
        api: TelegramApi,
        inbox: Inbox,
        outbox: Outbox,
        addresses: Addresses,
        files: Files,
        public_url: str,
        offices: tuple[Office, ...] = (),
    ) -> None:
        self._api = api
        self._offices = offices
        self._files = files
        self._inbox, self._limits = inbox, MessageLimits(inbox)
        self._outbox = outbox
        self._addresses = addresses
        self._public_url = public_url
        self._beat: Beat = no_beat
        self._beside: set[asyncio.Task[None]] = set()
        self._order = ChatOrder()
        self._name = secrets.token_hex(6)

    def router(self) -> APIRouter:
        """Returns the route ``POST /channels/telegram``."""
        router = APIRouter(include_in_schema=False, max_body_size=MAX_BODY_BYTES)
        router.add_api_route(PATH, self._webhook, methods=["POST"])
        return router

    def render(self, event: Event) -> tuple[Chunk, ...]:
        """Renders an event as texts of at most ``text_limit`` characters, with choices below the last, then files.

        A text of at most CAPTION_LIMIT characters becomes the caption of the first file instead, without choices.
        """
        spans = spans_of(event, self._public_url, self._offices)
        chunks = texts(event, spans)
        files = kept_of(event)
        captions = pieces(spans, CAPTION_LIMIT) if files else []
        return with_files(
            chunks, files, caption=captions[0] if len(captions) == 1 else None, alone=TelegramChunk(text="")
        )

    async def send(self, address: str, chunk: Chunk, key: str) -> str:
        """Sends a chunk to the chat ``address``; returns the message's id, '' if Telegram's response is unreadable.

        ``key`` begins with the conversation; Telegram has no idempotency key. Raises SendLater, SendRefused.
        """
        plain = chunk.plain if isinstance(chunk, TelegramChunk) else chunk.text
        text = Text(html=chunk.text, plain=plain, choices=chunk.choices)
        if chunk.file is None:
            sent_id = await self._api.send(address, text)
        else:
            sent_id = await self._api.send_file(address, await self._upload(key, chunk.file), text)
        # Telegram's message ids are unique only within a chat.
        return f"{self._addresses.name(self.channel, str(chat_of(address)))}:{sent_id}" if sent_id else ""

    async def retract(self, address: str, sent_id: str) -> None:
        """Deletes a message that we sent; Telegram allows this for 48 hours. Raises SendLater, SendRefused."""
        await self._api.delete(address, sent_id.rpartition(":")[2])

    async def _upload(self, key: str, file: Attachment) -> Upload:
        content = await self._files.read(key.partition(":")[0], file_id_of(file))
        if content is None:
            raise SendRefused("file_gone")
        return Upload(file.name, content, picture=file.kind is MediaKind.PHOTO)

    async def fetch(self, ref: str) -> bytes:
        """Downloads a citizen's file; ``ref`` is the decrypted handle. Raises SendLater, SendRefused."""
        return await self._api.download(ref.removeprefix(REF_PREFIX))

    @property
    def polls(self) -> bool:
        return not self._public_url

    def beat_with(self, beat: Beat) -> None:
        """Stores the function that ``run`` calls before each poll."""
        self._beat = beat

    async def run(self) -> None:
        """Polls Telegram for updates if PUBLIC_URL is not set; otherwise waits until cancelled."""
        if not self.polls:
            await asyncio.Event().wait()
        offset = 0
        while not stopping():
            self._beat()
            try:
                if await self._leads():
                    offset = await self._poll_leased(offset)
                else:
                    await asyncio.sleep(POLL_LOOK_S)
            except (SendLater, SendRefused, RedisError) as error:
                log.warning(
                    "telegram: polling failed, retrying",
                    error=type(error).__name__,
                    reason=getattr(error, "reason", ""),
                )
                await asyncio.sleep(max(POLL_RETRY_S, getattr(error, "retry_after_s", 0.0)))

    async def close(self) -> None:
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self._api.close()

    async def _webhook(self, request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not self._addresses.proves(given, SECRET_PURPOSE):
            log.warning("webhook: forged request refused", channel=self.channel, network=source_of(request))
            count_refusal(Refusal.SIGNATURE)
            return Response(status_code=403)
        try:
            raw: Any = await request.json()
        except (ValueError, RecursionError):
            log.warning("telegram: invalid json")
            return Response(status_code=200)
        try:
            await self.take(raw)
        except (RedisError, SendLater, SendRefused) as error:
            log.warning("telegram: update not stored, answered 503", error=type(error).__name__)
            return Response(status_code=503)
        return Response(status_code=200)

    async def _leads(self) -> bool:
        """Acquires or renews the polling lease for POLL_LEASE_S seconds; returns False if another process has it."""
        return await self._outbox.lease(POLL_LEASE, self._name, POLL_LEASE_S)

    async def _poll_leased(self, offset: int) -> int:
        """Polls once, renewing the lease meanwhile because it is shorter than a poll; returns the next offset."""
        async with beside(self._renew()):
            return await self._poll(offset)

    async def _renew(self) -> None:
        while not stopping():
            await asyncio.sleep(POLL_RENEW_S)
            with suppress(RedisError):
                await self._leads()

    async def _poll(self, offset: int) -> int:
        """Stores pending updates and returns the next offset, which confirms the stored updates to Telegram."""
        updates = await self._api.updates(offset)
        for raw in updates:
            await self.take(raw)
            offset = int(raw["update_id"]) + 1
        if not updates:
            await asyncio.sleep(POLL_PAUSE_S)  # for a server without long polling
        return offset

    async def take(self, raw: Any) -> None:
        """Stores an update; raises RedisError, SendLater or SendRefused if Telegram should repeat it.

        Any other exception is a bug triggered by this update; it is logged and the update is dropped, since Telegram
        would repeat it for hours.
        """
        try:
            await self._keep(raw)
        except (RedisError, SendLater, SendRefused):
            raise
        except Exception:
            log.exception("telegram: update dropped", update_id=_update_id(raw))

    async def _keep(self, raw: Any) -> None:
        said = await self._read(raw)
        if said is not None:
            async with self._order.turn(said.chat):
                await self._keep_said(said)

    async def _keep_said(self, said: Incoming) -> None:
        conversation = self._addresses.name(self.channel, said.chat)
        if said.left is not None:
            await self._inbox.note(conversation, EventKind.BLOCKED if said.left else EventKind.UNBLOCKED)
            return
        message = await self._message(conversation, said)
        if not await self._limits.allow(message):
            return
        accepted = await self._inbox.accept(message, address=self._addresses.encrypt(said.address))
        if said.query:
            self._do_beside(partial(self._api.answer_callback, said.query))
        if accepted.speaker is Speaker.ASSISTANT and not accepted.repeated:
            self._do_beside(partial(self._api.typing, said.address))

    async def _read(self, raw: Any) -> Incoming | None:
        try:
            update = read_update(raw)
            return incoming(update, await self._api.me() if needs_me(update) else None)
        except (SendLater, SendRefused):
            raise
        except Exception as error:
            log.warning("telegram: unreadable update", update_id=_update_id(raw), error=type(error).__name__)
            return rescued(raw)

    async def _message(self, conversation: str, said: Incoming) -> CitizenMessage:
        encrypted = tuple(
            replace(one, ref=self._addresses.encrypt(REF_PREFIX + one.ref) if one.ref else "")
            for one in said.attachments
        )
        return CitizenMessage(
            conversation=conversation,
            channel=self.channel,
            id=said.id,
            text=await self._inbox.title(conversation, said.button) if said.button is not None else said.text,
            at=now_ms(),
            button=said.button,
            attachments=encrypted,
            place=said.place,
            edits=said.edits,
            command=said.command,
            shared=said.group,
        )

    def _do_beside(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs an optional call in the background, without delaying the response to Telegram."""
        task = asyncio.create_task(_quietly(work))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except (SendLater, SendRefused) as error:
        log.debug("telegram: optional call failed", reason=error.reason)


def _update_id(raw: Any) -> Any:
    return raw.get("update_id") if isinstance(raw, dict) else None


def commands() -> dict[str, str]:
    """Returns the commands of the bot's menu with their descriptions, in Spanish."""
    return dict(area("telegram")["menu"])
