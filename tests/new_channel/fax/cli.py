"""Commands that look at the channel: ``ventanilla fax``."""

from __future__ import annotations

import typer
from bot.channels.fax.settings import FaxSettings

from bot.core.terminal import explained, finish_all
from bot.core.texts import say

app = typer.Typer(help=say("fax.cli.ayuda"), no_args_is_help=True)


@app.callback()
def fax() -> None:
    """A group, though it has one command."""


@app.command("status", help=say("fax.cli.ayuda_status"))
def fax_status() -> None:
    with explained():
        finish_all([say("fax.cli.numero", numero=FaxSettings().number)])
