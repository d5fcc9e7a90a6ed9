"""The console's pages besides the desk, as menus offer them: each to whoever may open it. Called by pages.py.

A new page adds its row here and asks for the same permission in its handler.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk.auth.permissions import HasRoles, Permission, may


@dataclass(frozen=True)
class Link:
    """``words`` is a key below ``desk.menu``; ``permission`` None: everybody has it."""

    path: str
    words: str
    permission: Permission | None


LINKS = (
    Link("/desk/llamadas", "llamadas", Permission.DESK),
    Link("/desk/opiniones", "opiniones", Permission.OPINIONS),
    Link("/desk/guardadas", "guardadas", Permission.CANNED),
    Link("/desk/faltantes", "faltantes", Permission.ENTRIES),
    Link("/desk/canales", "canales", Permission.CHANNELS),
    Link("/desk/auditoria", "auditoria", Permission.AUDIT),
    Link("/desk/personal", "personal", Permission.STAFF),
    Link("/desk/cuenta", "cuenta", None),
)


def links_for(staff: HasRoles) -> tuple[Link, ...]:
    """What this person's menu shows, in order."""
    return tuple(link for link in LINKS if link.permission is None or may(staff, link.permission))
