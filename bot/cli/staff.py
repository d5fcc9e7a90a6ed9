"""Defines ``ventanilla staff``, the commands that list, create and change staff accounts."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from bot.core.roles import AGENT, listed_roles
from bot.core.terminal import console, explained, finish, settings
from bot.core.texts import say

EmailArgument = Annotated[str, typer.Argument(metavar="CORREO")]
RolesOption = Annotated[list[str] | None, typer.Option()]  # RolesCommand adds the help text
TeamsOption = Annotated[list[str] | None, typer.Option(help=say("cli.ayuda.equipo"))]
LanguagesOption = Annotated[list[str] | None, typer.Option(help=say("cli.ayuda.idioma"))]
CapacityOption = Annotated[int | None, typer.Option(help=say("cli.ayuda.capacidad"))]
staff_app = typer.Typer(help=say("cli.ayuda.staff"), no_args_is_help=True)


class RolesCommand(TyperCommand):
    """A command with the option ``--rol``, whose help lists the roles; roles.yml is read only to show the help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        with explained():
            roles = listed_roles()
        for option in self.params:
            if option.name == "rol":
                option.help = say("cli.ayuda.rol", roles=roles)  # type: ignore[attr-defined]
        super().format_help(ctx, formatter)


@staff_app.command("add", cls=RolesCommand, help=say("cli.ayuda.staff_add"))
def staff_add(
    correo: EmailArgument,
    nombre: Annotated[str, typer.Argument(metavar="NOMBRE")],
    rol: RolesOption = None,
    equipo: TeamsOption = None,
    idioma: LanguagesOption = None,
    capacidad: CapacityOption = None,
) -> None:
    from bot.run.staff import add, wanted

    with explained():
        config = settings()
        account = wanted(config, roles=rol or [AGENT], teams=equipo, languages=idioma, capacity=capacidad)
        finish(add(config, correo, nombre, account))


@staff_app.command("list", help=say("cli.ayuda.staff_list"))
def staff_list() -> None:
    from bot.run.staff import table

    with explained():
        console.print(table(settings()))


@staff_app.command("change", cls=RolesCommand, help=say("cli.ayuda.staff_change"))
def staff_change(
    correo: EmailArgument,
    rol: RolesOption = None,
    equipo: TeamsOption = None,
    idioma: LanguagesOption = None,
    capacidad: CapacityOption = None,
) -> None:
    from bot.run.staff import change, wanted

    with explained():
        config = settings()
        finish(change(config, correo, wanted(config, roles=rol, teams=equipo, languages=idioma, capacity=capacidad)))


@staff_app.command("reset", help=say("cli.ayuda.staff_reset"))
def staff_reset(
    correo: EmailArgument,
    dos_pasos: Annotated[bool, typer.Option("--dos-pasos", help=say("cli.ayuda.staff_reset_dos_pasos"))] = False,
) -> None:
    from bot.run.staff import reset

    with explained():
        finish(reset(settings(), email=correo, second_factor=dos_pasos))
