"""What the environment says of Telegram."""

from __future__ import annotations

from pydantic import Field, SecretStr

from bot.core.settings import ChannelSettings


class TelegramSettings(ChannelSettings):
    """On when the token is given."""

    telegram_token: SecretStr = Field(default=SecretStr(""), alias="TELEGRAM_TOKEN")
    telegram_api_url: str = Field(default="https://api.telegram.org", alias="TELEGRAM_API_URL")
