"""Registers the subcommands of ``ventanilla``.

A command imports its modules only when it runs, so that ``--help`` is fast.
"""

from __future__ import annotations

from collections.abc import Callable

import typer

from bot.channels.folders import commands
from bot.cli import backup, breach, faq, new, system
from bot.cli.crisis import crisis_app
from bot.cli.data import data_app
from bot.cli.figures import figures_app
from bot.cli.secret import secret_app
from bot.cli.staff import staff_app
from bot.core.texts import say

app = typer.Typer(help=say("cli.ayuda.app"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command(help=say("cli.ayuda.run"))(system.run)
app.command(help=say("cli.ayuda.check"))(faq.check)
app.command(help=say("cli.ayuda.ask"))(faq.ask)
app.command("eval", help=say("cli.ayuda.eval"))(faq.evaluate)
app.command(help=say("cli.ayuda.new"))(new.new)
app.command("import", help=say("cli.ayuda.import"))(faq.import_sheet)
app.command(help=say("cli.ayuda.train"))(system.train)
app.command(help=say("cli.ayuda.prepare"))(system.prepare)
app.command(help=say("cli.ayuda.serve"))(system.serve)
app.command(help=say("cli.ayuda.ready"))(system.ready)
app.command(help=say("cli.ayuda.doctor"))(system.doctor)
app.command(help=say("backup.ayuda.backup"))(backup.backup)
app.command(help=say("backup.ayuda.restore"))(backup.restore)
app.command(help=say("brecha.ayuda.breach"))(breach.breach)
app.add_typer(staff_app, name="staff")
app.add_typer(secret_app, name="secret")
app.add_typer(crisis_app, name="crisis")
app.add_typer(figures_app, name="figures")
app.add_typer(data_app, name="data")
for channel, its_commands in commands().items():
    app.add_typer(its_commands, name=channel)
main: Callable[[], None] = app

if __name__ == "__main__":
    main()
