"""Lists the active accounts of the desk: all, or only accounts that may see a team's tickets.

Notes can mention only accounts that may see the ticket.
"""

from __future__ import annotations

from bot.agency.model import Agency
from bot.desk.auth.accounts import StaffMember, list_staff
from bot.desk.auth.permissions import Permission, may
from bot.record.engine import Sessions


class Colleagues:
    """Reads the active accounts of the desk."""

    def __init__(self, sessions: Sessions, agency: Agency) -> None:
        self._sessions = sessions
        self._agency = agency

    async def everybody(self) -> list[StaffMember]:
        """Returns all active accounts of the desk, sorted by name."""
        return [one for one in await list_staff(self._sessions) if one.active and may(one, Permission.DESK)]

    async def of_team(self, team: str) -> list[StaffMember]:
        """Returns the accounts that may see the tickets of ``team``, sorted by name."""
        return [one for one in await self.everybody() if self._sees(one, team)]

    def _sees(self, one: StaffMember, team: str) -> bool:
        teams = self._agency.teams_now(one.teams)
        return not teams or team in teams or may(one, Permission.ALL_TICKETS)
