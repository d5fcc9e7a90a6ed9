"""Tests an account's form and how its state is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.datastructures import FormData

from bot.core.errors.staff import LastAdministrator, RoleUnknown, StaffExists, StaffInvalid
from bot.desk.auth.accounts import MAX_NAME_CHARACTERS
from bot.desk.pages.staff import REFUSALS, StaffPage, _number, _state, _words
from tests.desk_fakes import ANA, Browsers, gate_of, pages_of
from tests.faq_files import agency
from tests.rows import each_row

GATE = gate_of(Browsers())
PAGES = pages_of(GATE, agency())
PAGE = StaffPage(guard=GATE, pages=PAGES, sessions=None, agency=agency(), signals=None)  # type: ignore[arg-type]


def given(*form: tuple[str, str], had: tuple[str, ...] = ()) -> dict[str, Any]:
    return PAGE._given(FormData(list(form)), had)


@each_row(
    ("text", "number"),
    [
        ("", 0),
        (" ", 0),
        ("7", 7),
        (" 50 ", 50),
        ("999", 999),
        ("1000", -1),
        ("-1", -1),
        ("1.5", -1),
        ("x", -1),
        ("²", -1),
        ("٧", 7),
    ],
)
def test_number_is_parsed_and_invalid_differs_from_empty(text: str, number: int) -> None:
    assert _number(text) == number


def test_empty_form_is_an_empty_account() -> None:
    assert given() == {"name": "", "roles": [], "teams": [], "languages": [], "capacity": 0}


def test_teams_and_languages_are_known_unique_and_in_our_order() -> None:
    keys = list(agency().teams)
    form = [("equipo", one) for one in (*reversed(keys), keys[0], "nadie")] + [
        ("idioma", one) for one in ("ht", "en", "es", "xx")
    ]
    made = given(*form)
    assert (made["teams"], made["languages"]) == (keys, ["en", "ht"])


def test_dissolved_team_stays_only_with_accounts_that_had_and_keep_it() -> None:
    chosen = (("equipo", "antiguo"),)
    assert given(*chosen)["teams"] == []
    assert given(*chosen, had=("antiguo",))["teams"] == ["antiguo"]
    assert given(had=("antiguo",))["teams"] == []
    assert PAGE._teams(("antiguo",))["antiguo"] != "antiguo"


def test_name_is_cut_and_has_no_invisible_marks() -> None:
    assert given(("nombre", "A\x00na\x07"))["name"] == "Ana"
    assert len(given(("nombre", "ñ" * 5000))["name"]) == MAX_NAME_CHARACTERS


def test_roles_are_passed_on_unchecked_since_the_account_checks_them() -> None:
    assert given(("rol", "admin"), ("rol", "jefe"))["roles"] == ["admin", "jefe"]


@pytest.mark.parametrize(("what", "active"), [("activar", True), ("desactivar", False)])
def test_activating_changes_nothing_else(what: str, active: bool) -> None:
    change = PAGE._change(what, FormData([("rol", "admin")]), ANA)
    assert (change.active, change.roles, change.teams) == (active, None, None)


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("account", "state"),
    [
        ({}, "activa"),
        ({"active": False, "must_change_password": True}, "inactiva"),
        ({"must_change_password": True}, "sin_entrar"),
        ({"must_change_password": True, "password_expires_at": NOW + timedelta(hours=1)}, "sin_entrar"),
        ({"must_change_password": True, "password_expires_at": NOW - timedelta(seconds=1)}, "vencida"),
        ({"password_expires_at": NOW - timedelta(days=1)}, "activa"),
    ],
)
def test_state_of_an_account_has_a_text(account: dict[str, Any], state: str) -> None:
    assert _state(replace(ANA, **account)) == state


@pytest.mark.parametrize(
    "error",
    [
        StaffInvalid(email="{x} <b>"),
        StaffExists(email="a@x.cl"),
        RoleUnknown(roles="jefe", known="agent"),
        LastAdministrator(),
    ],
)
def test_every_refusal_has_a_text_for_any_input(error: Any) -> None:
    assert isinstance(error, REFUSALS)
    assert len(_words(error)) > 10
