"""Extracts the features of texts that depend on words alone: prompts for the encoder, n-grams, content terms.

This takes 0.3 ms per text. A start needs the features of 20,000 texts of the project and the FAQ, so these are kept on
disk.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer

from bot import text as text_package
from bot.core import texts as texts_package
from bot.faq.encoder import encoder as encoder_module
from bot.faq.encoder.encoder import sanitised
from bot.faq.encoder.kept import ORIGIN_BYTES, Kept
from bot.faq.words.content_terms import content_terms
from bot.faq.words.lexicon import Lexicon
from bot.faq.words.spelling import Speller
from bot.text.emergency_fold import fold
from bot.text.normalize import phonetic

PROMPT = "query: "
LETTERS = (3, 5)  # shortest and longest letter n-gram
RUNS = (1, 3)  # words of the shortest and longest run; the ends of a text count as words
COLUMNS = 2**18  # number of columns into which n-grams are hashed, and runs and content terms as well
SIZES = struct.Struct("<III")  # of a kept row: how many n-grams, runs and terms it has
LIBRARIES = ("scikit-learn", "snowballstemmer")


@dataclass(frozen=True)
class WordFeatures:
    """The features of texts: ``prompts`` for the encoder, and three matrices with a row per text.

    ``letters`` contains the counts of letter n-grams, ``runs`` those of words and of two and three words in a row, with
    spelling variants folded, and ``terms`` a 1 for each content term.
    """

    prompts: list[str]
    letters: csr_matrix
    runs: csr_matrix
    terms: csr_matrix


@dataclass(frozen=True)
class _Row:
    """The features of one text: the columns and counts of its n-grams and runs, and the columns of its terms."""

    prompt: str
    letters: NDArray[np.int32]
    counts: NDArray[np.uint16]
    runs: NDArray[np.int32]
    run_counts: NDArray[np.uint16]
    terms: NDArray[np.int32]

    def to_bytes(self) -> bytes:
        arrays = (self.letters, self.counts, self.runs, self.run_counts, self.terms)
        sizes = SIZES.pack(len(self.letters), len(self.runs), len(self.terms))
        return sizes + b"".join(one.tobytes() for one in arrays) + self.prompt.encode("utf-8", "surrogatepass")


class WordFeaturizer:
    """Extracts features with the spelling of the ``background`` and the names of the ``lexicon``; thread-safe."""

    def __init__(self, background: Sequence[str], lexicon: Lexicon, home: Path | None = None) -> None:
        """Prepares the featurizer.

        ``home`` is the folder in which features of known texts are kept, or None to keep none.
        """
        self._speller, self._lexicon = Speller(background), lexicon
        counts = partial(HashingVectorizer, n_features=COLUMNS, norm=None, alternate_sign=False, dtype=np.float32)
        self._letters = counts(analyzer="char_wb", ngram_range=LETTERS)
        self._runs = counts(tokenizer=str.split, token_pattern=None, lowercase=False, ngram_range=RUNS)
        self._terms = FeatureHasher(COLUMNS, input_type="string", dtype=np.float32, alternate_sign=False)
        self._kept = Kept(home, "words") if home else None
        self._origin = _origin(background, lexicon)
        if self._kept:
            self._kept.use(self._origin)

    def of(self, texts: Sequence[str]) -> WordFeatures:
        """Extracts the features of texts such as citizens' messages, which are not kept."""
        return WordFeatures(
            self.prompts(texts), self._counted_letters(texts), self._counted_runs(texts), self._found_terms(texts)
        )

    def prompts(self, texts: Sequence[str]) -> list[str]:
        """Returns only the form for the encoder of each text."""
        return [prompted(self._speller, text) for text in texts]

    def of_known(self, texts: Sequence[str]) -> WordFeatures:
        """Extracts the features of texts of the FAQ and the project.

        Features that are kept on disk are not computed again.
        """
        if self._kept is None:
            return self.of(texts)
        keys = {text: self._key(text) for text in texts}
        known = self._kept.read(list(keys.values()))
        if missing := [text for text, key in keys.items() if key not in known]:
            rows = (row.to_bytes() for row in _rows(self.of(missing)))
            made = dict(zip((keys[text] for text in missing), rows, strict=True))
            self._kept.write(made)
            known |= made
        return _stacked([known[keys[text]] for text in texts])

    def _key(self, text: str) -> bytes:
        return self._origin + hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()

    def _counted_letters(self, texts: Sequence[str]) -> csr_matrix:
        if not len(texts):
            return csr_matrix((0, COLUMNS), dtype=np.float32)
        return self._letters.transform([phonetic(self._named(sanitised(text))) for text in texts])

    def _counted_runs(self, texts: Sequence[str]) -> csr_matrix:
        if not len(texts):
            return csr_matrix((0, COLUMNS), dtype=np.float32)
        return self._runs.transform(
            [f"< {words} >" if (words := fold(sanitised(text)).strip()) else "" for text in texts]
        )

    def _named(self, text: str) -> str:
        """Returns ``text`` followed by the lexicon's terms for which the text uses another name."""
        return f"{text} {self._lexicon.usual(text)}"

    def _found_terms(self, texts: Sequence[str]) -> csr_matrix:
        if not len(texts):
            return csr_matrix((0, COLUMNS), dtype=np.float32)
        terms = self._terms.transform([content_terms(sanitised(text), self._lexicon) for text in texts])
        terms.data[:] = 1  # two terms may share a column
        return terms


