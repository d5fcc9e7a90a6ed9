"""Implements ``ventanilla telegram setup`` and ``ventanilla telegram status``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.channels.telegram.adapter import PATH, SECRET_PURPOSE, commands
from bot.channels.telegram.api import ALLOWED_UPDATES, TelegramApi
from bot.channels.telegram.settings import TelegramSettings
from bot.conversation.addresses import Addresses
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.settings import Settings
from bot.core.texts import say

Work = Callable[[TelegramApi, Settings], Awaitable[list[str]]]


def setup(telegram: TelegramSettings, settings: Settings) -> list[str]:
    """Registers the menu and the webhook (without PUBLIC_URL, removes the webhook); returns lines for the terminal."""
    if settings.public_url and not settings.public_url.startswith("https://"):
        return [say("telegram.cli.sin_https")]
    return _run(_setup, telegram, settings)


def status(telegram: TelegramSettings, settings: Settings) -> list[str]:
    """Returns lines for the terminal: bot, webhook, number of pending updates, Telegram's last error, and faults."""
    return _run(_status, telegram, settings)


def webhook_address(settings: Settings) -> str:
    return settings.public_url.rstrip("/") + PATH if settings.public_url else ""


def _run(work: Work, telegram: TelegramSettings, settings: Settings) -> list[str]:
    token = telegram.telegram_token.get_secret_value()
    if not token:
        return [say("telegram.cli.sin_token")]

    async def done() -> list[str]:
        api = TelegramApi(token, telegram.telegram_api_url)
        try:
            return await work(api, settings)
        except (SendLater, SendRefused) as error:
            if error.reason == "not_configured":
                return [say("telegram.cli.rechazado")]
            return [say("telegram.cli.fallo", motivo=error.reason)]
        finally:
            await api.close()

    return asyncio.run(done())


async def _setup(api: TelegramApi, settings: Settings) -> list[str]:
    me, address = await api.me(), webhook_address(settings)
    if address:
        secret = Addresses(settings.secret.get_secret_value()).secret_for(SECRET_PURPOSE)
        await api.set_webhook(address, secret)
        line = say("telegram.cli.webhook_listo", bot=me.username, url=address)
    else:
        await api.delete_webhook()
        line = say("telegram.cli.polling_listo", bot=me.username)
    await api.set_commands(commands())
    listed = ", ".join(f"/{name}" for name in commands())
    return [line, say("telegram.cli.menu_listo", ordenes=listed)]


async def _status(api: TelegramApi, settings: Settings) -> list[str]:
    me, known, wanted = await api.me(), await api.webhook(), webhook_address(settings)
    where = "estado_webhook" if known.url else "estado_polling"
    lines = [
        say("telegram.cli.estado_bot", bot=me.username),
        say(f"telegram.cli.{where}", url=known.url),
        say("telegram.cli.estado_pendientes", cuantos=known.pending_update_count),
    ]
    if known.last_error_date:
        when = f"{known.last_error_date:%Y-%m-%d %H:%M} UTC"
        lines.append(say("telegram.cli.estado_error", cuando=when, error=known.last_error_message))
    else:
        lines.append(say("telegram.cli.estado_sin_error"))
    if known.url != wanted:
        lines.append(say("telegram.cli.otro_webhook"))
    missing = sorted(set(ALLOWED_UPDATES) - set(known.allowed_updates or ALLOWED_UPDATES))
    if missing:
        lines.append(say("telegram.cli.faltan_avisos", cuales=", ".join(missing)))
    return lines
