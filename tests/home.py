"""Names the home folder shared by the tests; ``python -m tests.prepare`` fills it, no running system uses it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.faq.encoder.folder import VECTORS
from bot.faq.encoder.kept import opened
from bot.faq.ranking.classifier import SUFFIX

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".ventanilla" / "tests"
ANSWERS = HOME / "answers"  # Settings.answers_home of this home


def copy_vectors_and_classifiers(home: Path) -> None:
    """Copies the vectors and the trained classifiers, which every home may use unchanged, into a home that has none.

    SQLite copies the file of the vectors, page by page, because another test may write vectors meanwhile.
    """
    (home / ANSWERS.name).mkdir(parents=True, exist_ok=True)
    with closing(opened(ANSWERS / VECTORS)) as shared, closing(sqlite3.connect(home / ANSWERS.name / VECTORS)) as copy:
        shared.backup(copy)
    for path in ANSWERS.glob(f"*{SUFFIX}"):
        shutil.copy(path, home / ANSWERS.name)
