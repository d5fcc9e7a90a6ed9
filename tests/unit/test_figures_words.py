"""Tests how figures are written: numbers as in Chile, small counts, charts, the filters of the URL."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.agency.figure_settings import FigureSegment
from bot.desk.pages.figures.files import csv_file, json_file
from bot.desk.pages.figures.filters import filters_of, part_choices, period_choices
from bot.desk.pages.figures.listing import slice_words
from bot.desk.pages.figures.segments import segment_tables
from bot.desk.pages.figures.times import times_charts
from bot.desk.pages.figures.view import Lists, Names, asked_entries, brief, reason_words
from bot.figures.charts import columns, width
from bot.figures.daily.rollup import SEGMENT_FIGURES
from bot.figures.numbers import day_in_words, duration, month_in_words, number, percent, short_day
from bot.figures.report import Report
from bot.figures.results import Compared, Counted, Entry, Period
from bot.figures.segments import EVERYTHING, Part, Selection, Slice
from bot.figures.shown import in_hundred, shown

TODAY = date(2026, 11, 27)
SEGMENTS = (FigureSegment("comuna", "Comuna", {"los-aromos": "Los Aromos"}),)


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_numbers_are_written_as_in_chile() -> None:
    assert [number(one) for one in (0, 1234, 1234567.4)] == ["0", "1.234", "1.234.567"]
    assert number(4.25, 1) == "4,2"
    assert [spaced(percent(0.1234, among)) for among in (20, 1000)] == ["12 %", "12,3 %"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (90, "2 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (86400, "1 d"),
        (100_000, "1 d 3 h"),
    ],
)
def test_duration_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert spaced(duration(seconds)) == words


def test_days_and_months_in_words() -> None:
    assert (day_in_words(TODAY), spaced(short_day(TODAY)), month_in_words(TODAY)) == (
        "27 de noviembre",
        "27 nov",
        "Noviembre de 2026",
    )


@pytest.mark.parametrize(
    ("id", "counted", "value", "detail"),
    [
        ("conversaciones", Counted(1234, 1234), "1.234", ""),
        ("sirvio", Counted(3, 7), "3 de 7", "son muy pocas para un porcentaje"),
        ("sirvio", Counted(30, 40), "75 %", "30 de 40 respuestas sobre las que alguien opinó"),
        ("sirvio", Counted(0, 0), "Sin datos", ""),
        ("nota", Counted(4.0, 1), "Muy pocas notas", "1 nota"),
        ("nota", Counted(4.0, 12), "4,0 de 5", "12 notas"),
        ("espera_p90", Counted(60.0, 9), "Muy pocos casos", "9 casos"),
        ("espera_p90", Counted(60.0, 10), "1 min", "10 casos"),
    ],
)
def test_few_cases_are_neither_a_percentage_nor_an_average(id: str, counted: Counted, value: str, detail: str) -> None:
    one = shown(id, {id: counted})
    assert (spaced(one.value), spaced(one.detail), one.before) == (value, detail, "")


def test_period_before_is_shown_only_with_enough_cases() -> None:
    now = {"sirvio": Counted(30, 40)}
    assert shown("sirvio", now, {"sirvio": Counted(1, 2)}).before == ""
    assert spaced(shown("sirvio", now, {"sirvio": Counted(10, 20)}).before) == "antes 50 %"


def report(now: dict[str, Counted], before: dict[str, Counted]) -> Report:
    return Report(Period(TODAY, TODAY), Compared(now, before, {}, {}), {}, [])


def test_nothing_is_compared_with_a_period_in_which_nobody_wrote() -> None:
    asked = [Entry("basura", 3, 0, 0, 0)]
    for earlier, trend in ((0, ""), (5, "antes ninguna")):
        numbers = {"conversaciones": Counted(earlier, earlier), "llamadas": Counted(0, 0)}
        one = replace(report({"conversaciones": Counted(3, 3)}, numbers), entries=asked)
        assert [entry.trend for entry in asked_entries(one, Names({}, {}), Lists())] == [trend]


def test_few_of_many_are_not_said_to_be_none() -> None:
    of = {"en_espera": Counted(1, 1107), "sin_respuesta": Counted(0, 1107), "atendidas": Counted(6, 1107)}
    told = [spaced(in_hundred(of, id)) for id in of]
    assert told == ["menos de 1 de cada 100", "0 de cada 100", "1 de cada 100"]


def test_brief_states_what_matters_and_how_it_changed() -> None:
    now: dict[str, Any] = {"conversaciones": Counted(110, 110), "personas": Counted(100, 110)}
    now |= {"respondidas": Counted(66, 110), "atendidas": Counted(22, 110), "sin_respuesta": Counted(11, 110)}
    now |= {"espera_mediana": Counted(600, 22), "espera_p90": Counted(3600, 22)}
    told = [spaced(one) for one in brief(report(now, {"conversaciones": Counted(100, 100)}))]
    assert told[0] == "Escribieron 100 personas, en 110 conversaciones (10 % más que en el período anterior)."
    assert told[1].startswith("La asistente respondió 60 de cada 100 y el equipo 20 de cada 100.")
    assert "10 min" in told[2]
    assert spaced(brief(report(now, {"conversaciones": Counted(9, 9)}))[0]).endswith("en 110 conversaciones.")


def test_brief_tells_of_those_who_got_no_answer_in_one_sentence() -> None:
    now = {"conversaciones": Counted(100, 100), "personas": Counted(100, 100), "espera_mediana": Counted(9, 2)}
    shares = {"respondidas": 20, "atendidas": 2, "sin_respuesta": 0, "sin_elegir": 36, "saludos": 24}
    told = {
        few: spaced(brief(report(now | {id: Counted(n, 100) for id, n in (shares | {"saludos": few}).items()}, {}))[1])
        for few in (24, 4)
    }
    choices = "Además, a 36 de cada 100 se les ofrecieron opciones y no eligieron ninguna"
    assert told[24].endswith(f"{choices}, y 24 de cada 100 solo saludaron o recibieron una frase general.")
    assert told[4].endswith(f"{choices}.")
    every = {id: Counted(n, 100) for id, n in (shares | {"sin_saber": 15}).items()}
    unknown = "a 15 de cada 100 se les dijo que no había una respuesta segura, y 24 de cada 100 solo saludaron"
    assert f"{choices}, {unknown}" in spaced(brief(report(now | every, {}))[1])


def test_brief_does_not_hide_who_still_waits() -> None:
    now = {"conversaciones": Counted(100, 100), "personas": Counted(100, 100), "espera_mediana": Counted(9, 2)}
    now |= {"respondidas": Counted(0, 100), "atendidas": Counted(2, 100), "sin_respuesta": Counted(0, 100)}
    told = [
        brief(report(now | {"en_espera": Counted(waiting, 100)}, {}))[1].partition("Sin respuesta")[2]
        for waiting in (98, 0)
    ]
    assert [spaced(one) for one in told] == [
        " quedaron 0 de cada 100. Siguen en la fila 98 de cada 100.",
        " quedaron 0 de cada 100.",
    ]


def test_files_have_whole_seconds_and_two_decimals_at_most() -> None:
    now = {"espera_mediana": Counted(204.8571, 9), "nota": Counted(4.3333333, 9), "conversaciones": Counted(9, 9)}
    made = replace(report(now, {"espera_mediana": Counted(99.5001, 9)}), groups={"theme": {}, "hour": {}})
    assert [line.split(";")[3:6] for line in csv_file(made).splitlines()[1:4]] == [
        ["205", "9", "100"],
        ["4,33", "9", ""],
        ["9", "9", ""],
    ]
    read = {one["cifra"]: one["valor"] for one in json.loads(json_file(made))["filas"]}
    assert read == {"espera_mediana": 205, "nota": 4.33, "conversaciones": 9}


def test_chart_reaches_the_top_at_its_highest_column() -> None:
    chart = columns([("a", 2, "2"), ("b", 8, "8"), ("c", 0, "0")])
    assert [one.height for one in chart.columns] == [25.0, 100.0, 0.0]
    assert (chart.highest, chart.peak, chart.ticks) == ("8", "b", ("a", "b", "c"))
    assert all(0 <= one.x and one.x + one.width <= 1000 for one in chart.columns)
    assert columns([("a", 0, "0")]).peak == ""
    assert columns([]).ticks == ()
    assert (width(1, 4), width(0, 0)) == (25.0, 0.0)


@pytest.mark.parametrize(
    ("query", "key", "start", "days"),
    [
        ({}, "30", date(2026, 10, 29), 30),
        ({"periodo": "7"}, "7", date(2026, 11, 21), 7),
        ({"periodo": "2026-02"}, "2026-02", date(2026, 2, 1), 28),
        ({"periodo": "2026-13"}, "30", date(2026, 10, 29), 30),
        ({"periodo": "'; DROP", "canal": "fax", "segmento": "comuna.x"}, "30", date(2026, 10, 29), 30),
    ],
)
def test_filters_come_from_the_address(query: dict[str, str], key: str, start: date, days: int) -> None:
    filters = filters_of(query, TODAY, SEGMENTS)
    assert (filters.period_key, filters.period.start, filters.period.days) == (key, start, days)
    assert filters.only == EVERYTHING
    assert filters.period.before.end == start


def test_periods_to_choose_from_are_the_last_days_and_months() -> None:
    keys = [key for key, _ in period_choices(date(2026, 1, 31))]
    assert keys[:5] == ["7", "30", "90", "2026-01", "2025-12"]
    assert len(keys) == 15


@pytest.mark.parametrize("part", ["comuna.los-aromos", "comuna."])
def test_address_keeps_the_filters(part: str) -> None:
    query = {"periodo": "30", "canal": "whatsapp", "segmento": part}
    filters = filters_of(query, TODAY, SEGMENTS)
    assert filters.query == query
    assert filters.only == Selection("whatsapp", Part("comuna", part.removeprefix("comuna.")))


def test_parts_to_choose_from_are_the_values_of_each_segment_and_the_unknown() -> None:
    assert part_choices(SEGMENTS) == [("Comuna", [("comuna.los-aromos", "Los Aromos"), ("comuna.", "Sin dato")])]


def test_tables_of_segments_begin_with_the_largest_and_end_with_what_is_hidden() -> None:
    values = {"los-aromos": 20, "": 30, "quitada": 25, "otra": 3, "mas": 9}
    parts = {value: dict.fromkeys(SEGMENT_FIGURES, Counted(count, count)) for value, count in values.items()}
    report = replace(Report.hidden(Period(TODAY, TODAY)), segments={"comuna": parts})
    (table,) = segment_tables(report, SEGMENTS)
    assert [(row.name, row.cells[:1]) for row in table.rows] == [
        ("quitada", ("25",)),
        ("Los Aromos", ("20",)),
        ("Sin dato", ("30",)),
        ("mas", ()),
        ("otra", ()),
    ]


@pytest.mark.parametrize(
    ("among", "words"),
    [
        (Slice(), ""),
        (Slice("theme", "calle"), "Tema: Calle"),
        (Slice("theme", ""), "Tema: Sin tema"),
        (Slice("reason", "asked_human"), "Motivo: Pidió una persona"),
        (Slice("team", "obras"), "Equipo: Obras"),
        (Slice("hour", "9"), "Hora: 09:00"),
        (Slice("entry", "bache"), "Respuesta: ¿Un hoyo?"),
    ],
)
def test_row_whose_conversations_are_listed_is_named(among: Slice, words: str) -> None:
    assert slice_words(among, Names({"bache": "¿Un hoyo?"}, {"obras": "Obras"})) == words


def test_reason_of_a_later_release_is_shown_by_its_key() -> None:
    assert [reason_words(one) for one in ("asked_human", "of_later")] == ["Pidió una persona", "of_later"]


def test_time_of_nine_in_ten_is_drawn_only_for_days_with_enough_cases() -> None:
    few, many = ({"espera_mediana": Counted(60, count), "espera_p90": Counted(600, count)} for count in (9, 10))
    next_day = TODAY + timedelta(days=1)
    compared = Compared({}, {}, {}, {}, {"": {TODAY: few, next_day: many}, "obras": {TODAY: few}})
    days = Report(Period(TODAY, TODAY + timedelta(days=3)), compared, {}, [])
    (every,), (obras,) = times_charts(days, ""), times_charts(days, "obras")
    assert [one.cells for one in every.rows] == [("1\xa0min", "Muy pocos casos", "9"), ("1\xa0min", "10\xa0min", "10")]
    assert [one.back.height for one in every.chart.columns if one.back] == [0, 100, 0]
    assert (every.legend[1], obras.legend[1]) == ("9 de cada 10", "")
    assert times_charts(days, "aseo") == []
