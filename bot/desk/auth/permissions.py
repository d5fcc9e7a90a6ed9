"""What a role may do: each permission, and the look-up in the table of roles.

Called by the gate for every request of the console, and by pages to offer only what may be opened. A new power is a
``Permission`` here, given to roles in bot/core/roles.yml and asked for by its handler; nothing else compares roles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Protocol

from bot.core.roles import Role, role_table


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


class HasRoles(Protocol):
    """Whoever is asked about, such as ``staff.StaffMember``."""

    @property
    def roles(self) -> Sequence[str]: ...


def may(staff: HasRoles, permission: Permission) -> bool:
    """Whether one of the person's roles grants it. A role that is not ours grants nothing."""
    return any(permission in granted for role, granted in granted_by_role().items() if role in staff.roles)


def granted_by_role() -> Mapping[str, frozenset[Permission]]:
    """Lists what each role grants. Raises ValueError for a permission that is none of ours."""
    return {key: _granted(role) for key, role in role_table().items()}


@cache
def _granted(role: Role) -> frozenset[Permission]:
    return frozenset(Permission) if role.may == "all" else frozenset(map(Permission, role.may))
