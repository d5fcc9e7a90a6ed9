"""Finds names and addresses that no rule foresees, by a linear-chain conditional random field over a text's tokens.

The model gives each token the probability that it belongs to a name or an address. Tokens of at least EDGE in a row are
one datum, if the probability of one of them reaches SURE, or QUIET where neither a capital nor a digit is among them.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pycrfsuite

from bot.text.masking.found import Kind
from bot.text.masking.learned.features import features
from bot.text.masking.learned.tokens import Token, tokens

FILE = Path(__file__).with_name("names_addresses.crf")
OTHER = "O"
FIRST, NEXT = "B-", "I-"  # the first token of a datum, a further one
KINDS = (Kind.NAME, Kind.ADDRESS)
# Chosen for 97 % precision on authors that the model did not learn from, and for few masks in ordinary texts.
SURE = {Kind.NAME: 0.4, Kind.ADDRESS: 0.4}
QUIET = {Kind.NAME: 0.65, Kind.ADDRESS: 0.8}
EDGE = {Kind.NAME: 0.15, Kind.ADDRESS: 0.08}
LOOSE = 0.3  # below it, a word in lower case after a capital is left out
UNKNOWN = tuple("k=" + shape for shape in ("x", "Xx", "XX", "xX", "l", "U"))  # words of which nothing is known
FEWEST_FOREIGN = 3
_LINKS = frozenset("de en a y con por que".split())  # no datum begins with them
_AFTER = frozenset("que se y me no hay es".split())  # no datum ends with them
_SAINT = re.compile(r"(?:san|santa|santo)\s", re.IGNORECASE)  # «Panadería San José»
Learned = tuple[int, int, Kind]

DIGEST = ".sha256"  # of the file beside a model's file that has its digest


class Damaged(ValueError):
    """Raised if the file of the model is not whole."""


_loaded = threading.local()  # a tagger holds the text that it labels, so each thread has its own


def learned(text: str) -> list[Learned]:
    """Returns the places (start, end) and kinds of names and addresses in a text whose other data are DATUM."""
    found = tokens(text)
    if not found:
        return []
    seen = features(text, found)
    if _is_foreign(seen):
        return []
    return spans(text, found, _shares(seen))


def spans(text: str, found: Sequence[Token], shares: Mapping[Kind, Sequence[float]]) -> list[Learned]:
    """Returns the names and addresses in a text, by the probability that each of its tokens belongs to one."""
    placed: list[Learned] = []
    for kind, probable in shares.items():
        for start, end, share in _runs(found, probable, EDGE[kind]):
            sure = share >= (QUIET if _is_quiet(text, start, end) else SURE)[kind]
            if sure and not (kind is Kind.NAME and _SAINT.match(text, start)):
                placed.append((start, end, kind))
    return placed


def _shares(seen: Sequence[Sequence[str]]) -> dict[Kind, list[float]]:
    """Returns, for each kind, the probability of each token to belong to a datum of it."""
    tagger = _tagger()
    tagger.set(seen)
    known = set(tagger.labels())
    shares = {}
    for kind in KINDS:
        of_kind = [label for label in (FIRST + kind, NEXT + kind) if label in known]
        shares[kind] = [sum(tagger.marginal(label, at) for label in of_kind) for at in range(len(seen))]
    tagger.set([])  # it keeps no text of a person
    return shares


def _is_foreign(seen: Sequence[Sequence[str]]) -> bool:
    """Returns whether most words of a text are unknown, as those of another language."""
    kinds = [one[1] for one in seen]
    unknown = sum(map(kinds.count, UNKNOWN))
    return unknown >= FEWEST_FOREIGN and unknown > len(kinds) / 2


def _is_quiet(text: str, start: int, end: int) -> bool:
    """Returns whether a part of a text has no digit, and no capital but at the beginning of the text."""
    return not any(one.isdigit() or one.isupper() for one in text[max(start, 1) : end])


def _runs(found: Sequence[Token], shares: Sequence[float], edge: float) -> Iterator[tuple[int, int, float]]:
    """Yields where tokens in a row have ``edge`` or more, from word to word, with the highest probability there."""
    run: list[int] = []
    for at, share in enumerate([*shares, 0.0]):
        if share >= edge and not found[at].is_datum:
            run.append(at)
            continue
        while run and found[run[0]].written.lower() in _LINKS:
            run = run[1:]
        written = [one for one in run if found[one].written.isalnum()]
        while len(written) > 1 and (
            found[written[-1]].written.lower() in _AFTER or (_trails(found, written) and shares[written[-1]] < LOOSE)
        ):
            written.pop()
        if any(found[one].written.isdecimal() or len(found[one].written) > 1 for one in written):  # not «r.u.t.»
            yield found[written[0]].start, found[written[-1]].end, max(shares[one] for one in written)
        run = []


def digest(file: Path) -> str:
    """Returns the SHA-256 of a model's file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _is_whole(file: Path) -> bool:
    """Returns whether a model's file has the digest that its fit wrote: the library ends the process on half a file."""
    written = file.with_suffix(DIGEST)
    return written.is_file() and written.read_text(encoding="ascii").strip() == digest(file)


def _trails(found: Sequence[Token], written: Sequence[int]) -> bool:
    """Returns whether the last of some tokens is in lower case after a capitalized one: «Care Pato vende»."""
    return found[written[-1]].written.islower() and found[written[-2]].written[0].isupper()


def load() -> None:
    """Reads the model. A process calls it when it starts.

    Raises FileNotFoundError if the model is missing, and Damaged if its file is not whole.
    """
    _tagger()


def _tagger() -> pycrfsuite.Tagger:
    """Returns this thread's tagger; raises FileNotFoundError or Damaged as ``load`` does."""
    tagger = getattr(_loaded, "tagger", None)
    if tagger is None:
        if not FILE.is_file():
            raise FileNotFoundError(FILE)
        if not _is_whole(FILE):
            raise Damaged(f"{FILE} is damaged; restore it, or write it again: python -m benchmarks.fit_masking --write")
        tagger = _loaded.tagger = pycrfsuite.Tagger()
        tagger.open(str(FILE))
    return tagger
