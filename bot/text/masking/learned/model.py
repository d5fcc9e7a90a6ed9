"""Finds names and addresses that no rule foresees, by a linear-chain conditional random field over a text's tokens.

The model gives each token the probability that it belongs to a name or an address. Tokens of at least EDGE in a row are
one datum, if the probability of one of them reaches SURE, or QUIET where neither a capital nor a digit is among them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
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
SURE = {Kind.NAME: 0.4, Kind.ADDRESS: 0.35}
QUIET = {Kind.NAME: 0.6, Kind.ADDRESS: 0.8}
EDGE = 0.15
UNKNOWN = tuple("k=" + shape for shape in ("x", "Xx", "XX", "xX", "l", "U"))  # words of which nothing is known
FEWEST_FOREIGN = 3
_LINKS = frozenset("de en a y con por que".split())  # no datum begins with them
_SAINT = re.compile(r"(?:san|santa|santo)\s", re.IGNORECASE)  # «Panadería San José»
Learned = tuple[int, int, Kind]

_loaded = threading.local()  # a tagger holds the text that it labels, so each thread has its own


def learned(text: str) -> list[Learned]:
    """Returns the places (start, end) and kinds of names and addresses in a text whose other data are DATUM."""
    found = tokens(text)
    if not found:
        return []
    seen = features(text, found)
    if _is_foreign(seen):
        return []
    tagger = _tagger()
    tagger.set(seen)
    known = set(tagger.labels())
    spans: list[Learned] = []
    for kind in KINDS:
        of_kind = [label for label in (FIRST + kind, NEXT + kind) if label in known]
        shares = [sum(tagger.marginal(label, at) for label in of_kind) for at in range(len(found))]
        for start, end, share in _runs(found, shares):
            sure = share >= (QUIET if _is_quiet(text, start, end) else SURE)[kind]
            if sure and not (kind is Kind.NAME and _SAINT.match(text, start)):
                spans.append((start, end, kind))
    tagger.set([])  # it keeps no text of a person
    return spans


def _is_foreign(seen: Sequence[Sequence[str]]) -> bool:
    """Returns whether most words of a text are unknown, as those of another language."""
    kinds = [one[1] for one in seen]
    unknown = sum(map(kinds.count, UNKNOWN))
    return unknown >= FEWEST_FOREIGN and unknown > len(kinds) / 2


def _is_quiet(text: str, start: int, end: int) -> bool:
    """Returns whether a part of a text has no digit, and no capital but at the beginning of the text."""
    return not any(one.isdigit() or one.isupper() for one in text[max(start, 1) : end])


def _runs(found: Sequence[Token], shares: Sequence[float]) -> Iterator[tuple[int, int, float]]:
    """Yields where tokens in a row have at least EDGE, from a word to a word, with the highest probability there."""
    run: list[int] = []
    for at, share in enumerate([*shares, 0.0]):
        if share >= EDGE and not found[at].is_datum:
            run.append(at)
            continue
        while run and found[run[0]].written.lower() in _LINKS:
            run = run[1:]
        written = [one for one in run if found[one].written.isalnum()]
        if any(found[one].written.isdecimal() or len(found[one].written) > 1 for one in written):  # not «r.u.t.»
            yield found[written[0]].start, found[written[-1]].end, max(shares[one] for one in written)
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
