"""Tests that an evaluation without entries or with invalid messages asks nothing and reports the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.errors.encoder import EncoderMissing
from bot.core.settings import Settings
from bot.evaluation.evaluate import Evaluated, evaluated
from tests.faq_files import agency, write_folder

SOUND = '{"text": "hay un hoyo", "faq": "bache"}\n'


def evaluate(tmp_path: Path, messages: str, *, own: bool = False) -> Evaluated:
    path = tmp_path / "mensajes.jsonl"
    path.write_text(messages)
    settings = Settings(VENTANILLA_HOME=tmp_path / "home", FAQ_DIR=tmp_path / "faq", FAQ_ENCODER=str(tmp_path / "none"))
    return evaluated(path, None if own else tmp_path / "faq", settings, agency())


def test_folder_without_entries_gives_a_single_notice(tmp_path: Path) -> None:
    (tmp_path / "faq").mkdir()
    told = evaluate(tmp_path, SOUND)
    assert (told.report, len(told.notices)) == (None, 1)
    assert str(tmp_path / "faq") in told.notices[0]


def test_every_wrong_message_is_reported_by_line_and_nothing_is_asked(tmp_path: Path) -> None:
    write_folder(tmp_path / "faq")
    told = evaluate(tmp_path, SOUND + '{"text": "x", "faq": "nadie"}\nno json\n')
    assert told.report is None
    assert ["2" in told.notices[0], "3" in told.notices[1], "2" in told.notices[2]] == [True] * 3
    assert all("mensajes.jsonl" in line for line in told.notices[:2])


def test_broken_entry_is_reported_first_and_its_messages_are_wrong(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "faq")
    (folder / "calle" / "bache.md").write_text("---\nid: bache\n---\n")
    told = evaluate(tmp_path, SOUND)
    assert (told.report, len(told.notices)) == (None, 3)


@pytest.mark.parametrize(("own", "expected"), [(True, True), (False, False)])
def test_teams_must_be_known_only_in_the_agencys_own_faq(tmp_path: Path, own: bool, expected: bool) -> None:
    folder = write_folder(tmp_path / "faq")
    path = folder / "calle" / "bache.md"
    path.write_text(path.read_text().replace("equipo: atencion", "equipo: otra-muni"))
    notices = evaluate(tmp_path, "no json\n", own=own).notices
    assert (len(notices) == 3) is expected


def test_missing_encoder_is_reported(tmp_path: Path) -> None:
    write_folder(tmp_path / "faq")
    with pytest.raises(EncoderMissing):
        evaluate(tmp_path, SOUND)
