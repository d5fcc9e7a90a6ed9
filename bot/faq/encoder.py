"""Turns short texts into vectors of length 1 whose dot product says how near their meanings are.

Called by ``vectors``, which keeps what was embedded. Served by ONNX Runtime on one thread, about 10 ms a message. The
folder is the one that ``encoder_build`` prepares, or any other with model.onnx and tokenizer.json (FAQ_ENCODER).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.errors import EncoderMissing
from bot.faq.encoder_build import MODEL, TOKENIZER, is_encoder

Vectors = NDArray[np.float32]

MAX_CHARS = 1000
MAX_TOKENS = 128
TEXTS_A_BATCH = 16
NOT_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\ud800-\udfff]"
)


class Embedder(Protocol):
    """Whatever gives vectors: the encoder itself, or the encoder behind its memory."""

    @property
    def fingerprint(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Vectors: ...


def sanitised(text: str) -> str:
    """``text`` as it may be given to the tokenizer: NFC, no control or direction characters, at most MAX_CHARS."""
    return " ".join(NOT_TEXT.sub(" ", unicodedata.normalize("NFC", text[: MAX_CHARS * 2])).split())[:MAX_CHARS]


class Encoder:
    """A loaded encoder. Safe to call from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises EncoderMissing when ``folder`` does not hold an encoder."""
        if not is_encoder(folder):
            raise EncoderMissing(folder=str(folder))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(folder / MODEL), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding(pad_id=1, pad_token="<pad>")  # noqa: S106 - a token of text
        self.fingerprint = _fingerprint(folder)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, float32, each of length 1; no texts give no rows."""
        if not texts:
            return np.zeros((0, self._session.get_outputs()[0].shape[1]), dtype=np.float32)
        cleaned = [sanitised(text) for text in texts]
        order = sorted(range(len(cleaned)), key=lambda place: len(cleaned[place]))
        rows: list[tuple[int, Vectors]] = []
        for start in range(0, len(order), TEXTS_A_BATCH):
            places = order[start : start + TEXTS_A_BATCH]
            rows += zip(places, self._run([cleaned[place] for place in places]), strict=True)
        return np.array([row for _, row in sorted(rows, key=lambda pair: pair[0])], dtype=np.float32)

    def _run(self, texts: list[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        vectors: Vectors = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (MODEL, TOKENIZER):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
