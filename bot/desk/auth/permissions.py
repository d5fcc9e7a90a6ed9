"""Defines which role grants which permission.

A new power is a ``Permission``, granted to roles here and required by its handler; no other code compares roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """A role of an account, which may have several; ``desk.roles`` has their Spanish names."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    ANALYST = "analyst"
    ADMIN = "admin"


class Permission(StrEnum):
    """A power that a handler requires."""

    DESK = "desk"  # see the queue and its conversations
    ANSWER = "answer"  # claim conversations, write to citizens, close
    ALL_TICKETS = "all_tickets"  # see the conversations of every team and agent
    REASSIGN = "reassign"  # take a conversation from an agent or transfer it
    OPINIONS = "opinions"  # read citizens' ratings
    FIGURES = "figures"  # see the figures of the whole service
    CANNED = "canned"  # edit the canned replies
    ENTRIES = "entries"  # edit the FAQ
    CHANNELS = "channels"  # open and close channels
    STAFF = "staff"  # manage accounts
    AUDIT = "audit"  # read the audit log


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
    """Anything with roles, such as ``StaffMember``."""

    @property
    def roles(self) -> Sequence[str]: ...


def may(staff: HasRoles, permission: Permission) -> bool:
    """Returns whether one of the roles grants the permission; unknown roles grant nothing."""
    return any(permission in granted for role, granted in GRANTED.items() if role.value in staff.roles)
