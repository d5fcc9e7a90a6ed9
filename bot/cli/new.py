"""Defines the command ``new``, which creates the folder of a new agency; the demo agency stays unchanged."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.core.terminal import console, explained
from bot.core.texts import say

SITE = re.compile(r"https://[^\s/]+\.\S+")


class Kind(StrEnum):
    """The kinds of agency of bot/agency/front_page.py, which the command line does not import."""

    BY_NAME = "nombre"
    MUNICIPALITY = "municipalidad"
    SERVICE = "servicio"

    @property
    def chosen(self) -> str:
        """Returns the kind, '' if the name decides."""
        return "" if self is Kind.BY_NAME else self.value


def _asked(
    name: str, option: str, check: Callable[[typer.Context, typer.CallbackParam, str], str] | None = None
) -> Any:
    """Declares an option; if it is missing, the command asks for it, until ``check`` accepts the answer."""
    question = say(f"nueva.pregunta.{name}")
    return typer.Option(option, prompt=question, help=question, callback=check)


def _site(context: typer.Context, option: typer.CallbackParam, written: str) -> str:
    from bot.faq.entries.fields import whole_address

    site = whole_address(written.strip())
    return _accepted(context, option, site, "sitio", is_right=bool(SITE.fullmatch(site)))


def _hours(context: typer.Context, option: typer.CallbackParam, written: str) -> str:
    from bot.agency.schedule import Span, ranges

    try:
        is_right = bool([Span.from_text(one) for one in ranges(written)])
    except ValueError:
        is_right = False
    return _accepted(context, option, written, "horario", is_right=is_right)


def _accepted(context: typer.Context, option: typer.CallbackParam, answer: str, name: str, *, is_right: bool) -> str:
    """Returns the answer. Raises BadParameter for a wrong one typed at the prompt, so that typer asks again.

    A wrong value of an option is refused later, when the files are checked.
    """
    if not is_right and context.get_parameter_source(str(option.name)) is None:
        raise typer.BadParameter(say(f"nueva.mal.{name}", texto=answer))
    return answer


def new(
    folder: Annotated[Path, typer.Argument(metavar="CARPETA", help=say("cli.ayuda.new_carpeta"))],
    name: Annotated[str, _asked("nombre", "--nombre")],
    short_name: Annotated[str, _asked("corto", "--corto")],
    site: Annotated[str, _asked("sitio", "--sitio", _site)],
    phone: Annotated[str, _asked("telefono", "--telefono")],
    email: Annotated[str, _asked("correo", "--correo")],
    assistant: Annotated[str, _asked("asistente", "--asistente")] = say("nueva.defecto.asistente"),
    hours: Annotated[str, _asked("horario", "--horario", _hours)] = say("nueva.defecto.horario"),
    teams: Annotated[str, _asked("equipos", "--equipos")] = say("nueva.defecto.equipos"),
    ready: Annotated[str, _asked("preguntas", "--preguntas")] = say("nueva.defecto.preguntas"),
    kind: Annotated[Kind, typer.Option("--tipo", help=say("nueva.pregunta.tipo"))] = Kind.BY_NAME,
) -> None:
    from bot.agency.starter import Starter
    from bot.cli.new_files import DATA, Unwritten, drafts_of, files_of, lacking, use, write
    from bot.core.settings import ROOT
    from bot.text.normalize import plain

    starter = Starter(
        name=name.strip(),
        short_name=short_name.strip(),
        assistant=assistant.strip(),
        site=site.strip(),
        phone=phone.strip(),
        email=email.strip(),
        hours=hours.strip(),
        chosen_kind=kind.chosen,
        teams=tuple(filter(None, map(str.strip, teams.split(",")))) or (say("nueva.defecto.equipos"),),
    )
    with explained():
        try:
            drafts = drafts_of(starter, DATA) if plain(ready).startswith("s") else {}  # «sí»
            write(folder, files_of(starter, (ROOT / "agency.yml").read_text(encoding="utf-8")) | drafts)
        except Unwritten as error:
            console.print(str(error), markup=False, soft_wrap=True)
            raise typer.Exit(1) from None
        console.print(_made(folder, starter.kind, len(drafts)), markup=False, soft_wrap=True)
        to_add = use(ROOT / ".env", folder.resolve())
        for line in (*_pointed(to_add), *say("nueva.siguiente", carpeta=folder).splitlines(), *lacking(folder)):
            console.print(line, markup=False, soft_wrap=True)


def _made(folder: Path, kind: str, drafts: int) -> str:
    """Returns the lines about what was written, with the number of drafts that wait for their editor, if any."""
    waiting = [say(f"nueva.borradores.{kind}", n=drafts)] if drafts else []
    return "\n".join([say("nueva.creada", carpeta=folder), *waiting])


def _pointed(to_add: list[str]) -> list[str]:
    """Returns the lines about the file ``.env``, with the lines ``to_add`` to one that existed."""
    return [say("nueva.ya_hay_env" if to_add else "nueva.puesta"), *to_add]
