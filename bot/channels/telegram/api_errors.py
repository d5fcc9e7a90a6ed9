"""Translates python-telegram-bot's errors into SendLater or SendRefused.

See https://core.telegram.org/bots/api#making-requests. Some of the SDK's messages contain the token, so none is logged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

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

from bot.channels.outgoing.unsure import may_have_arrived
from bot.core.errors.messages import SendLater, SendRefused

GONE_TOPIC = ("thread not found", "topic_closed", "topic_deleted")  # in the SDK's error messages
NOT_JSON = "Invalid server response"  # the SDK's error message for a response that is not JSON


class GroupMoved(SendRefused):
    """The group became a supergroup, whose id is ``chat``."""

    def __init__(self, chat: str) -> None:
        super().__init__("moved")
        self.chat = chat


class TopicGone(SendRefused):
    """The topic of a group was closed or deleted."""

    def __init__(self) -> None:
        super().__init__("refused")


@contextmanager
def translated() -> Iterator[None]:
    """Translates the SDK's errors within a ``with`` block into SendLater or SendRefused."""
    try:
        yield
    except RetryAfter as error:
        raise SendLater("rate", retry_after_s=_seconds(error.retry_after), everyone=True) from error
    except (Forbidden, ChatMigrated) as error:
        raise _gone(error) from error
    except InvalidToken:
        raise SendLater("not_configured") from None  # its message contains the token
    except Conflict as error:
        raise SendLater("conflict") from error
    except BadRequest as error:  # before NetworkError, its base class
        raise _refused(error.message.lower()) from error
    except NetworkError as error:
        raise SendLater("unavailable", unsure=may_have_arrived(error.__cause__)) from error
    except TelegramError as error:
        raise _other(error) from error


def _gone(error: Forbidden | ChatMigrated) -> SendRefused:
    return GroupMoved(str(error.new_chat_id)) if isinstance(error, ChatMigrated) else SendRefused("blocked")


def _other(error: TelegramError) -> SendLater | SendRefused:
    """Translates an unknown error: SendLater if the response is not JSON, so not from Telegram, else SendRefused."""
    return SendLater("unavailable") if error.message == NOT_JSON else SendRefused("refused")


def _refused(message: str) -> SendRefused:
    is_gone = any(words in message for words in GONE_TOPIC)
    return TopicGone() if is_gone else SendRefused(_refusal(message))


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
