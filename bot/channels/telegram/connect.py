"""Builds Telegram's adapter if its token is set."""

from __future__ import annotations

from bot.channels.outgoing.adapter import Adapter, ChannelContext
from bot.channels.telegram.settings import TelegramSettings
from bot.tickets.outbox import Outbox


def connect(context: ChannelContext) -> Adapter | None:
    """Builds the adapter; without TELEGRAM_TOKEN returns None and does not import the SDK."""
    settings = TelegramSettings()
    token = settings.telegram_token.get_secret_value()
    if not token:
        return None
    from bot.channels.telegram.adapter import Telegram
    from bot.channels.telegram.api import TelegramApi

    return Telegram(
        api=TelegramApi(token, settings.telegram_api_url),
        inbox=context.inbox,
        outbox=Outbox(context.redis),
        addresses=context.addresses,
        files=context.files,
        public_url=context.settings.public_url,
        offices=context.agency.offices,
    )
