"""Tests what each role may do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import get_args

import pytest

from bot.agency.model import _Security
from bot.core.settings import ROLES
from bot.core.texts import area
from bot.desk.auth.permissions import GRANTED, Permission, Role, may
from bot.desk.pages.menu import LINKS, links_for


def staff(*roles: str) -> SimpleNamespace:
    return SimpleNamespace(roles=roles)


def test_every_role_is_granted_something_and_an_administrator_everything() -> None:
    assert set(GRANTED) == set(Role)
    assert all(may(staff("admin"), permission) for permission in Permission)


@pytest.mark.parametrize(
    ("role", "may_do"),
    [
        ("agent", {"desk", "answer", "opinions"}),
        ("supervisor", {"desk", "answer", "opinions", "all_tickets", "reassign", "figures", "canned"}),
        ("editor", {"entries", "canned"}),
        ("analyst", {"opinions", "figures"}),
        ("jefe", set()),
    ],
)
def test_role_has_exactly_its_permissions(role: str, may_do: set[str]) -> None:
    assert {permission.value for permission in Permission if may(staff(role), permission)} == may_do


def test_settings_and_agency_name_the_same_roles() -> None:
    assert ROLES == tuple(Role)
    roles = _Security.model_fields["segundo_factor"].annotation
    assert get_args(get_args(roles)[0]) == tuple(Role)


def test_permissions_of_several_roles_add_up() -> None:
    both = staff("editor", "analyst")
    assert may(both, Permission.ENTRIES)
    assert may(both, Permission.FIGURES)
    assert not may(both, Permission.DESK)


def test_menu_shows_only_permitted_pages() -> None:
    assert [link.path for link in links_for(staff("analyst"))] == ["/desk/opiniones", "/desk/cuenta"]
    assert links_for(staff("admin")) == LINKS


def test_every_role_permission_and_menu_has_a_text() -> None:
    words = area("desk")
    assert set(words["roles"]) == set(Role)
    assert set(words["sin_permiso"]) == set(Permission)
    assert set(words["menu"]) == {link.words for link in LINKS} | {"titulo"}
    assert set(words["personal"]["rol_detalle"]) == set(Role)
