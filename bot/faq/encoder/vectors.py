"""Caches the vectors of embedded texts, so that no text is embedded twice, even after a restart.

After an edit, only the entry's new utterances are embedded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.faq.encoder.encoder import Embedder, Vectors
from bot.faq.encoder.kept import Kept

TEXTS_A_STEP = 64
EmbedProgress = Callable[[float], None]


class VectorCache:
    """An Embedder that runs the encoder only for texts not in the cache; for texts of the FAQ, not of citizens."""

    def __init__(self, encoder: Embedder, home: Path, progress: EmbedProgress = lambda share: None) -> None:
        """Wraps ``encoder``.

        After each batch, ``embed`` calls ``progress`` with the share of missing texts done (0 to 1).
        """
        self._encoder, self._progress = encoder, progress
        self._kept = Kept(home, "vector")
        self.fingerprint = encoder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns a matrix with the unit vector of each text as a row; only texts not in the cache are encoded."""
        if not texts:
            return self._encoder.embed(texts)
        keys = {text: self._key(text) for text in texts}
        known = self._kept.read(list(keys.values()))
        missing = sorted((text for text, key in keys.items() if key not in known), key=lambda text: (len(text), text))
        for start in range(0, len(missing), TEXTS_A_STEP):
            part = missing[start : start + TEXTS_A_STEP]
            vectors = (vector.tobytes() for vector in self._encoder.embed(part))
            made = dict(zip((keys[text] for text in part), vectors, strict=True))
            self._kept.write(made)
            known |= made
            self._progress((start + len(part)) / len(missing))
        return np.frombuffer(b"".join(known[keys[text]] for text in texts), np.float32).reshape(len(texts), -1)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.fingerprint}\n{text}".encode("utf-8", "surrogatepass")).digest()
