"""Defines the commands for FAQ editors: ``check``, ``ask``, ``eval`` and ``import``."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.core.settings import Settings
from bot.core.terminal import console, explained, settings
from bot.core.texts import say


def _gathered() -> Settings:
    """Loads the settings; moves the files that an earlier version left outside ``answers_home`` into that folder."""
    from bot.faq.encoder.earlier_home import left_beside

    config = settings()
    if left_beside(config.home):
        from bot.run.system import gather

        gather(config)
    return config


def check(quick: Annotated[bool, typer.Option("--quick", help=say("faq.significado.sin_comparar"))] = False) -> None:
    from bot.agency.model import load_agency
    from bot.channels.web.transparency.own_facts import fact_problems
    from bot.desk.crisis.pack_check import pack_problems
    from bot.faq.entries.audience_check import unlisted
    from bot.faq.entries.folder import load_folder
    from bot.faq.entries.problem import Severity
    from bot.faq.publishing.agency_tests import file_problems
    from bot.faq.publishing.check import comparison, judge_of, report
    from bot.faq.publishing.danger_check import danger_problems
    from bot.faq.publishing.load import load_vectorizer
    from bot.faq.ranking.background import load_background
    from bot.faq.words.lexicon import load_lexicon

    with explained():
        config = _gathered()
        agency = load_agency(config.agency_file)
        folder = load_folder(config.faq_dir, agency.teams)
        lexicon = load_lexicon(config.project_root / "data")
        vectorizer = cache(partial(load_vectorizer, config))
        compare = None if quick else comparison(folder.entries, lexicon, vectorizer)
        judge = judge_of(vectorizer()) if compare is not None else None
        atlas = load_background(config.project_root / "data", agency.emergencies, faq_dir=config.faq_dir)
        dangers = danger_problems(config.project_root / "data" / "danger", list(agency.emergencies), judge)
        demo = demo_names(config.project_root) if config.agency_file.resolve() != _demo(config.project_root) else ()
        packs = pack_problems(config.project_root / "data", agency.teams, {one.id for one in folder.entries}, demo)
        other_problems = [*unlisted(folder.entries, agency), *lexicon.problems, *atlas.problems, *dangers, *packs]
        other_problems += [*fact_problems(config.project_root / "data"), *file_problems(config.benchmark_file)]
        problems = [*folder.problems, *other_problems, *(compare or ())]
        for line in report(problems):
            console.print(line, markup=False)
        if compare is None and not quick:
            console.print(say("faq.significado.sin_codificador"), markup=False)
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        advice = len(problems) - errors
        if errors:
            console.print(say("cli.check.mal", errores=errors, consejos=advice))
            raise typer.Exit(1)
        console.print(say("cli.check.bien", cuantas=len(folder.entries), consejos=advice))


def _demo(project: Path) -> Path:
    return (project / "agency.yml").resolve()


def demo_names(project: Path) -> set[str]:
    """Returns the teams and the ids of the entries of the demo."""
    from bot.agency.model import load_agency

    return {*load_agency(_demo(project)).teams, *(path.stem for path in (project / "data" / "faq").rglob("*.md"))}


def ask(texto: Annotated[str, typer.Argument(help=say("cli.ayuda.ask_texto"))]) -> None:
    from bot.agency.model import load_agency
    from bot.faq.publishing.check import explain
    from bot.faq.publishing.load import load_answerer

    with explained():
        config = _gathered()
        answerer = load_answerer(config, load_agency(config.agency_file))
        for line in explain(answerer, texto):
            console.print(line, markup=False)


def evaluate(
    mensajes: Annotated[Path, typer.Argument(metavar="MENSAJES", help=say("cli.ayuda.eval_mensajes"))],
    faq: Annotated[Path | None, typer.Option("--faq", metavar="CARPETA", help=say("cli.ayuda.eval_faq"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("cli.ayuda.eval_json"))] = False,
    worst: Annotated[int, typer.Option("--worst", metavar="N", min=0, help=say("cli.ayuda.eval_peores"))] = 10,
    learn: Annotated[int, typer.Option("--learn", metavar="N", min=0, help=say("cli.ayuda.eval_aprende"))] = 0,
) -> None:
    import json

    from bot.agency.model import load_agency
    from bot.evaluation.evaluate import evaluated
    from bot.evaluation.report import limits, table, to_dict, wrong_lines

    with explained():
        if learn:
            _learn(mensajes, faq, learn)
            return
        config = _gathered()
        done = evaluated(mensajes, faq, config, load_agency(config.agency_file))
        for line in done.notices:
            Console(stderr=True, highlight=False).print(line, markup=False, soft_wrap=True)
        if done.report is None:
            raise typer.Exit(1)
        if as_json:
            typer.echo(json.dumps(to_dict(done.report, worst=worst), ensure_ascii=False, indent=2))
            return
        console.print(table(done.report))
        for line in (limits(done.report), *wrong_lines(done.report, worst)):
            console.print(line, markup=False, soft_wrap=True)


def _learn(messages: Path, faq: Path | None, size: int) -> None:
    """Prints how the assistant would learn from the messages if the FAQ were published after every ``size`` of them."""
    from bot.agency.model import load_agency
    from bot.evaluation.evaluate import learning, material
    from bot.evaluation.learning import table

    config = _gathered()
    agency = load_agency(config.agency_file)
    read = material(messages, faq, config, agency)
    for line in read.notices:
        Console(stderr=True, highlight=False).print(line, markup=False, soft_wrap=True)
    if not read.queries:
        raise typer.Exit(1)
    console.print(table(learning(read, config, agency, size=size)))
    console.print(say("eval.aprende.como"), markup=False, soft_wrap=True)


def import_sheet(
    planilla: Annotated[Path, typer.Argument(metavar="PLANILLA", help=say("cli.ayuda.import_planilla"))],
    to: Annotated[Path, typer.Option("--to", metavar="CARPETA", help=say("cli.ayuda.import_carpeta"))],
    replace: Annotated[bool, typer.Option("--replace", help=say("cli.ayuda.import_replace"))] = False,
    topic: Annotated[str, typer.Option("--tema", metavar="TEMA", help=say("cli.ayuda.import_tema"))] = "",
    source: Annotated[str, typer.Option("--fuente", metavar="URL", help=say("cli.ayuda.import_fuente"))] = "",
) -> None:
    from bot.agency.model import load_agency
    from bot.faq.entries.writing import save
    from bot.faq.imports.destination.present import Target
    from bot.faq.imports.plan import plan

    with explained():
        agency = load_agency(settings().agency_file)
        target = Target(to, agency, agency.today(), replace)
        made = plan(planilla, target, {"tema": topic, "fuente": source})
        for line in made.lines(planilla.name):
            console.print(line, markup=False, soft_wrap=True)
        if made.errors:
            console.print(say("import.mal", errores=made.errors), soft_wrap=True)
            raise typer.Exit(1)
        save(made.files, to)
        console.print(
            say("import.bien", nuevas=made.fresh, reemplazadas=len(made.replaced), carpeta=to), soft_wrap=True
        )
