"""Lists the pages of the staff menu, in groups, and the permission that each page needs.

A new page needs a row in GROUPS, a text below ``desk.menu``, an icon in icons.html, and a handler that requires the
same permission.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.desk.auth.permissions import HasRoles, Permission, may


@dataclass(frozen=True)
class Link:
    """A menu link; ``words`` is its text key below ``desk.menu``. All staff see a link whose ``permission`` is None."""

    path: str
    words: str
    permission: Permission | None
    icon: str


@dataclass(frozen=True)
class Group:
    """Links under one heading; ``words`` is the heading's text key below ``desk.menu``, '' if there is none."""

    words: str
    links: tuple[Link, ...]


GROUPS = (
    Group(
        "atencion",
        (
            Link("/desk", "mesa", Permission.DESK, "talk"),
            Link("/desk/en-vivo", "en_vivo", Permission.REASSIGN, "pulse"),
            Link("/desk/llamadas", "llamadas", Permission.DESK, "phone"),
            Link("/desk/reclamos", "reclamos", Permission.DESK, "flag"),
            Link("/desk/bloqueos", "bloqueos", Permission.BAN, "ban"),
            Link("/desk/avisos", "avisos", Permission.NOTICES, "megaphone"),
            Link("/desk/opiniones", "opiniones", Permission.OPINIONS, "star"),
        ),
    ),
    Group(
        "respuestas",
        (
            Link("/desk/respuestas", "respuestas_publicadas", Permission.ENTRIES, "page"),
            Link("/desk/bandeja", "bandeja", Permission.ENTRIES, "tray"),
            Link("/desk/guardadas", "guardadas", Permission.CANNED, "bookmark"),
            Link("/desk/faltantes", "faltantes", Permission.ENTRIES, "help"),
        ),
    ),
    Group("resultados", (Link("/desk/cifras", "cifras", Permission.FIGURES, "chart"),)),
    Group(
        "sistema",
        (
            Link("/desk/institucion", "institucion", Permission.AGENCY, "building"),
            Link("/desk/canales", "canales", Permission.CHANNELS, "door"),
            Link("/desk/personal", "personal", Permission.STAFF, "people"),
            Link("/desk/mensajes", "mensajes", Permission.REMOVE, "erase"),
            Link("/desk/datos", "datos", Permission.PRIVACY, "shield"),
            Link("/desk/auditoria", "auditoria", Permission.AUDIT, "list"),
        ),
    ),
    Group("", (Link("/desk/cuenta", "cuenta", None, "person"),)),
)
LINKS = tuple(link for group in GROUPS for link in group.links)
# Where staff begin: the first of these pages that they may open.
STARTS = ("/desk", "/desk/respuestas", "/desk/cifras", "/desk/datos")


def groups_for(staff: HasRoles) -> tuple[Group, ...]:
    """Returns the groups with the links that this person may open; groups without links are left out."""
    groups = (replace(group, links=tuple(link for link in group.links if _opens(staff, link))) for group in GROUPS)
    return tuple(group for group in groups if group.links)


def links_for(staff: HasRoles) -> tuple[Link, ...]:
    """Returns the menu links that this person may open, in order."""
    return tuple(link for link in LINKS if _opens(staff, link))


def start_of(staff: HasRoles) -> str:
    """Returns the path of the person's page after sign-in: a page of STARTS, else the first page of the menu."""
    paths = [link.path for link in links_for(staff)]
    return next((path for path in STARTS if path in paths), paths[0])


def _opens(staff: HasRoles, link: Link) -> bool:
    return link.permission is None or may(staff, link.permission)
