"""Defines ``ventanilla telegram``, the commands that set up and check the channel."""

from __future__ import annotations

import typer

from bot.channels.telegram.settings import TelegramSettings
from bot.core.terminal import explained, finish_all, settings
from bot.core.texts import say

app = typer.Typer(help=say("telegram.cli.ayuda"), no_args_is_help=True)


@app.command("setup", help=say("telegram.cli.ayuda_setup"))
def telegram_setup() -> None:
    from bot.channels.telegram.setup import setup

    with explained():
        finish_all(setup(TelegramSettings(), settings()))


@app.command("status", help=say("telegram.cli.ayuda_status"))
def telegram_status() -> None:
    from bot.channels.telegram.setup import status

    with explained():
        finish_all(status(TelegramSettings(), settings()))
