"""Compares messages with thousands of texts, whose vectors are kept as integers.

As float32, the vectors of all texts take 57 MB, and reading them from memory for each message takes longer than
multiplying them. As two digits of 7 bits, the numbers take half of that. A product differs from that of the floats by
at most 0.00003, and does not depend on which messages are compared together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot.faq.encoder.encoder import Vectors
from bot.faq.scoring.integer_model import LEFT, integer_products
from bot.faq.scoring.matrix import products

FEW_TEXTS = 1000  # up to which the vectors stay float32: they fit into the processor's cache
AT_ONCE = 32  # messages compared at a time; the memory of more takes longer to get than the products to compute
# Digits of texts are from -64 to 63: older processors add two products of such a digit and one of a message (up to 255)
# in 16 bits.
BASE, HALF, LARGEST = 128, 64, 63 * 128 + 63
MESSAGE_BASE, MESSAGE_LARGEST = 256, 2**15 - 1


class TextVectors:
    """The vectors of texts, given as rows; immutable."""

    def __init__(self, vectors: Vectors) -> None:
        self._few = vectors if len(vectors) <= FEW_TEXTS else None
        if self._few is not None:
            return
        self._steps = _steps(vectors, LARGEST)
        numbers = np.rint(vectors / self._steps[:, None]).astype(np.int16)
        # A message's numbers are moved by MESSAGE_LARGEST + 1, so that they are not negative.
        self._moved = numbers.sum(axis=1, dtype=np.float32) * (MESSAGE_LARGEST + 1)
        high = (numbers + HALF) // BASE
        digits = np.concatenate([high, numbers - high * BASE]).astype(np.int8)
        self._session = integer_products(np.ascontiguousarray(digits.T))

    def products(self, messages: Vectors) -> Vectors:
        """Returns the dot product of each message with each text: a row per message, a column per text."""
        if self._few is not None:
            return products(messages, self._few)
        parts = [self._some(messages[start : start + AT_ONCE]) for start in range(0, len(messages), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self._steps)), np.float32)

    def _some(self, messages: Vectors) -> Vectors:
        steps = _steps(messages, MESSAGE_LARGEST)
        numbers = (np.rint(messages / steps[:, None]) + (MESSAGE_LARGEST + 1)).astype(np.uint16)
        digits = np.concatenate(np.divmod(numbers, MESSAGE_BASE)).astype(np.uint8)
        high, low = np.split(self._session.run(None, {LEFT: digits})[0].astype(np.float32), 2)
        high *= MESSAGE_BASE
        high += low
        found, rest = np.split(high, 2, axis=1)
        found *= BASE
        found += rest
        found -= self._moved
        found *= self._steps
        found *= steps[:, None]
        return found


def _steps(vectors: Vectors, largest: int) -> NDArray[np.float32]:
    """Returns, for each row, the step that scales its greatest absolute value to the integer ``largest``."""
    steps: NDArray[np.float32] = np.abs(vectors).max(axis=1) / np.float32(largest)
    return np.where(steps > 0, steps, np.float32(1))
