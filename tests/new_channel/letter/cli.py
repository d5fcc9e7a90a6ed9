"""Defines the commands that check the channel: ``ventanilla letter``."""

from __future__ import annotations

import typer

from bot.channels.letter.settings import LetterSettings
from bot.core.terminal import explained, finish_all
from bot.core.texts import say

app = typer.Typer(help=say("letter.cli.ayuda"), no_args_is_help=True)


@app.callback()
def letter() -> None:
    """Makes the app a group although it has only one command."""


@app.command("status", help=say("letter.cli.ayuda_status"))
def letter_status() -> None:
    with explained():
        finish_all([say("letter.cli.casilla", casilla=LetterSettings().letter_box)])
