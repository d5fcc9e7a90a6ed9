"""What the rest of the code must know of a channel: ``channel.yml`` of its folder, read once.

So nobody asks which channel it is, and nothing imports one to know. docs/adding-a-channel.md tells all files.
"""

from __future__ import annotations

from functools import cache

import yaml
from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from bot.core.messages import Channel
from bot.core.reply_window import ReplyWindow
from bot.core.texts import CHANNELS, say


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ChannelTraits:
    """``debounce_ms``: how long a fragment waits for what is written next, unless agency.yml says it. ``text_limit``:
    characters of one message, 0 when any length goes as one. ``picture_bytes``, ``document_bytes``: the largest that it
    takes of staff, 0 when whatever we keep. ``files_by_address``: the provider fetches them at our public address.
    ``reply_window``: None when we may always write.
    """

    debounce_ms: int = Field(ge=0)
    text_limit: int = Field(default=0, ge=0)
    picture_bytes: int = Field(default=0, ge=0)
    document_bytes: int = Field(default=0, ge=0)
    files_by_address: bool = False
    reply_window: ReplyWindow | None = None

    def may_write(self, inbound_at: int, now_ms: int) -> bool:
        """Whether we may write freely now to who last wrote at ``inbound_at`` (ms since 1970)."""
        return self.reply_window is None or self.reply_window.is_open(inbound_at, now_ms)


_FILE = TypeAdapter(ChannelTraits)


@cache
def traits_of(channel: Channel) -> ChannelTraits:
    """The channel's description. Raises FileNotFoundError where it has none, ValidationError where it is wrong."""
    return _FILE.validate_python(yaml.safe_load((CHANNELS / channel / "channel.yml").read_text(encoding="utf-8")))


def name_of(channel: str) -> str:
    """What people call the channel."""
    return say(f"{channel}.nombre")


def text_limits() -> dict[str, int]:
    """Characters of one message, for each channel that has a limit: a longer reply goes in several."""
    limits = {channel.value: traits_of(channel).text_limit for channel in Channel}
    return {channel: limit for channel, limit in limits.items() if limit}


def reply_windows() -> dict[Channel, ReplyWindow]:
    """The window of each channel that has one."""
    windows = {channel: traits_of(channel).reply_window for channel in Channel}
    return {channel: window for channel, window in windows.items() if window}
