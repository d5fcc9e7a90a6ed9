"""Tests the transparency card: three forms of the same facts from the settings; missing facts are marked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.channels.web.transparency.card import cards, facts_of, forms
from bot.channels.web.transparency.own_facts import OwnFacts, fact_problems, own_facts
from bot.channels.web.transparency.pages import PATH, TransparencyPages
from bot.core.settings import ROOT
from bot.core.texts import area
from bot.faq.encoder.folder import BUILD, OWN_ADAPTER, EncoderInUse, encoder_in_use
from bot.figures.publishing import Month, Published
from bot.figures.sampling.estimate import Estimate
from bot.figures.sampling.samples import Pool
from tests.faq_entry import BASE
from tests.faq_files import agency

MONTH = Month(date(2026, 10, 1), None, {"conversaciones": Published(1234, None)}, {}, {}, {})
OURS = {"estado": "en uso", "desde": "2026-12", "unidad": "OIRS", "base_legal": "Decreto 12"}


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "transparencia.yml").write_text(text, encoding="utf-8")
    return tmp_path


async def get(path: str, **facts: Any) -> httpx.Response:
    async def newest(count: int) -> Sequence[Month]:
        return [MONTH][:count]

    site = replace(Site(agency(), entries=lambda: (BASE,), months=newest), **facts)
    app = FastAPI()
    app.router.routes.extend(TransparencyPages(site).router().routes)
    app.router.routes.extend(pages_router(site).routes)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
        return await client.get(path)


def test_every_fact_is_in_a_form_and_every_field_has_its_facts() -> None:
    used = {name for form in forms().values() for part in form.sections for one in part.fields for name in one.of}
    known = {*area("ficha")["hechos"], *OwnFacts.model_fields}
    assert used == known
    for form in forms().values():
        keys = [one.key for part in form.sections for one in part.fields]
        assert len(keys) == len(set(keys))
        assert all(one.means for part in form.sections for one in part.fields) or form.language == "es"


def test_file_and_its_names_have_the_same_keys() -> None:
    assert list(area("ficha")["propios"]) == list(OwnFacts.model_fields)
    assert own_facts(ROOT / "data").estado == "en uso"


async def test_card_states_what_is_running(tmp_path: Path) -> None:
    data = folder(tmp_path, json.dumps(OURS))
    ours = replace(agency(), risk=2.5, keep_days=77, name="Municipalidad de Prueba")
    for form in forms():
        answer = await get(
            f"{PATH}/ficha-{form}.json",
            agency=ours,
            data=data,
            encoder=lambda: EncoderInUse("e5-small-3-abc"),
            channels=("web",),
        )
        told = {key: text for part in answer.json()["sections"] for key, text in part["fields"].items()}
        words = " ".join(told.values())
        for one in ("2,5 malas de cada 100", "77 días", "Municipalidad de Prueba", "e5-small-3-abc", "OIRS"):
            assert one in words or (form, one) == ("algoritmeregister", "OIRS"), (form, one)
        assert "WhatsApp" not in words
        assert "{" not in words
    assert answer.headers["access-control-allow-origin"] == "*"


def test_other_encoder_is_not_called_the_default() -> None:
    for encoder, words in ((f"{BUILD}-1", "multilingual-e5-small"), ("propio", "elegido por la institución (propio)")):
        assert words in facts_of(Site(agency(), encoder=partial(EncoderInUse, encoder)), [], [], settings())["modelo"]


def test_own_adapter_is_shown_as_soon_as_it_exists(tmp_path: Path) -> None:
    site = Site(agency(), encoder=lambda: encoder_in_use(tmp_path))
    before = facts_of(site, [], [], settings())
    (tmp_path / OWN_ADAPTER).write_bytes(b"tuned")
    after = facts_of(site, [], [], settings())
    assert "para el proyecto" in before["modelo"] and "ajustado por la institución" in after["modelo"]
    assert before["version"] != after["version"] and before["datos_de_desarrollo"] != after["datos_de_desarrollo"]
    assert encoder_in_use(tmp_path, "propio") == EncoderInUse("propio")


async def test_card_is_unavailable_while_the_figures_cannot_be_read() -> None:
    async def away(*_count: int) -> Sequence[Any]:
        raise OperationalError("", None, OSError())

    for form in forms():
        answer = await get(f"{PATH}/ficha-{form}.json", pools=away)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    html = (await get(PATH, months=away)).text
    assert area("ficha")["sin_servicio"] in html and "form-card" not in html
    assert area("ficha")["sin_servicio"] not in (await get(PATH)).text


async def test_volume_and_found_come_from_what_is_published() -> None:
    site = Site(agency())
    pool = Pool(4, 120, 0, Estimate(0.02, 0.01, 0.05))
    facts = facts_of(site, [MONTH], [pool], settings())
    assert "1.234 conversaciones en octubre de 2026" in facts["volumen"]
    assert "2" in facts["desempeno"] and "**" not in facts["desempeno"]
    assert facts_of(site, [], [], settings())["volumen"] == area("ficha")["sin_volumen"]


def settings() -> dict[str, str]:
    kept = ("dias", "dias_auditoria", "dias_contacto", "dias_reclamos")
    return dict.fromkeys((*kept, "respuestas", "revision", "privacidad", "canales"), "x")


async def test_missing_facts_of_the_agency_are_marked(tmp_path: Path) -> None:
    data = folder(tmp_path, json.dumps(OURS))
    html = (await get(PATH, data=data)).text
    assert html.count('class="form-card"') == 3
    assert html.count("Pendiente. Lo completa la institución.") == sum(
        card.pending for card in cards(Site(agency(), data=data), [], [], settings())
    )
    pending = (await get(f"{PATH}/ficha-cplt.json", data=data)).json()["pending"]
    assert "responsable" in pending and "base_legal" not in pending
    full = folder(tmp_path, json.dumps(OURS | dict.fromkeys(list(OwnFacts.model_fields)[3:], "Sí.")))
    assert (await get(f"{PATH}/ficha-atrs.json", data=full)).json()["pending"] == []
    assert (await get(PATH, data=full)).text.count("Completa.") == 3


async def test_unknown_form_is_not_found() -> None:
    assert (await get(f"{PATH}/ficha-otra.json")).status_code == 404


@pytest.mark.parametrize("text", ["estado: quizás", "nada: 1", "desde: 12-2026", ": ["])
async def test_file_that_cannot_be_read_is_an_error_for_the_check_and_pending_on_the_page(
    tmp_path: Path, text: str
) -> None:
    data = folder(tmp_path, text)
    assert [one.severity.value for one in fact_problems(data)] == ["error"]
    assert own_facts(data) == OwnFacts()
    assert (await get(PATH, data=data)).status_code == 200


def test_check_names_what_is_missing(tmp_path: Path) -> None:
    (advice,) = fact_problems(folder(tmp_path, json.dumps(OURS)))
    assert advice.severity.value == "consejo"
    assert "Cargo responsable, Registro de tratamientos" in advice.message
    assert fact_problems(tmp_path / "missing")[0].severity.value == "error"
