"""Lists the links of the staff menu and the permission that each one needs.

A new page needs a row in LINKS and a handler that requires the same permission.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk.auth.permissions import HasRoles, Permission, may


@dataclass(frozen=True)
class Link:
    """A menu link: ``words`` is a text key below ``desk.menu``; ``permission`` None means that all staff see it."""

    path: str
    words: str
    permission: Permission | None


LINKS = (
    Link("/desk/en-vivo", "en_vivo", Permission.REASSIGN),
    Link("/desk/llamadas", "llamadas", Permission.DESK),
    Link("/desk/opiniones", "opiniones", Permission.OPINIONS),
    Link("/desk/respuestas", "respuestas", Permission.ENTRIES),
    Link("/desk/guardadas", "guardadas", Permission.CANNED),
    Link("/desk/faltantes", "faltantes", Permission.ENTRIES),
    Link("/desk/canales", "canales", Permission.CHANNELS),
    Link("/desk/auditoria", "auditoria", Permission.AUDIT),
    Link("/desk/personal", "personal", Permission.STAFF),
    Link("/desk/cuenta", "cuenta", None),
)


def links_for(staff: HasRoles) -> tuple[Link, ...]:
    """Returns the menu links that this person may open, in order."""
    return tuple(link for link in LINKS if link.permission is None or may(staff, link.permission))
