"""Defines the permissions and checks whether an account's roles grant them.

A new permission needs a member of ``Permission``, roles in bot/core/roles.yml that grant the permission, a message in
``desk.sin_permiso``, and a handler that requires it. Handlers never compare roles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Protocol

from bot.core.errors.contents import InvalidRoles
from bot.core.roles import FILE, Role, role_table


class Permission(StrEnum):
    """A right that roles grant and handlers require."""

    DESK = "desk"  # see the queue and its conversations
    ANSWER = "answer"  # claim conversations, write to citizens, close
    ALL_TICKETS = "all_tickets"  # see the conversations of every team and agent
    REASSIGN = "reassign"  # take a conversation from an agent or transfer it
    OPINIONS = "opinions"  # read citizens' ratings
    FIGURES = "figures"  # see the figures; with OPINIONS: the ratings of all teams
    JUDGE = "judge"  # judge sampled answers, and decide on proposals of more caution
    REGISTER = "register"  # download the register of complaints
    CANNED = "canned"  # edit the canned replies
    ENTRIES = "entries"  # edit the FAQ
    URGENT = "urgent"  # publish an entry at once, with a reason (also needs ENTRIES)
    NOTICES = "notices"  # write, approve and lift public notices
    CHANNELS = "channels"  # open and close channels
    AGENCY = "agency"  # edit the agency's own facts
    STAFF = "staff"  # manage accounts
    AUDIT = "audit"  # read the audit log
    REMOVE = "remove"  # remove a message from any readable conversation; the attending agent does not need this
    BAN = "ban"  # block the conversation of a citizen who abuses the chat, and lift the block
    PRIVACY = "privacy"  # answer requests about personal data; export, block, correct and erase it


class HasRoles(Protocol):
    """An object with roles, such as ``StaffMember``."""

    @property
    def roles(self) -> Sequence[str]: ...


def may(staff: HasRoles, permission: Permission) -> bool:
    """Returns whether one of the roles grants the permission; unknown roles grant nothing."""
    return any(permission in granted for role, granted in granted_by_role().items() if role in staff.roles)


def granted_by_role() -> Mapping[str, frozenset[Permission]]:
    """Returns the permissions of each role; raises InvalidRoles if roles.yml contains an unknown permission."""
    return {key: _granted(key, role) for key, role in role_table().items()}


@cache
def _granted(key: str, role: Role) -> frozenset[Permission]:
    if role.may == "all":
        return frozenset(Permission)
    for name in role.may:
        if name not in set(Permission):
            problem = f"unknown permission {name!r}; the permissions are {', '.join(Permission)}"
            raise InvalidRoles(file=FILE.name, field=f"{key}.may", problem=problem)
    return frozenset(map(Permission, role.may))
