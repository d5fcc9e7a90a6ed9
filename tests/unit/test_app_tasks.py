"""Tests what the background tasks of a process are built from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from bot.app.role import Role
from bot.app.services import Services
from bot.app.tasks.handoff import complaints_of
from bot.app.tasks.public_notices import follower_of
from bot.core.messages import Channel
from bot.core.settings import Settings


@pytest_asyncio.fixture
async def services(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Services]:
    """Yields services without connections; a parameter sets more settings."""
    more: dict[str, Any] = getattr(request, "param", {})
    settings = Settings(
        VENTANILLA_HOME=tmp_path,
        VENTANILLA_SECRET=SecretStr("s" * 40),
        REDIS_URL=SecretStr("redis://127.0.0.1:1"),
        DATABASE_URL=SecretStr("postgresql+psycopg://nobody@127.0.0.1:1/nothing"),
        **more,
    )
    made = Services.from_settings(settings)
    yield made
    await made.close()


REGISTER: Any = {
    "COMPLAINTS_WEBHOOK_URL": "https://registro.example/reclamos",
    "COMPLAINTS_WEBHOOK_SECRET": SecretStr("w" * 40),
}
WEB = (Channel.WEB,)


@pytest.mark.parametrize(("services", "steps"), [({}, 2), (REGISTER, 3)], indirect=["services"])
async def test_changes_of_complaints_are_sent_to_a_register_only_if_one_is_set(services: Services, steps: int) -> None:
    assert len(complaints_of(services)._steps) == steps


@pytest.mark.parametrize(("role", "channels"), [(Role.ALL, WEB), (Role.WEB, WEB), (Role.WORKER, ())])
async def test_process_reports_notices_only_of_channels_that_it_serves(
    services: Services, role: Role, channels: tuple[Channel, ...]
) -> None:
    assert follower_of(services, role)._channels == channels
