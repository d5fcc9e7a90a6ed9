"""Tests the emergency phrases that an agency adds in data/danger/frases.propias."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.crisis.emergency import load_net
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


@pytest.mark.parametrize(
    "line", ["se recogio el mar", "gas:", "gas: {nadie} grita", "gas: {nino", "gas: ...", "gas: *"]
)
def test_invalid_line_is_not_used_and_reported(tmp_path: Path, line: str) -> None:
    path = write(tmp_path, "gas: manguera del balon", line)
    assert [one.kind for one in own_phrases({"nino": "nino|nina"}, path)] == ["gas", ""]
    assert load_net(path).find(LEAK) == "gas"
    (problem,) = danger_problems(tmp_path, tuple(kind.name for kind in load_net().kinds))
    assert (problem.file, problem.line, problem.severity) == ("data/danger/frases.propias", 2, Severity.ERROR)


def test_check_reports_an_own_phrase_without_text_and_one_in_a_harmless_sentence(tmp_path: Path) -> None:
    write(tmp_path, "tsunami: se recogio el mar", "gas: cambiar el balon")
    (tmp_path / "inofensivas.propias.txt").write_text("¿dónde puedo cambiar el balón?\n", encoding="utf-8")
    found = danger_problems(tmp_path, tuple(kind.name for kind in load_net().kinds))
    codes = [(one.code, one.line) for one in found if one.file.endswith(OWN.name)]
    assert codes == [("frase_propia_sin_grupo", 1), ("frase_propia_inofensiva", 2)]


def test_without_the_file_there_are_no_own_phrases(tmp_path: Path) -> None:
    assert own_phrases({}, tmp_path / OWN.name) == ()
    assert own_phrases({}, write(tmp_path, "gas: olor a gas")) == (OwnPhrase(1, "gas", "olor a gas"),)
