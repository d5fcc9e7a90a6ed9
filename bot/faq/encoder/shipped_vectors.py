"""Serves the vectors of the project's own sentences from a file, so that a new installation need not embed them.

``python -m scripts.ship_vectors`` writes the file, which is named after the encoder, so that no other encoder uses it.
A vector takes 394 bytes: the first 8 bytes of its text's SHA-256, a scale, and 384 numbers of 8 bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.core.disk import replacing
from bot.core.settings import ROOT
from bot.faq.encoder.encoder import Embedder, Vectors

FOLDER = ROOT / "data" / "encoder"
PUBLIC = 0o644  # the file is part of the project
LARGEST = 127  # largest absolute value used for a number of 8 bits


def shipped_file(encoder: Path) -> Path:
    """Returns the path of the file for the encoder in the folder ``encoder``; the file might not exist."""
    return FOLDER / f"vectors-{encoder.name}.npy"


class ShippedVectors:
    """An Embedder that runs the encoder only for texts whose vectors are not in the file."""

    def __init__(self, encoder: Embedder, file: Path) -> None:
        """Wraps ``encoder``; without ``file``, every text is encoded."""
        self._encoder = encoder
        self._table = np.load(file, mmap_mode="r") if file.is_file() else None
        self.fingerprint = encoder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns a matrix with the unit vector (float32) of each text as a row."""
        known = self._known(texts) if self._table is not None else {}
        missing = [text for text in texts if text not in known]
        if not known:
            return self._encoder.embed(texts)
        known |= dict(zip(missing, self._encoder.embed(missing), strict=True)) if missing else {}
        return np.array([known[text] for text in texts], dtype=np.float32)

    def _known(self, texts: Sequence[str]) -> dict[str, Vectors]:
        table = self._table
        if table is None or not len(table) or not texts:
            return {}
        keys = np.array([_key(text) for text in texts], dtype=np.uint64)
        rows = np.searchsorted(table["key"], keys).clip(max=len(table) - 1)
        return {
            text: _unpacked(table[row])
            for text, key, row in zip(texts, keys, rows, strict=True)
            if table["key"][row] == key
        }


def write_shipped(vectors: Mapping[str, Vectors], file: Path) -> None:
    """Writes the unit vector of each text to ``file``, rounded to 8 bits a number; replaces the file atomically."""
    width = len(next(iter(vectors.values()), ()))
    table = np.zeros(len(vectors), dtype=[("key", "<u8"), ("scale", "<f2"), ("value", "i1", (width,))])
    for row, text in zip(table, sorted(vectors, key=_key), strict=True):
        scale = np.float16(np.abs(vectors[text]).max() / LARGEST)
        row["key"], row["scale"] = _key(text), scale
        row["value"] = np.rint(vectors[text] / np.float32(scale)).clip(-LARGEST, LARGEST)
    with replacing(file) as new:
        np.save(new, table)
    file.chmod(PUBLIC)


def _unpacked(row: NDArray[np.void]) -> Vectors:
    vector: Vectors = row["value"].astype(np.float32) * np.float32(row["scale"])
    return vector / np.linalg.norm(vector)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "little")
