"""Defines ``ventanilla figures``, the commands about the service's figures."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.core.terminal import explained, finish, settings
from bot.core.texts import say

figures_app = typer.Typer(help=say("cli.ayuda.figures"), no_args_is_help=True)


@figures_app.command("rebuild", help=say("cli.ayuda.figures_rebuild"))
def rebuild(
    months: Annotated[bool, typer.Option("--meses", help=say("cli.ayuda.figures_rebuild_meses"))] = False,
) -> None:
    from bot.agency.model import load_agency
    from bot.faq.entries.folder import load_folder
    from bot.figures.facts.filling import Filling
    from bot.figures.publishing import Months
    from bot.record.engine import Sessions
    from bot.run.staff import database_url_of, with_database

    with explained():
        config = settings()
        agency = load_agency(config.agency_file)
        topics = {entry.id: entry.topic for entry in load_folder(config.faq_dir, agency.teams).entries}

        async def work(sessions: Sessions) -> int:
            filling = Filling(sessions, agency.timezone, lambda entry: topics.get(entry, ""), agency.figure_segments)
            count = await filling.rebuild()
            if months:
                published = Months(sessions, agency.timezone, agency.keep_days, agency.published_segments)
                await published.publish_again(datetime.now(UTC))
            return count

        finish(say("cli.cifras.contadas", n=with_database(database_url_of(config), work)))


@figures_app.command("report", help=say("cli.ayuda.figures_report"))
def report(
    month: Annotated[str, typer.Option("--month", "--mes", help=say("cli.ayuda.figures_report_mes"))] = "",
    file: Annotated[Path | None, typer.Option("--archivo", help=say("cli.ayuda.figures_report_archivo"))] = None,
) -> None:
    from bot.agency.model import load_agency
    from bot.desk.pages.figures.filters import MONTH
    from bot.desk.pages.figures.month import Monthly, MonthReport, month_key
    from bot.desk.pages.figures.month_pdf import month_pdf
    from bot.faq.entries.folder import load_folder
    from bot.figures.numbers import month_in_words
    from bot.figures.report import Reports
    from bot.figures.sampling.promise import Promise
    from bot.figures.sampling.samples import Samples
    from bot.record.engine import Sessions
    from bot.run.staff import database_url_of, with_database

    with explained():
        if month and not MONTH.fullmatch(month):
            finish(say("informe.mes_invalido"))
        config = settings()
        agency = load_agency(config.agency_file)
        now = agency.now()
        entries = load_folder(config.faq_dir, agency.teams).entries

        async def work(sessions: Sessions) -> MonthReport:
            promise = Promise(sessions, agency.risk)
            reports = Reports.of_agency(sessions, agency)
            monthly = Monthly(reports, Samples(sessions), promise, agency, entries)
            return await monthly.of(month_key(month, now.date()), now)

        made = with_database(database_url_of(config), work)
        target = file or Path(f"informe-{made.month:%Y-%m}.pdf")
        target.write_bytes(month_pdf(made, agency.color))
        finish(say("informe.hecho", mes=month_in_words(made.month).lower(), archivo=target))
