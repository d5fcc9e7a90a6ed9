"""Measures a verifier, which the product does not have: ``python benchmarks/verifier.py --minutes 90`` in .venv-tune.

Trains it on the invented agencies of data/encoder and the demo's utterances and counterexamples, then measures the
offices of agencies.jsonl and other_agencies.jsonl, none of which it was trained on. For each message the verifier reads
the likeliest entries. A logistic regression joins its log-odds with those of P; a seventh of the 28 offices is left
out of it in turn. ``--out`` keeps the verifier, ``--weights`` measures or goes on with one that was kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from agencies import Found
from fit_calibration import ASPECT, FAR, IN, NEAR, Message, Set, agencies, cut, weights, without
from material import Material, markdown
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from verifier_lessons import lessons, prompt
from verifier_network import SENTENCES, UTTERANCES, Offered, Reader, Verifier, joined, trained

from bot.core.settings import Settings
from bot.encoder_build.adapter import Adapter
from bot.encoder_build.prepare import default_weights
from bot.evaluation.metrics import auroc
from bot.faq.encoder.folder import ADAPTER, TOKENIZER, chosen_encoder
from bot.faq.entries.entry import Entry
from bot.faq.entries.passages import passages
from bot.faq.ranking.calibration import calibrate
from bot.faq.ranking.features import leads, likely
from bot.faq.ranking.indexing import index_of
from bot.faq.ranking.vectorizer import Vectorizer
from bot.tuning.material import Prepared, preparation
from bot.tuning.training import read_tokenizer

LIKELIEST = 3  # entries that the verifier reads for a message
FAR_MESSAGES = 20
FOLDS = 7
OTHERS = Path(__file__).with_name("other_agencies.jsonl")
Table = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """The messages of a set with their likeliest entries.

    chance, verified: the log-odds of each message and entry, by P and by the verifier. right: whether it is the entry.
    weight, kinds: of each message.
    """

    chance: Table
    verified: Table
    right: NDArray[np.bool_]
    weight: Table
    kinds: NDArray[np.str_]

    def features(self, *, verifier: bool) -> Table:
        """Returns a row of features for each message and entry."""
        columns = (self.chance, self.verified, leads(self.verified)) if verifier else (self.chance,)
        return np.stack([one.reshape(-1) for one in columns], axis=1)


def asked(one: Set, vectorizer: Vectorizer, material: Material, tools: tuple[Reader, Verifier, Prepared]) -> Asked:
    """Publishes a set with three utterances an entry and sends its messages to P and to the verifier."""
    reader, verifier, prepared = tools
    vectorizer = without(vectorizer, one.authors)
    entries = [cut(entry, 3, 0) for entry in one.entries]
    index = index_of(entries, vectorizer)
    order, features = likely(index.evidence(vectorizer.rows(tuple(message.text for message in one.messages))), index)
    calibration = calibrate(index, risk=material.agency.risk, choices=material.agency.max_choices)
    chance = calibration.probabilities(features)[:, :LIKELIEST]
    fitting = _Fitting(entries, vectorizer)
    reader.read([*fitting.prompts, *(prepared(message.text) for message in one.messages)])
    pairs = [
        joined(reader, prepared(message.text), found := fitting(message.text, index.ids[at]), found.utterances)
        for message, row in zip(one.messages, order[:, :LIKELIEST], strict=True)
        for at in row
    ]
    with torch.inference_mode():
        verified = np.concatenate([verifier(pairs[at : at + 64]).numpy() for at in range(0, len(pairs), 64)])
    numbers = {id: number for number, id in enumerate(index.ids)}
    wanted = np.array([numbers.get(message.entry or "", -1) for message in one.messages])
    return Asked(
        np.log(chance / (1 - chance)),
        verified.reshape(chance.shape).astype(np.float64),
        order[:, :LIKELIEST] == wanted[:, None],
        weights(one.messages, wanted),
        np.array([message.kind for message in one.messages]),
    )


class _Fitting:
    """The texts of entries, from which those most similar to a message are chosen."""

    def __init__(self, entries: Sequence[Entry], vectorizer: Vectorizer) -> None:
        self._vectorizer, self._entries = vectorizer, {one.id: one for one in entries}
        self._texts = {one.id: ([*dict.fromkeys(one.utterances)], [*passages(one)]) for one in entries}
        self._vectors = {id: [vectorizer.vectors(one) for one in both] for id, both in self._texts.items()}

    @property
    def prompts(self) -> list[str]:
        questions = [prompt(one.question) for one in self._entries.values()]
        return [*questions, *(prompt(text) for both in self._texts.values() for texts in both for text in texts)]

    def __call__(self, message: str, id: str) -> Offered:
        vector = self._vectorizer.vectors([message])[0]
        chosen = []
        for texts, vectors, most in zip(self._texts[id], self._vectors[id], (UTTERANCES, SENTENCES), strict=True):
            near = np.argsort(-(vectors @ vector), kind="stable")[:most]
            chosen.append(tuple(prompt(texts[at]) for at in sorted(near)))
        return Offered(id, prompt(self._entries[id].question), *chosen)


def fitted(sets: Sequence[Asked], *, verifier: bool) -> LogisticRegression:
    rows = np.concatenate([one.features(verifier=verifier) for one in sets])
    weight = np.concatenate([np.repeat(one.weight, one.right.shape[1]) for one in sets])
    hits = np.concatenate([one.right.reshape(-1) for one in sets])
    return LogisticRegression(C=10, max_iter=2000).fit(rows, hits, weight)


def numbers(sets: Sequence[Asked], of: Sequence[LogisticRegression], *, verifier: bool) -> list[float | None]:
    """Returns: right entry first, right at .95 and .90, AUROC against near messages and by aspect."""
    best, right = [], []
    for one, fit in zip(sets, of, strict=True):
        chance = fit.predict_proba(one.features(verifier=verifier))[:, 1].reshape(one.right.shape)
        top = chance.argmax(axis=1)
        best.append(chance[np.arange(len(top)), top])
        right.append(one.right[np.arange(len(top)), top])
    weight, kinds = (np.concatenate(column) for column in zip(*((one.weight, one.kinds) for one in sets), strict=True))
    chances, hits = np.concatenate(best), np.concatenate(right)
    found = Found(chances, hits, np.zeros(len(hits), bool), weight, kinds)
    inside = chances[kinds == IN]
    areas = [auroc(inside, chances[kinds == kind]) for kind in (NEAR, ASPECT)]
    return [float(hits[kinds == IN].mean()), found.best(0.95), found.best(0.90), *areas]


def measured(material: Material, tools: tuple[Reader, Verifier, Prepared]) -> Iterator[list[object]]:
    far = [Message(one.text, None, FAR) for one in material.messages("held out") if one.kind == FAR][:FAR_MESSAGES]
    vectorizer = material.vectorizer()
    offices = [asked(one, vectorizer, material, tools) for one in agencies(far)]
    others = [asked(one, vectorizer, material, tools) for one in agencies(far, OTHERS)]
    for name, verifier in (("P alone", False), ("and the verifier", True)):
        left_out = [
            fitted([one for at, one in enumerate(offices) if at % FOLDS != fold], verifier=verifier)
            for fold in range(FOLDS)
        ]
        fits = [left_out[at % FOLDS] for at in range(len(offices))]
        yield [f"28 offices, {name}", *numbers(offices, fits, verifier=verifier)]
        yield [
            f"others, {name}",
            *numbers(others, [fitted(offices, verifier=verifier)] * len(others), verifier=verifier),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains and measures a verifier.")
    parser.add_argument("--minutes", type=float, default=0, help="how long it is trained")
    parser.add_argument("--weights", type=Path, help="a verifier that was kept")
    parser.add_argument("--out", type=Path, help="where to keep it")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    settings = Settings()
    material = Material.from_settings(settings)
    prepared = preparation(material.background)
    tokenizer = read_tokenizer(chosen_encoder(settings) / TOKENIZER)
    reader = Reader(Adapter.load(ADAPTER).merged_into(default_weights(settings.answers_home)), tokenizer)
    verifier = Verifier(reader.model).eval()
    if arguments.weights:
        verifier.load_state_dict(torch.load(arguments.weights))
    if arguments.minutes:
        verifier = trained(verifier, reader, lessons(material.entries, prepared), (arguments.minutes, arguments.seed))
    if arguments.out:
        torch.save(verifier.state_dict(), arguments.out)
    rows = list(measured(material, (reader, verifier, prepared)))
    sys.stdout.write(markdown(("", "first", "right at .95", "at .90", "AUROC near", "by aspect"), rows) + "\n")


if __name__ == "__main__":
    main()
