"""Tests that public texts fit an agency that is not a municipality, whatever the gender of its name."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.agency.model import Agency, load_agency
from bot.agency.starter import Starter, agency_file
from bot.channels.web.answers.pages import AnswerPages
from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.channels.web.transparency.pages import TransparencyPages
from bot.core.messages import Channel, Source
from bot.core.yaml import read_yaml_file
from tests.faq_entry import BASE
from tests.faq_files import ROOT

NAME = "Servicio Veterinario Público de Itata"
STARTER = Starter(
    name=NAME,
    short_name="Servicio Veterinario",
    assistant="Ita",
    site="https://veterinario.example",
    phone="+56 42 255 7700",
    email="hola@veterinario.example",
    hours="08:30-13:00",
    teams=("Clínica",),
)
# «la Servicio» and «el Municipalidad» are wrong: a text that any agency shows writes no article before the name.
FOREIGN = re.compile(r"\b(?:(?:la|el|las|los|del|al) Servicio Vet|municip\w*|comunas?\b|vecin[oa]s?\b)", re.IGNORECASE)
ARTICLE = re.compile(r"\b(?:la|el|del|al) \**\{(?:agencia|institucion|corto|nombre_corto)\}")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Agency:
    path = tmp_path_factory.mktemp("itata") / "agency.yml"
    path.write_text(agency_file((ROOT / "agency.yml").read_text(encoding="utf-8"), STARTER), encoding="utf-8")
    return load_agency(path)


def foreign(text: str) -> list[str]:
    return FOREIGN.findall(re.sub(r"(?:href|src|content)=\"http[^\"]*\"", "", unescape(text)))


@pytest.mark.parametrize("path", ["/", "/privacidad", "/transparencia", "/tramites", "/tramites/bache"])
async def test_public_page_speaks_for_any_agency(office: Agency, path: str) -> None:
    entry = replace(BASE, id="bache", responsible=NAME, source=Source(NAME, "https://veterinario.example"))
    site = Site(office, entries=lambda: (entry,), channels=tuple(Channel))
    app = FastAPI()
    app.router.routes.extend(TransparencyPages(site).router().routes)
    app.router.routes.extend(AnswerPages(site).router().routes)
    app.router.routes.extend(pages_router(site).routes)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://chat", follow_redirects=True
    ) as client:
        page = await client.get(path)
    assert page.status_code == 200 and NAME in page.text
    assert foreign(page.text) == []


def test_words_of_the_chat_speak_for_any_agency(office: Agency) -> None:
    rasa = read_yaml_file(ROOT / "domain.yml")["responses"]
    said = [*office.texts.values(), *(one["text"] for ones in rasa.values() for one in ones)]
    said += [*office.emergencies.values(), *(step for one in office.emergency_protocols.values() for step in one)]
    assert {text: foreign(text) for text in said if foreign(text)} == {}


@cache
def texts() -> tuple[tuple[Path, str], ...]:
    folders = (ROOT / "bot", ROOT / "actions")
    paths = [path for folder in folders for end in ("yml", "md", "html") for path in folder.rglob(f"*.{end}")]
    return tuple((path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in paths)


def test_no_text_puts_an_article_before_the_name() -> None:
    assert [(str(path), found) for path, text in texts() for found in ARTICLE.findall(text)] == []
