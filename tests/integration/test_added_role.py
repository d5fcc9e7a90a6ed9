"""Tests that a role works everywhere after it was only added to roles.yml."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

import bot.core.roles
from bot.agency.model import Agency, load_agency
from bot.cli.main import app
from bot.core.roles import listed_roles
from bot.core.settings import Settings
from bot.desk.auth.accounts import list_staff
from bot.desk.auth.oidc import Identity
from bot.desk.auth.oidc_accounts import OidcAccounts
from bot.record.engine import Sessions
from tests.desk_world import desk_world
from tests.unit.agency_file import changed

BOSS, ANA = "jefa@losaromos.example", "ana@losaromos.example"
ADDED = "vigia:\n  name: Vigía\n  about: Mira la fila.\n  may: [desk]\n"


@pytest.fixture(autouse=True)
def added_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "roles.yml"
    table.write_text(bot.core.roles.FILE.read_text(encoding="utf-8") + ADDED, encoding="utf-8")
    monkeypatch.setattr(bot.core.roles, "FILE", table)


async def test_staff_page_assigns_an_added_role_with_its_permissions(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    async with desk_world(redis, database, agency) as world:
        await world.hire(BOSS, "Jefa", roles=("admin",))
        await world.hire(ANA, "Ana Soto")
        boss = await world.sign_in(BOSS)
        page = f"/desk/personal/{next(one.id for one in await list_staff(database) if one.email == ANA)}"
        assert '<strong>Vigía</strong> <span class="soft">Mira la fila.</span>' in (await boss.get(page)).text
        form = {"csrf": boss.headers["X-CSRF-Token"], "que": "datos", "nombre": "Ana Soto", "rol": "vigia"}
        assert (await boss.post(page, data=form)).status_code == 303
        assert "Vigía" in (await boss.get("/desk/personal")).text
        ana = await world.sign_in_elsewhere(ANA)
        assert (await ana.get("/desk/api/tickets")).status_code == 200
        assert (await ana.get("/desk/opiniones")).status_code == 403


async def test_commands_assign_and_list_an_added_role(database_url: str, database: Sessions) -> None:
    words = ["staff", "add", ANA, "Ana Soto", "--rol", "vigia"]
    environment = {"DATABASE_URL": database_url, "COLUMNS": "200"}
    assert (await asyncio.to_thread(CliRunner().invoke, app, words, env=environment)).exit_code == 0
    listed = await asyncio.to_thread(CliRunner().invoke, app, ["staff", "list"], env=environment)
    assert "vigia (Vigía)" in listed.output
    assert listed_roles().endswith(" o vigia")


async def test_oidc_groups_map_to_an_added_role(database: Sessions) -> None:
    issuer = {"OIDC_ISSUER": "http://localhost:8080", "OIDC_CLIENT_ID": "us"}
    rules = {"OIDC_ROLES": "torre=vigia", "OIDC_DOMAINS": "losaromos.example"}
    accounts = OidcAccounts(database, Settings(VENTANILLA_SECRET=SecretStr("s" * 40), **issuer, **rules))  # type: ignore[arg-type]
    who = Identity("s1", ANA, "Ana", 0, {"groups": ["torre"]})
    assert (await accounts.account_for(who)).roles == ("vigia",)


def test_agency_can_require_a_second_factor_for_an_added_role(tmp_path: Path) -> None:
    assert load_agency(changed(tmp_path, seguridad={"segundo_factor": ["vigia"]})).second_factor == ("vigia",)
