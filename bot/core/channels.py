"""Reads the traits of each channel, such as its limits and times, from ``bot/channels/<channel>/channel.yml``.

Other code looks up these traits instead of testing for a particular channel or importing its package.
docs/adding-a-channel.md lists all files of a channel's folder.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from bot.core.messages import Channel
from bot.core.reply_window import ReplyWindow
from bot.core.texts import CHANNELS, say
from bot.core.yaml import read_yaml_file


class RatedBy(StrEnum):
    """The means by which citizens say whether an answer helped."""

    FORM = "form"  # the channel's own page asks
    BUTTONS = "buttons"  # below the answer
    WORDS = "words"  # typed, since buttons below every answer would be too much


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Contact:
    """The form of an agency's number or name on the channel, in agency.yml and on the home page.

    ``pattern`` is a regular expression for what agency.yml may contain. ``shown`` and ``link`` may contain {given},
    {name} (without @) and {digits}.
    """

    pattern: str
    link: str
    shown: str = "{given}"

    def filled(self, given: str) -> tuple[str, str]:
        """Returns the text to show and the link, for the number or name ``given`` in agency.yml."""
        values = {"given": given, "name": given.removeprefix("@"), "digits": re.sub(r"\D", "", given)}
        return self.shown.format(**values), self.link.format(**values)


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ChannelTraits:
    """The limits, times and abilities of one channel; the fields are the keys of its ``channel.yml``."""

    debounce_ms: int = Field(ge=0)  # debounce time of an incomplete message; agency.yml may override it
    text_limit: int = Field(default=0, ge=0)  # maximum characters of one message; 0: no limit
    picture_bytes: int = Field(default=0, ge=0)  # maximum size of a picture sent by staff; 0: the desk's limit
    document_bytes: int = Field(default=0, ge=0)  # maximum size of a document sent by staff; 0: the desk's limit
    # The provider downloads our files from PUBLIC_URL, so that sending files needs this setting.
    files_by_address: bool = False
    rated_by: RatedBy = RatedBy.BUTTONS
    has_address: bool = True  # messages can be sent unasked; False: our own page shows notices and reads replies
    locates: bool = False  # can show a button that shares the citizen's position
    folds: bool = False  # shows the first part of a long answer, and a button that unfolds the rest
    reply_window: ReplyWindow | None = None  # None: the agency may write at any time
    contact: Contact | None = None  # None: the home page cannot name it

    def may_write(self, inbound_at: int, now_ms: int) -> bool:
        """Returns whether any text may be sent to a citizen who last wrote at ``inbound_at``.

        Both times are in ms since 1970.
        """
        return self.reply_window is None or self.reply_window.is_open(inbound_at, now_ms)


_FILE = TypeAdapter(ChannelTraits)


@cache
def traits_of(channel: Channel) -> ChannelTraits:
    """Returns a channel's traits. Raises FileNotFoundError if its file is missing, ValidationError if it is invalid."""
    return _FILE.validate_python(read_yaml_file(CHANNELS / channel / "channel.yml"))


def name_of(channel: str) -> str:
    """Returns the channel's display name."""
    return say(f"{channel}.nombre")


def sending_channels() -> tuple[Channel, ...]:
    """Returns the channels whose messages go to an address, through an outbox."""
    return tuple(channel for channel in Channel if traits_of(channel).has_address)


def has_address(channel: str) -> bool:
    """Returns whether messages can be sent unasked in a channel; True for a channel of a later release."""
    return all(traits_of(one).has_address for one in Channel if one == channel)


def text_limits() -> dict[str, int]:
    """Returns the maximum message length, in characters, of each channel with a maximum; longer replies are split."""
    limits = {channel.value: traits_of(channel).text_limit for channel in Channel}
    return {channel: limit for channel, limit in limits.items() if limit}


def reply_windows() -> dict[Channel, ReplyWindow]:
    """Returns the reply windows, keyed by channel, of the channels that have a reply window."""
    windows = {channel: traits_of(channel).reply_window for channel in Channel}
    return {channel: window for channel, window in windows.items() if window}
