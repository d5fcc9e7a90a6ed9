"""The calls we make to Telegram's Bot API, on python-telegram-bot. Called by telegram.py and telegram_setup.py.

Errors of the SDK become SendLater or SendRefused here (https://core.telegram.org/bots/api#making-requests). The token
is part of every address that is called, and of some of the SDK's messages: neither is ever logged.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    User,
    WebhookInfo,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest
from telegram.warnings import PTBUserWarning

from bot.channels.outgoing.channel import Choice
from bot.core.errors import SendLater, SendRefused
from bot.core.logs import log

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 15.0
POLL_S = 25
CONNECTIONS = 64
WEBHOOK_CONNECTIONS = 40
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
UPLOAD_TIMEOUT_S = 60.0
PHOTO_BYTES = 10_000_000
FILE_BYTES = 20_000_000  # what the Bot API lets a bot download
NOT_JSON = "Invalid server response"  # what the SDK makes of an answer that is no JSON
UNREADABLE = (TypeError, KeyError, AttributeError)  # what the SDK raises over JSON of another shape
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True)
class Text:
    """A message to a chat: HTML of Telegram's kind, the same without marks, and choices below it."""

    html: str
    plain: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Upload:
    """A file for a chat; a ``picture`` is shown, anything else is offered as a document."""

    name: str
    content: bytes
    picture: bool


class TelegramApi:
    """One bot. ``url`` is https://api.telegram.org or a Bot API server of one's own."""

    def __init__(self, token: str, url: str) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, and ours carry the token
        logging.getLogger("telegram.request").setLevel(logging.CRITICAL)  # it logs what it cannot read, words included
        warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'", PTBUserWarning)  # it hides all for one's sake
        self._calls, self._polls = _request(CONNECTIONS), _request(1)
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
        """The bot itself, asked for once."""
        if self._me is None:
            with translated():
                self._me = await self.bot.get_me()
        return self._me

    async def send(self, chat: str, text: Text) -> str:
        """Sends a message and returns its id. Raises SendLater or SendRefused."""
        try:
            with translated():
                return await self._send(chat, text.html, text.choices, ParseMode.HTML)
        except SendRefused as error:
            if error.reason != "unreadable":
                raise
        with translated():
            return await self._send(chat, text.plain, text.choices, None)

    async def _send(self, chat: str, text: str, choices: Sequence[Choice], mode: str | None) -> str:
        rows = [[InlineKeyboardButton(choice.title, callback_data=choice.id)] for choice in choices]
        return await _id_of(
            self.bot.send_message(
                int(chat),
                text,
                parse_mode=mode,
                link_preview_options=NO_PREVIEW,
                reply_markup=InlineKeyboardMarkup(rows) if rows else None,
            )
        )

    async def send_file(self, chat: str, file: Upload, caption: Text) -> str:
        """Sends a file with its caption and returns the message's id. Raises SendLater or SendRefused.

        A picture that Telegram does not take as one (too large, too long and thin) goes as a document.
        """
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
        told = caption if caption["caption"] else {}
        return await _id_of(send(int(chat), **made, **told))  # type: ignore[arg-type]

    async def typing(self, chat: str) -> None:
        """Shows «escribiendo…» for five seconds or until the next message."""
        with translated():
            await self.bot.send_chat_action(int(chat), ChatAction.TYPING)

    async def answer_callback(self, query: str) -> None:
        """Ends the clock on a pressed button."""
        with translated():
            await self.bot.answer_callback_query(query)

    async def updates(self, offset: int) -> list[dict[str, Any]]:
        """Updates from ``offset`` on, as raw JSON: one that cannot be read must not hide the others."""
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
        """The bytes of a file that a citizen sent."""
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
        """The menu beside the text field: command without slash -> what it does."""
        with translated():
            await self.bot.set_my_commands([BotCommand(name, what) for name, what in commands.items()])

    async def close(self) -> None:
        await self._calls.shutdown()
        await self._polls.shutdown()


async def _id_of(sending: Awaitable[Message]) -> str:
    """The id of what is sent; '' when the answer cannot be read, since sending again would say it twice."""
    try:
        return str((await sending).message_id)
    except UNREADABLE as error:
        log.warning("sent, but the answer could not be read", error=type(error).__name__)
        return ""


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        pool_timeout=ANSWER_TIMEOUT_S,
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=ANSWER_TIMEOUT_S,
        media_write_timeout=UPLOAD_TIMEOUT_S,
    )


@contextmanager
def translated() -> Iterator[None]:
    """The SDK's errors as ours. BadRequest comes first: to the SDK it is a kind of NetworkError."""
    try:
        yield
    except RetryAfter as error:
        raise SendLater("rate", retry_after_s=_seconds(error.retry_after), everyone=True) from error
    except (Forbidden, ChatMigrated) as error:
        raise SendRefused("blocked") from error
    except InvalidToken:
        raise SendLater("not_configured") from None  # its message is the token
    except Conflict as error:
        raise SendLater("conflict") from error
    except BadRequest as error:
        raise SendRefused(_refusal(error.message.lower())) from error
    except NetworkError as error:
        raise SendLater("unavailable") from error
    except TelegramError as error:
        raise _other(error) from error


def _other(error: TelegramError) -> SendLater | SendRefused:
    """Whoever answers what is no JSON is not Telegram; anything else unknown is a refusal."""
    return SendLater("unavailable") if error.message == NOT_JSON else SendRefused("refused")


def _refusal(message: str) -> str:
    if "parse entities" in message or "unsupported" in message:
        return "unreadable"
    if "too long" in message:
        return "too_long"
    if "photo" in message or "image" in message or "file" in message:
        return "media"
    if "chat not found" in message or "deactivated" in message or "peer_id_invalid" in message:
        return "blocked"
    return "refused"


def _seconds(given: int | timedelta) -> float:
    return given.total_seconds() if isinstance(given, timedelta) else float(given)
