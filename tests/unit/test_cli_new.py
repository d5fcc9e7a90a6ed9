"""Tests that `ventanilla new` creates a valid agency with only the given facts, and changes no other agency."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.agency.model import load_agency
from bot.agency.starter import Starter, agency_file, entry_fields
from bot.cli.main import app
from bot.cli.new import new
from bot.cli.new_files import Unwritten, write
from bot.core.roles import roles_with_second_factor
from bot.desk.editing.disk import DRAFTS
from bot.desk.views.citizen import known_views
from bot.faq.entries.folder import load_folder
from tests.faq_files import ROOT

ANSWERS = {
    "--nombre": "Cooperativa de Agua Rural Los Boldos",
    "--corto": "Agua Los Boldos",
    "--sitio": "https://agua.example",
    "--telefono": "+56 2 2555 0199",
    "--correo": "hola@agua.example",
    "--asistente": "Gota",
    "--horario": "09:00-13:00",
    "--equipos": "Atención, Cortes y fugas, Atención",
    "--preguntas": "sí",
}
STARTER = Starter("Agua", "Agua", "Gota", "https://a.example", "+56 2", "a@a.example", "09:00-13:00", ("Atención",))
DEMO = ("Aromos", "Aroma", "2555 0100", "losaromos", "municipal")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns a project's folder without ``.env``."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "agency.yml").write_bytes((ROOT / "agency.yml").read_bytes())
    monkeypatch.setattr("bot.core.settings.ROOT", tmp_path / "project")
    return tmp_path / "project"


def run(folder: Path, typed: str = "", **changes: str) -> Result:
    options = {**ANSWERS, **changes}
    return CliRunner().invoke(app, ["new", str(folder), *(part for pair in options.items() for part in pair)], typed)


def test_new_agency_is_valid_and_contains_only_the_given_facts(tmp_path: Path) -> None:
    folder = tmp_path / "agua"
    assert run(folder).exit_code == 0
    agency = load_agency(folder / "agency.yml")
    assert (agency.name, agency.phone, agency.default_team) == (ANSWERS["--nombre"], ANSWERS["--telefono"], "atencion")
    assert agency.teams == {"atencion": "Atención", "cortes_y_fugas": "Cortes y fugas", "atencion_3": "Atención"}
    assert (agency.hours["viernes"], agency.hours["sabado"], agency.hours_entry) == (["09:00-13:00"], [], "horario")
    assert set(agency.second_factor) == set(roles_with_second_factor())
    read = load_folder(folder / "faq", agency.teams)
    assert [entry.id for entry in read.entries] == ["contacto", "horario"]
    assert read.problems == ()
    said = [agency.texts["bienvenida"], agency.texts["deriva"], *(entry.body for entry in read.entries)]
    assert [word for word in DEMO if any(word in text for text in said)] == []
    assert "de 09:00 a 13:00 horas" in read.entries[1].body


@pytest.mark.parametrize(("name", "commune"), [("Municipalidad de Los Boldos", "agua-los-boldos"), ("Agua Rural", "")])
def test_only_a_municipality_has_a_commune(tmp_path: Path, name: str, commune: str) -> None:
    run(tmp_path / "otra", **{"--nombre": name})
    agency = load_agency(tmp_path / "otra" / "agency.yml")
    assert (agency.comuna, known_views({}, agency)) == (commune, [])


def test_command_ends_with_the_facts_that_the_agency_still_lacks(tmp_path: Path) -> None:
    shown = run(tmp_path / "agua").output
    assert "✓ Teléfono y correo: +56 2 2555 0199, hola@agua.example." in shown
    assert "• Respuestas: Hay 2 publicadas." in shown and "• Una segunda persona: " in shown


def drafts_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder / DRAFTS).as_posix() for path in (folder / DRAFTS).rglob("*.md"))


def test_ready_made_entries_wait_as_drafts_unless_refused(tmp_path: Path) -> None:
    shown = run(tmp_path / "con", **{"--nombre": "Municipalidad de Los Boldos"}).output
    assert len(drafts_in(tmp_path / "con")) == 20 and "20 trámites municipales ya escritos" in shown
    text = (tmp_path / "con" / DRAFTS / "aseo" / "luminaria.md").read_text()
    assert "equipo: atencion" in text and "fuente: https://agua.example" in text and "[[completar: " in text
    run(tmp_path / "sin", **{"--preguntas": "no"})
    assert not (tmp_path / "sin" / DRAFTS).exists()


def test_agency_that_is_no_municipality_begins_with_drafts_for_any_agency(tmp_path: Path) -> None:
    shown = run(tmp_path / "agua").output
    assert "8 preguntas ya escritas que sirven a casi cualquier institución" in shown and "municipales" not in shown
    assert {"atencion/reclamo.md", "atencion/datos-personales.md"} < set(drafts_in(tmp_path / "agua"))
    assert {path.partition("/")[0] for path in drafts_in(tmp_path / "agua")} == {"atencion"}


@pytest.mark.parametrize(
    ("name", "kind", "count"),
    [("Gobierno Local de Los Boldos", "municipalidad", 20), ("Corporación Municipal de Deportes", "servicio", 8)],
)
def test_kind_that_the_name_does_not_tell_is_an_option(tmp_path: Path, name: str, kind: str, count: int) -> None:
    run(tmp_path / "otra", **{"--nombre": name, "--tipo": kind})
    agency = load_agency(tmp_path / "otra" / "agency.yml")
    assert (len(drafts_in(tmp_path / "otra")), agency.front_page.kind_of(agency.name)) == (count, kind)


def test_env_points_to_the_agency_and_an_env_that_exists_is_left_alone(tmp_path: Path, project: Path) -> None:
    run(tmp_path / "agua")
    lines = (project / ".env").read_text().splitlines()
    assert lines[:2] == [f"AGENCY_FILE={tmp_path}/agua/agency.yml", f"FAQ_DIR={tmp_path}/agua/faq"]
    (project / ".env").write_text("PORT=8001\n")
    shown = run(tmp_path / "luz").output
    assert (project / ".env").read_text() == "PORT=8001\n"
    assert f"AGENCY_FILE={tmp_path}/luz/agency.yml" in shown.replace("\n", "")


def test_agency_that_exists_is_not_touched(tmp_path: Path) -> None:
    run(tmp_path / "agua")
    before = (tmp_path / "agua" / "agency.yml").read_bytes()
    refused = run(tmp_path / "agua", **{"--nombre": "Otra"})
    assert (refused.exit_code, "ya tiene una institución" in refused.output) == (1, True)
    assert (tmp_path / "agua" / "agency.yml").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"--horario": "de 9 a las 99"}, "horario"),
        ({"--sitio": "http://agua.example"}, "La fuente «http://agua.example» no"),
    ],
)
def test_wrong_answer_is_explained_and_nothing_is_written(tmp_path: Path, change: dict[str, str], problem: str) -> None:
    refused = run(tmp_path / "agua", **change)
    assert refused.exit_code == 1
    assert "No se escribió nada" in refused.output
    assert problem in refused.output.replace("\n", " ")
    assert not (tmp_path / "agua").exists()


def test_missing_facts_are_prompted_for(tmp_path: Path) -> None:
    typed = "Agua\nAgua\nhttps://a.example\n+56 2\na@a.example\n" + "\n" * (len(signature(new).parameters) - 6)
    shown = CliRunner().invoke(app, ["new", str(tmp_path / "agua")], typed)
    assert (shown.exit_code, "Nombre de la institución" in shown.output) == (0, True)
    assert load_agency(tmp_path / "agua" / "agency.yml").assistant == "Ventanilla"


def test_wrong_answer_is_asked_again_and_hours_and_site_are_taken_as_people_write_them(tmp_path: Path) -> None:
    hours = "en la mañana\n8:30 a 14 hrs y de 15.00 a 17:30\n"
    typed = f"Agua\nAgua\nno tenemos\nwww.a.example\n+56 2\na@a.example\n\n{hours}\nno\n"
    shown = CliRunner().invoke(app, ["new", str(tmp_path / "agua")], typed)
    assert shown.exit_code == 0
    assert "«no tenemos» no es la dirección de un sitio web." in shown.output
    assert "«en la mañana» no se entiende como horario." in shown.output
    agency = load_agency(tmp_path / "agua" / "agency.yml")
    assert (agency.site, agency.hours["lunes"]) == ("https://www.a.example", ["08:30-14:00", "15:00-17:30"])
    entry = load_folder(tmp_path / "agua" / "faq", agency.teams).entries[1]
    assert "de 08:30 a 14:00 y de 15:00 a 17:30 horas" in entry.body


def test_every_team_has_a_key_of_its_own() -> None:
    teams = ("a", "a_3", "a", "A")
    assert replace(STARTER, teams=teams).keys == ("a", "a_3", "a_4", "a_5")


def test_comments_of_the_template_stay() -> None:
    made = agency_file((ROOT / "agency.yml").read_text(encoding="utf-8"), STARTER)
    assert "# de cada 100 respuestas entregadas" in made
    assert '  - "Escríbele ahora' in made


@pytest.mark.parametrize("id_", ["horario", "contacto"])
def test_first_entries_have_many_utterances(id_: str) -> None:
    header: Any = entry_fields(id_, STARTER, date(2026, 11, 27))[0]
    assert len(header["variantes"]) >= 10


def test_folder_with_entries_of_another_agency_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "faq").mkdir()
    with pytest.raises(Unwritten):
        write(tmp_path, {"agency.yml": b""})
    assert list(tmp_path.glob("agency.yml")) == []
