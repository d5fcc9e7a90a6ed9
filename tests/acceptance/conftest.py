"""Provides the running system, a citizen and an agent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.agency.schedule import WEEKDAYS
from tests.acceptance.browsers import open_page
from tests.acceptance.people import NEW_PASSWORD, Agent, Citizen
from tests.browser.conftest import chromium
from tests.home import HOME, ROOT
from tests.system import Installation, installed

__all__ = ["chromium", "open_page"]

# A little more than two heartbeats of the desk; a closed browser counts as gone after it.
LEASE_S = 45


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Starts the whole system, with a copy of the FAQ for editing and an agency that never closes."""
    content = tmp_path_factory.mktemp("content")
    faq, agency = content / "faq", content / "agency.yml"
    shutil.copytree(ROOT / "data" / "faq", faq)
    write_agency_that_never_closes(agency)
    with installed(HOME, faq, AGENCY_FILE=str(agency), WIDGET_ORIGINS="http://localhost:18999") as running:
        yield running


def write_agency_that_never_closes(path: Path) -> None:
    """Writes the demo agency's file without closing hours, so that notices do not depend on the time of the test."""
    agency = yaml.safe_load((ROOT / "agency.yml").read_text(encoding="utf-8"))
    agency |= {"horario": {day: ["00:00-24:00"] for day in WEEKDAYS}, "feriados": "", "cierres": []}
    agency |= {"mesa": {"senal_perdida_s": LEASE_S}, "seguridad": {"segundo_factor": []}}
    path.write_text(yaml.safe_dump(agency, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def assistant_url(installation: Installation) -> str:
    return installation.url


@pytest.fixture
def citizen(assistant_url: str) -> Iterator[Citizen]:
    someone = Citizen(assistant_url)
    yield someone
    someone.close()


@pytest.fixture(scope="package")
def administrator_password(installation: Installation) -> tuple[str, str]:
    """Returns the administrator's e-mail and the password that replaced the one-time one."""
    email, one_time = installation.administrator
    Agent(installation.url, email, one_time).close()
    return email, NEW_PASSWORD


@pytest.fixture
def agent(installation: Installation, administrator_password: tuple[str, str]) -> Iterator[Agent]:
    someone = Agent(installation.url, *administrator_password)
    yield someone
    someone.close()
