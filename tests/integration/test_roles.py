"""Tests that the web and a worker in separate processes serve citizens and staff like one process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.app import background, channel_registry
from bot.app.main import create_app
from bot.app.role import Role
from bot.app.services import Services
from bot.core.settings import ROOT, Settings
from bot.record.engine import Sessions
from bot.record.tables import Message, Staff
from bot.record.transcripts.rows import read
from tests.bot_process import BotProcess, bot_in_roles
from tests.desk_world import PASSWORD
from tests.eventually import PATIENCE_S, eventually
from tests.live_people import Agent, SocketCitizen
from tests.quick_passwords import QUICK

WORKS = {"worker", "recorder", "alarms", "complaints", "erasures", "sweeper", "rasa record", "sender of telegram"} | {
    "bans",
    "broadcasts",
    "spikes",
}
PAGES = {"live", "positions"}
UPKEEP = {
    *("AuditSignatures.sign_forever", "SealMail.run", "BanDangers.run", "Gathering.run", "Filling.run"),
    *("Sampling.run", "Months.run", "MonthlyMail.run", "DrillReminders.run", "DiskWatch.run", "Due.run"),
    *(
        "StaleRequests.run",
        "EntryNewsTask.run",
        "Reminders.run",
        "forget_forever",
        "forget_staff_forever",
        "renew_forever",
    ),
    *("encrypt_forever", "drop_used_password_forever", "keep_versions", "keep_experience"),
}
LATE_BY_ROLE = {
    Role.WEB: {"public notices", *PAGES},
    Role.WORKER: {"public notices", *WORKS, *UPKEEP},
    Role.ALL: {"public notices", *PAGES, *WORKS, *UPKEEP},
}


@pytest.fixture
def bot(tmp_path: Path, database_url: str, database: Sessions) -> Iterator[BotProcess]:
    with bot_in_roles(tmp_path, database_url) as started:
        yield started


async def hire(database: Sessions) -> None:
    row = Staff(email="ana@x.cl", name="ana", roles=["agent"])
    row.password_hash, row.must_change_password = QUICK.hash(PASSWORD), False
    async with database.begin() as session:
        session.add(row)


async def reply(agent: Agent, ticket: str) -> None:
    """Answers the citizen's message once."""
    if not agent.words_of(ticket, "staff"):
        await agent.reply(ticket, "Hola, soy Ana.", f"ticket-{ticket}-0")


async def test_chat_and_desk_on_the_web_get_what_a_worker_decides(bot: BotProcess, database: Sessions) -> None:
    await hire(database)
    citizen, ana = SocketCitizen(bot.url, "10.1.0.1", lambda _: None), Agent(bot.url, "ana", "10.2.0.1")
    await ana.sign_in("ana@x.cl", PASSWORD)
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
        people = [group.create_task(one) for one in (citizen.run(), ana.run(lambda _: True, reply))]
        await citizen.until(lambda: bool(citizen.token))
        await eventually(lambda: ana.connections == 1)
        await citizen.say("message-0", "¿dónde pago?")
        await citizen.until(lambda: "eco: ¿dónde pago?" in citizen.words_of("assistant"))
        await citizen.say("message-1", "una persona, por favor")  # the desk hears of it only through its live events
        await citizen.until(lambda: citizen.words_of("staff") == ["Hola, soy Ana."])
        for one in people:
            one.cancel()
    assert (citizen.speaker, ana.connections) == ("staff", 1)
    await ana.close()

    async def recorded() -> bool:
        async with database() as session:
            return "Hola, soy Ana." in [one.text for one in await read(session, select(Message))]

    await eventually(recorded)


async def test_worker_serves_its_health_and_no_pages(bot: BotProcess) -> None:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        paths = ("/healthz", "/readyz", "/", "/desk/login", "/api/chat")
        found = [(await client.get(f"{bot.worker_url}{path}")).status_code for path in paths]
        assert found == [200, 200, 404, 404, 404]
        assert (await client.get(f"{bot.url}/healthz")).json() == {"late": {}}


@pytest.mark.parametrize("role", Role)
async def test_health_watches_the_tasks_of_its_role_only(
    role: Role, redis: Any, redis_url: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, limit in (
        (background, "LATE_S"),
        (background, "UPKEEP_LATE_S"),
        (channel_registry, "SENDER_LATE_S"),
    ):
        monkeypatch.setattr(module, limit, -1.0)  # every task that runs counts as late
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:x")
    settings = Settings(
        VENTANILLA_HOME=tmp_path,
        AGENCY_FILE=ROOT / "agency.yml",
        REDIS_URL=SecretStr(redis_url),
        DATABASE_URL=SecretStr(database_url),
        VENTANILLA_SECRET=SecretStr("s" * 40),
        PUBLIC_URL="https://chat.example",  # so that nothing polls
    )
    app = create_app(Services.from_settings(settings), role)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client,
    ):
        late = (await client.get("/healthz")).json()["late"]
    assert set(late) == LATE_BY_ROLE[role]
