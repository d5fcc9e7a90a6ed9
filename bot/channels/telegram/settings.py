"""Reads Telegram's settings from the environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from bot.core.settings import ChannelSettings


class TelegramSettings(ChannelSettings):
    """Telegram's settings; the channel is on if the token is set."""

    telegram_token: SecretStr = Field(default=SecretStr(""), alias="TELEGRAM_TOKEN")
    telegram_api_url: str = Field(default="https://api.telegram.org", alias="TELEGRAM_API_URL")
