"""Prints the addresses of the chat and the desk and, if there are no accounts, the first password."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console

from bot.agency.model import load_agency
from bot.core.errors.launcher import NotRunning
from bot.core.roles import ADMIN
from bot.core.settings import ROOT, Settings
from bot.core.texts import say
from bot.desk.auth.first_password import first_password_file, keep_first_password
from bot.run.ports import reachable
from bot.run.staff import Account, first_administrator


def ready(settings: Settings, console: Console) -> None:
    """Implements ``ventanilla ready``: prints the addresses of a system whose services a supervisor has started.

    Warns if the desk's editors cannot publish, since this user cannot write their folders.
    Raises NotRunning if DATABASE_URL is not set.
    """
    database_url = settings.database_url.get_secret_value()
    if not database_url:
        raise NotRunning()
    console.print(f"\n[bold green]{say('cli.ready.listo')}[/]\n")
    print_addresses(settings, database_url, console)
    folders = (settings.faq_dir, settings.tests_dir)
    if closed := [folder for folder in folders if not is_writable(folder)]:
        names = " ".join(os.path.relpath(folder, ROOT) for folder in closed)
        notice = say("cli.ready.sin_guardar", usuario=os.getuid(), carpetas=names)
        console.print(f"\n{notice}", style="yellow", soft_wrap=True)


def is_writable(folder: Path) -> bool:
    """Returns whether this process can replace every file of a folder, as the editors' pages do.

    True for a folder that does not exist.
    """
    places = (folder, *folder.rglob("*")) if folder.is_dir() else ()
    return all(os.access(place, os.W_OK) for place in places if place.is_dir())


def print_addresses(settings: Settings, database_url: str, console: Console) -> None:
    """Prints the addresses of chat and desk.

    If there are no accounts, creates an administrator and prints the e-mail and one-time password. Output that is not a
    terminal may go to a log, so it gets the path of a private file that contains them until they are used. If that file
    cannot be written, it gets the command that creates a new password. Raises InvalidAgency.
    """
    base = settings.public_url or f"http://{reachable(settings.host)}:{settings.port}"
    console.print(f"  {say('cli.run.chat'):<26}{base}/")
    console.print(f"  {say('cli.run.desk'):<26}{base}/desk")
    account = first_administrator(database_url)
    kept = first_password_file(settings.home)
    if account is not None:
        _hand_over(account, settings, console)
    if kept.exists():
        notice = say("cli.run.admin_archivo", archivo=kept)
        if settings.commands_in:
            notice = say("cli.run.admin_orden", orden=settings.commands_in, archivo=kept)
        console.print(f"  {say('cli.run.admin'):<26}{notice}", soft_wrap=True)
    if account is not None and ADMIN in load_agency(settings.agency_file).second_factor:
        console.print(f"  {'':<26}{say('cli.run.admin_pasos')}", soft_wrap=True)


def _hand_over(account: Account, settings: Settings, console: Console) -> None:
    """Prints the password on a terminal; otherwise writes it to a private file and prints the path.

    If the file cannot be written, prints the command for a new password. Checks the output file itself, since rich
    treats every output as a terminal if FORCE_COLOR is set.
    """
    password_line = say("cli.run.admin_clave", correo=account.email, clave=account.password)
    try:
        first_password_file(settings.home).unlink(missing_ok=True)  # of an earlier installation in the same folder
        if not console.file.isatty():
            keep_first_password(settings.home, account.email, account.password)
            return
    except OSError:
        if not console.file.isatty():
            before = f"{settings.commands_in} ".lstrip()
            password_line = say("cli.run.admin_sin_archivo", orden=before, correo=account.email)
    console.print(f"  {say('cli.run.admin'):<26}[bold]{password_line}[/]", soft_wrap=True)
