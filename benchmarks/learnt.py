"""Trains and measures classifiers of sentences; shared by benchmarks/danger.py and benchmarks/commands.py."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.core.settings import load_settings
from bot.faq.publishing.load import load_vectorizer
from bot.faq.ranking.classifier import Classifier
from bot.faq.ranking.sentences import Sentence
from bot.faq.ranking.vectorizer import Vectorizer

HERE = Path(__file__).parent
ORDINARY = ("held_out", "dev", "fresh", "far")
Learn = Callable[[Sequence[Sentence]], Classifier]
Judge = Callable[[str, Classifier], Any]


def started(doc: str | None) -> tuple[Vectorizer, Path | None]:
    """Parses the command line; returns the vectorizer, and the folder of unseen sentences (``--test``) or None."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--test", type=Path, help="a folder of unseen sentences, with files like those that are learnt")
    return load_vectorizer(load_settings()), parser.parse_args().test


def ordinary() -> Iterator[tuple[str, str]]:
    """Yields (group, text) of each single-turn message of ORDINARY.

    The group is its set and kind, such as «dev near».
    """
    for name in ORDINARY:
        for line in (HERE / f"{name}_messages.jsonl").read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            if "text" in raw:
                yield f"{name} {raw['kind']}", raw["text"]


def left_out(sentences: Sequence[Sentence], learn: Learn, judge: Judge) -> list[Any]:
    """Returns the judgment of each sentence by a classifier that was trained without the sentences of its author."""
    judged: list[Any] = [None] * len(sentences)
    for author in sorted({one.author for one in sentences}):
        learnt = learn([one for one in sentences if one.author != author])
        for number, one in enumerate(sentences):
            if one.author == author:
                judged[number] = judge(one.text, learnt)
    return judged


def wilson(hits: int, total: int) -> tuple[float, float, float]:
    """Returns the share of hits and the two ends of its 95 % Wilson interval (each from 0 to 1)."""
    share, z2 = hits / total, 1.96**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = 1.96 * np.sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return share, max(0.0, middle - half), min(1.0, middle + half)


def shown(hits: np.ndarray) -> str:
    """Formats the share of hits with its interval as a table cell; '' if there are no sentences."""
    if not len(hits):
        return ""
    share, low, high = wilson(int(hits.sum()), len(hits))
    return f"{share:.3f} ({low:.2f}-{high:.2f})"
