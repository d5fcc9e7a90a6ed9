"""Measures the grouping of the editors' backlog: ``python -m benchmarks.backlog``.

First groups the single-turn messages that an entry answers, with several thresholds. Prints for each threshold the
number of groups, the share of messages in a group, and the share of these whose entry is the most frequent one of their
group. Then prints the time to group 10,000 messages, which are the same ones with noise.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from learning import messages
from material import Material

from bot.core.settings import Settings
from bot.learning.backlog.grouping import SIMILAR, Vectors, groups_of

THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
MANY = 10_000
NOISE = 0.02


def main() -> None:
    material = Material.from_settings(Settings())
    asked = [one for one in messages(material) if one.wanted]
    vectors = np.float32(np.float16(material.vectorizer().vectors([one.text for one in asked])))
    print(f"{len(asked)} messages; in use: {SIMILAR}")  # noqa: T201
    for threshold in THRESHOLDS:
        found = groups_of(vectors, range(len(asked)), least=3, similar=threshold)
        counts = [Counter(min(asked[one].wanted) for one in group.members).most_common(1)[0][1] for group in found]
        grouped = sum(len(group.members) for group in found)
        share, pure = grouped / len(asked), sum(counts) / max(grouped, 1)
        print(f"{threshold:.2f}  {len(found):4} groups  {share:.2f} in a group  {pure:.2f} of these with their like")  # noqa: T201
    many = noisy(vectors)
    start = time.perf_counter()
    found = groups_of(many, range(MANY), least=3)
    print(f"{MANY} messages: {time.perf_counter() - start:.2f} s, {len(found)} groups")  # noqa: T201


def noisy(vectors: Vectors) -> Vectors:
    random = np.random.default_rng(1)
    rows = vectors[random.integers(len(vectors), size=MANY)]
    rows = rows + random.normal(0, NOISE, rows.shape).astype(np.float32)
    made: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return made


if __name__ == "__main__":
    main()
