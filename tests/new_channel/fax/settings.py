"""What the environment says of the fax."""

from __future__ import annotations

from pydantic import Field, SecretStr

from bot.core.settings import ChannelSettings


class FaxSettings(ChannelSettings):
    """On when the number is given."""

    number: str = Field(default="", alias="FAX_NUMBER")
    pin: SecretStr = Field(default=SecretStr(""), alias="FAX_PIN")
