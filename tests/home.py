"""Names the home folder shared by the tests; ``python -m tests.prepare`` fills it, no running system uses it."""

from __future__ import annotations

from pathlib import Path

from bot.faq.encoder.folder import VECTORS
from bot.faq.ranking.classifier import SUFFIX

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".ventanilla" / "tests"


def vectors_and_classifiers(home: Path = HOME) -> list[Path]:
    """Returns the files with the vectors and the trained classifiers, which any other home may use as they are."""
    return [path for path in (home / VECTORS, *home.glob(f"*{SUFFIX}")) if path.is_file()]
