"""``ventanilla``: the commands of those who install, run and write for the assistant. Imports wait until a command
needs them, so that ``ventanilla --help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from bot.core.errors import VentanillaError
from bot.core.logs import configure
from bot.core.settings import Settings, load_settings
from bot.core.texts import say

app = typer.Typer(help=say("cli.ayuda.app"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
staff_app = typer.Typer(help=say("cli.ayuda.staff"), no_args_is_help=True)
app.add_typer(staff_app, name="staff")
telegram_app = typer.Typer(help=say("canales.telegram.cli.ayuda"), no_args_is_help=True)
app.add_typer(telegram_app, name="telegram")
whatsapp_app = typer.Typer(help=say("whatsapp.cli.ayuda"), no_args_is_help=True)
app.add_typer(whatsapp_app, name="whatsapp")
console = Console(highlight=False)
TAIL_LINES = 8

EmailArgument = Annotated[str, typer.Argument(metavar="CORREO")]
RolesOption = Annotated[list[str] | None, typer.Option(help=say("cli.ayuda.rol"))]
TeamsOption = Annotated[list[str] | None, typer.Option(help=say("cli.ayuda.equipo"))]
LanguagesOption = Annotated[list[str] | None, typer.Option(help=say("cli.ayuda.idioma"))]
CapacityOption = Annotated[int | None, typer.Option(help=say("cli.ayuda.capacidad"))]


@app.command(help=say("cli.ayuda.run"))
def run() -> None:
    from bot.run.start import start

    with explained():
        start(settings(), console)


@app.command(help=say("cli.ayuda.check"))
def check(quick: Annotated[bool, typer.Option("--quick", help=say("faq.significado.sin_comparar"))] = False) -> None:
    from bot.agency.model import load_agency
    from bot.faq.entries.audience_check import unlisted
    from bot.faq.entries.entry import load_folder
    from bot.faq.entries.problem import Severity
    from bot.faq.publishing.check import comparison, report
    from bot.faq.publishing.load import load_space
    from bot.faq.ranking.background import load_background
    from bot.faq.words.lexicon import load_lexicon

    with explained():
        config = settings()
        agency = load_agency(config.agency_file)
        folder = load_folder(config.faq_dir, agency.teams)
        lexicon = load_lexicon(config.project_root / "data")
        compared = None if quick else comparison(folder.entries, lexicon, lambda: load_space(config))
        atlas = load_background(config.project_root / "data", agency.emergencies)
        spread = [*unlisted(folder.entries, agency), *lexicon.problems, *atlas.problems]
        problems = [*folder.problems, *spread, *(compared or ())]
        for line in report(problems):
            console.print(line, markup=False)
        if compared is None and not quick:
            console.print(say("faq.significado.sin_codificador"), markup=False)
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        if errors:
            console.print(say("cli.check.mal", errores=errors, avisos=len(problems) - errors))
            raise typer.Exit(1)
        console.print(say("cli.check.bien", cuantas=len(folder.entries)))


@app.command(help=say("cli.ayuda.ask"))
def ask(texto: Annotated[str, typer.Argument(help=say("cli.ayuda.ask_texto"))]) -> None:
    from bot.agency.model import load_agency
    from bot.faq.publishing.check import explain
    from bot.faq.publishing.load import load_answerer

    with explained():
        config = settings()
        answerer = load_answerer(config, load_agency(config.agency_file))
        for line in explain(answerer, texto):
            console.print(line, markup=False)


@app.command("eval", help=say("cli.ayuda.eval"))
def evaluate(
    mensajes: Annotated[Path, typer.Argument(metavar="MENSAJES", help=say("cli.ayuda.eval_mensajes"))],
    faq: Annotated[Path | None, typer.Option("--faq", metavar="CARPETA", help=say("cli.ayuda.eval_faq"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("cli.ayuda.eval_json"))] = False,
    worst: Annotated[int, typer.Option("--worst", metavar="N", min=0, help=say("cli.ayuda.eval_peores"))] = 10,
) -> None:
    import json

    from bot.agency.model import load_agency
    from bot.evaluation.evaluate import evaluated
    from bot.evaluation.report import limits, table, to_json, wrong_lines

    with explained():
        config = settings()
        done = evaluated(mensajes, faq, config, load_agency(config.agency_file))
        for line in done.notices:
            Console(stderr=True, highlight=False).print(line, markup=False, soft_wrap=True)
        if done.report is None:
            raise typer.Exit(1)
        if as_json:
            typer.echo(json.dumps(to_json(done.report, worst=worst), ensure_ascii=False, indent=2))
            return
        console.print(table(done.report))
        for line in (limits(done.report), *wrong_lines(done.report, worst)):
            console.print(line, markup=False, soft_wrap=True)


@app.command("import", help=say("cli.ayuda.import"))
def import_sheet(
    planilla: Annotated[Path, typer.Argument(metavar="PLANILLA", help=say("cli.ayuda.import_planilla"))],
    to: Annotated[Path, typer.Option("--to", metavar="CARPETA", help=say("cli.ayuda.import_carpeta"))],
    replace: Annotated[bool, typer.Option("--replace", help=say("cli.ayuda.import_replace"))] = False,
) -> None:
    from datetime import date

    from bot.agency.model import load_agency
    from bot.faq.entries.writing import save
    from bot.faq.imports.plan import Target, plan

    with explained():
        made = plan(planilla, Target(to, load_agency(settings().agency_file), date.today(), replace))
        for line in made.lines(planilla.name):
            console.print(line, markup=False, soft_wrap=True)
        if made.errors:
            console.print(say("import.mal", errores=made.errors), soft_wrap=True)
            raise typer.Exit(1)
        save(made.files, to)
        fresh = len(made.files) - len(made.replaced)
        console.print(say("import.bien", nuevas=fresh, reemplazadas=len(made.replaced), carpeta=to), soft_wrap=True)


@app.command(help=say("cli.ayuda.train"))
def train(
    refine: Annotated[bool, typer.Option("--refine", help=say("cli.ayuda.train_refine"))] = False,
) -> None:
    from bot.run.refine import Refinement
    from bot.run.start import train_and_swap

    with explained():
        refinement = Refinement.of(settings()) if refine else None
        train_and_swap(settings(), console)
        if refinement:
            refinement.run(console)


@app.command(help=say("cli.ayuda.doctor"))
def doctor() -> None:
    from bot.run.doctor import examine

    with explained():
        healthy = examine(settings(), console)
        raise typer.Exit(0 if healthy else 1)


@staff_app.command("add", help=say("cli.ayuda.staff_add"))
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
        account = wanted(config, roles=rol or ["agent"], teams=equipo, languages=idioma, capacity=capacidad)
        finish(add(config, correo, nombre, account))


@staff_app.command("list", help=say("cli.ayuda.staff_list"))
def staff_list() -> None:
    from bot.run.staff import table

    with explained():
        console.print(table(settings()))


@staff_app.command("change", help=say("cli.ayuda.staff_change"))
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


@telegram_app.command("setup", help=say("canales.telegram.cli.ayuda_setup"))
def telegram_setup() -> None:
    from bot.channels.telegram.setup import setup

    with explained():
        finish_all(setup(settings()))


@telegram_app.command("status", help=say("canales.telegram.cli.ayuda_status"))
def telegram_status() -> None:
    from bot.channels.telegram.setup import status

    with explained():
        finish_all(status(settings()))


@whatsapp_app.command("check", help=say("whatsapp.cli.ayuda_check"))
def whatsapp_check() -> None:
    from bot.agency.model import load_agency
    from bot.channels.whatsapp.check import check as checked

    with explained():
        config = settings()
        finish_all(checked(config, load_agency(config.agency_file).templates))


@whatsapp_app.command("setup", help=say("whatsapp.cli.ayuda_setup"))
def whatsapp_setup() -> None:
    from bot.agency.model import load_agency
    from bot.channels.whatsapp.setup import setup

    with explained():
        config = settings()
        finish_all(setup(config, load_agency(config.agency_file).templates))


def finish_all(lines: list[str]) -> None:
    """Prints a command's result; a line that begins with a cross is a failure."""
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    if any(line.startswith("✗") for line in lines):
        raise typer.Exit(1)


