"""Defines the commands that set up and check channels: ``ventanilla telegram`` and ``ventanilla whatsapp``."""

from __future__ import annotations

import typer

from bot.core.terminal import explained, finish_all, settings
from bot.core.texts import say

telegram_app = typer.Typer(help=say("canales.telegram.cli.ayuda"), no_args_is_help=True)
whatsapp_app = typer.Typer(help=say("whatsapp.cli.ayuda"), no_args_is_help=True)


@telegram_app.command("setup", help=say("canales.telegram.cli.ayuda_setup"))
def telegram_setup() -> None:
    from bot.channels.telegram.setup import setup

    with explained():
        finish_all(setup(settings()))


@telegram_app.command("status", help=say("canales.telegram.cli.ayuda_status"))
def telegram_status() -> None:
    from bot.channels.telegram.setup import status

    with explained():
        finish_all(status(settings()))


@whatsapp_app.command("check", help=say("whatsapp.cli.ayuda_check"))
def whatsapp_check() -> None:
    from bot.agency.model import load_agency
    from bot.channels.whatsapp.check import check as checked

    with explained():
        config = settings()
        finish_all(checked(config, load_agency(config.agency_file).templates))


@whatsapp_app.command("setup", help=say("whatsapp.cli.ayuda_setup"))
def whatsapp_setup() -> None:
    from bot.agency.model import load_agency
    from bot.channels.whatsapp.setup import setup

    with explained():
        config = settings()
        finish_all(setup(config, load_agency(config.agency_file).templates))
