"""Tests that near-identical questions of different entries are reported to editors, and little else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.core.errors.encoder import EncoderMissing
from bot.faq.entries.folder import load_files, load_folder, read_files
from bot.faq.entries.problem import Problem, Severity
from bot.faq.publishing.check import comparison
from bot.faq.publishing.conflicts import find
from bot.faq.ranking import similarity
from bot.faq.ranking.similarity import Similarity
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.content_terms import content_terms
from bot.faq.words.lexicon import Lexicon, load_lexicon
from tests.faq_files import QUESTIONS, write_folder, written
from tests.home import HOME

ROOT = Path(__file__).resolve().parents[2]
MAX_FINDINGS = 15
# File, utterance, what is said of it and of which entry: planted together, but never two in one file.
PLANTS = (
    (
        ("transito/licencia-hora.md", "kiero renovar mi carnet de identidad", "dice casi lo mismo", "cedula-renovar"),
        ("social/suf.md", "donde puedo pagar el permiso del auto", "dice casi lo mismo", "permiso-circulacion"),
        ("aseo/poda.md", "bache en la calle", "dice casi lo mismo", "aseo/bache"),
        ("salud/vacuna.md", "quiero castrar a mi perrita callejera", "se parece más", "esterilizacion"),
        ("trabajo/omil.md", "¿Cuándo pasan a retirar las bolsas de basura por mi calle?", "se parece más", "basura"),
    ),
    (
        ("salud/vacuna.md", "¿Qué valor tiene el carnet?", "dice casi lo mismo", "cedula-precio"),
        ("vivienda/ds1.md", "¿Dónde se denuncia la violencia doméstica?", "dice casi lo mismo", "vif"),
        ("identidad/pasaporte.md", "saco ora pal doctor en el consultorio", "dice casi lo mismo", "cesfam-hora"),
        (
            "aseo/bache.md",
            "mi gata necesita que la operen para no tener más gatitos",
            "se parece más",
            "esterilizacion",
        ),
        ("social/pgu.md", "el vecino hace fiestas con la música a todo volumen", "se parece más", "ruidos-molestos"),
    ),
)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(ROOT / "data")


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return read_files(ROOT / "data" / "faq")


@pytest.fixture(scope="module")
def usual(files: dict[str, bytes], space: Vectorizer, lexicon: Lexicon) -> list[Problem]:
    """Returns the conflicts of the shipped entries; ``files`` are their contents."""
    return find(load_files(files, None).entries, space, lexicon)


def planted(file: bytes, utterance: str) -> bytes:
    """Returns an entry's file with ``utterance`` added as the first variant."""
    return file.decode().replace("variantes:\n", f'variantes:\n  - "{utterance}"\n', 1).encode()


def test_shipped_entries_have_few_findings(usual: list[Problem]) -> None:
    assert {problem.severity for problem in usual} <= {Severity.ADVICE}
    assert len(usual) <= MAX_FINDINGS
    assert usual == sorted(usual, key=lambda problem: (problem.file, problem.line))


@pytest.mark.parametrize("plants", PLANTS, ids=["some", "others"])
def test_planted_duplicate_utterances_are_found(
    files: dict[str, bytes], space: Vectorizer, lexicon: Lexicon, plants: tuple[tuple[str, str, str, str], ...]
) -> None:
    changed = {path: planted(files[path], utterance) for path, utterance, *_ in plants}
    problems = find(load_files(files | changed, None).entries, space, lexicon)
    for path, utterance, said, other in plants:
        found = [one for one in problems if f"«{utterance}»" in one.message]
        assert [said in one.message and other in one.message + one.file for one in found] == [True] * len(found) != []
        place = next(number for number, line in enumerate(files[path].decode().splitlines(), 2) if line == "variantes:")
        assert [(one.line, one.field) for one in found if one.file == path] in ([], [(place, "variantes")])


def test_entry_split_in_two_is_found(
    files: dict[str, bytes], space: Vectorizer, lexicon: Lexicon, usual: list[Problem]
) -> None:
    entries = load_files(files, None).entries
    cut = next(entry for entry in entries if entry.id == "escombros-retiro")
    halves = [
        replace(cut, id=f"mitad-{half}", path=f"aseo/mitad-{half}.md", question=utterances[0], variants=utterances[1:])
        for half, utterances in ((half, cut.utterances[half::2]) for half in (0, 1))
    ]
    found = [one for one in find([*entries, *halves], space, lexicon) if one not in usual]
    assert ("aseo/mitad-1.md", True) in {(one.file, "preguntan casi lo mismo" in one.message) for one in found}
    assert [
        one for one in found if one.file == "aseo/mitad-1.md" and "mitad-0" in one.message and one.field != "pregunta"
    ] == []


