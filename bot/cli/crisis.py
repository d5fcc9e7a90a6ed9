"""Defines ``ventanilla crisis``, the commands that prepare for a crisis."""

from __future__ import annotations

import typer

from bot.core.terminal import explained, finish, settings
from bot.core.texts import say

crisis_app = typer.Typer(help=say("cli.ayuda.crisis"), no_args_is_help=True)


@crisis_app.callback()
def crisis() -> None:
    """Keeps ``drill`` a subcommand of ``ventanilla crisis`` while it is the only subcommand; does nothing itself."""


@crisis_app.command("drill", help=say("cli.ayuda.crisis_drill"))
def drill() -> None:
    from bot.agency.model import load_agency
    from bot.desk.crisis.drill import prepare_drill
    from bot.run.staff import database_url_of, with_database

    with explained():
        config = settings()
        agency = load_agency(config.agency_file)
        number = with_database(database_url_of(config), lambda sessions: prepare_drill(sessions, agency))
        finish(say("cli.crisis.simulacro", numero=number, url=config.public_url.rstrip("/")))
