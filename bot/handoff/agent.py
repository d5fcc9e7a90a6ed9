"""Describes a staff member at the desk, and the tickets that they may see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from bot.agency.desk_settings import DeskSettings
from bot.tickets.presence import Skills
from bot.tickets.ticket import StaffRef, Ticket

# Returns those of some conversations whose data is blocked; may raise SQLAlchemyError and OSError.
BlockedAmong = Callable[[Collection[str]], Awaitable[set[str]]]


@dataclass(frozen=True)
class Agent:
    """A staff member at the desk; ``own`` lists the keys of the agent's teams.

    With ``sees_all``, or without own teams, the agent serves all teams. With ``supervises``, the agent may move other
    agents' tickets. ``languages`` are the agent's languages besides Spanish; ``capacity`` 0 means the agency's default.
    """

    id: str
    name: str
    own: tuple[str, ...] = ()
    sees_all: bool = False
    supervises: bool = False
    languages: tuple[str, ...] = ()
    capacity: int = 0

    @property
    def ref(self) -> StaffRef:
        return StaffRef(id=self.id, name=self.name)

    @property
    def teams(self) -> tuple[str, ...]:
        """Returns the teams that the agent serves; an empty tuple means all."""
        return () if self.sees_all else self.own

    def speaks_for(self, team: str) -> str:
        """Returns the team to show to the citizen: ``team`` if the agent belongs to it, else the agent's first team.

        Returns ``team`` if the agent has no teams.
        """
        return team if team in self.own or not self.own else self.own[0]

    def skills(self, rules: DeskSettings) -> Skills:
        return Skills(self.teams, self.capacity or rules.capacity, self.languages)

    def sees(self, ticket: Ticket) -> bool:
        """Returns whether the agent may see the ticket, that is, owns it or serves its team."""
        mine = ticket.owner is not None and ticket.owner.id == self.id
        return mine or self.serves(ticket.team)

    def serves(self, team: str) -> bool:
        return not self.teams or team in self.teams
