"""Tests that Rasa itself accepts domain, rules and examples."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.agency.model import Agency
from bot.faq.entries.folder import load_folder
from bot.rasa.examples import ASK_ATLAS, ASK_FAQ, HEADER, questions_of, write_questions
from bot.rasa.training import QUIET, command_line
from tests.eventually import LONG_PATIENCE_S
from tests.rasa.button_intents import ONLY_BUTTONS
from tests.rasa.speaking import RASA

ROOT = Path(__file__).resolve().parents[2]
# Rasa does not see that buttons send these intents and that actions say these responses.
EXPECTED = re.compile(
    rf"The intent '({'|'.join(sorted(ONLY_BUTTONS))})' is listed in the domain file, but is not found"
    r"|The utterance 'utter_(\w+)' is not used in any story or rule"
)


# Rasa reads an example in milliseconds, so it gets every eighth of those that are written at training, all alike.
STEP, BEFORE = 8, HEADER.count("\n")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, agency: Agency) -> Path:
    """Copies Rasa's input files, with the FAQ's current examples; returns their folder."""
    folder = tmp_path_factory.mktemp("project")
    for name in ("domain.yml", "config.yml"):
        shutil.copy(ROOT / name, folder)
    for name in ("nlu", "rules", "atlas"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    write_questions(folder, questions_of(load_folder(ROOT / "data" / "faq", agency.teams).entries))
    return folder


def test_no_question_of_the_entries_is_one_of_another_office(project: Path) -> None:
    entries, others = (set((project / path).read_text().splitlines()[BEFORE:]) for path in (ASK_FAQ, ASK_ATLAS))
    assert (entries & others, len(entries) > 1000, len(others) > 500) == (set(), True, True)


@pytest.mark.skipif(not RASA.exists(), reason="the Rasa environment is not built: make setup")
def test_rasa_accepts_every_file(project: Path, tmp_path: Path) -> None:
    shorter = shutil.copytree(project, tmp_path / "shorter")
    for path in (ASK_FAQ, ASK_ATLAS):
        lines = (project / path).read_text().splitlines(keepends=True)
        (shorter / path).write_text("".join([*lines[:BEFORE], *lines[BEFORE::STEP]]))
    command = [*command_line(RASA), "data", "validate", "--domain", "domain.yml", "--data", "data/nlu", "data/rules"]
    run = subprocess.run(
        command, cwd=shorter, env={**os.environ, **QUIET}, capture_output=True, text=True, timeout=LONG_PATIENCE_S
    )
    output = run.stdout + run.stderr
    warnings = [line for line in output.splitlines() if "shared/utils/io.py" in line and not EXPECTED.search(line)]
    assert (run.returncode, warnings) == (0, [])
    assert "No story structure conflicts found" in output
