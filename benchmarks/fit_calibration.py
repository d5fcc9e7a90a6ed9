"""Fits the usual coefficients of bot/faq/calibration.py on messages of people: ``python
benchmarks/fit_calibration.py``.

Uses the one-message lines of benchmarks/dev_messages.jsonl, against the FAQ with 1, 3, 6, 12, 20 and all variants an
entry, so that the coefficients hold for an agency that begins as for one that has written a lot. Prints USUAL and
SPREAD.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.agency import load_agency
from bot.faq.answerer import index_of
from bot.faq.calibration import likely
from bot.faq.entry import load_folder
from bot.faq.load import load_space
from bot.faq.space import Rows
from bot.settings import Settings

MESSAGES = Path(__file__).parent / "dev_messages.jsonl"
SIZES = {1: 0.3, 3: 0.6, 6: 0.6, 12: 0.8, 20: 1.0, 200: 2.0}
"""How many variants an entry keeps, and how much the messages then count."""
PENALTY = 1 / 30
Table = NDArray[np.float64]


def examples() -> tuple[Table, NDArray[np.bool_], Table]:
    """Features [candidate, n], whether each candidate is right, and its weight."""
    settings = Settings()
    space = load_space(settings)
    entries = load_folder(settings.faq_dir, load_agency(settings.agency_file).teams).entries
    messages = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    placed = Rows.stacked([space.message(message["text"]) for message in messages])
    parts = []
    for most, weight in SIZES.items():
        index = index_of([replace(entry, variants=entry.variants[:most]) for entry in entries], space)
        numbers = {id: number for number, id in enumerate(index.ids)}
        right = np.array([numbers.get(message["faq"], -1) for message in messages])
        order, features = likely(index.evidence(placed), index)
        hits = (order == right[:, None]).reshape(-1)
        parts.append((features.reshape(-1, features.shape[-1]), hits, np.full(len(hits), weight)))
    features, hits, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    return features, hits, weights


def main() -> None:
    features, hits, weights = examples()
    middle, spread = features.mean(axis=0), features.std(axis=0)
    fitted = LogisticRegression(C=1 / PENALTY, max_iter=5000).fit((features - middle) / spread, hits, weights)
    coefficients = fitted.coef_[0] / spread
    usual = [fitted.intercept_[0] - coefficients @ middle, *coefficients]
    sys.stdout.write(f"USUAL = {[round(float(value), 2) for value in usual]}\n")
    sys.stdout.write(f"SPREAD = {[1.0, *(round(float(value), 3) for value in spread)]}\n")


if __name__ == "__main__":
    main()
