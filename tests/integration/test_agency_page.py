"""Tests the page of the agency's facts: agency.yml contains an administrator's changes completely or not at all."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import load_agency
from bot.desk.pages.agency.page import PATH
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.desk_world import DeskWorld, desk_world
from tests.faq_files import ROOT

ADMIN = "admin@losaromos.example"
FIELD = re.compile(r'<input (?:id="[^"]*" )?(?:type="hidden" )?name="([^"]+)"(?: type="\w+")? value="([^"]*)"')
AREA = re.compile(r'<textarea id="[^"]*" name="([^"]+)"[^>]*>([^<]*)</textarea>')


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "agency.yml"
    path.write_bytes((ROOT / "agency.yml").read_bytes())
    return path


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, file: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, load_agency(file), AGENCY_FILE=file) as made:
        await made.hire(ADMIN, "Ada", ("admin",))
        yield made


def write(file: Path, content: str) -> None:
    file.write_text(content)
    file.chmod(0o640)


def mode_of(file: Path) -> int:
    return file.stat().st_mode & 0o777


def held(file: Path) -> tuple[str, str]:
    """Returns the content of the file, and the names of all files beside it that are versions of it."""
    return file.read_text(errors="replace"), " ".join(one.name for one in file.parent.glob("*agency*"))


async def form(browser: httpx.AsyncClient) -> dict[str, Any]:
    """Returns the page's fields as a browser would post them."""
    return form_in((await browser.get(PATH)).text)


def form_in(page: str) -> dict[str, Any]:
    shown = page.partition('<form class="agency"')[2]
    fields: dict[str, Any] = {}
    for name, value in (*FIELD.findall(shown), *AREA.findall(shown)):
        fields.setdefault(name, []).append(unescape(value))
    return {name: some if name.startswith("lugar-") else some[0] for name, some in fields.items()}


async def test_posted_facts_are_in_the_file_and_in_the_audit(world: DeskWorld, file: Path) -> None:
    browser, before = await world.sign_in(ADMIN), held(file)[0]
    fields = await form(browser)
    assert (await browser.post(PATH, data=fields)).headers["location"] == f"{PATH}?hecho=1"
    assert "Las respuestas ya escritas no cambian solas" in (await browser.get(f"{PATH}?hecho=1")).text
    assert held(file)[0] == before
    write(file, before)
    fields |= {"telefono": "+56 2 2000 0000", "horario.sabado": "9:00 a 12:00", "cuatro_ojos": "1"}
    fields |= {"datos_personales.delegado.nombre": "Ana Soto", "datos_personales.delegado.correo": "ana@x.example"}
    fields |= {"color": "#7a2e1d", "cierres": fields["cierres"] + "\n2 de enero de 2027\n"}
    fields["lugar-direccion"][0] = "Calle Nueva 5"
    fields["lugar-nombre"][-1], fields["lugar-direccion"][-1] = "Casa «Ñuñoa»", "Calle & Sur 7"
    assert (await browser.post(PATH, data=fields)).status_code == 303
    agency = load_agency(file)
    assert (agency.phone, agency.hours["sabado"], agency.four_eyes) == ("+56 2 2000 0000", ["09:00-12:00"], True)
    assert (agency.color, agency.schedule.closures[-1].day) == ("#7a2e1d", date(2027, 1, 2))
    assert (agency.privacy.delegate_name, agency.offices[0].address) == ("Ana Soto", "Calle Nueva 5")
    assert (agency.offices[-1].title, agency.offices[-1].address) == ("Casa «Ñuñoa»", "Calle & Sur 7")
    assert (mode_of(file), held(file)[1]) == (0o640, "agency.yml")
    assert "todavía no se usan" in (await browser.get(PATH)).text
    async with world.sessions() as session:
        (row,) = await session.scalars(select(Audit.detail).where(Audit.action == "agency_changed"))
    assert row["fields"].startswith("color, telefono, datos_personales.delegado.nombre") and "Ana" not in row["fields"]


