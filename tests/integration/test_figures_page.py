"""Tests the page of figures: who may read it, its filters, hidden small counts, the CSV file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from openpyxl import load_workbook

from bot.agency.model import Agency
from bot.core.disk import Disk
from bot.desk.pages.backlog.page import PATH as BACKLOG
from bot.desk.pages.figures.files import XLSX
from bot.desk.pages.figures.month_page import PATH as REPORT
from bot.desk.pages.figures.page import PATH
from bot.desk.pages.figures.sample_page import PATH as SAMPLE
from bot.figures.definitions import definitions
from bot.record.engine import Sessions
from tests.desk_world import DeskWorld, desk_world
from tests.episode_rows import DAY, MINUTE, row, town, write

EVA, ANA, EDU = (f"{name}@losaromos.example" for name in ("eva", "ana", "edu"))


def attended() -> dict[str, Any]:
    now = datetime.now(UTC)
    return row(DAY, "person", now=now, stars=4, team="obras", handed_at=now - DAY)


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(EVA, "Eva Ríos", roles=("analyst",))
        yield made


async def test_page_shows_the_period_in_words_and_tables(world: DeskWorld) -> None:
    await write(world.sessions, town(datetime.now(UTC), days=60, daily=20))
    page = (await (await world.sign_in_elsewhere(EVA)).get(f"{PATH}?periodo=30&canal=whatsapp")).text
    for words in ("Resuelto y no volvió en 7 días", "de cada 100", "Motivo", "Calle", "No sabía la respuesta"):
        assert words in page
    assert "Telegram</th>" not in page
    assert re.search(r"Contado a las \d\d:\d\d\.", page)
    assert page.count("<title id=") == 5


async def test_nothing_is_counted_while_the_disk_is_nearly_full(
    redis: Any, database: Sessions, agency: Agency, tmp_path: Path
) -> None:
    full = Disk(tmp_path, 1_000_000_000)
    async with desk_world(redis, database, agency, disk=full) as made:
        await made.hire(EDU, "Edu", roles=("editor",))
        editor = await made.sign_in_elsewhere(EDU)
        found = [(await editor.get(path)).status_code for path in (PATH, REPORT, SAMPLE, BACKLOG, "/desk/respuestas")]
    assert found == [503, 503, 503, 503, 200]


async def test_few_opinions_are_no_average(world: DeskWorld) -> None:
    await write(world.sessions, [attended()])
    page = (await (await world.sign_in_elsewhere(EVA)).get(PATH)).text
    assert "Muy pocas notas" in page
    assert "1 nota<" in page
    assert "4,0" not in page
    assert "Son muy pocas para sacar conclusiones." in page


async def test_numbers_are_read_as_json_with_their_definitions(world: DeskWorld) -> None:
    await write(world.sessions, [attended()] * 3)
    answer = await (await world.sign_in_elsewhere(EVA)).get(f"{PATH}.json?periodo=7")
    told = answer.json()
    row_of = {"cifra": "conversaciones", "desglose": "canal", "de": "web", "valor": 3, "casos": 3}
    assert row_of | {"antes": None, "simulacro": None} in told["filas"]
    units = {one["cifra"]: one["unidad"] for one in told["definiciones"]}
    assert list(units) == list(definitions())
    assert (units["espera_mediana"], units["nota"], units["resueltas"], units["personas"]) == (
        "segundos",
        "nota de 1 a 5",
        "número, de los casos",
        "número",
    )


async def test_empty_page_states_that_it_is_empty(world: DeskWorld) -> None:
    client = await world.sign_in_elsewhere(EVA)
    for query in ("", "?periodo=2026-02", "?periodo=9999&canal=fax"):
        assert "En este período no escribió nadie." in (await client.get(PATH + query)).text


async def test_file_has_the_same_numbers(world: DeskWorld) -> None:
    await write(world.sessions, [attended()] * 3)
    answer = await (await world.sign_in_elsewhere(EVA)).get(f"{PATH}.csv?periodo=7")
    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert lines[0] == ["cifra", "desglose", "de", "valor", "casos", "antes", "simulacro"]
    assert ["conversaciones", "", "", "3", "3", "", ""] in lines
    assert ["nota", "", "", "4", "3", "", ""] in lines
    assert ["conversaciones", "canal", "web", "3", "3", "", ""] in lines
    assert ["conversaciones", "tema", "", "3", "3", "", ""] in lines


def waited(minutes: int, team: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    begun = now - DAY
    times = {"handed_at": begun, "claimed_at": begun + minutes * MINUTE, "closed_at": now}
    return row(DAY, "person", now=now, team=team, reason="asked_human", **times)


async def test_waits_by_day_are_drawn_and_filtered_by_team(world: DeskWorld) -> None:
    await write(world.sessions, [*[waited(20, "atencion")] * 12, *[waited(90, "obras")] * 2])
    client = await world.sign_in_elsewhere(EVA)
    every, mine = [(await client.get(f"{PATH}?periodo=7{query}")).text for query in ("", "&equipo=obras")]
    assert "La mitad, 20\xa0min; 9 de cada 10, " in every
    section = mine.split('id="esperas-dia"')[1].split("</section>")[0]
    assert re.findall(r'data-name="(?:La mitad|9 de cada 10|Casos)">([^<]*)<', section) == [
        "1\xa0h\xa030\xa0min",
        "Muy pocos casos",
        "2",
    ]
    assert '<option value="obras" selected>' in section


async def test_file_has_the_waits_of_each_day_and_team(world: DeskWorld) -> None:
    await write(world.sessions, [waited(20, "obras")])
    answer = await (await world.sign_in_elsewhere(EVA)).get(f"{PATH}.csv?periodo=7")
    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    day = (datetime.now(UTC) - DAY).date()
    assert ["espera_mediana", "día", str(day), "1200", "1", "", ""] in lines
    assert ["espera_mediana", "equipo y día", f"obras {day}", "1200", "1", "", ""] in lines


def of_commune(count: int, commune: str = "") -> list[dict[str, Any]]:
    segments = {"comuna": commune} if commune else {}
    return [row(DAY, now=datetime.now(UTC), conversation_id=None, segments=segments)] * count


FEW_KNOWN = [*of_commune(20, "los-aromos"), *of_commune(12, "otra-comuna"), *of_commune(3)]


async def test_segments_are_divided_and_few_are_hidden_with_those_that_would_reveal_them(world: DeskWorld) -> None:
    await write(world.sessions, FEW_KNOWN)
    page = (await (await world.sign_in_elsewhere(EVA)).get(PATH)).text
    section = page.split('id="segmentos"')[1].split("</section>")[0]
    shown, away, unknown = (one.split("</tr>")[0] for one in section.split("<table")[1].split('<th scope="row">')[1:])
    assert ">Los Aromos</a></th>" in shown
    assert "20</td>" in shown
    for secret, name in ((away, "Otra comuna"), (unknown, "Sin dato")):
        assert secret.startswith(f"{name}<")
        assert secret.count("no se muestra porque son muy pocas") == 6
        assert not re.search(r">\d", secret)


async def test_monthly_report_is_divided_by_segments(world: DeskWorld) -> None:
    await write(world.sessions, town(datetime.now(UTC), days=60, daily=20))
    page = (await (await world.sign_in_elsewhere(EVA)).get(f"{PATH}/informe")).text
    for words in (">Comuna</h2>", "Ya había escrito", "Un segmento con menos de 10 conversaciones no se muestra"):
        assert words in page


async def test_page_can_be_filtered_by_segment(world: DeskWorld) -> None:
    await write(world.sessions, FEW_KNOWN)
    client = await world.sign_in_elsewhere(EVA)
    page = (await client.get(f"{PATH}?segmento=comuna.los-aromos")).text
    assert "en 20 conversaciones" in page
    assert '<option value="comuna.los-aromos" selected>Los Aromos</option>' in page
    assert "/desk/cifras/respondidas?periodo=30&amp;segmento=comuna.los-aromos" in page
    assert 'id="segmentos"' not in page
    assert "en 35 conversaciones" in (await client.get(f"{PATH}?segmento=comuna.santiago")).text


@pytest.mark.parametrize("part", ["comuna.otra-comuna", "comuna."])
async def test_hidden_segment_shows_nothing_anywhere(world: DeskWorld, part: str) -> None:
    await write(world.sessions, FEW_KNOWN)
    client = await world.sign_in_elsewhere(EVA)
    for path in (PATH, f"{PATH}/respondidas"):
        page = (await client.get(f"{path}?segmento={part}")).text
        assert "Son muy pocas conversaciones para mostrar este segmento." in page
        assert 'class="number"' not in page
        assert 'data-name="Cuándo"' not in page
    assert (await client.get(f"{PATH}.csv?segmento={part}")).text.count("\n") == 1


async def test_small_number_of_the_period_before_is_not_shown(world: DeskWorld) -> None:
    await write(world.sessions, of_commune(12, "los-aromos"))
    asked = {"segments": {"comuna": "los-aromos"}, "entries": ["poda"], "useful": [None]}
    now = datetime.now(UTC)
    await write(world.sessions, [row(DAY, now=now, **asked), *[row(40 * DAY, now=now, **asked)] * 3])
    client = await world.sign_in_elsewhere(EVA)
    page = (await client.get(f"{PATH}?segmento=comuna.los-aromos")).text
    assert "antes 3" in (await client.get(PATH)).text
    assert "en 13 conversaciones" in page
    assert not re.search(r"antes (\d|ninguna)", page)
    lines = (await client.get(f"{PATH}.csv?segmento=comuna.los-aromos")).text.splitlines()
    assert "conversaciones;;;13;13;;" in lines


async def test_file_has_segments_without_the_numbers_of_few(world: DeskWorld) -> None:
    await write(world.sessions, FEW_KNOWN)
    text = (await (await world.sign_in_elsewhere(EVA)).get(f"{PATH}.csv")).text
    lines = [one for one in csv.reader(io.StringIO(text), delimiter=";") if one[1] == "segmento comuna"]
    assert ["respondidas", "segmento comuna", "los-aromos", "20", "20", "", ""] in lines
    assert ["conversaciones", "segmento comuna", "otra-comuna", "", "", "", ""] in lines
    assert ["conversaciones", "segmento comuna", "sin dato", "", "", "", ""] in lines
    assert ["personas", "segmento comuna", "los-aromos", "20", "20", "", ""] in lines
    assert len(lines) == 18


async def test_agency_without_segments_has_no_filter(redis: Any, database: Sessions, agency: Agency) -> None:
    async with desk_world(redis, database, replace(agency, figure_segments=())) as made:
        await made.hire(EVA, "Eva Ríos", roles=("analyst",))
        await write(made.sessions, FEW_KNOWN)
        page = (await (await made.sign_in_elsewhere(EVA)).get(f"{PATH}?segmento=comuna.los-aromos")).text
    assert "en 35 conversaciones" in page
    assert 'name="segmento"' not in page
    assert 'id="segmentos"' not in page


async def test_workbook_has_numbers_and_what_they_count(world: DeskWorld) -> None:
    await write(world.sessions, [attended()] * 3)
    answer = await (await world.sign_in_elsewhere(EVA)).get(f"{PATH}.xlsx?periodo=7")
    assert answer.headers["content-type"] == XLSX
    figures, meanings = load_workbook(io.BytesIO(answer.content)).worksheets
    rows = list(figures.iter_rows(values_only=True))
    assert rows[0] == ("cifra", "desglose", "de", "valor", "casos", "antes", "simulacro")
    assert ("nota", None, None, 4, 3, None, None) in rows
    assert [row[0] for row in meanings.iter_rows(min_row=2, values_only=True)] == list(definitions())


async def test_rows_are_compared_with_the_period_before_and_lead_to_their_conversations(world: DeskWorld) -> None:
    now = datetime.now(UTC)
    lost = {"now": now, "theme": "calle", "reason": "low_confidence", "team": "obras"}
    await write(world.sessions, [row(DAY, "lost", **lost)] * 4 + [row(40 * DAY, "lost", **lost)] * 6)
    client = await world.sign_in_elsewhere(EVA)
    page = (await client.get(f"{PATH}?periodo=30")).text
    sections = {
        key: page.split(f'id="{key}"')[1].split("</section>")[0] for key in ("canales", "temas", "nadie", "personas")
    }
    for section in sections.values():
        assert "4" in section and "antes 6" in section
    assert "baja, antes 6" in sections["nadie"]
    assert "/desk/cifras/no_escritas?periodo=30&amp;tema=calle" in sections["nadie"]
    assert "/desk/cifras/pasadas?periodo=30&amp;motivo=low_confidence" in sections["personas"]
    lines = (await client.get(f"{PATH}.csv?periodo=30")).text.splitlines()
    for line in (
        "conversaciones;canal;web;4;4;6;",
        "conversaciones;tema;calle;4;4;6;",
        "no_escritas;tema;calle;4;4;6;",
    ):
        assert line in lines


async def test_period_that_is_not_over_is_compared_by_shares_only(world: DeskWorld) -> None:
    now = datetime.now(UTC)
    asked = {"now": now, "theme": "calle"}
    await write(world.sessions, [row(DAY, **asked)] * 20 + [row(10 * DAY, **asked)] * 40)
    client = await world.sign_in_elsewhere(EVA)
    page = (await client.get(f"{PATH}?periodo=7")).text
    assert "Van 6 de sus 7 días" in page
    assert not re.search(r"antes \d+(?!\d|\xa0%)", page)
    assert ("antes 100\xa0%" in page, "menos que en el período" in page, "baja," in page) == (True, False, False)


async def test_drills_have_a_column_of_their_own(world: DeskWorld) -> None:
    now = datetime.now(UTC)
    await write(world.sessions, [row(DAY, "talk", now=now)] * 3 + [row(DAY, "talk", now=now, drill=True)] * 2)
    client = await world.sign_in_elsewhere(EVA)
    page = (await client.get(f"{PATH}?periodo=7")).text
    assert '<td class="number" data-name="Simulacro">2</td>' in page
    assert "En los simulacros hubo 2 conversaciones de 2 personas" in page
    lines = (await client.get(f"{PATH}.csv?periodo=7")).text.splitlines()
    assert lines[0].endswith(";antes;simulacro")
    assert {"conversaciones;;;3;3;;2", "saludos;;;3;3;;2"} <= set(lines)
    assert "Simulacro" not in (await client.get(f"{PATH}?periodo=7&canal=whatsapp")).text


async def test_page_shows_three_signals_of_whether_answers_are_right(world: DeskWorld) -> None:
    sent = {"now": datetime.now(UTC), "reason": "asked_human", "judged_entry": "bache"}
    wrong, right = (row(DAY, "person", staff_entry=entry, **sent) for entry in ("poda", "bache"))
    await write(world.sessions, [wrong] * 3 + [right] * 9)
    page = (await (await world.sign_in_elsewhere(EVA)).get(f"{PATH}?periodo=7")).text
    section = page.split('id="bien"')[1].split("</section>")[0]
    assert "Respuestas que el equipo corrigió</a>: 3 de 12, 25\xa0% (entre 9\xa0% y 53\xa0%)." in section
    assert "Respuestas equivocadas</a>: todavía no hay ninguna." in section
    assert "De las últimas 13 semanas" in section


async def test_citizens_are_shown_by_hour_topic_and_commune(world: DeskWorld) -> None:
    now = datetime.now(UTC)
    asked = {"now": now, "theme": "calle", "segments": {"comuna": "los-aromos"}}
    await write(world.sessions, [row(DAY, conversation_id="c1", **asked)] * 12 + [row(DAY, now=now)] * 15)
    client = await world.sign_in_elsewhere(EVA)
    page = (await client.get(f"{PATH}?periodo=7")).text
    hours, topics, parts = (
        page.split(f'id="{key}"')[1].split("</section>")[0] for key in ("cuando", "temas", "segmentos")
    )
    for section, count in ((hours, 16), (topics, 1), (parts, 1)):
        assert f'<td class="number" data-name="Personas">{count}</td>' in section
    lines = (await client.get(f"{PATH}.csv?periodo=7")).text.splitlines()
    assert {"personas;tema;calle;1;12;;", "personas;segmento comuna;los-aromos;1;12;;"} <= set(lines)


@pytest.mark.parametrize(("role", "status"), [("editor", 200), ("supervisor", 200), ("admin", 200), ("agent", 403)])
async def test_figures_are_for_supervisors_and_editors(world: DeskWorld, role: str, status: int) -> None:
    await world.hire(ANA, "Ana Soto", roles=(role,))
    client = await world.sign_in_elsewhere(ANA)
    paths = (PATH, f"{PATH}.csv", REPORT, f"{REPORT}.pdf")
    assert {(await client.get(path)).status_code for path in paths} == {status}


def call_asked(team: str, minutes: int | None) -> dict[str, Any]:
    now = datetime.now(UTC)
    begun = now - DAY
    times = {"handed_at": begun, "call_asked_at": begun, "call_promised_at": begun + 10 * MINUTE}
    called = None if minutes is None else begun + (10 + minutes) * MINUTE
    return row(DAY, "waiting", now=now, team=team, called_at=called, call_outcome="reached" if minutes else "", **times)


async def test_calls_are_shown_by_team_and_day(world: DeskWorld) -> None:
    calls = [call_asked("obras", 30)] * 8 + [call_asked("obras", 180)] * 3 + [call_asked("atencion", None)]
    await write(world.sessions, calls)
    page = (await (await world.sign_in_elsewhere(EVA)).get(f"{PATH}?periodo=7&equipo=obras")).text
    section = page.split('id="llamadas"')[1].split("</section>")[0]
    teams, days = section.split('id="llamadas-dia"')
    numbers = [re.findall(r'<td class="number"[^>]*>([^<]*)<', part) for part in (teams, days)]
    obras = ["11", "8", "3", "0", "0", "30\xa0min"]
    assert numbers == [[*obras, "1", "0", "0", "0", "1", ""], obras]


async def test_page_without_calls_has_no_figures_about_calls(world: DeskWorld) -> None:
    await write(world.sessions, [attended()])
    assert 'id="llamadas"' not in (await (await world.sign_in_elsewhere(EVA)).get(PATH)).text


async def test_report_asks_to_look_at_calls_that_were_late(world: DeskWorld) -> None:
    await write(world.sessions, [call_asked("obras", 180)] * 12)
    month = (datetime.now(UTC) - DAY).strftime("%Y-%m")
    page = (await (await world.sign_in_elsewhere(EVA)).get(f"{REPORT}?mes={month}")).text
    assert "de 12 que se pidieron, 12 se hicieron más de 2 horas después de lo prometido" in page
