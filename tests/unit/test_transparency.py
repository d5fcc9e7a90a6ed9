"""Tests the public page and its open data: they equal the settings and the published months."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site, page_of
from bot.channels.web.transparency.open_data import LICENCE
from bot.channels.web.transparency.pages import PATH, TransparencyPages
from bot.channels.web.transparency.view import found
from bot.figures.definitions import definitions
from bot.figures.publishing import HIDDEN, Month, Pooled, Published, pooled, public_figures
from bot.figures.results import Counted
from bot.figures.sampling.estimate import Estimate
from bot.figures.sampling.samples import Pool
from tests.faq_entry import BASE
from tests.faq_files import agency

FIGURES = {
    "conversaciones": Published(1234, None),
    "respondidas": Published(900, 1234),
    "sin_respuesta": HIDDEN,
    "espera_mediana": Published(5400.0, None),
    "nota": Published(4.25, None),
    "no_era_eso": Published(4, 200),
    "corregidas": Published(20, 60),
}
MONTH = Month(
    date(2026, 10, 1),
    date(2026, 10, 10),
    FIGURES,
    channels={"web": Published(1000, None), "whatsapp": HIDDEN},
    durable={"web": Published(500, 900), "whatsapp": HIDDEN},
    themes={"calle": Published(1200, None), "": HIDDEN},
    segments={"comuna": {"los-aromos": Published(800, None), "": HIDDEN}},
)


async def get(path: str, *months: Month, **facts: Any) -> httpx.Response:
    async def newest(count: int) -> Sequence[Month]:
        return months[:count]

    site = replace(Site(agency(), entries=lambda: (BASE,), months=newest), **facts)
    app = FastAPI()
    app.router.routes.extend(TransparencyPages(site).router().routes)
    app.router.routes.extend(pages_router(site).routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
        return await client.get(path)


async def test_page_writes_figures_as_in_chile_and_hides_what_is_hidden() -> None:
    html = (await get(PATH, MONTH)).text
    for words in ("Octubre de 2026", "1.234", "72,9\u00a0%", "1\u00a0h\u00a030\u00a0min", "4,2 de 5", "10 de octubre"):
        assert words in html
    assert html.count("no se publica porque son muy pocas") == 5
    assert "Los Aromos</th>" in html.split(">Comuna</h3>")[1]
    assert "2,0 de cada 100" in html
    assert "<small>900 de 1.234 conversaciones</small>" in html
    assert "<small>20 de 60 respuestas después de las que el equipo mandó una publicada</small>" in html


async def test_page_without_months_states_when_they_come() -> None:
    html = (await get(PATH)).text
    assert "Todavía no hay un mes publicado." in html
    assert "Todavía opinaron muy pocas personas" in html


@pytest.mark.parametrize("four_eyes", [True, False])
async def test_page_states_the_settings(four_eyes: bool) -> None:
    ours = replace(agency(), risk=2.5, four_eyes=four_eyes, keep_days=77, audit_days=800)
    html = (await get(PATH, agency=ours, channels=("web", "whatsapp"))).text
    for words in ("a lo más 2,5 de cada 100", "77 días desde el último", "800 días", "Meta", "1 respuestas"):
        assert words in html
    assert ("segunda persona" in html) is four_eyes
    assert "por Telegram" not in html


async def test_page_stays_when_the_record_is_away() -> None:
    async def away(count: int) -> Sequence[Month]:
        raise OperationalError("", None, OSError())

    assert "No pudimos leer las cifras" in (await get(PATH, months=away)).text
    assert (await get(f"{PATH}/cifras.csv", months=away)).status_code == 503


async def test_open_data_has_a_row_for_each_number() -> None:
    answer = await get(f"{PATH}/cifras.csv", MONTH)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows[0] == {
        "mes": "2026-10",
        "cifra": "conversaciones",
        "desglose": "",
        "de": "",
        "valor": "1234",
        "total": "",
        "oculto": "0",
    }
    assert {"desglose": "canal", "de": "whatsapp", "valor": "", "oculto": "1"}.items() <= rows[8].items()
    assert {"desglose": "segmento comuna", "de": "sin dato", "valor": "", "oculto": "1"}.items() <= rows[-1].items()
    assert len(rows) == len(FIGURES) + 8
    assert answer.headers["access-control-allow-origin"] == "*"
    told = (await get(f"{PATH}/cifras.json", MONTH)).json()
    assert told["licencia"] == LICENCE == "CC-BY-4.0"
    assert [str(row["valor"] or "") for row in told["filas"]] == [row["valor"] for row in rows]
    assert {one["cifra"] for one in told["diccionario"]} == {id for id, one in definitions().items() if one.public}
    assert set(told["campos"]) == set(rows[0])


async def test_open_data_has_what_people_found_and_what_was_promised() -> None:
    async def pools() -> Sequence[Pool]:
        return [Pool(4, 110, 3, Estimate(0.02, 0.004, 0.061))]

    answer = await get(f"{PATH}/muestra.csv", pools=pools, agency=replace(agency(), risk=2.5))
    row = ["4", "110", "3", "2.0", "0.4", "6.1", "2.5"]
    assert list(csv.reader(io.StringIO(answer.text)))[1:] == [row]
    told = (await get(f"{PATH}/cifras.json", MONTH, pools=pools)).json()["muestra"]
    assert [one["malas de cada 100"] for one in told] == [2.0]


async def test_open_data_has_each_answer_with_its_source_and_review() -> None:
    answer = await get(f"{PATH}/respuestas.csv", public_url="https://chat.example/")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["id"], row["pregunta"], row["fuente"]) == (BASE.id, BASE.question, BASE.source.title)
    assert (row["dirección de la fuente"], row["revisada"]) == (BASE.source.url, BASE.reviewed.isoformat())
    assert row["página"] == f"https://chat.example{page_of(BASE.id)}"


@pytest.mark.parametrize("path", ["/", "/privacidad"])
async def test_home_page_and_privacy_notice_lead_here(path: str) -> None:
    assert f'href="{PATH}"' in (await get(path)).text.split("<main")[1].split("<footer")[path == "/"]


@pytest.mark.parametrize(
    ("wrong", "among", "words"),
    [
        (0, 99, "muy pocas"),
        (2, 400, "El resultado cabe en la promesa."),
        (40, 400, "sobre la promesa"),
        (10, 400, ""),
        (0, 400, "menos de 1,0 de cada 100"),
    ],
)
def test_result_is_judged_by_its_interval(wrong: int, among: int, words: str) -> None:
    told = found(Pooled(wrong, wrong, among), 3)
    assert words in told["text"] + told["verdict"]
    assert bool(told["verdict"]) is (among >= 100 and wrong != 10)


def test_broken_promise_with_hidden_counts_gives_both_ends() -> None:
    told = found(Pooled(40, 48, 400), 3)
    assert "entre 7,4 y " in told["text"] and "menos de" not in told["text"]
    assert "sobre la promesa" in told["verdict"]


def test_months_that_hide_few_wrong_answers_count_as_few_of_all_that_were_rated() -> None:
    def month(wrong: Published, right: Published) -> Month:
        return replace(MONTH, figures={"no_era_eso": wrong, "sirvio": right})

    many, few, silent = month(Published(12, 500), HIDDEN), month(HIDDEN, Published(480, 500)), month(HIDDEN, HIDDEN)
    assert pooled([many, silent]) == Pooled(12, 12, 500)
    assert pooled([many, few, few]) == Pooled(14, 30, 1500)
    told = found(pooled([few, few, few]), 3)
    assert "De 1.500 respuestas" in told["text"] and "menos de 2,6 de cada 100" in told["text"]
    assert told["verdict"] == "El resultado cabe en la promesa."
    assert found(pooled([few]), 3)["verdict"] == ""
    useless = replace(MONTH, figures={"no_era_eso": HIDDEN, "sirvio": HIDDEN, "contestan": Published(485, 900)})
    assert pooled([useless, few]) == Pooled(2, 18, 985)


@pytest.mark.parametrize(("wrong", "rated"), [(5, Published(485, 900)), (480, HIDDEN)])
def test_hidden_number_of_wrong_answers_among_published_ratings_is_small(wrong: int, rated: Published) -> None:
    figures = public_figures({"no_era_eso": Counted(wrong, 485), "contestan": Counted(485, 900)})
    assert (figures["no_era_eso"], figures["contestan"]) == (HIDDEN, rated)


def test_definitions_state_what_they_count_and_what_not() -> None:
    for one in definitions().values():
        assert one.counts.endswith(".")
        assert one.excludes.endswith(".")
        assert bool(one.of) is one.is_share