async def test_words_of_the_home_page_may_be_written_and_left_blank_again(world: DeskWorld, file: Path) -> None:
    browser = await world.sign_in(ADMIN)
    assert "En blanco: Tus trámites, más cerca" in (await browser.get(PATH)).text
    for written, words in (("¿Qué quieres ver?", {"pregunta": "¿Qué quieres ver?"}), ("", {})):
        answer = await browser.post(PATH, data={**await form(browser), "portada.pregunta": written})
        assert (answer.status_code, load_agency(file).front_page.words) == (303, words)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"nombre": " "}, "«Nombre completo» no puede quedar en blanco"),
        ({"sitio": "biblioteca"}, "El sitio web empieza con https://"),
        ({"correo": "a@b"}, "«a@b» no es un correo"),
        ({"horario.lunes": "nueve a doce"}, "No se guardó. En «Horario»"),
        ({"horario.lunes": "9 a 8"}, "escribe primero la hora de inicio: 08:30-14:00"),  # without the file's quotes
        ({"cierres": "24-12-2026\nNavidad"}, "No se entiende «Navidad»"),
        ({"emergencias.gas.respuesta": ""}, "«Emergencia: gas» no puede quedar en blanco"),
        ({"textos.bienvenida": "x" * 2001}, "es demasiado largo"),
        ({"emergencias.gas.respuesta": "Sal y llama al 132."}, "al menos un número de teléfono entre asteriscos"),
        ({"lugar-direccion": ["x" * 201]}, "«Direcciones» es demasiado largo"),
        ({"lugar-clave": ["", ""], "lugar-nombre": ["A", "A"], "lugar-direccion": ["1", "2"]}, "un nombre distinto"),
        ({"lugar-clave": [""], "lugar-nombre": ["A"], "lugar-direccion": [""]}, "necesita una dirección"),
    ],
)
async def test_wrong_facts_are_reported_and_the_typed_text_stays(
    world: DeskWorld, file: Path, change: dict[str, str], expected: str
) -> None:
    browser, before = await world.sign_in(ADMIN), held(file)
    answer = await browser.post(PATH, data={**await form(browser), "telefono": "+56 9 9", **change})
    assert answer.status_code in (409, 422) and expected in unescape(answer.text)
    assert 'value="+56 9 9"' in answer.text and held(file) == before


async def test_facts_changed_in_the_file_meanwhile_stay_or_are_reported(world: DeskWorld, file: Path) -> None:
    browser = await world.sign_in(ADMIN)
    fields = {**await form(browser), "telefono": "+56 9 9"}
    write(file, held(file)[0].replace("+56 2 2555 0100", "+56 2 1").replace("nombre_corto:", "nombre_corto: Aromos #"))
    wrong = await browser.post(PATH, data={**fields, "correo": "x"})
    assert wrong.status_code == 422
    fields |= {"visto": (form_in(wrong.text))["visto"]}
    clash = await browser.post(PATH, data=fields)
    assert clash.status_code == 409 and "«Teléfono»" in unescape(clash.text) and "<dd>+56 2 1</dd>" in clash.text
    assert load_agency(file).phone == "+56 2 1"
    fields |= {"visto": (form_in(clash.text))["visto"], "nombre_corto": "Aromos"}
    assert (await browser.post(PATH, data=fields)).status_code == 303
    assert (load_agency(file).phone, load_agency(file).short_name) == ("+56 9 9", "Aromos")


@pytest.mark.parametrize("content", ["nombre: [", "- x", "\x00"])
async def test_broken_file_is_reported_and_unchanged(world: DeskWorld, file: Path, content: str) -> None:
    browser = await world.sign_in(ADMIN)
    fields = await form(browser)
    write(file, content)
    shown, posted = await browser.get(PATH), await browser.post(PATH, data=fields)
    assert "No se puede leer agency.yml" in shown.text and posted.status_code in (409, 503)
    assert held(file)[0] == content


async def test_unwritable_file_is_reported(world: DeskWorld, file: Path) -> None:
    browser, before = await world.sign_in(ADMIN), held(file)[0]
    (file.parent / ".agency.yml.new").mkdir()
    answer = await browser.post(PATH, data={**await form(browser), "telefono": "+56 9 9"})
    assert answer.status_code == 503 and "sólo lectura" in answer.text and 'value="+56 9 9"' in answer.text
    assert held(file)[0] == before
    async with world.sessions() as session:
        assert await session.scalar(select(Audit.id).where(Audit.action == "agency_changed")) is None
