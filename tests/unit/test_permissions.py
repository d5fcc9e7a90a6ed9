"""Tests the permissions of each role."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import bot.core.roles
from bot.core.errors.contents import InvalidRoles
from bot.core.roles import ADMIN, AGENT, listed_roles, role_table, roles_with_second_factor
from bot.core.texts import area
from bot.desk.auth.permissions import Permission, granted_by_role, may
from bot.desk.pages.menu import GROUPS, LINKS, links_for
from bot.desk.pages.starting.steps import sets_up


def staff(*roles: str) -> SimpleNamespace:
    return SimpleNamespace(roles=roles)


def test_every_role_is_granted_something_and_an_administrator_everything() -> None:
    assert all(granted_by_role().values())
    assert granted_by_role()[ADMIN] == frozenset(Permission)
    assert Permission.ANSWER in granted_by_role()[AGENT]


@pytest.mark.parametrize(
    ("role", "may_do"),
    [
        ("agent", {"desk", "answer", "opinions"}),
        (
            "supervisor",
            {"desk", "answer", "opinions", "all_tickets", "reassign", "figures", "judge"}
            | {"register", "canned", "urgent", "notices", "remove", "ban"},
        ),
        ("editor", {"entries", "canned", "figures", "judge"}),
        ("analyst", {"opinions", "figures"}),
        ("privacy", {"privacy", "remove"}),
        ("jefe", set()),
    ],
)
def test_role_has_exactly_its_permissions(role: str, may_do: set[str]) -> None:
    assert {permission.value for permission in Permission if may(staff(role), permission)} == may_do


def test_unknown_permission_in_the_table_of_roles_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "roles.yml"
    table.write_text("chief:\n  name: Jefatura\n  about: Manda.\n  may: [desk, command]\n", encoding="utf-8")
    monkeypatch.setattr(bot.core.roles, "FILE", table)
    with pytest.raises(InvalidRoles, match="unknown permission 'command'") as wrong:
        granted_by_role()
    assert wrong.value.facts["field"] == "chief.may"


def test_single_role_is_listed_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "roles.yml"
    table.write_text("chief:\n  name: Jefatura\n  about: Manda.\n  may: all\n", encoding="utf-8")
    *most, last = role_table()
    assert listed_roles() == f"{', '.join(most)} o {last}"
    monkeypatch.setattr(bot.core.roles, "FILE", table)
    assert listed_roles() == "chief"


def test_added_last_role_may_edit_and_need_a_second_factor_without_other_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, before, with_factor = tmp_path / "roles.yml", [*role_table()], roles_with_second_factor()
    added = "de_prueba:\n  name: Redacción\n  about: Escribe.\n  may: [entries]\n  second_factor: true\n"
    table.write_text(bot.core.roles.FILE.read_text(encoding="utf-8") + added, encoding="utf-8")
    monkeypatch.setattr(bot.core.roles, "FILE", table)
    assert listed_roles().endswith(f"{before[-1]} o de_prueba")
    assert roles_with_second_factor() == [*with_factor, "de_prueba"]
    assert sets_up(staff("de_prueba"))


def test_editor_who_attends_nobody_starts_with_the_missing_steps() -> None:
    assert [role for role in ("agent", "supervisor", "editor", "admin") if sets_up(staff(role))] == ["editor", "admin"]


def test_permissions_of_several_roles_add_up() -> None:
    both = staff("editor", "analyst")
    assert may(both, Permission.ENTRIES)
    assert may(both, Permission.FIGURES)
    assert not may(both, Permission.DESK)


def test_menu_shows_only_permitted_pages() -> None:
    assert [link.path for link in links_for(staff("analyst"))] == ["/desk/opiniones", "/desk/cifras", "/desk/cuenta"]
    assert links_for(staff("admin")) == LINKS


def test_every_permission_and_menu_has_a_text() -> None:
    words = area("desk")
    assert set(words["sin_permiso"]) == set(Permission)
    assert set(words["menu"]) == {one.words for one in (*LINKS, *GROUPS) if one.words} | {"titulo"}
