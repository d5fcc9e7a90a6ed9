"""Tests the atlas of out-of-scope topics: mistakes are reported by line and column, and all else is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.agency.model import Agency
from bot.faq.ranking.background import Background, load_background

ROOT = Path(__file__).parents[2]
TITLES = "id,nombre,ambito,organismo,url,urgencia,formas"
GOOD = "bip,Tarjeta Bip,privado,Metro,https://metro.cl,,cargar la bip | saldo de la bip"


def atlas(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Background:
    (tmp_path / "atlas").mkdir(exist_ok=True)
    (tmp_path / "atlas" / "asuntos.csv").write_bytes("\n".join((*lines, "")).encode(encoding))
    return load_background(tmp_path, {"medica": "..."})


def test_good_row_is_a_topic(tmp_path: Path) -> None:
    read = atlas(tmp_path, TITLES, GOOD)
    (out_of_scope_topic,) = read.out_of_scope_topics
    assert (
        out_of_scope_topic.name,
        out_of_scope_topic.title,
        out_of_scope_topic.body,
        out_of_scope_topic.utterances,
    ) == (
        "bip",
        "Tarjeta Bip",
        "Metro",
        ("cargar la bip", "saldo de la bip"),
    )
    assert (out_of_scope_topic.is_agencys, read.problems) == (False, ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_atlas_is_read_as_spreadsheets_save_it(tmp_path: Path, encoding: str) -> None:
    line = "agua;Corte de agua;privado;Sanitaria;;;se cortó el agua | ¿cuándo vuelve?"
    assert (
        atlas(tmp_path, TITLES.replace(",", ";"), line, encoding=encoding).out_of_scope_topics[0].utterances[0]
        == "se cortó el agua"
    )


@pytest.mark.parametrize(
    ("line", "column", "used"),
    [
        (",Sin id,privado,X,,,algo", "id", 1),
        ("bip,Otra vez,privado,X,,,algo", "id", 1),
        ("solo,Sin formas,privado,X,,, | ", "formas", 1),
        ("otro,Ámbito raro,regional,X,,,algo", "ambito", 2),
        ("otro,Sin https,privado,X,http://x.cl,,algo", "url", 2),
        ("otro,Urgencia rara,privado,X,,incendios,algo", "urgencia", 2),
    ],
)
def test_wrong_cell_is_reported_by_line_and_column(tmp_path: Path, line: str, column: str, used: int) -> None:
    read = atlas(tmp_path, TITLES, GOOD, "", line)
    (problem,) = read.problems
    assert (problem.file, problem.line, problem.field) == ("atlas/asuntos.csv", 4, column)
    assert problem.message and problem.fix
    assert len(read.out_of_scope_topics) == used


@pytest.mark.parametrize("lines", [("nombre,formas", "x,y"), ("",), ("\0\0",)])
def test_unusable_sheet_is_reported_and_skipped(tmp_path: Path, lines: tuple[str, ...]) -> None:
    read = atlas(tmp_path, *lines)
    assert (len(read.problems), read.out_of_scope_topics) == (1, ())


def test_shipped_atlas_is_valid(agency: Agency) -> None:
    read = load_background(ROOT / "data", agency.emergencies)
    assert read.problems == ()
    assert len(read.out_of_scope_topics) > 1000 and not any(one.is_listed for one in read.out_of_scope_topics)
    assert len({out_of_scope_topic.emergency for out_of_scope_topic in read.out_of_scope_topics} - {""}) >= 5


def test_problem_of_the_agencys_own_topics_names_their_file(tmp_path: Path) -> None:
    (tmp_path / "otros-asuntos.csv").write_text(f"{TITLES}\n{GOOD}\nsolo,Sin formas,privado,X,,,\n")
    read = load_background(tmp_path / "data", faq_dir=tmp_path)
    assert [(problem.file, problem.line) for problem in read.problems] == [("otros-asuntos.csv", 3)]
    assert [(topic.name, topic.is_listed) for topic in read.out_of_scope_topics] == [("bip", True)]
