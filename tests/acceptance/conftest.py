"""A citizen and an agent of the running system."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.people import NEW_PASSWORD, Agent, Citizen
from tests.system import Installation


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
