"""Recognizes messages that may describe a danger without any of the phrases of bot/crisis.

A ridge regression learns to separate the sentences of bot/crisis/sentences.yml from the background. It also flags some
harmless messages, so its result only adds the emergency numbers to a reply.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.faq.encoder.encoder import Vectors
from bot.faq.ranking.coefficients import tuned


class Dangers:
    """A linear classifier of dangers, trained on unit vectors, a row per text.

    ``harmless`` are sentences that only sound dangerous.
    """

    def __init__(self, dangers: Vectors, harmless: Vectors, background: Vectors) -> None:
        self._direction: NDArray[np.float64] | None = None
        self._threshold = np.inf
        if len(dangers) and len(background):
            self._learn(dangers, harmless, background)

    def seems(self, vector: Vectors) -> bool:
        """Returns whether the text with this vector may describe a danger; False if there was no training data."""
        return self._direction is not None and bool(vector @ self._direction > self._threshold)

    def _learn(self, dangers: Vectors, harmless: Vectors, background: Vectors) -> None:
        numbers = tuned().risk
        texts = np.concatenate([dangers, background, harmless]).astype(np.float64)
        target = np.zeros(len(texts))
        target[: len(dangers)] = 1.0
        danger_weight = numbers.dangers_weight * len(background) / len(dangers)
        weight = np.repeat(
            [danger_weight, 1.0, numbers.harmless_weight], [len(dangers), len(background), len(harmless)]
        )
        weighted = texts * weight[:, None]
        inverse = np.linalg.inv(weighted.T @ texts + numbers.regularisation * np.eye(texts.shape[1]))
        self._direction = inverse @ (weighted.T @ target)
        leverage = ((texts @ inverse) * texts).sum(axis=1) * weight
        left_out = (texts @ self._direction - leverage * target) / (1 - leverage)
        safe = left_out[len(dangers) : len(dangers) + len(background)]
        self._threshold = float(np.quantile(safe, 1 - numbers.mistaken_share))
