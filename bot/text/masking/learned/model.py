"""Finds names and addresses that no rule foresees, by a linear-chain conditional random field over a text's tokens.

The model gives each token the probability that it belongs to a name or an address. Tokens of at least EDGE in a row are
one datum, if the probability of one of them reaches SURE.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pycrfsuite

from bot.text.masking.found import Kind
from bot.text.masking.learned.features import features
from bot.text.masking.learned.tokens import DATUM, Token, tokens

FILE = Path(__file__).with_name("names_addresses.crf")
OTHER = "O"
FIRST, NEXT = "B-", "I-"  # the first token of a datum, a further one
KINDS = (Kind.NAME, Kind.ADDRESS)
SURE = {Kind.NAME: 0.4, Kind.ADDRESS: 0.35}  # chosen for 97 % precision on authors that the model did not learn from
EDGE = 0.15
_LINKS = frozenset("de en a y con por que".split())  # no datum begins with them
Learned = tuple[int, int, Kind]

_loaded = threading.local()  # a tagger holds the text that it labels, so each thread has its own


def learned(text: str) -> list[Learned]:
    """Returns the places (start, end) and kinds of names and addresses in a text whose other data are DATUM."""
    found = tokens(text)
    if not found:
        return []
    tagger = _tagger()
    tagger.set(features(text, found))
    known = set(tagger.labels())
    spans: list[Learned] = []
    for kind in KINDS:
        of_kind = [label for label in (FIRST + kind, NEXT + kind) if label in known]
        shares = [sum(tagger.marginal(label, at) for label in of_kind) for at in range(len(found))]
        spans += [(start, end, kind) for start, end in _runs(found, shares, SURE[kind])]
    return spans


def _runs(found: Sequence[Token], shares: Sequence[float], sure: float) -> Iterator[tuple[int, int]]:
    """Yields where tokens in a row have at least EDGE, and one is ``sure``; each place begins and ends with a word."""
    run: list[int] = []
    for at, share in enumerate([*shares, 0.0]):
        if share >= EDGE and found[at].written[0] != DATUM:
            run.append(at)
            continue
        while run and found[run[0]].written.lower() in _LINKS:
            run = run[1:]
        written = [one for one in run if found[one].written.isalnum()]
        if written and max(shares[one] for one in written) >= sure:
            yield found[written[0]].start, found[written[-1]].end
        run = []


def load() -> None:
    """Reads the model; raises FileNotFoundError if it is missing. A process calls it when it starts."""
    _tagger()


def _tagger() -> pycrfsuite.Tagger:
    """Returns this thread's tagger; raises FileNotFoundError if the model is missing."""
    tagger = getattr(_loaded, "tagger", None)
    if tagger is None:
        if not FILE.is_file():
            raise FileNotFoundError(FILE)
        tagger = _loaded.tagger = pycrfsuite.Tagger()
        tagger.open(str(FILE))
    return tagger