def test_one_question_for_two_audiences_is_no_conflict(tmp_path: Path, space: Vectorizer, lexicon: Lexicon) -> None:
    entries = load_folder(write_folder(tmp_path / "faq"), None).entries
    twin = replace(entries[0], path="otra/bache.md", audience={"comuna": ("los-aromos",)})
    assert find([*entries, twin], space, lexicon) == []


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_entries_have_nothing_to_compare(
    tmp_path: Path, space: Vectorizer, lexicon: Lexicon, count: int
) -> None:
    entries = load_folder(write_folder(tmp_path / "faq", list(QUESTIONS)[:count]), None).entries
    assert find(entries, space, lexicon) == []


def test_entries_of_one_utterance_can_be_compared(tmp_path: Path, space: Vectorizer, lexicon: Lexicon) -> None:
    entries = [replace(entry, variants=()) for entry in load_folder(write_folder(tmp_path / "faq"), None).entries]
    again = replace(entries[1], id="otra", path="calle/otra.md", question="¿Cuándo pasa el camión de la basura?")
    found = find([*entries, again], space, lexicon)
    assert [(one.file, one.field, "calle/basura.md" in one.message) for one in found] == [
        ("calle/otra.md", "pregunta", True)
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("¿Cuánto vale el carnet?", "precio de la cédula de identidad", True),
        ("¿Cómo renuevo mi cédula?", "kiero renovar el karnet xfa", True),
        ("no pagar la multa", "pagar la multa", False),
        ("renovar la licencia", "sacar la licencia", False),
        ("hola, una consulta por favor", "¿?", True),
        ("se perdió mi perro", "se perdió mi quiltro", True),
        ("se perdió mi perro", "se perdió, pero", False),
    ],
)
def test_content_terms_are_the_subject_of_the_question(lexicon: Lexicon, one: str, other: str, same: bool) -> None:
    assert (content_terms(one, lexicon) == content_terms(other, lexicon)) == same


def made(rows: int) -> Iterator[Similarity]:
    """Yields the same utterances twice: to compare in blocks of a few rows, and all together."""
    random = np.random.default_rng(7)
    group_of = np.sort(random.integers(0, 40, rows))
    group_of = np.unique(group_of, return_inverse=True)[1].astype(np.int64)
    dense = random.normal(size=(rows, 16)).astype(np.float32)
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    about = [frozenset(random.choice(list("abcdefghijkl"), 2)) for _ in range(rows)]
    for _ in range(2):
        yield Similarity(dense, about, group_of)


def test_comparing_in_blocks_equals_comparing_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    by_blocks, at_once = made(300)
    whole = at_once.to_groups(), at_once.pairs(least=1.1, least_shared=0.6)
    monkeypatch.setattr(similarity, "ROWS_A_BLOCK", 7)
    parts = by_blocks.to_groups(), by_blocks.pairs(least=1.1, least_shared=0.6)
    assert [
        np.allclose(one, other, atol=1e-5, equal_nan=True) for one, other in zip(whole[0], parts[0], strict=True)
    ] == [True] * 2
    assert [(one.later, one.earlier) for one in whole[1]] == [(one.later, one.earlier) for one in parts[1]] != []


def test_nothing_is_compared_without_an_encoder(lexicon: Lexicon) -> None:
    def missing() -> Vectorizer:
        raise EncoderMissing(folder="")

    assert comparison((), lexicon, missing) is None


@pytest.mark.parametrize(("arguments", "expected"), [([], True), (["--quick"], False)])
def test_check_reports_that_meaning_was_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: bool
) -> None:
    monkeypatch.setenv("VENTANILLA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FAQ_DIR", str(write_folder(tmp_path / "faq")))
    result = CliRunner().invoke(app, ["check", *arguments])
    assert (result.exit_code, "No se comparó el significado" in result.output) == (0, expected)


def test_check_shows_conflicts_as_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder_folder: Path) -> None:
    faq = write_folder(tmp_path / "faq")
    variants = ["ai un oyo en mi kalle xfa", "vacuna de la gripe", "dónde me vacuno contra la gripe"]
    (faq / "calle" / "vacuna.md").write_text(written("vacuna", "¿Dónde me vacuno?", variants))
    monkeypatch.setenv("VENTANILLA_HOME", str(HOME))
    monkeypatch.setenv("FAQ_DIR", str(faq))
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0
    assert "• calle/vacuna.md, línea 5 (variantes): «ai un oyo en mi kalle xfa»" in " ".join(result.output.split())
