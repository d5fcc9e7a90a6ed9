"""Tests the agency's rules for the desk: the team of a handoff, and Spanish messages for invalid rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.commands import person_actions
from actions.routing import Routed
from bot.agency.desk_settings import ApprovalRule
from bot.agency.model import Agency, load_agency
from bot.core.errors.contents import InvalidAgency
from bot.core.yaml import read_yaml
from tests.unit.actions_fakes import heard, turn

ROOT = Path(__file__).parents[2]
PUBLICS = {"segmento": {"pregunta": "¿Cuál?", "opciones": {"adulto-mayor": "Tengo 60 o más", "otro": "Otro"}}}
ROUTES = [
    {"si": {"equipo": "obras", "canal": "web"}, "equipo": "aseo"},
    {"si": {"segmento": "adulto-mayor"}, "equipo": "social"},
    {"si": {"canal": "whatsapp"}, "equipo": "seguridad"},
    {"si": {"idioma": "ht", "equipo": "atencion"}, "equipo": "salud"},
    {"si": {"idioma": "es", "equipo": "rentas"}, "equipo": "obras"},
]


def agency_with(folder: Path, **desk: Any) -> Agency:
    raw = read_yaml((ROOT / "agency.yml").read_text(encoding="utf-8")) | {"mesa": desk, "publicos": PUBLICS}
    path = folder / "agency.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return load_agency(path)


@pytest.mark.parametrize(
    ("team", "facts", "goes_to"),
    [
        ("obras", {"canal": "web"}, "aseo"),
        ("obras", {"canal": "telegram"}, "obras"),
        ("obras", {"canal": "web", "segmento": "adulto-mayor"}, "aseo"),
        ("atencion", {"canal": "whatsapp", "segmento": "adulto-mayor"}, "social"),
        ("atencion", {"canal": "whatsapp"}, "seguridad"),
        ("atencion", {}, "atencion"),
        ("atencion", {"idioma": "ht"}, "salud"),
        ("rentas", {}, "obras"),
        ("rentas", {"idioma": "en"}, "rentas"),
    ],
)
def test_first_matching_route_decides(tmp_path: Path, team: str, facts: dict[str, str], goes_to: str) -> None:
    assert agency_with(tmp_path, rutas=ROUTES).desk.team_for(team, facts) == goes_to


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ({"si": {"canal": "web"}, "equipo": "nadie"}, "regla 1: el equipo «nadie» no está en equipos"),
        ({"si": {"equipo": "nadie"}, "equipo": "obras"}, "el equipo «nadie»"),
        ({"si": {"canal": "fax"}, "equipo": "obras"}, "«fax» no es un valor de canal"),
        ({"si": {"idioma": "creole"}, "equipo": "obras"}, "«creole» no es un valor de idioma"),
        ({"si": {"edad": "60"}, "equipo": "obras"}, "no conozco «edad»"),
        ({"si": {"segmento": "x"}, "equipo": "obras"}, "«x» no es un valor de segmento"),
    ],
)
def test_impossible_rule_is_refused_with_a_message(tmp_path: Path, route: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidAgency) as refused:
        agency_with(tmp_path, rutas=[route])
    assert said in str(refused.value)


async def test_action_hands_off_to_the_team_of_the_route(tmp_path: Path) -> None:
    agency = agency_with(tmp_path, rutas=[{"si": {"comuna": "los-aromos"}, "equipo": "social"}])
    ask = next(one for one in person_actions(agency) if one.name == "action_ask_human")
    [message] = await turn(Routed(ask, agency), heard("persona"))
    assert message["handoff"]["team"] == "social"


async def test_action_hands_off_by_the_language_that_the_bot_sends(tmp_path: Path) -> None:
    agency = agency_with(tmp_path, rutas=[{"si": {"idioma": "ht"}, "equipo": "social"}])
    ask = next(one for one in person_actions(agency) if one.name == "action_ask_human")
    [message] = await turn(Routed(ask, agency), heard("persona", language="ht"))
    assert message["handoff"]["team"] == "social"


def test_agency_without_desk_rules_has_the_defaults(agency: Agency) -> None:
    assert (agency.desk.lease_s, agency.desk.answer_s, agency.desk.assigns, agency.desk.routes) == (90, 600, False, ())


def test_human_approval_is_off_unless_written(tmp_path: Path) -> None:
    assert agency_with(tmp_path).desk.approval is None
    assert agency_with(tmp_path, aprobacion={"bajo": 0.9, "espera_s": 30}).desk.approval == ApprovalRule(0.9, 30)
    assert agency_with(tmp_path, aprobacion={}).desk.approval == ApprovalRule(0.95, 20)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (True, "escribe aprobacion: {bajo: 0.95, espera_s: 20}"),
        ({"bajo": 95}, "mesa.aprobacion.bajo: «95» no sirve"),
        ({"bajo": 0}, "mesa.aprobacion.bajo: «0» no sirve"),
        ({"bajo": "alto"}, "mesa.aprobacion.bajo: «alto» no sirve"),
        ({"bajo": True}, "mesa.aprobacion.bajo"),
        ({"espera_s": 4}, "mesa.aprobacion.espera_s: «4» no sirve"),
        ({"espera_s": 20.5}, "mesa.aprobacion.espera_s: «20.5» no sirve"),
        ({"espera_s": 600}, "un número entero de 5 a 120"),
        ({"espera": 20}, "no conozco «espera» en mesa.aprobacion"),
    ],
)
def test_invalid_approval_setting_is_refused_with_a_message(tmp_path: Path, written: Any, said: str) -> None:
    with pytest.raises(InvalidAgency) as refused:
        agency_with(tmp_path, aprobacion=written)
    assert said in str(refused.value)
