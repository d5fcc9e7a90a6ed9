"""Defines ``ventanilla secret``, the commands that replace VENTANILLA_SECRET and show its parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console

from bot.core.logs import configure
from bot.core.outgoing.stores import checked
from bot.core.secrets.kept import change_secret, new_secret
from bot.core.settings import Settings
from bot.core.terminal import console, explained, settings
from bot.core.texts import say

LEAST_DAYS = 8  # in Redis, values encrypted with the replaced secret are used for up to 7 days
secret_app = typer.Typer(help=say("llaves.ayuda.secret"), no_args_is_help=True)


@secret_app.command("rotate", help=say("llaves.ayuda.rotate"))
def rotate(
    dias: Annotated[int, typer.Option("--dias", min=LEAST_DAYS, help=say("llaves.ayuda.dias"))] = 30,
    robado: Annotated[bool, typer.Option("--robado", help=say("llaves.ayuda.robado"))] = False,
) -> None:
    """Replaces the secret in the home folder, or prints the setting if the environment sets the secret."""
    from bot.backup.own_secret import own_secret
    from bot.core.secrets.encryption import Secrets

    with explained():
        configure("WARNING")
        config = checked(Settings())
        own_secret(config)
        until = datetime.now(UTC).date() + timedelta(days=dias)

        def rotated(old: str) -> str:
            return Secrets.of(old).rotated(new_secret(), until, stolen=robado)

        if configured := config.secret.get_secret_value():
            typer.echo(rotated(configured))
            output = Console(stderr=True, highlight=False)
            output.print(say("llaves.ponla"), markup=False)
        else:
            change_secret(config.home, "secret", rotated)
            output = console
        output.print(say("llaves.cambiada", hasta=until.isoformat()), markup=False)


@secret_app.command("lost", help=say("llaves.ayuda.lost"))
def lost(
    llave: Annotated[str, typer.Argument(help=say("llaves.ayuda.llave"))],
    si: Annotated[bool, typer.Option("--si", help=say("llaves.ayuda.si"))] = False,
) -> None:
    """Gives up the texts in Valkey that a lost key encrypted; without the key, the system starts only after this."""
    from functools import partial

    from bot.cli.embedded_valkey import with_valkey
    from bot.store.words_keys import give_up_words

    with explained():
        config = settings()
        if not si:
            typer.confirm(say("llaves.perdida_segura", llave=llave), abort=True)
        count = with_valkey(config, partial(give_up_words, id=llave))
        console.print(say("llaves.perdida", llave=llave, cuantos=count), markup=False)


@secret_app.command("status", help=say("llaves.ayuda.status"))
def status() -> None:
    """Prints the hash and the validity period of each secret, and counts the values that older secrets encrypt."""
    from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
    from bot.core.secrets.encryption import Secrets, fingerprints
    from bot.privacy.renewal import not_renewed
    from bot.record.transcripts.keys import master_keys
    from bot.run.staff import database_url_of, with_database

    with explained():
        config = settings()
        setting = config.secret.get_secret_value()
        current, *older = reversed(fingerprints(setting))
        console.print(say("llaves.actual", huella=current), markup=False)
        for one, hash in zip(Secrets.of(setting).replaced, older, strict=True):
            key = "robada" if one.stolen else "anterior"
            console.print(say(f"llaves.{key}", huella=hash, hasta=one.until.isoformat()), markup=False)
        masters = master_keys(config)
        files = [Files(config.home / folder, masters=masters) for folder in (FILES_FOLDER, COMPLAINT_FILES)]
        count = with_database(database_url_of(config), lambda sessions: not_renewed(sessions, setting, files), masters)
        console.print(say("llaves.por_renovar", cuantos=count), markup=False)
