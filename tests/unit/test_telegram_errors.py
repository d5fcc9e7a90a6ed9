"""Tests the sender's reaction to each error of python-telegram-bot: send later, or never."""

from __future__ import annotations

from datetime import timedelta

import pytest
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

from bot.channels.telegram.api_errors import NOT_JSON, translated
from bot.core.errors.messages import SendLater, SendRefused


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Forbidden("bot was blocked by the user"), "blocked"),
        (ChatMigrated(-5), "moved"),
        (BadRequest("Chat not found"), "blocked"),
        (BadRequest("Can't parse entities: unsupported start tag"), "unreadable"),
        (BadRequest("Message is too long"), "too_long"),
        (BadRequest("PHOTO_INVALID_DIMENSIONS"), "media"),
        (BadRequest("Button_url_invalid"), "refused"),
        (TelegramError("something new"), "refused"),
    ],
)
def test_permanent_failure_is_refused(error: TelegramError, reason: str) -> None:
    with pytest.raises(SendRefused) as caught, translated():
        raise error
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "error", [NetworkError("gone"), Conflict("another"), InvalidToken("123:secret"), TelegramError(NOT_JSON)]
)
def test_transient_failure_is_retried_and_the_token_is_not_logged(error: TelegramError) -> None:
    with pytest.raises(SendLater) as caught, translated():
        raise error
    assert "secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("seconds", [7, timedelta(seconds=7)])
def test_telegrams_pause_is_kept_for_everyone(seconds: int | timedelta) -> None:
    with pytest.raises(SendLater) as caught, translated():
        raise RetryAfter(seconds)
    assert (caught.value.retry_after_s, caught.value.everyone) == (7.0, True)
