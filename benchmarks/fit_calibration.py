"""Fits the default coefficients of the calibration: ``python benchmarks/fit_calibration.py [--write]``.

Prints the coefficients of the section ``entry`` of bot/faq/ranking/coefficients.yml; ``--write`` also saves them. Fits
on two sources. The first is the messages of dev_messages.jsonl with one turn and one question, and those of
aspect_messages.jsonl, which ask about another aspect of an entry; the FAQ is published with 1, 3, 6, 12 and all
variants per entry, and with as many counterexamples or without any. The second is the small agencies of agencies.jsonl,
which have no counterexamples, with 1, 3 and all variants. Each set is also published with only half of its entries, so
that messages about the other half have no answer. MIX gives the weight of each kind of message relative to messages in
scope.

The authors of some messages also wrote sentences of data/requests; their messages are measured without these sentences.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
from material import Material
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.core.messages import Source
from bot.core.settings import Settings
from bot.faq.entries.entry import Entry
from bot.faq.ranking.coefficients import FILE, Usual
from bot.faq.ranking.feature_names import EntryFeature
from bot.faq.ranking.features import likely
from bot.faq.ranking.indexing import index_of
from bot.faq.ranking.refit import DIGITS, refitted
from bot.faq.ranking.vectorizer import Vectorizer

AGENCIES = Path(__file__).parent / "agencies.jsonl"
IN, NEAR, FAR, ASPECT = "in", "near", "far", "aspect"
MIX = {IN: 1.0, NEAR: 0.34, FAR: 0.22, ASPECT: 0.2}
ASPECTS = Path(__file__).parent / "aspect_messages.jsonl"
ASPECT_AUTHORS = frozenset(("1", "2"))  # authors of both data/requests and ASPECTS
SIZES = {1: 0.5, 3: 1.0, 6: 1.0, 12: 1.0, 1000: 2.0}  # number of variants per entry -> weight of the messages
AGENCY_SIZES = {1: 0.1, 3: 0.18, 5: 0.18}
HALF_COUNTS = 0.7
SEEDS = (0, 1)
PENALTY = 1 / 30
TODAY = date(2026, 1, 1)
Table = NDArray[np.float64]
Example = tuple[Table, NDArray[np.bool_], Table]


@dataclass(frozen=True)
class Message:
    """A message; ``entry`` is the id of the entry that answers it, or None; ``kind`` is a key of MIX."""

    text: str
    entry: str | None
    kind: str


@dataclass(frozen=True)
class Set:
    """Entries and test messages; ``sizes`` maps a number of variants to the weight of the messages.

    ``authors`` are the people who wrote both messages of this set and sentences of data/requests.
    """

    name: str
    entries: tuple[Entry, ...]
    messages: tuple[Message, ...]
    sizes: dict[int, float]
    authors: frozenset[str] = frozenset()


def development(material: Material) -> Set:
    """Returns the FAQ with the messages of ASPECTS and the development messages that have one turn and one question."""
    queries = [query for query in material.messages("dev") if len(query.turns) == 1 and query.also is None]
    messages = tuple(Message(query.text, query.faq, IN if query.faq else query.kind) for query in queries)
    lines = ASPECTS.read_text(encoding="utf-8").splitlines()
    aspects = tuple(Message(json.loads(line)["text"], None, ASPECT) for line in lines)
    return Set("dev", material.entries, messages + aspects, SIZES, ASPECT_AUTHORS)


def agencies(far: Sequence[Message], file: Path = AGENCIES) -> list[Set]:
    """Reads the small agencies of ``file`` and returns a set for each, with the ``far`` messages added."""
    entries: dict[str, list[Entry]] = {}
    said: dict[str, list[Message]] = {}
    authors: dict[str, frozenset[str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        messages = said.setdefault(one["agency"], [*far])
        if "near" in one:
            messages += [Message(text, None, kind) for kind in (NEAR, ASPECT) for text in one.get(kind, ())]
            authors[one["agency"]] = frozenset((one["author"],) if "author" in one else ())
        else:
            entries.setdefault(one["agency"], []).append(_entry(one))
            messages += [Message(text, one["id"], IN) for text in one["messages"]]
    return [Set(name, tuple(entries[name]), tuple(said[name]), AGENCY_SIZES, authors[name]) for name in entries]


def _entry(one: dict[str, str]) -> Entry:
    source, id = Source("", ""), one["id"]
    return Entry(
        id,
        one["question"],
        tuple(one["variants"]),
        one["topic"],
        "",
        source,
        "",
        TODAY,
        None,
        {},
        one["answer"],
        "",
        id,
    )


def cut(entry: Entry, variants: int, seed: int) -> Entry:
    """Returns the entry with at most ``variants`` of its variants, drawn with ``seed``.

    With the first of SEEDS, keeps as many of its counterexamples; with the second, none.
    """
    draw = random.Random(f"{seed} {entry.id}")  # noqa: S311 - no secret
    drawn = draw.sample(entry.variants, min(variants, len(entry.variants)))
    most = variants if seed == SEEDS[0] else 0
    denied = draw.sample(entry.counterexamples, min(most, len(entry.counterexamples)))
    return replace(entry, variants=tuple(drawn), counterexamples=tuple(denied))


def half(entries: Sequence[Entry], seed: int) -> list[Entry]:
    """Returns half of the entries; the two SEEDS give complementary halves."""
    ids = sorted({entry.id for entry in entries})
    random.Random(SEEDS[0]).shuffle(ids)  # noqa: S311 - no secret
    kept = set(ids[seed :: len(SEEDS)])
    return [entry for entry in entries if entry.id in kept]


def publishes(one: Set) -> Iterator[tuple[list[Entry], float]]:
    """Yields the entries of each published version of a set, with the weight of its messages."""
    for size, counts in one.sizes.items():
        for seed in SEEDS:
            entries = [cut(entry, size, seed) for entry in one.entries]
            yield entries, counts / len(SEEDS)
            yield half(entries, seed), counts * HALF_COUNTS / len(SEEDS)


@cache
def without(vectorizer: Vectorizer, authors: frozenset[str]) -> Vectorizer:
    """Returns the vectorizer without what ``authors`` wrote; cached, because this trains a classifier."""
    return vectorizer.without_authors(authors)


def examples(one: Set, vectorizer: Vectorizer) -> Iterator[Example]:
    """Yields arrays for each published version, with a row per message and candidate: features, is right, weight."""
    vectorizer = without(vectorizer, one.authors)
    placed = vectorizer.rows(tuple(message.text for message in one.messages))
    for entries, counts in publishes(one):
        index = index_of(entries, vectorizer)
        numbers = {id: number for number, id in enumerate(index.ids)}
        right = np.array([numbers.get(message.entry or "", -1) for message in one.messages])
        order, features = likely(index.evidence(placed), index)
        weight = np.repeat(weights(one.messages, right) * counts, order.shape[1])
        yield features.reshape(-1, features.shape[-1]), (order == right[:, None]).reshape(-1), weight


def weights(messages: Sequence[Message], right: NDArray[np.int64]) -> Table:
    """Returns the weight of each message: kinds have the proportions of MIX, and messages in scope sum to 272.

    A message whose entry is not published counts as NEAR.
    """
    kinds = np.array(
        [
            IN if number >= 0 else NEAR if message.kind == IN else message.kind
            for message, number in zip(messages, right, strict=True)
        ]
    )
    counted = np.zeros(len(kinds))
    for kind, share in MIX.items():
        counted[kinds == kind] = share * 272 / max((kinds == kind).sum(), 1)
    return counted


def usual(shown: Iterable[Example]) -> Usual:
    """Fits the coefficients on the examples; returns them with each feature's standard deviation."""
    features, hits, weight = (np.concatenate(column) for column in zip(*shown, strict=True))
    middle = np.average(features, axis=0, weights=weight)
    spread = np.sqrt(np.average((features - middle) ** 2, axis=0, weights=weight))
    fitted = LogisticRegression(C=1 / PENALTY, max_iter=5000).fit((features - middle) / spread, hits, weight)
    coefficients = fitted.coef_[0] / spread
    return Usual(np.array([fitted.intercept_[0] - coefficients @ middle, *coefficients]), np.array([1.0, *spread]))


def learned(material: Material, vectorizer: Vectorizer) -> dict[str, list[Example]]:
    """Returns the examples for the fit, keyed by the name of their set."""
    own = development(material)
    far = [message for message in own.messages if message.kind == FAR]
    return {one.name: list(examples(one, vectorizer)) for one in (own, *agencies(far))}


def main(*, write: bool) -> None:
    material = Material.from_settings(Settings())
    found = usual(chain.from_iterable(learned(material, material.vectorizer()).values()))
    for name, coefficient, spread in zip(("intercept", *EntryFeature), found.coefficients, found.spread, strict=True):
        sys.stdout.write(f"{name:36} {coefficient:10.{DIGITS}f} {spread:8.{DIGITS}f}\n")
    if write:
        FILE.write_text(refitted(FILE.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fits the coefficients of coefficients.yml.")
    parser.add_argument("--write", action="store_true", help="put them into the file")
    main(write=parser.parse_args().write)
