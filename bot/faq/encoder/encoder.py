"""Turns short texts into unit vectors whose dot product measures the similarity of meaning.

The model runs in ONNX Runtime and takes about 6 ms per message on one thread. Its folder contains model.onnx and
tokenizer.json. bot/encoder_build prepares this folder, unless the setting FAQ_ENCODER names another folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.core.errors.encoder import EncoderDamaged, EncoderMissing
from bot.faq.encoder.folder import MODEL, TOKENIZER, is_encoder
from bot.text.brief import BriefTexts

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Vectors = NDArray[np.float32]
States = NDArray[np.float16]

MAX_CHARS = 1000
MAX_TOKENS = 128
STATES = "states"  # name of the graph's second output
READ_LAST = 16  # texts whose states are kept for minutes at most
NO_STATES = np.zeros((0, 0), np.float16)
OF_ONE_MESSAGE = 11  # maximum number of texts as which one message is judged: the whole and ten parts
NOT_TEXT = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\ud800-\udfff]"
)


class Embedder(Protocol):
    """The interface of an embedder, implemented by Encoder, ShippedVectors and VectorCache.

    ``embed`` returns a matrix with the unit vector (float32) of each text as a row; ``fingerprint`` identifies the
    encoder.
    """

    @property
    def fingerprint(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Vectors: ...


def sanitised(text: str) -> str:
    """Normalizes ``text`` for the tokenizer: NFC, single spaces, no control characters, at most MAX_CHARS long."""
    return " ".join(NOT_TEXT.sub(" ", unicodedata.normalize("NFC", text[: MAX_CHARS * 2])).split())[:MAX_CHARS]


class Encoder:
    """A loaded encoder; thread-safe."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Loads the encoder; ``threads`` is the number of texts to embed in parallel, one thread each.

        Raises EncoderMissing if ``folder`` lacks its files, EncoderDamaged if they cannot be loaded.
        """
        from tokenizers import Tokenizer  # imported here: the bot process imports this module but never embeds

        if not is_encoder(folder):
            raise EncoderMissing(folder=str(folder))
        self._session = session(folder / MODEL)
        self._gives_states = STATES in {one.name for one in self._session.get_outputs()}
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # the library raises classes with no other common base
            raise EncoderDamaged(folder=str(folder), problem=str(error)) from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._map = ThreadPoolExecutor(threads).map if threads > 1 else map
        self._read_last = BriefTexts[States](READ_LAST)
        self.fingerprint = _fingerprint(folder)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns a matrix with the unit vector (float32) of each text as a row; without texts, it has no rows."""
        if not texts:
            return np.zeros((0, self._session.get_outputs()[0].shape[1]), dtype=np.float32)
        return np.array(list(self._map(self._vector, texts)), dtype=np.float32)

    def _vector(self, text: str) -> Vectors:
        """Embeds one text.

        A batch would not be faster, since every text in it is padded to the length of the longest.
        """
        return self._read(text)[0]

    def states(self, text: str) -> States:
        """Returns the states of the tokens of ``text``, a row for each, which the verifier reads.

        They are at hand for the READ_LAST texts that were embedded last.
        """
        kept = self._read_last.get(text)
        return self._read(text)[1] if kept is None else kept

    def _read(self, text: str) -> tuple[Vectors, States]:
        """Returns the vector and the states; an encoder that this project did not build gives no states."""
        ids = self._tokenizer.encode(sanitised(text)).ids
        inputs = {"input_ids": np.array([ids], np.int64), "attention_mask": np.ones((1, len(ids)), np.int64)}
        vectors, *others = self._session.run(None, inputs)
        if not self._gives_states:
            return vectors[0], NO_STATES
        return vectors[0], self._read_last.keep(text, others[0][0].astype(np.float16))


def session(model: Path) -> InferenceSession:
    """Loads an ONNX graph, to be run on one thread. Raises EncoderDamaged."""
    # Otherwise the library sends its maker the names of model files, their hashes and an id of this machine.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library raises classes with no other common base
        raise EncoderDamaged(folder=str(model.parent), problem=str(error)) from error


class AtOnce:
    """An embedder that embeds the texts of one message at the same time, in two threads, since a citizen waits.

    More texts are embedded one after the other, so that they do not take both processors from citizens.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._pool = encoder, ThreadPoolExecutor(2)

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns the same vectors as the encoder."""
        if not 1 < len(texts) <= OF_ONE_MESSAGE:
            return self._encoder.embed(texts)
        return np.concatenate(list(self._pool.map(self._encoder.embed, ([text] for text in texts))))


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (MODEL, TOKENIZER):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
