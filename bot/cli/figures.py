"""Defines ``ventanilla figures``, the commands about the service's figures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.core.terminal import explained, finish, settings
from bot.core.texts import say

figures_app = typer.Typer(help=say("cli.ayuda.figures"), no_args_is_help=True)


@figures_app.callback()
def figures() -> None:
    """Keeps ``rebuild`` a command of its own, though it is the only one."""


@figures_app.command("rebuild", help=say("cli.ayuda.figures_rebuild"))
def rebuild(
    months: Annotated[bool, typer.Option("--meses", help=say("cli.ayuda.figures_rebuild_meses"))] = False,
) -> None:
    from bot.agency.model import load_agency
    from bot.faq.entries.folder import load_folder
    from bot.figures.filling import Filling
    from bot.figures.publishing import Months
    from bot.record.engine import Sessions
    from bot.run.staff import database_url_of, with_database

    with explained():
        config = settings()
        agency = load_agency(config.agency_file)
        topics = {entry.id: entry.topic for entry in load_folder(config.faq_dir, agency.teams).entries}

        async def work(sessions: Sessions) -> int:
            count = await Filling(sessions, agency.timezone, lambda entry: topics.get(entry, "")).rebuild()
            if months:
                await Months(sessions, agency.timezone, agency.keep_days).publish_again(datetime.now(UTC))
            return count

        finish(say("cli.cifras.contadas", n=with_database(database_url_of(config), work)))
