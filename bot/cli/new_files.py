"""Writes the folder of a new agency once it is valid, and points the project's ``.env`` to it.

If there is a ``.env`` already, returns the lines to add instead.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot.agency.model import load_agency
from bot.agency.starter import Starter, agency_file, entry_fields
from bot.core.errors.contents import InvalidAgency
from bot.core.terminal import worded
from bot.core.texts import say
from bot.desk.editing.disk import DRAFTS
from bot.desk.pages.starting.steps import Known, steps
from bot.faq.entries.folder import load_folder
from bot.faq.entries.writing import entry_files
from bot.faq.imports.ready_made import ready_made

FIRST_ENTRIES = ("horario", "contacto")
DATA = Path(__file__).resolve().parents[2] / "data"


class Unwritten(Exception):
    """Nothing was written; the message gives the reason, in Spanish."""


def files_of(starter: Starter, template: str) -> dict[str, bytes]:
    """Returns the new agency's files, keyed by path; ``template`` is the project's ``agency.yml``."""
    files = {"agency.yml": agency_file(template, starter).encode()}
    for id_ in FIRST_ENTRIES:
        header, body = entry_fields(id_, starter, today())
        files |= {f"faq/{path}": text for path, text in entry_files(f"atencion/{id_}.md", header, body).items()}
    return files


def drafts_of(starter: Starter, data: Path) -> dict[str, bytes]:
    """Returns the files of the ready-made entries for this kind of agency, keyed by path.

    The bot imports them as drafts when it first starts.
    """
    said = {"team": starter.keys[0], "responsible": starter.teams[0], "site": starter.site}
    files = [one.files(**said, today=today()) for one in ready_made(data, starter.kind)]
    return {f"{DRAFTS}/{path}": text for some in files for path, text in some.items()}


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes ``files``, keyed by path, below ``folder``.

    Raises Unwritten if a file is invalid or ``folder`` already contains an agency.
    """
    if (folder / "agency.yml").exists() or (folder / "faq").exists():
        raise Unwritten(say("nueva.ya_existe", carpeta=folder))
    with TemporaryDirectory() as made:
        for name, content in files.items():
            path = Path(made) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        _check(Path(made))
        shutil.copytree(made, folder, dirs_exist_ok=True)


def today() -> date:
    """Returns the current date in Chile, which differs from that of a server in UTC in the evening."""
    return datetime.now(ZoneInfo("America/Santiago")).date()


def lacking(folder: Path) -> list[str]:
    """Returns lines for the terminal that list what the agency in ``folder`` has and lacks. Raises InvalidAgency."""
    known = Known(load_agency(folder / "agency.yml"), load_folder(folder / "faq", None).entries)
    return [one.line() for one in steps(known)]


def _check(folder: Path) -> None:
    try:
        agency = load_agency(folder / "agency.yml")
    except InvalidAgency as error:
        raise Unwritten(say("nueva.invalido", problema=worded(error))) from error
    problems = load_folder(folder / "faq", agency.teams).problems
    if problems:
        raise Unwritten(say("nueva.invalido", problema=f"{problems[0].message} {problems[0].fix}"))


def use(env: Path, folder: Path) -> list[str]:
    """Writes the paths of the agency in ``folder`` to the file ``env``, and returns [].

    If the file exists, writes nothing and returns the lines to add.
    """
    paths = {"AGENCY_FILE": folder / "agency.yml", "FAQ_DIR": folder / "faq", "VENTANILLA_HOME": folder / ".ventanilla"}
    lines = [f"{name}={path}" for name, path in paths.items()]
    if env.exists():
        return lines
    env.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return []
