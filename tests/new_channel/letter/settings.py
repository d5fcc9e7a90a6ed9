"""Reads the channel's settings from the environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from bot.core.settings import ChannelSettings


class LetterSettings(ChannelSettings):
    """The channel's settings; the channel is on if LETTER_BOX is set."""

    letter_box: str = Field(default="", alias="LETTER_BOX")
    letter_key: SecretStr = Field(default=SecretStr(""), alias="LETTER_KEY")
