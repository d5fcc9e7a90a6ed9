"""Writes the encoder's tokenizer (SentencePiece unigram, like XLM-RoBERTa's), reduced to the Latin script.

Pieces in other scripts are removed, together with their rows in the word table. That saves more than half of the table
without changing the vector of any text in Latin script; text in other scripts becomes ``<unk>``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from bot.encoder_build.weights import Weights

BEGIN, PADDING, END, UNKNOWN = "<s>", "<pad>", "</s>", "<unk>"
SPECIAL = (BEGIN, PADDING, END, UNKNOWN)
CONTROL = "[\\x{00}-\\x{08}\\x{0B}\\x{0E}-\\x{1F}\\x{7F}-\\x{9F}]"
SPACE = "[\\s\\x{200B}-\\x{200F}\\x{2028}\\x{2029}\\x{2581}\\x{FEFF}\\x{FFFD}]+"


def latin_rows(pieces: Sequence[str]) -> list[int]:
    """Returns the positions in ``pieces`` of the special tokens and of the pieces whose letters are all Latin."""
    return [row for row, piece in enumerate(pieces) if row < len(SPECIAL) or all(map(_is_latin, piece))]


@cache
def _is_latin(char: str) -> bool:
    if not unicodedata.category(char).startswith(("L", "M")):
        return True
    return unicodedata.name(char, "").startswith(("LATIN", "FEMININE ORDINAL", "MASCULINE ORDINAL", "COMBINING"))


def write_tokenizer(weights: Weights, path: Path) -> None:
    """Writes tokenizer.json; the tokenizer puts ``<s>`` before and ``</s>`` after each text."""
    vocabulary = [(piece, float(score)) for piece, score in zip(weights.pieces, weights.scores, strict=True)]
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=SPECIAL.index(UNKNOWN), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(CONTROL), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(SPACE), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}",
        special_tokens=[(BEGIN, SPECIAL.index(BEGIN)), (END, SPECIAL.index(END))],
    )
    tokenizer.save(str(path), pretty=False)
