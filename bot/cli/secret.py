"""Defines ``ventanilla secret``, the commands that replace VENTANILLA_SECRET and show its parts."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console

from bot.core.settings import SECRET_BYTES, Settings, keep_secret
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
    from bot.core.encryption import Secrets

    with explained():
        config = settings()
        until = datetime.now(UTC).date() + timedelta(days=dias)
        old = Secrets.of(config.secret.get_secret_value())
        setting = old.rotated(secrets.token_urlsafe(SECRET_BYTES), until, stolen=robado)
        if Settings().secret.get_secret_value():
            typer.echo(setting)
            told = Console(stderr=True, highlight=False)
            told.print(say("llaves.ponla"), markup=False)
        else:
            keep_secret(config.home, "secret", setting)
            told = console
        told.print(say("llaves.cambiada", hasta=until.isoformat()), markup=False)


@secret_app.command("status", help=say("llaves.ayuda.status"))
def status() -> None:
    """Prints the hash and the validity period of each secret, and the number of values encrypted with an older one."""
    from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
    from bot.core.encryption import Secrets, fingerprints
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
