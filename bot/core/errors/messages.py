"""Defines the errors of messages that arrive out of order or cannot be sent."""

from __future__ import annotations

from typing import Any

from bot.core.errors.base import PermanentError, RetryableError


class OutOfOrder(RetryableError):
    """The citizen's previous message has not arrived; the same request works once it has."""


class ConversationGone(PermanentError):
    """The conversation was erased or has expired, so this message was not stored."""


class SendLater(RetryableError):
    """The channel could not send a message now; it will be retried.

    ``retry_after_s`` is the delay that the provider asks for. If ``everyone`` is true, the whole channel pauses that
    long, not only this conversation. ``unsure`` is true if the provider may have accepted the message without
    confirming it.
    """

    def __init__(
        self, reason: str, *, retry_after_s: float = 0.0, everyone: bool = False, unsure: bool = False, **facts: Any
    ) -> None:
        super().__init__(reason=reason, retry_after_s=retry_after_s, **facts)
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.everyone = everyone
        self.unsure = unsure


class SendRefused(PermanentError):
    """The channel rejects this message permanently.

    ``reason`` is a key of ``canales.fallos``, or ``<channel>.<key>`` for a key of ``fallos`` in a channel's texts.yml.
    """

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason=reason, **facts)
        self.reason = reason
