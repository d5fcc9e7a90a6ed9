"""Tests that the output of `ventanilla check` and `ventanilla ask` is actionable."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.core.messages import Candidate
from bot.faq.answering.decision import Decision, Kind
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.faq.entries.passages import passages
from bot.faq.publishing.check import explain, report
from bot.faq.ranking.background import Background, Group, OutOfScopeTopic, load_background
from bot.faq.ranking.calibration import Thresholds
from bot.faq.ranking.risk import Danger
from tests.faq_files import agency, write_folder

TODAY = date(2026, 11, 24)


class Decided:
    """An answerer with a fixed decision."""

    thresholds = Thresholds(answer=0.75, offer=0.1)

    def __init__(self, decision: Decision) -> None:
        self.decision = decision

    def answer(self, text: str, *, today: date) -> Decision:
        return self.decision


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    return load_folder(write_folder(tmp_path / "faq", ["bache"]), agency().teams, today=TODAY).entries[0]


def explained(kind: Kind, entry: Entry | None, *confidences: float) -> list[str]:
    names = [entry.id if entry else "otra", *(f"entrada-{number}" for number in range(1, 9))]
    candidates = tuple(
        Candidate(id, f"¿Pregunta {n}?", one) for n, (id, one) in enumerate(zip(names, confidences, strict=False))
    )
    answerer: Any = Decided(Decision(kind, candidates, entry))
    return explain(answerer, "hola", today=TODAY)


def test_answer_names_its_entry_and_its_confidence(entry: Entry) -> None:
    lines = explained("answer", entry, 0.91, 0.04)
    assert lines[0] == f"Respondería «{entry.question}» (bache), con 91 % de seguridad."
    assert lines[2] == "    4 %  ¿Pregunta 1? (entrada-1)"
    limits = "Responde desde 75 % de seguridad; si no, ofrece opciones cuando las mejores suman al menos 10 %."
    assert lines[-1] == limits


def test_each_decision_has_its_own_text(entry: Entry) -> None:
    first = [
        explained("answer", entry, 0.9)[0],
        explained("handoff", entry, 0.9)[0],
        explained("clarify", None, 0.4, 0.3)[0],
        explained("handoff", None, 0.01)[0],
        explained("handoff", None)[0],
        explained("scope", None, 0.01)[0],
    ]
    assert len(set(first)) == 6


def test_topic_and_second_answer_are_printed(entry: Entry) -> None:
    out_of_scope_topic = OutOfScopeTopic("bip", ("cargar la bip",), title="Tarjeta Bip", body="Metro", scope="privado")
    referred: Any = Decided(Decision("refer", out_of_scope_topic=out_of_scope_topic))
    assert "Metro" in explain(referred, "hola", today=TODAY)[0]
    both: Any = Decided(Decision("answer", (), entry, also=replace(entry, id="otra")))
    assert "(otra)" in explain(both, "hola", today=TODAY)[1]
    assert "otra" not in "".join(explain(both, "hola", today=TODAY, ids=False))


def test_danger_is_printed_before_what_would_be_answered(entry: Entry) -> None:
    possible: Any = Decided(Decision("answer", (), entry, danger=Danger("gas", 0.6)))
    assert [line.partition(" (")[0] for line in explain(possible, "hola", today=TODAY)[:2]] == [
        "Podría ser una emergencia",
        f"Respondería «{entry.question}»",
    ]
    sure: Any = Decided(Decision("handoff", (Candidate("otra", "¿Otra?", 0.9),), danger=Danger("gas", 0.9, 0.9)))
    assert explain(sure, "hola", today=TODAY)[0].startswith("Emergencia (gas): ")
    assert "¿Otra?" in explain(sure, "hola", today=TODAY)[1]
    assert explain(possible, "me quiero matar", today=TODAY)[0].startswith("Emergencia (suicidio), por una frase")


def test_report_line_has_place_problem_and_fix(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "faq", ["bache"])
    path = folder / "calle" / "bache.md"
    path.write_text(path.read_text().replace("equipo: atencion", "equipo: atension"))
    teams = {"atencion": "OIRS"}
    assert report(load_folder(folder, teams, today=TODAY).problems) == [
        "✗ calle/bache.md, línea 8 (equipo): El equipo «atension» no existe. "
        "¿Quisiste escribir «atencion»? Los equipos son: atencion."
    ]


def test_background_is_read_from_a_spreadsheet_and_a_list(tmp_path: Path) -> None:
    (tmp_path / "atlas").mkdir()
    (tmp_path / "atlas" / "otros.csv").write_text("\ufeffid,formas\nbip,cargar la bip | saldo bip\n")
    (tmp_path / "background.txt").write_text("; nota\n# saludos\nhola\n\nchao\n# comida\npan\n")
    assert load_background(tmp_path) == Background(
        (OutOfScopeTopic("bip", ("cargar la bip", "saldo bip")),),
        (Group("saludos", ("hola", "chao")), Group("comida", ("pan",))),
    )
    assert load_background(tmp_path / "nada") == Background((), ())


def test_passages_are_the_answer_without_marks(entry: Entry) -> None:
    body = "Puedes **avisar** en [la página](https://x.cl) hoy.\n\n- Con la dirección exacta\n- y una foto\n\nCorto."
    assert passages(replace(entry, body=body)) == (
        "Puedes avisar en la página hoy.",
        "Con la dirección exacta y una foto",
    )


def test_each_sentence_is_a_passage_and_a_short_one_joins_its_neighbour(entry: Entry) -> None:
    body = "Sí. Lo puedes pagar en la caja. Trae tu cédula y el comprobante: sin ellos no se puede. Gracias."
    assert passages(replace(entry, body=body)) == (
        "Sí. Lo puedes pagar en la caja.",
        "Trae tu cédula y el comprobante:",
        "sin ellos no se puede. Gracias.",
    )
