"""Says how much Telegram takes, without loading its SDK: the desk shows it while a reply is written.

Limits: core.telegram.org/bots/api#sendmessage.
"""

from __future__ import annotations

TEXT_LIMIT = 4096  # characters of one message, as UTF-16 counts them
