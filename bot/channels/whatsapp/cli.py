"""Defines ``ventanilla whatsapp``, the commands that set up and check the channel."""

from __future__ import annotations

import typer

from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.core.terminal import explained, finish_all, settings
from bot.core.texts import say

app = typer.Typer(help=say("whatsapp.cli.ayuda"), no_args_is_help=True)


@app.command("check", help=say("whatsapp.cli.ayuda_check"))
def whatsapp_check() -> None:
    from bot.agency.model import load_agency
    from bot.channels.whatsapp.check import check

    with explained():
        config = settings()
        templates = load_agency(config.agency_file).templates
        finish_all(check(WhatsAppSettings(), config.public_url, templates))


@app.command("setup", help=say("whatsapp.cli.ayuda_setup"))
def whatsapp_setup() -> None:
    from bot.agency.model import load_agency
    from bot.channels.whatsapp.setup import setup

    with explained():
        finish_all(setup(WhatsAppSettings(), load_agency(settings().agency_file).templates))
