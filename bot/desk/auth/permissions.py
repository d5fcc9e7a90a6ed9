"""Which role may do what: the one table.

Called by the gate for every request of the console, and by pages to offer only what may be opened. A new power is a
``Permission`` here, given to roles here and asked for by its handler; nothing else compares roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What an account may be; one account may have several. Their Spanish names are in ``desk.roles``."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    ANALYST = "analyst"
    ADMIN = "admin"


class Permission(StrEnum):
    """One thing that a handler lets somebody do."""

    DESK = "desk"
    """See the line and its conversations."""
    ANSWER = "answer"
    """Take conversations, write to citizens, close."""
    ALL_TICKETS = "all_tickets"
    """See every conversation, of any team, whoever attends it."""
    REASSIGN = "reassign"
    """Take a conversation from somebody, or give it to somebody else."""
    OPINIONS = "opinions"
    """Read what citizens thought of an attention."""
    FIGURES = "figures"
    """See figures of the whole service."""
    CANNED = "canned"
    """Change the replies that everybody uses."""
    ENTRIES = "entries"
    """Write the FAQ."""
    CHANNELS = "channels"
    """Open and close channels."""
    STAFF = "staff"
    """Manage accounts."""
    AUDIT = "audit"
    """Read who did what."""


_AGENT = frozenset({Permission.DESK, Permission.ANSWER, Permission.OPINIONS})
_SUPERVISOR = _AGENT | {Permission.ALL_TICKETS, Permission.REASSIGN, Permission.FIGURES, Permission.CANNED}

GRANTED: dict[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.EDITOR: frozenset({Permission.ENTRIES, Permission.CANNED}),
    Role.ANALYST: frozenset({Permission.OPINIONS, Permission.FIGURES}),
    Role.ADMIN: frozenset(Permission),
}


class HasRoles(Protocol):
    """Whoever is asked about, such as ``staff.StaffMember``."""

    @property
    def roles(self) -> Sequence[str]: ...


def may(staff: HasRoles, permission: Permission) -> bool:
    """Whether one of the person's roles grants it. A role that is not ours grants nothing."""
    return any(permission in granted for role, granted in GRANTED.items() if role.value in staff.roles)