def prompted(speller: Speller, text: str) -> str:
    """Returns ``text`` in the form that the encoder expects, which is the same for ranking and for tuning."""
    return PROMPT + speller.restored(sanitised(text))


def _rows(of: WordFeatures) -> list[_Row]:
    return [
        _Row(prompt, *_counted(of.letters, row), *_counted(of.runs, row), _counted(of.terms, row)[0])
        for row, prompt in enumerate(of.prompts)
    ]


def _counted(matrix: csr_matrix, row: int) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
    """Returns the columns of a row that are not 0, and their counts."""
    found = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[found], matrix.data[found].astype(np.uint16)


def _stacked(rows: list[bytes]) -> WordFeatures:
    """Returns the features of kept rows; joins their bytes, since arrays of each row would take ten times as long."""
    sizes = np.array([SIZES.unpack_from(row) for row in rows], np.int64).reshape(-1, 3)
    letters, runs, terms = sizes.T
    ends = SIZES.size + np.cumsum([4 * letters, 2 * letters, 4 * runs, 2 * runs, 4 * terms], axis=0).T
    cuts = list(zip(rows, ends.tolist(), strict=True))
    parts = [b"".join([row[SIZES.size : end[0]] for row, end in cuts])]
    parts += [b"".join([row[end[part] : end[part + 1]] for row, end in cuts]) for part in range(4)]
    return WordFeatures(
        [row[end[4] :].decode("utf-8", "surrogatepass") for row, end in cuts],
        _matrix(letters, parts[0], np.frombuffer(parts[1], np.uint16)),
        _matrix(runs, parts[2], np.frombuffer(parts[3], np.uint16)),
        _matrix(terms, parts[4], np.ones(int(terms.sum()), np.uint16)),
    )


def _matrix(lengths: NDArray[np.int64], columns: bytes, counts: NDArray[np.uint16]) -> csr_matrix:
    """Builds a matrix with COLUMNS columns, whose rows have ``lengths`` items: the next ``columns`` and ``counts``."""
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    indices, data = np.frombuffer(columns, np.int32).copy(), counts.astype(np.float32)  # to be writable
    return csr_matrix((data, indices, starts), (len(lengths), COLUMNS))


def _origin(background: Sequence[str], lexicon: Lexicon) -> bytes:
    """Returns a hash of all that features depend on besides the text: background, lexicon, code and libraries."""
    digest = hashlib.sha256(repr((LETTERS, RUNS, COLUMNS, lexicon.key, [version(one) for one in LIBRARIES])).encode())
    for path in _code():
        digest.update(path.read_bytes())
    for text in background:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\n")
    return digest.digest()[:ORIGIN_BYTES]


def _code() -> list[Path]:
    """Returns the files of code and texts on which the features of words depend."""
    folders = (Path(__file__).parent, *map(Path, text_package.__path__))
    files = (Path(str(encoder_module.__file__)), *(Path(one) / "faq.yml" for one in texts_package.__path__))
    return [*sorted(path for folder in folders for path in folder.glob("*.py")), *files]
