"""Makes the channel, if it is on. Called by bot/app/channel_registry.py."""

from __future__ import annotations

from bot.channels.outgoing.adapter import Adapter, ChannelContext
from bot.channels.whatsapp.settings import WhatsAppSettings


def connect(context: ChannelContext) -> Adapter | None:
    """WhatsApp; None when TWILIO_ACCOUNT_SID is not set. The SDK is imported only when it is."""
    settings = WhatsAppSettings()
    if not settings.twilio_account_sid:
        return None
    from bot.channels.whatsapp.adapter import make_whatsapp

    return make_whatsapp(settings, context)
