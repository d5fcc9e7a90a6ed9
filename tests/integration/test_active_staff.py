"""Tests who may get a notice to staff: active accounts with one of the required permissions."""

from __future__ import annotations

from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission
from bot.record.engine import Sessions
from tests.integration.recorded import person


async def test_only_accounts_in_use_with_a_permission_are_reached(database: Sessions) -> None:
    await person(database, 1, "Ana")
    await person(database, 2, "Eva", roles=["editor"])
    await person(database, 3, "Rosa", roles=["supervisor"])
    await person(database, 4, "Juan", roles=["editor"], active=False)
    async with database() as session:
        assert {one.name for one in await active_staff(session)} == {"Ana", "Eva", "Rosa"}
        assert [one.name for one in await active_staff(session, Permission.ENTRIES)] == ["Eva"]
        either = await active_staff(session, Permission.ENTRIES, Permission.ALL_TICKETS)
        assert {one.name for one in either} == {"Eva", "Rosa"}
