"""Defines the commands ``ventanilla backup`` and ``ventanilla restore``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from bot.core.terminal import console, explained
from bot.core.texts import say

FileArgument = Annotated[Path, typer.Argument(metavar="ARCHIVO", help=say("backup.ayuda.archivo"))]


def report(line: str) -> None:
    console.print(line, markup=False, soft_wrap=True)


def backup(
    archivo: FileArgument,
    recipient: Annotated[list[str] | None, typer.Option("--recipient", help=say("backup.ayuda.recipient"))] = None,
    secrets: Annotated[bool, typer.Option("--secrets", help=say("backup.ayuda.secrets"))] = False,
    new_key: Annotated[bool, typer.Option("--new-key", help=say("backup.ayuda.new_key"))] = False,
) -> None:
    from bot.backup import backup as work
    from bot.backup.encryption import new_key as made
    from bot.backup.report import done_lines
    from bot.core.logs import configure
    from bot.core.outgoing.stores import checked
    from bot.core.settings import Settings

    configure("WARNING")
    with explained():
        started = time.monotonic()
        if new_key:
            report(say("backup.llave_nueva", archivo=archivo, publica=made(archivo)))
        elif secrets:
            work.back_up_secret(checked(Settings()), archivo, recipient or ())
            report(say("backup.claves_listas", archivo=archivo))
        else:
            manifest = work.back_up(checked(Settings()), archivo, recipient or ())
            for line in done_lines(archivo, manifest, seconds=time.monotonic() - started):
                report(line)


def restore(
    archivo: FileArgument,
    key: Annotated[Path, typer.Option("--key", metavar="LLAVE", help=say("backup.ayuda.key"))],
    check: Annotated[bool, typer.Option("--check", help=say("backup.ayuda.check"))] = False,
    secrets: Annotated[
        Path | None, typer.Option("--secrets", metavar="CLAVES", help=say("backup.ayuda.restore_secrets"))
    ] = None,
    new_secrets: Annotated[bool, typer.Option("--new-secrets", help=say("backup.ayuda.new_secrets"))] = False,
) -> None:
    from bot.backup import restore as work
    from bot.core.logs import configure
    from bot.core.outgoing.stores import checked
    from bot.core.settings import Settings

    configure("WARNING")
    with explained():
        request = work.Request(archivo, key, secrets, new_secrets)
        (work.try_out if check else work.restore)(checked(Settings()), request, report)
