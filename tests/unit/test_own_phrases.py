"""Tests the emergency phrases that an agency adds in data/danger/frases.propias."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.yaml import read_yaml_file
from bot.crisis.emergency import PHRASES, load_net
from bot.crisis.own_phrases import OWN, OwnPhrase, own_phrases
from bot.faq.entries.problem import Severity
from bot.faq.publishing.danger_check import danger_problems

LEAK = "se nos salió la manguera del balón"


def write(folder: Path, *lines: str) -> Path:
    path = folder / OWN.name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_own_phrase_is_an_emergency_of_its_kind_however_it_is_typed(tmp_path: Path) -> None:
    assert load_net().find(LEAK) is None
    net = load_net(write(tmp_path, "# de la compañía", "", "gas: Salió la manguera ... balón!"))
    assert [net.find(text) for text in (LEAK, "SALIO LA MANGERA DEL VALON", "la manguera del jardín")] == [
        "gas",
        "gas",
        None,
    ]
    assert net.find("hay un incendio en mi casa") == load_net().find("hay un incendio en mi casa") == "incendio"


def test_own_phrase_may_be_of_a_kind_that_only_the_agency_has(tmp_path: Path) -> None:
    net = load_net(write(tmp_path, "tsunami: se recogio el mar"))
    assert (net.find("¡se recogió el mar!"), net.kinds[-1].name) == ("tsunami", "tsunami")


@pytest.mark.parametrize("phrase", ["Se salió la manguera del balón.", "¡Salió-la [manguera] … – (balón)!$"])
def test_signs_of_a_sentence_are_ignored(tmp_path: Path, phrase: str) -> None:
    path = tmp_path / OWN.name
    path.write_text(f"gas: {phrase}\n", encoding="utf-8-sig")  # as Windows writes it
    net = load_net(path)
    assert net.find("se salió la manguera del balón") == "gas"
    assert danger_problems(tmp_path, tuple(kind.name for kind in load_net().kinds)) == []


def test_every_phrase_of_the_project_follows_the_grammar(tmp_path: Path) -> None:
    raw = read_yaml_file(PHRASES)
    lines = [f"gas: {phrase}" for groups in raw.values() if "ahora" in groups for phrase in groups["ahora"]]
    assert len(lines) > 100
    wrong = [one.phrase for one in own_phrases(raw["listas"], write(tmp_path, *lines)) if not one.kind]
    assert [phrase for phrase in wrong if "|(" not in phrase] == []  # an optional word among others never matches


def test_bytes_that_are_not_utf8_make_a_line_invalid(tmp_path: Path) -> None:
    path = tmp_path / OWN.name
    path.write_bytes("gas: se salió la manguera".encode("latin-1"))
    assert [one.kind for one in own_phrases({}, path)] == [""]


@pytest.mark.parametrize(
    "line",
    [
        "se recogio el mar",
        "gas:",
        "gas: {nadie} grita",
        "gas: {nino",
        "gas: ...",
        "gas: *",
        "gas: {nino.foo} grita",
        "gas: {nino[a]} grita",
        "gas: {nino...foo} grita",
        "gas: {0} grita",
        "gas: {{nino}} grita",
        "gas: salio la manguera (del balon)",
        "gas: salio la manguera...",
        "gas: vale $500",
        "gas: olor+gas",
        "gas: 煤气泄漏",
        "gas: uno + dos + tres + cuatro + cinco",
        "gas: fuga ... ... ... ... ... gas",
        "gas: (a) (a) (a) (a) (a) (a) (a) (a) (a) gas",
    ],
)
def test_invalid_line_is_not_used_and_reported(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, "gas: manguera del balon", line)
    assert [one.kind for one in own_phrases({"nino": "nino|nina"}, path)] == ["gas", ""]
    assert load_net(path).find(LEAK) == "gas"
    (problem,) = danger_problems(tmp_path, tuple(kind.name for kind in load_net().kinds))
    assert (problem.file, problem.line, problem.severity) == ("data/danger/frases.propias", 2, Severity.ERROR)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("*a* *a* *a* gas", "a" * 1300),
        ("*a* ... *a* ... *a* gas", "a" * 1300),
        ("se ... ... ... ... gas", "se " * 1000),
    ],
)
def test_no_text_makes_a_phrase_costly(tmp_path: Path, phrase: str, text: str) -> None:
    """Otherwise this would take minutes: each word could match in as many ways as it has letters."""
    net = load_net(write(tmp_path, f"gas: {phrase}"))
    assert net.find(f"{text} {text} {text} luz") is None
    assert net.find(phrase.replace("*", "b").replace("... ", "")) == "gas"


def test_check_reports_an_own_phrase_without_text_and_one_in_a_harmless_sentence(tmp_path: Path) -> None:
    write(tmp_path, "tsunami: se recogio el mar", "gas: cambiar el balon")
    (tmp_path / "inofensivas.propias.txt").write_text("¿dónde puedo cambiar el balón?\n", encoding="utf-8")
    found = danger_problems(tmp_path, tuple(kind.name for kind in load_net().kinds))
    codes = [(one.code, one.line) for one in found if one.file.endswith(OWN.name)]
    assert codes == [("frase_propia_sin_grupo", 1), ("frase_propia_inofensiva", 2)]


def test_without_the_file_there_are_no_own_phrases(tmp_path: Path) -> None:
    assert own_phrases({}, tmp_path / OWN.name) == ()
    assert own_phrases({}, write(tmp_path, "gas: olor a gas")) == (OwnPhrase(1, "gas", "olor a gas"),)
