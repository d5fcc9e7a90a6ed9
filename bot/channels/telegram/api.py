"""Calls Telegram's Bot API through python-telegram-bot.

Every URL and some of the SDK's error messages contain the token, so neither is ever logged.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    User,
    WebhookInfo,
)
from telegram.constants import ChatAction, ParseMode
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from bot.channels.outgoing.channel import Choice
from bot.channels.telegram.api_errors import GroupMoved, TopicGone, translated
from bot.channels.telegram.message import Text, Upload, button_of, chat_of, topic_of
from bot.channels.telegram.render import rows_of
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.logs import log
from bot.core.network import trusted
from bot.core.outgoing.destinations import only_to

T = TypeVar("T")
CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 15.0
POLL_S = 25
CONNECTIONS = 64
WEBHOOK_CONNECTIONS = 40
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
UPLOAD_TIMEOUT_S = 60.0
PHOTO_BYTES = 10_000_000
FILE_BYTES = 20_000_000  # the largest file that a bot may download
UNREADABLE = (TypeError, KeyError, AttributeError)  # raised by the SDK for unexpected JSON
BUTTON_REFUSALS = frozenset({"refused", "unreadable"})  # «Wrong HTTP URL», «Unsupported URL protocol»
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramApi:
    """The API client of one bot; ``url`` is https://api.telegram.org or a self-hosted Bot API server.

    A ``chat`` may name a topic of a supergroup (``topic_of``). Every method that calls the API may raise SendLater or
    SendRefused.
    """

    def __init__(self, token: str, url: str) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs URLs, which contain the token
        logging.getLogger("telegram.request").setLevel(logging.CRITICAL)  # it logs the text of unreadable updates
        warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)  # the raw request is intended
        self._calls, self._polls = _request(CONNECTIONS, url), _request(1, url)
        base = url.rstrip("/")
        self.bot = Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._calls,
            get_updates_request=self._polls,
        )
        self._me: User | None = None

    async def me(self) -> User:
        """Returns the bot's own account, fetched once and cached."""
        if self._me is None:
            with translated():
                self._me = await self.bot.get_me()
        return self._me

    async def send(self, chat: str, text: Text) -> str:
        """Sends a message and returns its id. Raises SendLater, SendRefused.

        If Telegram rejects a message with links as buttons, sends it once more with the links in the text.
        """
        return await _following(chat, lambda there: self._with_buttons(there, text))

    async def _with_buttons(self, chat: str, text: Text) -> str:
        try:
            return await self._readable(chat, text)
        except SendRefused as error:
            if not text.has_links or error.reason not in BUTTON_REFUSALS:
                raise
        return await self._readable(chat, text.with_links_written())

    async def _readable(self, chat: str, text: Text) -> str:
        """Sends a message, as plain text if the HTML is rejected."""
        try:
            with translated():
                return await self._send(chat, text.html, text.choices, ParseMode.HTML)
        except SendRefused as error:
            if error.reason != "unreadable":
                raise
        with translated():
            return await self._send(chat, text.plain, text.choices, None)

    async def _send(self, chat: str, text: str, choices: Sequence[Choice], mode: str | None) -> str:
        rows = [[button_of(one) for one in row] for row in rows_of(choices)]
        return await _id_of(
            self.bot.send_message(
                chat_of(chat),
                text,
                message_thread_id=topic_of(chat),
                parse_mode=mode,
                link_preview_options=NO_PREVIEW,
                reply_markup=InlineKeyboardMarkup(rows) if rows else None,
            )
        )

    async def send_file(self, chat: str, file: Upload, caption: Text) -> str:
        """Sends a file with its caption and returns the message's id. Raises SendLater or SendRefused.

        A picture that Telegram rejects as a photo (too large, or an extreme aspect ratio) is sent as a document.
        """
        return await _following(chat, lambda there: self._photo_or_document(there, file, caption))

    async def _photo_or_document(self, chat: str, file: Upload, caption: Text) -> str:
        if file.picture and len(file.content) <= PHOTO_BYTES:
            try:
                return await self._captioned("photo", chat, file, caption)
            except SendRefused as error:
                if error.reason != "media":
                    raise
        return await self._captioned("document", chat, file, caption)

    async def _captioned(self, kind: str, chat: str, file: Upload, caption: Text) -> str:
        try:
            with translated():
                return await self._send_file(kind, chat, file, {"caption": caption.html, "parse_mode": ParseMode.HTML})
        except SendRefused as error:
            if error.reason != "unreadable":
                raise
        with translated():
            return await self._send_file(kind, chat, file, {"caption": caption.plain})

    async def _send_file(self, kind: str, chat: str, file: Upload, caption: dict[str, str]) -> str:
        send = self.bot.send_photo if kind == "photo" else self.bot.send_document
        made = {kind: InputFile(file.content, filename=file.name)}
        extra = caption if caption["caption"] else {}
        return await _id_of(send(chat_of(chat), message_thread_id=topic_of(chat), **made, **extra))  # type: ignore[arg-type]

    async def delete(self, chat: str, message: str) -> None:
        """Deletes a message of the bot. Raises SendLater, SendRefused."""
        await _following(chat, lambda there: self._delete(there, message))

    async def _delete(self, chat: str, message: str) -> None:
        with translated():
            await self.bot.delete_message(chat_of(chat), int(message))

    async def typing(self, chat: str) -> None:
        """Shows «escribiendo…» for five seconds or until the next message."""
        with translated():
            await self.bot.send_chat_action(chat_of(chat), ChatAction.TYPING, message_thread_id=topic_of(chat))

    async def answer_callback(self, query: str) -> None:
        """Stops the progress indicator on a pressed button."""
        with translated():
            await self.bot.answer_callback_query(query)

    async def updates(self, offset: int) -> list[dict[str, Any]]:
        """Returns the updates from id ``offset`` onward, waiting at most POLL_S seconds; drops updates without an id.

        Returns raw JSON, so that an unreadable update does not block the others. Raises SendLater or SendRefused.
        """
        asked = {"offset": offset, "timeout": POLL_S, "allowed_updates": list(ALLOWED_UPDATES)}
        answer: Any = None
        with translated(), suppress(*UNREADABLE):
            answer = await self.bot.do_api_request(
                "getUpdates", api_kwargs=asked, read_timeout=POLL_S + ANSWER_TIMEOUT_S
            )
        if not isinstance(answer, list):
            raise SendLater("unavailable")
        return [one for one in answer if isinstance(one, dict) and isinstance(one.get("update_id"), int)]

    async def download(self, file_id: str) -> bytes:
        """Downloads a file that a citizen sent. Raises SendLater or SendRefused."""
        with translated():
            file = await self.bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())

    async def set_webhook(self, address: str, secret: str) -> None:
        with translated():
            await self.bot.set_webhook(
                address,
                secret_token=secret,
                allowed_updates=list(ALLOWED_UPDATES),
                max_connections=WEBHOOK_CONNECTIONS,
            )

    async def delete_webhook(self) -> None:
        with translated():
            await self.bot.delete_webhook()

    async def webhook(self) -> WebhookInfo:
        with translated():
            return await self.bot.get_webhook_info()

    async def set_commands(self, commands: dict[str, str]) -> None:
        """Sets the menu next to the text field; ``commands`` maps a command without its slash to its description."""
        with translated():
            await self.bot.set_my_commands([BotCommand(name, what) for name, what in commands.items()])

    async def close(self) -> None:
        await self._calls.shutdown()
        await self._polls.shutdown()


async def _following(chat: str, send: Callable[[str], Awaitable[T]]) -> T:
    """Calls ``send`` with a chat; with the supergroup that it became, or without its topic if that is gone."""
    try:
        return await send(chat)
    except GroupMoved as moved:
        return await send(moved.chat)
    except TopicGone:
        return await send(str(chat_of(chat)))


async def _id_of(sending: Awaitable[Message]) -> str:
    """Returns the sent message's id; '' if the response is unreadable, since a retry would repeat the message."""
    try:
        return str((await sending).message_id)
    except UNREADABLE as error:
        log.warning("telegram: message sent, response unreadable", error=type(error).__name__)
        return ""


def _request(connections: int, url: str) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        pool_timeout=ANSWER_TIMEOUT_S,
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=ANSWER_TIMEOUT_S,
        media_write_timeout=UPLOAD_TIMEOUT_S,
        httpx_kwargs={"verify": trusted(), "event_hooks": only_to(url)},
    )
