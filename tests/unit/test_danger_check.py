"""Tests what `ventanilla check` reports about the sentences of data/danger."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.agency.model import Agency
from bot.faq.entries.problem import Problem, Severity
from bot.faq.publishing.check import report
from bot.faq.publishing.danger_check import danger_problems
from bot.faq.ranking.risk import Danger
from bot.faq.ranking.sentences import DANGERS

KINDS = ("gas", "incendio", "medica", "suicidio", "violencia", "ninez", "delito", "general")
HARMLESS, SURE_GAS, SURE_FIRE = Danger("gas", 0.1), Danger("gas", 0.9, 0.9), Danger("incendio", 0.9, 0.9)


def problems(folder: Path, judged: Danger | None = None, kinds: tuple[str, ...] = KINDS) -> list[Problem]:
    return danger_problems(folder, kinds, (lambda texts: [judged] * len(texts)) if judged else None)


def write(folder: Path, name: str, *lines: str) -> None:
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_kind_without_a_text_is_an_error_that_names_the_file_and_the_groups(tmp_path: Path) -> None:
    write(tmp_path, "sismo.txt", "se está moviendo todo")
    (line,) = report(problems(tmp_path))
    assert line.startswith("✗ data/danger/sismo.txt, línea 1: El grupo «sismo» no está en «emergencias» de agency.yml")
    assert "delito, gas, general" in line
    assert problems(tmp_path, kinds=(*KINDS, "sismo")) == []


def test_file_without_sentences_is_pointed_out(tmp_path: Path) -> None:
    write(tmp_path, "gas.propias.txt", "# nada todavía", "")
    (problem,) = problems(tmp_path)
    assert (problem.file, problem.severity) == ("data/danger/gas.propias.txt", Severity.ADVICE)


def test_file_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "gas.txt").write_bytes("hay olor a gas en la cañería\n".encode("latin-1"))
    (problem,) = problems(tmp_path)
    assert (problem.severity, "UTF-8" in problem.fix) == (Severity.ERROR, True)


@pytest.mark.parametrize(("second", "severity"), [("gas", Severity.ADVICE), ("incendio", Severity.ERROR)])
def test_sentence_that_stands_twice_names_both_places(tmp_path: Path, second: str, severity: Severity) -> None:
    write(tmp_path, "gas.txt", "# Autor 1", "salió un zumbido del medidor")
    write(tmp_path, f"{second}.txt" if second != "gas" else "gas.z.txt", "Salió un zumbido del medidor")
    (problem,) = problems(tmp_path)
    assert (problem.line, problem.severity) == (1, severity)
    assert "data/danger/" in problem.file and "gas.txt, línea 2" in problem.message


@pytest.mark.parametrize(
    ("name", "sentence", "judged", "said"),
    [
        ("gas.propias.txt", "salió un zumbido del medidor", SURE_GAS, ""),
        ("gas.propias.txt", "salió un zumbido del medidor", HARMLESS, "no se reconoce"),
        ("gas.propias.txt", "salió un zumbido del medidor", SURE_FIRE, "se trata como «incendio»"),
        ("inofensivas.propias.txt", "qué calor", HARMLESS, ""),
        ("inofensivas.propias.txt", "qué calor", SURE_FIRE, "se trata como «incendio»"),
        ("inofensivas.propias.txt", "se está quemando el cerro", HARMLESS, "una frase fija de emergencia"),
        ("incendio.propias.txt", "se está quemando el cerro", HARMLESS, ""),
        ("gas.propias.txt", "se está quemando el cerro", SURE_GAS, "una frase fija de emergencia"),
        ("gas.txt", "salió un zumbido del medidor", HARMLESS, ""),
        ("gas.contadas.txt", "salió un zumbido del medidor", HARMLESS, ""),
    ],
)
def test_own_sentence_that_is_treated_otherwise_is_pointed_out(
    tmp_path: Path, name: str, sentence: str, judged: Danger, said: str
) -> None:
    write(tmp_path, name, "", sentence)
    found = problems(tmp_path, judged)
    assert [(one.file, one.line, said in one.message) for one in found] == (
        [(f"data/danger/{name}", 2, True)] if said else []
    )


def test_phrases_without_a_text_are_pointed_out(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, kinds=KINDS[1:])
    assert (problem.file, "gas" in problem.message, problem.severity) == ("agency.yml", True, Severity.ADVICE)


def test_sentences_of_the_project_are_sound(agency: Agency) -> None:
    assert report(danger_problems(DANGERS, list(agency.emergencies))) == []
