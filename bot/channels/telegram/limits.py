"""Defines Telegram's message limit without importing its SDK, for the desk's character counter.

Source: core.telegram.org/bots/api#sendmessage.
"""

from __future__ import annotations

TEXT_LIMIT = 4096  # UTF-16 units of one message
