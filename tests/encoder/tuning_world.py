"""Builds a small home for the tuning tests: a few entries, some topics, and the shared encoder."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np

from bot.core.settings import Settings
from bot.encoder_build.adapter import Adapter
from bot.faq.encoder.folder import ADAPTER, WEIGHTS, encoder_folder
from tests.faq_files import QUESTIONS, ROOT, write_folder
from tests.home import ANSWERS

MATTERS = 20
THEMES = "# saludos\nhola como estas\nbuen dia\n# cocina\nreceta de pan amasado\ncomo hago un queque\n"


def small_world(root: Path, ids: tuple[str, ...] = tuple(QUESTIONS)) -> Settings:
    """Creates a project and a home below ``root``, with the shared encoder, so that nothing is downloaded."""
    write_folder(root / "faq", ids)
    (root / "data" / "atlas").mkdir(parents=True)
    (root / "data" / "background.txt").write_text(THEMES, encoding="utf-8")
    with (ROOT / "data" / "atlas" / "asuntos.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))[: MATTERS + 1]
    with (root / "data" / "atlas" / "asuntos.csv").open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
    usual = encoder_folder(ANSWERS)
    kept = root / "home" / "answers" / "encoder"
    kept.mkdir(parents=True)
    (kept / WEIGHTS).symlink_to(usual.parent / WEIGHTS)
    shutil.copytree(usual, kept / usual.name)
    return Settings(
        home=root / "home", project_root=root, faq_dir=root / "faq", agency_file=ROOT / "agency.yml", faq_encoder=""
    )


def changed_adapter(share: float, *, noise: float = 0.0) -> Adapter:
    """Returns the project's adapter times ``share``; ``noise`` (a standard deviation) makes it worse."""
    random = np.random.default_rng(3)
    parts = Adapter.load(ADAPTER).scaled(share).parts
    return Adapter(
        {
            part: (down, (up + noise * random.normal(size=up.shape)).astype(np.float16))
            for part, (down, up) in parts.items()
        }
    )
