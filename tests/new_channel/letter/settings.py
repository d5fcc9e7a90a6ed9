"""What the environment says of letters."""

from __future__ import annotations

from pydantic import Field, SecretStr

from bot.core.settings import ChannelSettings


class LetterSettings(ChannelSettings):
    """On when the box is given."""

    letter_box: str = Field(default="", alias="LETTER_BOX")
    letter_key: SecretStr = Field(default=SecretStr(""), alias="LETTER_KEY")
