"""Builds the adapter of WhatsApp if its credentials are set."""

from __future__ import annotations

from bot.channels.outgoing.adapter import Adapter, ChannelContext
from bot.channels.whatsapp.settings import WhatsAppSettings


def connect(context: ChannelContext) -> Adapter | None:
    """Builds the adapter; None if TWILIO_ACCOUNT_SID is not set. Imports the SDK only if it is."""
    settings = WhatsAppSettings()
    if not settings.twilio_account_sid:
        return None
    from bot.channels.whatsapp.adapter import make_whatsapp

    return make_whatsapp(settings, context)