def finish(line: str) -> None:
    """Prints a command's result; a line that begins with a cross is a failure."""
    console.print(line, markup=False)
    if line.startswith("✗"):
        raise typer.Exit(1)


def settings() -> Settings:
    """The environment's settings; what the code logs stays quiet in a terminal."""
    configure("WARNING")
    return load_settings()


@contextmanager
def explained() -> Iterator[None]:
    """Our own errors as one Spanish line that says the fix, and exit code 1; anything else keeps its traceback."""
    try:
        yield
    except VentanillaError as error:
        line = worded(error)
    except ValidationError as error:
        first = error.errors()[0]
        line = say("cli.errores.ajuste", nombre=first["loc"][0], problema=first["msg"])
    except OSError as error:
        line = _disk_trouble(error)
    else:
        return
    Console(stderr=True, highlight=False).print(line, markup=False)
    sys.exit(1)


def worded(error: VentanillaError) -> str:
    """The error in Spanish, with the last lines of the log where a part failed."""
    facts = {"problema": str(error), "field": "su formato", "tail": ""} | error.facts
    if "log" in facts:
        facts["tail"] = tail(str(facts["log"]))
    line = say(error.text_key, **facts)
    return line if line.startswith("✗") else f"✗ {line}"


def tail(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.rstrip() for line in file if line.strip()]
    except OSError:
        return ""
    return "\n".join(f"    {line[:300]}" for line in lines[-TAIL_LINES:])


def _disk_trouble(error: OSError) -> str:
    import errno

    wordings: dict[int | None, str] = {
        errno.ENOSPC: "cli.errores.sin_disco",
        errno.EDQUOT: "cli.errores.sin_disco",
        errno.EACCES: "cli.errores.sin_permiso",
        errno.EROFS: "cli.errores.sin_permiso",
    }
    key = wordings.get(error.errno)
    if key is None:
        raise error
    return say(key, carpeta=error.filename or settings().home)


main: Callable[[], None] = app

if __name__ == "__main__":
    main()
