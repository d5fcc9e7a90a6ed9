"""Tests that a start skips the preparation of the answerer only if none of its inputs has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core.settings import Settings
from bot.faq.encoder.folder import MODEL, TOKENIZER, VECTORS, encoder_folder
from bot.rasa.examples import ASK_ATLAS, ASK_FAQ
from bot.run.preparation import inputs_of, is_prepared, note_prepared


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Returns the settings of a prepared home with separate data and entries."""
    home, root = tmp_path / "home", tmp_path / "root"
    answers = home / "answers"
    (root / "data" / "faq").mkdir(parents=True)
    (root / "data" / "faq" / "bache.md").write_text("¿Cómo aviso de un bache?")
    (root / "agency.yml").write_text("nombre: Prueba")
    encoder_folder(answers).mkdir(parents=True)
    for path in (encoder_folder(answers) / MODEL, encoder_folder(answers) / TOKENIZER, answers / VECTORS):
        path.write_text("made")
    made = Settings(
        VENTANILLA_HOME=home,
        VENTANILLA_ROOT=root,
        FAQ_DIR=root / "data" / "faq",
        AGENCY_FILE=root / "agency.yml",
        FAQ_ENCODER="",
    )
    assert not is_prepared(made)
    note_prepared(made, inputs_of(made))
    return made


def test_unchanged_inputs_need_no_preparation(settings: Settings) -> None:
    assert is_prepared(settings)


def test_files_written_by_the_training_are_no_change(settings: Settings) -> None:
    for path in (ASK_FAQ, ASK_ATLAS):
        (settings.project_root / path).parent.mkdir(parents=True, exist_ok=True)
        (settings.project_root / path).write_text("nlu: []")
    assert is_prepared(settings)


def test_edit_during_the_preparation_is_noticed(settings: Settings) -> None:
    inputs = inputs_of(settings)
    (settings.faq_dir / "bache.md").write_text("¿Cómo aviso de un bache o un hoyo?")
    note_prepared(settings, inputs)
    assert not is_prepared(settings)


def test_files_that_vanish_are_no_error(settings: Settings) -> None:
    (settings.faq_dir / ".bache.md.new").symlink_to(settings.faq_dir / "gone")
    assert is_prepared(settings)


CHANGES: dict[str, Callable[[Settings], object]] = {
    "entry edited": lambda made: (made.faq_dir / "bache.md").write_text("¿Cómo aviso de un bache o un hoyo?"),
    "entry added": lambda made: (made.faq_dir / "luz.md").write_text("¿Quién repara la luz de la calle?"),
    "entry removed": lambda made: (made.faq_dir / "bache.md").unlink(),
    "background edited": lambda made: (made.project_root / "data" / "background.txt").write_text("hola"),
    "agency edited": lambda made: made.agency_file.write_text("nombre: Otra"),
    "own adapter": lambda made: (made.answers_home / "adapter.safetensors").write_bytes(b"tuned"),
    "encoder damaged": lambda made: (encoder_folder(made.answers_home) / MODEL).write_text("mad"),
    "encoder removed": lambda made: (encoder_folder(made.answers_home) / MODEL).unlink(),
    "vectors removed": lambda made: (made.answers_home / VECTORS).unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_noticed(settings: Settings, change: str) -> None:
    CHANGES[change](settings)
    assert not is_prepared(settings)


def test_another_encoder_is_noticed(settings: Settings) -> None:
    other = encoder_folder(settings.answers_home)
    assert not is_prepared(settings.model_copy(update={"faq_encoder": str(other)}))
