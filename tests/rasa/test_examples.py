"""Tests the examples that Rasa learns from other files: harmless for any editor's input, and reproducible."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.yaml import read_yaml_file
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_files
from bot.rasa.examples import (
    ASK_ATLAS,
    ASK_FAQ,
    MAX_OF_ENTRY,
    NOT_QUESTIONS,
    as_example,
    questions_of,
    sample,
    write_examples,
    write_questions,
)
from tests.faq_files import written


@pytest.mark.parametrize(
    ("written", "taught"),
    [
        ("¿Cómo saco hora?", "¿Cómo saco hora?"),
        ("  dos\n líneas\u2028juntas ", "dos líneas juntas"),
        ('[mi casa](direccion) y [otra]{"entity": "x"}', 'mi casa (direccion) y otra "entity": "x"'),
        ("- intent: evil", "intent: evil"),
        ("/restart", "restart"),
        ("# no es comentario", "no es comentario"),
        ("${SECRETO} 'comillas\" : {a: b}", "$ SECRETO 'comillas\" : a: b"),
        ("\x00\x07\ud800\u200b", ""),
        ("🙂", "🙂"),
    ],
)
def test_editors_text_becomes_one_harmless_line(written: str, taught: str) -> None:
    assert as_example(written) == taught


def test_the_faq_file_is_the_same_for_the_same_questions(tmp_path: Path) -> None:
    questions = ["¿Dónde voto?", "un: oyo\n- intent: greet", "¿Dónde voto?", "", "[a](b)"]
    write_examples(tmp_path / "one.yml", "ask_faq", questions)
    write_examples(tmp_path / "two.yml", "ask_faq", reversed(questions))
    assert (tmp_path / "one.yml").read_bytes() == (tmp_path / "two.yml").read_bytes()
    [block] = read_yaml_file(tmp_path / "one.yml")["nlu"]
    assert block == {"intent": "ask_faq", "examples": "- a (b)\n- un: oyo - intent: greet\n- ¿Dónde voto?\n"}


def test_no_file_is_written_without_utterances(tmp_path: Path) -> None:
    write_questions(tmp_path, ["¿Dónde voto?"])
    write_questions(tmp_path, [])
    assert not (tmp_path / ASK_FAQ).exists()


def test_out_of_scope_topics_are_questions_except_dangers_and_small_talk(tmp_path: Path) -> None:
    atlas = tmp_path / "data" / "atlas"
    atlas.mkdir(parents=True)
    chitchat = sorted(NOT_QUESTIONS)[0]
    (atlas / "asuntos.csv").write_text(f"id,formas\ngas,cuenta del gas | hay olor a gas\n{chitchat},va a llover\n")
    write_questions(tmp_path, [])
    [block] = read_yaml_file(tmp_path / ASK_ATLAS)["nlu"]
    assert block == {"intent": "ask_other", "examples": "- cuenta del gas\n"}


def test_small_talk_utterance_is_no_question(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "nlu"
    folder.mkdir(parents=True)
    (folder / "deny.yml").write_text('version: "3.1"\nnlu:\n  - intent: deny\n    examples: |\n      - No gracias\n')
    write_questions(tmp_path, ["no gracias", "¿Dónde voto?"])
    [block] = read_yaml_file(tmp_path / ASK_FAQ)["nlu"]
    assert block["examples"] == "- ¿Dónde voto?\n"


def test_sample_of_each_entry_is_taught_and_changes_little_with_it() -> None:
    variants = tuple(f"variante {number}" for number in range(2 * MAX_OF_ENTRY))
    before, after = (questions_of([entry(variants[:-1])]), questions_of([entry(variants)]))
    assert (before[0], len(before)) == ("¿Dónde voto?", MAX_OF_ENTRY + 1)
    assert len(set(before) - set(after)) <= 1
    assert questions_of([entry(variants[:2])])[1:] == sample(variants[:2], 2)


def entry(variants: tuple[str, ...]) -> Entry:
    text = written("voto", "¿Dónde voto?", variants)
    return load_files({"calle/voto.md": text.encode()}, None).entries[0]


def test_short_lexicon_names_get_one_example_each(tmp_path: Path) -> None:
    lexicon = tmp_path / "data" / "lexicon"
    lexicon.mkdir(parents=True)
    (lexicon / "a.csv").write_text("termino,formas\nPGU,pensión garantizada | la plata que dan a los viejos\n")
    write_questions(tmp_path, [])
    [block] = read_yaml_file(tmp_path / ASK_FAQ)["nlu"]
    taught = block["examples"].splitlines()
    assert [sum(name in line for line in taught) for name in ("PGU", "pensión garantizada", "viejos")] == [1, 1, 0]
