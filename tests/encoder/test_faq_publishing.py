"""Tests that an editor's new utterance in the demo FAQ is published and answered."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from bot.faq.answering.answerer import Answerer
from bot.faq.answering.experience import Experience
from bot.faq.entries.entry import Entry
from bot.faq.publishing.trials import Written
from bot.faq.publishing.watch import LiveFaq
from bot.faq.ranking.vectorizer import Vectorizer
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.faq_files import ROOT, agency

TODAY = date(2026, 11, 24)


def test_kept_calibration_is_replaced_by_that_of_a_new_answerer(
    demo: Answerer, demo_entries: tuple[Entry, ...], space: Vectorizer
) -> None:
    fewer = demo_entries[:-1]
    kept, fresh = demo.changed(fewer), Answerer(fewer, space, agency())
    assert (kept.is_calibrated, fresh.is_calibrated, kept.thresholds) == (False, True, demo.thresholds)
    kept.calibrate(Experience())
    assert (kept.is_calibrated, kept.thresholds) == (True, fresh.thresholds)


async def test_new_utterance_in_the_demo_faq_is_answered_in_time(tmp_path: Path, space: Vectorizer) -> None:
    faq_dir = Path(shutil.copytree(ROOT / "data" / "faq", tmp_path / "faq"))
    faq = LiveFaq(faq_dir, agency(), home=tmp_path / "home", publish=lambda entries: Answerer(entries, space, agency()))
    await faq.start()
    path = faq_dir / "aseo" / "bache.md"
    changed = path.read_text().replace("variantes:\n", "variantes:\n  - el cráter de mi pasaje crece\n", 1)
    before, asked = faq.answerer, "El cráter de mi pasaje crece"
    beside = path.with_suffix(".frases.txt").read_bytes()
    now, then = faq.trials.compared(asked, Written("aseo/bache.md", changed.encode(), beside))
    assert then is not None and "bache" in then[0] and then[0] != now[0]
    assert faq.trials.compared(asked, Written("aseo/bache.md", b"", b""))[1] is None
    assert faq.answerer is before
    path.write_text(path.read_text().replace("variantes:\n", "variantes:\n  - el cráter de mi pasaje crece\n", 1))
    await eventually(
        lambda: faq.answerer.answer("El cráter de mi pasaje crece", today=TODAY).kind == "answer", LONG_PATIENCE_S
    )
    await faq.stop()
