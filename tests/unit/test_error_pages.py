"""Tests what a browser and a program get when a request fails."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from bot.agency.model import Agency
from bot.agency.schedule import Opening
from bot.app.error_pages import failed_page
from bot.channels.web.site import Site

HTML = {"Accept": "text/html,*/*"}


def broken() -> Opening | None:
    raise RuntimeError("broken")


def client_of(site: Site) -> httpx.AsyncClient:
    app = FastAPI()
    app.add_exception_handler(Exception, failed_page(site))

    @app.get("/{path:path}")
    async def fails(path: str) -> None:
        raise RuntimeError("secret of the server")

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://ventanilla")


@pytest.mark.parametrize(
    ("path", "way", "other"),
    [("/", "Volver al inicio", "Volver a la mesa"), ("/desk/cifras", "Volver a la mesa", "Volver al inicio")],
)
async def test_browser_gets_a_page_with_the_way_back_and_no_details(
    agency: Agency, path: str, way: str, other: str
) -> None:
    answer = await client_of(Site(agency)).get(path, headers=HTML)
    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.text
    assert (way in answer.text, other in answer.text) == (True, False)
    assert "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_citizen_gets_the_phone_and_the_emergency_numbers(agency: Agency) -> None:
    page = (await client_of(Site(agency)).get("/", headers=HTML)).text
    main = page.partition("<main")[2].partition("</main")[0]
    assert agency.phone in main
    assert 'href="tel:131"' in main


async def test_program_gets_errors_as_json(agency: Agency) -> None:
    answer = await client_of(Site(agency)).get("/api/x", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal Server Error"})


async def test_page_that_cannot_be_made_is_a_line_of_text(agency: Agency) -> None:
    answer = await client_of(Site(agency, opening=broken)).get("/", headers=HTML)
    assert (answer.status_code, answer.text) == (500, "Algo falló de nuestro lado")
