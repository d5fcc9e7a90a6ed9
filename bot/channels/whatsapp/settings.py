"""Reads WhatsApp's settings, which describe the account at Twilio, from the environment."""

from __future__ import annotations

from pydantic import Field, SecretStr

from bot.core.settings import ChannelSettings


class WhatsAppSettings(ChannelSettings):
    """WhatsApp's settings; the channel is on if the account is set."""

    twilio_account_sid: str = Field(default="", alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr = Field(default=SecretStr(""), alias="TWILIO_AUTH_TOKEN")
    twilio_shared_key: SecretStr = Field(default=SecretStr(""), alias="TWILIO_SHARED_KEY")
    twilio_whatsapp_from: str = Field(default="", alias="TWILIO_WHATSAPP_FROM")
    twilio_messaging_service_sid: str = Field(default="", alias="TWILIO_MESSAGING_SERVICE_SID")
    twilio_api_url: str = Field(default="https://api.twilio.com", alias="TWILIO_API_URL")
