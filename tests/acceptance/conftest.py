"""The running system, and a citizen and an agent of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.acceptance.people import NEW_PASSWORD, Agent, Citizen
from tests.browser.conftest import browser
from tests.system import HOME, ROOT, Installation, installed

__all__ = ["browser"]


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Everything, started once as a person would; its FAQ is a copy that tests may edit."""
    faq = tmp_path_factory.mktemp("content") / "faq"
    shutil.copytree(ROOT / "data" / "faq", faq)
    with installed(HOME, faq, WIDGET_ORIGINS="http://localhost:18999") as running:
        yield running


@pytest.fixture
def assistant_url(installation: Installation) -> str:
    return installation.url


@pytest.fixture
def citizen(assistant_url: str) -> Iterator[Citizen]:
    someone = Citizen(assistant_url)
    yield someone
    someone.close()


@pytest.fixture(scope="session")
def administrator_password(installation: Installation) -> tuple[str, str]:
    """The administrator's e-mail and the password that replaced the one-time one."""
    email, one_time = installation.administrator
    Agent(installation.url, email, one_time).close()
    return email, NEW_PASSWORD


@pytest.fixture
def agent(installation: Installation, administrator_password: tuple[str, str]) -> Iterator[Agent]:
    someone = Agent(installation.url, *administrator_password)
    yield someone
    someone.close()
