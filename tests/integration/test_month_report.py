"""Tests the monthly report: the figures, the decisions that it requests, its PDF and its e-mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from sqlalchemy import insert

from bot.agency.model import Agency
from bot.app.tasks.monthly_mail import MonthlyMail
from bot.desk.pages.figures.month import Monthly, MonthReport, month_key
from bot.desk.pages.figures.month_pdf import month_pdf
from bot.faq.entries.entry import Entry
from bot.figures.numbers import number
from bot.figures.report import Reports
from bot.figures.results import Period, month_of
from bot.figures.sampling.promise import Promise
from bot.figures.sampling.samples import Samples
from bot.mail.senders import MailSender, SendingFailed, Words
from bot.record.engine import Sessions
from bot.record.tables import FigureMonth, SampledAnswer
from bot.run.ports import LOOPBACK, free_port
from tests.episode_rows import DAY, row, town, write
from tests.faq_entry import BASE
from tests.mailbox import Mailbox
from tests.sampled import weeks_of
from tests.slow_post import SlowPost, sent_once_without_a_transaction

OCTOBER = date(2026, 10, 1)
NOW = datetime(2026, 11, 9, 12, tzinfo=ZoneInfo("America/Santiago"))
END = datetime(2026, 10, 31, 23, tzinfo=UTC)


def monthly(sessions: Sessions, agency: Agency) -> Monthly:
    promise = Promise(sessions, agency.risk)
    reports = Reports(sessions, [one.key for one in agency.figure_segments])
    return Monthly(reports, Samples(sessions), promise, agency, [entry("perro-perdido", 30)])


def entry(id: str, days: int) -> Entry:
    """Returns an entry that was confirmed ``days`` before NOW."""
    question = "¿Perdiste tu perro?" if id == "perro-perdido" else f"¿{id}?"
    return replace(BASE, id=id, question=question, reviewed=NOW.date() - timedelta(days=days))


async def ages_of(sessions: Sessions, agency: Agency, entries: list[Entry]) -> MonthReport:
    return await replace(monthly(sessions, agency), entries=entries).of(OCTOBER, NOW)


@pytest_asyncio.fixture
async def record(database: Sessions) -> AsyncIterator[Sessions]:
    await write(database, town(END, days=61, daily=40))
    yield database


def test_month_is_compared_with_the_calendar_month_before() -> None:
    assert month_of(date(2026, 3, 9)).before == Period(date(2026, 2, 1), date(2026, 3, 1))
    assert Period(date(2026, 3, 2), date(2026, 3, 9)).before == Period(date(2026, 2, 23), date(2026, 3, 2))


@pytest.mark.parametrize(
    ("text", "month"), [("2026-10", OCTOBER), ("", OCTOBER), ("2026-13", OCTOBER), ("0001-01", OCTOBER)]
)
def test_month_of_an_address(text: str, month: date) -> None:
    assert month_key(text, NOW.date()) == month


async def test_report_has_the_numbers_of_the_figures(record: Sessions, agency: Agency) -> None:
    made = await monthly(record, agency).of(OCTOBER, NOW)
    figures = await Reports(record).of(month_of(OCTOBER), NOW)
    told = {one.name: one for one in made.five}
    count = f"{figures.count('conversaciones'):,}".replace(",", ".")
    assert told["Conversaciones"].value == count
    assert "El mes anterior: 1." in told["Conversaciones"].before
    assert len(made.days.columns) == 31
    assert (len(made.asked), made.is_open, made.title) == (5, False, "Informe de octubre de 2026")
    assert "¿Perdiste tu perro?" in {one.question for one in made.asked}
    lacking = sorted((one.unwritten for one in figures.groups["theme"].values()), reverse=True)
    assert [row.cells[0] for row in made.unwritten] == [str(count) for count in lacking if count][:5]


@pytest.mark.parametrize(("day", "compared"), [(date(2026, 10, 2), False), (NOW.date(), True)])
async def test_month_that_is_not_over_is_not_compared_by_counts(
    database: Sessions, agency: Agency, day: date, compared: bool
) -> None:
    first = datetime(2026, 10, 1, 15, tzinfo=UTC)
    await write(database, [row(timedelta(), now=first)] * 20 + [row(10 * DAY, now=first)] * 400)
    made = await monthly(database, agency).of(OCTOBER, NOW.replace(year=day.year, month=day.month, day=day.day))
    told = {one.name: one.before for one in made.five}
    assert (made.brief[0].endswith("(95\xa0% menos que en el período anterior).")) == compared
    assert told["Conversaciones"] == ("El mes anterior: 400" if compared else "Se compara cuando termine el mes")


async def test_report_is_divided_by_the_segments_that_the_agency_chose(record: Sessions, agency: Agency) -> None:
    made = await monthly(record, agency).of(OCTOBER, NOW)
    assert [one.name for one in made.segments] == [one.name for one in agency.figure_segments]
    (again,) = [row for one in made.segments for row in one.rows if row.name == "Ya había escrito"]
    figures = await Reports(record, ["vuelve"]).of(month_of(OCTOBER), NOW)
    assert again.cells[0] == number(figures.segments["vuelve"]["otra-vez"]["conversaciones"].among)
    assert month_pdf(made, agency.color).startswith(b"%PDF")
    none = await monthly(record, replace(agency, figure_segments=())).of(OCTOBER, NOW)
    assert none.segments == []


async def test_report_lists_what_to_decide(database: Sessions, agency: Agency) -> None:
    lost = [row(timedelta(), "lost", now=END - DAY, reason="low_confidence", theme="calle") for _ in range(12)]
    await write(database, [*lost, *(row(timedelta(), now=END - DAY) for _ in range(40))])
    decisions = (await monthly(database, agency).of(OCTOBER, NOW)).decisions
    assert decisions == [
        "Revisar quién responde: 23\u00a0% de las conversaciones quedaron sin respuesta.",
        "Escribir respuestas sobre Calle: 12 conversaciones pasaron a una persona porque no las había.",
    ]


@pytest.mark.parametrize(("minutes", "worth"), [(1, False), (40, True)])
async def test_shifts_are_only_questioned_if_the_slowest_team_lets_people_wait(
    database: Sessions, agency: Agency, minutes: int, worth: bool
) -> None:
    def waited(team: str, long: float) -> dict[str, object]:
        at = END - DAY
        times = {"handed_at": at, "claimed_at": at + timedelta(minutes=long)}
        return row(timedelta(), "person", now=at, team=team, reason="asked_human", **times)

    await write(database, [waited("obras", minutes)] * 12 + [waited("transito", minutes / 2)] * 12)
    (decision,) = (await monthly(database, agency).of(OCTOBER, NOW)).decisions
    assert (decision.startswith("Revisar los turnos de "), decision.startswith("Nada urgente")) == (worth, not worth)


async def test_report_of_an_older_month_has_the_samples_until_then_and_asks_for_nothing_of_today(
    database: Sessions, agency: Agency
) -> None:
    await weeks_of(database, 4, bad=1, newest=date(2026, 10, 26))
    async with database.begin() as session:
        asked = {"week": date(2026, 10, 26), "entry": "bache", "probability": 0.9, "stratum": "sure-usual"}
        await session.execute(insert(SampledAnswer).values(chance=0.1, question="¿Bache?", **asked))
    reports = monthly(database, agency)
    october, august = await reports.of(OCTOBER, NOW), await reports.of(date(2026, 8, 1), NOW)
    assert ["4 semanas" in one.found[0] for one in (october, august)] == [True, False]
    assert [one.decisions[0].startswith("Revisar la muestra") for one in (october, august)] == [True, False]


async def test_report_with_many_in_the_queue_does_not_say_that_nothing_is_urgent(
    database: Sessions, agency: Agency
) -> None:
    waiting = [row(timedelta(), "waiting", now=END - DAY, reason="asked_for_person") for _ in range(12)]
    await write(database, [*waiting, *(row(timedelta(), now=END - DAY) for _ in range(40))])
    decisions = (await monthly(database, agency).of(OCTOBER, NOW)).decisions
    assert decisions == ["Atender la fila: 12 conversaciones esperan todavía a alguien del equipo."]


async def test_report_counts_entries_by_age_and_names_the_old_ones_that_are_asked(
    database: Sessions, agency: Agency
) -> None:
    counts = {"nueva": 9, "anual": 20, "vieja": 12, "antigua": 3, "olvidada": 0}
    given = [row(timedelta(), now=END - DAY, entries=[id], useful=[None]) for id in counts for _ in range(counts[id])]
    await write(database, [*given, row(timedelta(), now=END - 40 * DAY, entries=["olvidada"], useful=[None])])
    young = [entry("nueva", 89), entry("tres-meses", 90), entry("anual", 365)]
    old = [entry("vieja", 366), entry("antigua", 800), entry("olvidada", 900)]
    made = await ages_of(database, agency, [*young, *old])
    assert made.ages is not None
    assert made.ages.counted == (
        "Respuestas publicadas: 6. Confirmadas hace menos de 90 días: 1; entre 90 días y un año: 2; "
        "hace más de un año: 3."
    )
    asked = [(one.question, one.answers, one.age) for one in made.ages.most_asked]
    assert (made.ages.old, asked) == ("", [("¿vieja?", "12", "12 meses"), ("¿antigua?", "3", "2 años")])
    assert "Confirmar una respuesta que se pregunta mucho" in made.decisions[-1]
    assert month_pdf(made, agency.color).startswith(b"%PDF")


async def test_report_invents_no_old_entries(database: Sessions, agency: Agency) -> None:
    await write(database, [row(timedelta(), now=END - DAY, entries=["nueva"], useful=[None])])
    fresh = (await ages_of(database, agency, [entry("nueva", 10)])).ages
    assert fresh and (fresh.old, fresh.most_asked) == ("", [])
    unasked = (await ages_of(database, agency, [entry("nueva", 10), entry("vieja", 500)])).ages
    assert unasked and (unasked.old, unasked.most_asked) == ("Ninguna de esas se preguntó este mes.", [])
    none = await ages_of(database, agency, [])
    assert none.ages is None
    assert month_pdf(none, agency.color).startswith(b"%PDF")


async def test_empty_month_is_shown_as_such_and_has_nothing_urgent(database: Sessions, agency: Agency) -> None:
    made = await monthly(database, agency).of(OCTOBER, NOW)
    assert (made.is_empty, list(made.decisions)) == (True, [made.decisions[0]])
    assert made.decisions[0].startswith("Nada urgente")
    assert month_pdf(made, agency.color).startswith(b"%PDF")


async def test_pdf_is_tagged_for_screen_readers(record: Sessions, agency: Agency) -> None:
    made = month_pdf(await monthly(record, agency).of(OCTOBER, NOW), agency.color)
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"pdfuaid:part", b"Informe de octubre de 2026", b"/Lang"):
        assert mark in made
    assert made.count(b"/Type/Page/") + made.count(b"/Type /Page\n") <= 3


async def test_report_is_mailed_once_with_its_pdf_and_again_after_a_failure(record: Sessions, agency: Agency) -> None:
    mailbox, port = Mailbox(down=True), free_port()
    controller = Controller(mailbox, hostname=LOOPBACK, port=port)
    controller.start()
    sender = MailSender(SecretStr(f"smtp://{LOOPBACK}:{port}"), "chat@losaromos.example")
    listed = replace(agency, report_mails=("alcaldia@losaromos.example",))
    mail = MonthlyMail(record, monthly(record, listed), listed, sender, "https://chat.losaromos.example")
    try:
        assert not await mail.send_due(NOW)  # it is not published yet
        async with record.begin() as session:
            await session.execute(insert(FigureMonth).values(month=OCTOBER, figures={}))
        with pytest.raises(SendingFailed):
            await mail.send_due(NOW)
        mailbox.down = False
        assert [await mail.send_due(NOW) for _ in range(2)] == [True, False]
    finally:
        controller.stop()
    (sent,) = mailbox.taken
    message = message_from_bytes(sent.original_content or sent.content, policy=default)  # type: ignore[arg-type]
    assert isinstance(message, EmailMessage)
    assert message["Subject"] == f"{agency.name}: informe de octubre de 2026"
    assert "Qué decidir" in message.get_body().get_content()  # type: ignore[union-attr]
    (pdf,) = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()[:4]) == ("informe-2026-10.pdf", b"%PDF")


async def test_dead_mailbox_neither_keeps_others_from_the_report_nor_brings_it_to_them_again(
    record: Sessions, agency: Agency
) -> None:
    sent: list[str] = []

    class Refusing:
        way = "mail"

        async def send(self, to: str, _words: Words) -> None:
            if to == "se-fue@losaromos.example":
                raise SendingFailed(way=self.way)
            sent.append(to)

    mails = [f"{name}@losaromos.example" for name in ("alcaldia", "se-fue", "concejo")]
    listed = replace(agency, report_mails=tuple(mails))
    mail = MonthlyMail(record, monthly(record, listed), listed, Refusing(), "https://chat.losaromos.example")
    async with record.begin() as session:
        await session.execute(insert(FigureMonth).values(month=OCTOBER, figures={}))
    assert [await mail.send_due(NOW) for _ in range(2)] == [True, False]
    assert sent == [mails[0], mails[2]]


async def test_slow_mail_server_keeps_no_transaction_open_and_a_report_is_mailed_once(
    record: Sessions, agency: Agency
) -> None:
    listed, post = replace(agency, report_mails=("alcaldia@losaromos.example",)), SlowPost()
    mail = MonthlyMail(record, monthly(record, listed), listed, post, "https://chat.losaromos.example")
    async with record.begin() as session:
        await session.execute(insert(FigureMonth).values(month=OCTOBER, figures={}))
    await sent_once_without_a_transaction(record, post, lambda: mail.send_due(NOW))
