"""Defines ``ventanilla breach``, which saves the facts of a data breach and fills in the reports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.core.terminal import console, explained, settings
from bot.core.texts import say


def breach(
    carpeta: Annotated[Path, typer.Argument(metavar="CARPETA", help=say("brecha.ayuda.carpeta"))],
    desde: Annotated[str, typer.Option("--desde", help=say("brecha.ayuda.desde"))] = "",
    sesiones: Annotated[bool, typer.Option("--sesiones", help=say("brecha.ayuda.sesiones"))] = False,
) -> None:
    from bot.agency.model import load_agency
    from bot.breach.pack import Incident, write_pack
    from bot.run.staff import database_url_of, with_database

    now = datetime.now(UTC)
    incident = Incident(_moment(desde) if desde else now, now)
    with explained():
        config = settings()
        agency = load_agency(config.agency_file)
        written = with_database(
            database_url_of(config),
            lambda sessions: write_pack(
                sessions,
                agency,
                incident,
                into=carpeta.absolute(),
                logs=config.home / "logs",
                end_sessions=sesiones,
            ),
        )
        console.print(say("brecha.lista", carpeta=written.folder, alerta=incident.limits["alerta"]), markup=False)
        if written.ended is not None:
            console.print(say("brecha.sesiones", cuantas=written.ended), markup=False)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise typer.BadParameter(say("brecha.fecha_mala")) from error
