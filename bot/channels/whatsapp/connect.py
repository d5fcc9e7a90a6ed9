"""Builds WhatsApp's adapter if its account is set."""

from __future__ import annotations

from bot.channels.outgoing.adapter import Adapter, ChannelContext
from bot.channels.whatsapp.settings import WhatsAppSettings


def connect(context: ChannelContext) -> Adapter | None:
    """Builds the adapter; without TWILIO_ACCOUNT_SID returns None and does not import the SDK."""
    settings = WhatsAppSettings()
    if not settings.twilio_account_sid:
        return None
    from bot.channels.whatsapp.adapter import make_whatsapp

    return make_whatsapp(settings, context)
