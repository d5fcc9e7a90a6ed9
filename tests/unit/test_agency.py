"""Tests reading agency.yml and how mistakes in it are reported."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path

import pytest

from bot.agency.citizen_texts import REQUIRED_TEXTS
from bot.agency.editing_settings import EditingFile
from bot.agency.model import Agency, load_agency
from bot.agency.schedule import Closure, Span
from bot.agency.segments import Segment
from bot.core.channels import traits_of
from bot.core.errors.contents import InvalidAgency
from bot.core.messages import Channel
from bot.core.roles import roles_with_second_factor
from bot.core.terminal import worded
from bot.core.texts import area
from bot.core.yaml import read_yaml_file
from tests.unit.agency_file import SHIPPED, changed

OPTIONAL_TEXTS = ("prefiero_no_decir", "cual_es_tu_caso", "sin_tu_caso")


def test_four_eyes_is_off_unless_the_agency_turns_it_on(tmp_path: Path) -> None:
    assert not EditingFile().cuatro_ojos
    assert load_agency(changed(tmp_path, edicion={"cuatro_ojos": True})).four_eyes


def public(**options: str) -> dict[str, object]:
    return {"pregunta": "¿Cuál es tu caso?", "opciones": options}


def test_browser_remembers_no_longer_than_the_chat_does_unless_the_agency_wants_less(tmp_path: Path) -> None:
    assert load_agency(changed(tmp_path)).chat_idle_hours == 96
    assert load_agency(changed(tmp_path, chat_sin_uso_horas=2)).chat_idle_hours == 2
    with pytest.raises(InvalidAgency):
        load_agency(changed(tmp_path, chat_sin_uso_horas=169))


def test_texts_fill_given_placeholders_and_leave_the_others(agency: Agency) -> None:
    assert "lugar 3" in agency.say("espera", posicion=3)
    assert "{posicion}" in agency.say("espera_fuera_de_horario", apertura="mañana")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"color": "verde"}, "color"),
        ({"textos": {"bienvenida": "hola"}}, "textos"),
        ({"horario": {"mondays": []}}, "horario"),
        ({"horario": {"lunes": ["8-9h"]}}, "horario"),
        ({"horario": {"lunes": ["14:00-08:30"]}}, "horario"),
        ({"horario": {"lunes": ["09:00-09:00"]}}, "horario"),
        ({"horario": {"lunes": ["08:30-14:00", "13:00-17:00"]}}, "horario"),
        ({"equipos": {"atencion": {"nombre": "OIRS", "horario": {"lunes": ["08:30"]}}}}, "equipos.atencion.horario"),
        ({"feriados": "Chile"}, "feriados"),
        ({"feriados": "CL-ZZ"}, "feriados"),
        ({"cierres": ["24 de diciembre"]}, "cierres.0"),
        ({"cierres": ["2026-12-24", {"fecha": "2026-12-31", "desde": "mediodía"}]}, "cierres.1"),
        ({"cierres": [{"fecha": "2026-12-24", "desde": "14:00", "hasta": "12:00"}]}, "cierres.0"),
        ({"cierres": [{"dia": "2026-12-24"}]}, "cierres.0"),
        ({"respuestas": {"max_errores_por_100": 80}}, "respuestas.max_errores_por_100"),
        ({"respuestas": {"espera_rafaga_ms": {"web": 60_000}}}, "respuestas.espera_rafaga_ms.web"),
        ({"respuestas": {"espera_rafaga_ms": {"fax": 1}}}, "respuestas.espera_rafaga_ms.fax"),
        ({"mesa": {"max_en_espera": 0}}, "mesa.max_en_espera"),
        ({"mesa": {"conservar_contacto_dias": 0}}, "mesa.conservar_contacto_dias"),
        ({"equipos": {"atencion": {"nombre": "OIRS", "max_en_espera": 0}}}, "equipos.atencion.max_en_espera"),
        ({"sorpresa": 1}, "sorpresa"),
        ({"seguridad": {"segundo_factor": ["jefa"]}}, "seguridad.segundo_factor.0"),
        ({"publicos": {"canal": public(a="A")}}, "publicos"),
        ({"publicos": {"Edad Mayor": public(a="A")}}, "publicos"),
        ({"publicos": {"edad": public()}}, "publicos.edad.opciones"),
        ({"publicos": {"edad": public(mayor="Tengo sesenta años o más")}}, "publicos.edad.opciones"),
        ({"publicos": {"edad": public(a="Sí", b="sí ")}}, "publicos.edad.opciones"),
        ({"publicos": {"edad": public(a=" ")}}, "publicos.edad.opciones"),
        ({"publicos": {"edad": public(**{"60 y más": "Sí"})}}, "publicos.edad.opciones"),
        ({"publicos": {"edad": {**public(a="A"), "pregunta": " "}}}, "publicos.edad.pregunta"),
        ({"sitios_del_chat": ["https://www.losaromos.example/inicio"]}, "sitios_del_chat.0"),
        ({"equipo_por_defecto": "nadie"}, "(raíz)"),
    ],
)
def test_mistake_names_file_and_field(tmp_path: Path, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidAgency) as wrong:
        load_agency(changed(tmp_path, **changes))
    assert wrong.value.facts["field"] == field
    assert "agency.yml" in worded(wrong.value)


def test_every_channel_has_its_quiet_time(tmp_path: Path) -> None:
    agency = load_agency(changed(tmp_path, respuestas={"espera_rafaga_ms": {"web": 0}}))
    others = {channel: traits_of(channel).debounce_ms for channel in Channel if channel is not Channel.WEB}
    assert agency.debounce_ms == others | {Channel.WEB: 0}


def test_unknown_channel_is_refused_with_the_list_of_channels(tmp_path: Path) -> None:
    with pytest.raises(InvalidAgency) as wrong:
        load_agency(changed(tmp_path, respuestas={"espera_rafaga_ms": {"fax": 1}}))
    assert wrong.value.facts["problem"].startswith("«fax» no es un canal; los canales son web, telegram, whatsapp")


def test_unreadable_yaml_is_reported_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "agency.yml"
    path.write_text("nombre: a\n  mal: [\n", encoding="utf-8")
    with pytest.raises(InvalidAgency) as wrong:
        load_agency(path)
    assert "line 2" in worded(wrong.value)


def test_audiences_are_read_and_optional_texts_have_defaults(tmp_path: Path) -> None:
    agency = load_agency(changed(tmp_path, publicos={"edad": public(mayor=" Tengo 60 o más ")}))
    assert agency.segments == {"edad": Segment("¿Cuál es tu caso?", {"mayor": "Tengo 60 o más"})}
    assert set(read_yaml_file(SHIPPED)["textos"]) == set(REQUIRED_TEXTS)
    assert all(agency.say(key) for key in OPTIONAL_TEXTS)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"lunes": ["de 8 a 14"]}, 'lunes: «de 8 a 14» no es un tramo de horas; escríbelo así: "08:30-14:00"'),
        ({"lunes": "08:30-14:00"}, "lunes: escribe una lista de tramos entre comillas"),
        ({"lunes": [830]}, "lunes: escribe una lista de tramos entre comillas"),
        ({"lunes": None}, "lunes: escribe una lista de tramos entre comillas"),
        ("08:30-14:00", "escribe el horario por día: {lunes:"),
        ({"monday": []}, "días desconocidos: monday; usa lunes"),
    ],
)
def test_error_in_the_hours_shows_in_spanish_how_to_write_them(tmp_path: Path, hours: object, said: str) -> None:
    with pytest.raises(InvalidAgency) as wrong:
        load_agency(changed(tmp_path, horario=hours))
    assert wrong.value.facts["problem"].startswith(said)


def test_half_day_is_read_with_and_without_quotes(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    path = tmp_path / "agency.yml"
    closures = 'cierres: [2026-12-24, {fecha: 2026-12-31, desde: 12:30}, {fecha: "2027-09-17", hasta: "09:00"}]'
    path.write_text(re.sub(r"^cierres: .*$", closures, text, flags=re.MULTILINE), encoding="utf-8")
    assert load_agency(path).schedule.closures == (
        Closure(date(2026, 12, 24)),
        Closure(date(2026, 12, 31), Span(time(12, 30), time.max)),
        Closure(date(2027, 9, 17), Span(time.min, time(9))),
    )


def test_team_without_hours_has_the_agencys_plus_its_own_closures(tmp_path: Path) -> None:
    teams = {
        "atencion": {"nombre": "OIRS", "cierres": ["2026-12-24"]},
        "seguridad": {"nombre": "Seguridad", "horario": {"domingo": ["00:00-24:00"]}, "feriados": ""},
    }
    agency = load_agency(changed(tmp_path, equipos=teams, cierres=["2026-12-31"]))
    ours, theirs = agency.team_schedules["atencion"], agency.team_schedules["seguridad"]
    assert (ours.week, ours.holidays) == (agency.schedule.week, "CL")
    assert [one.day.day for one in ours.closures] == [31, 24]
    assert (theirs.week[6], theirs.week[0], theirs.holidays) == ((Span(time.min, time.max),), (), "")


def test_queue_limit_is_read_for_the_agency_and_for_a_team(tmp_path: Path) -> None:
    teams = {"atencion": {"nombre": "OIRS", "max_en_espera": 5}, "obras": {"nombre": "Obras"}}
    desk = load_agency(changed(tmp_path, equipos=teams, mesa={"max_en_espera": 30})).desk
    assert (desk.full_at, dict(desk.full_at_of_team), desk.calls_back) == (30, {"atencion": 5}, True)


def test_title_too_long_for_a_button_is_refused(tmp_path: Path) -> None:
    texts = read_yaml_file(SHIPPED)["textos"] | {"llamada_boton": "x" * 21}
    with pytest.raises(InvalidAgency) as wrong:
        load_agency(changed(tmp_path, textos=texts))
    assert "llamada_boton tiene más de 20 caracteres" in wrong.value.facts["problem"]


def test_every_text_is_required_or_has_a_default() -> None:
    root = SHIPPED.parent
    sources = [*root.glob("bot/**/*.py"), *root.glob("actions/*.py")]
    keys = {key for one in sources for key in re.findall(r'gency\.say\(\s*"(\w+)"', one.read_text("utf-8"))}
    keys |= {"ubicacion_dentro", "ubicacion_fuera"}  # chosen between at run time
    assert keys - {*REQUIRED_TEXTS} <= area("agency")["textos"].keys()


def test_administrators_and_supervisors_need_a_second_factor_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    assert {"supervisor", "privacy", "admin"} <= set(roles_with_second_factor())
    assert load_agency(changed(tmp_path, seguridad={})).second_factor == tuple(roles_with_second_factor())
    assert load_agency(changed(tmp_path)).second_factor == ()
