"""Names the home folder shared by the tests; ``python -m tests.prepare`` fills it, no running system uses it."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.faq.encoder.folder import VECTORS
from bot.faq.encoder.kept import adopt
from bot.faq.ranking.classifier import SUFFIX

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".ventanilla" / "tests"
ANSWERS = HOME / "answers"  # Settings.answers_home of this home


def copy_vectors_and_classifiers(home: Path) -> None:
    """Copies the vectors and the trained classifiers, which every home may use unchanged, into a home.

    SQLite copies the vectors, because another test may write vectors meanwhile.
    """
    adopt(home / ANSWERS.name, ANSWERS / VECTORS)
    for path in ANSWERS.glob(f"*{SUFFIX}"):
        shutil.copy(path, home / ANSWERS.name)
