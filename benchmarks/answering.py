"""Compares the answerer with a simple baseline: ``python benchmarks/answering.py [FILE ...] [--diet]``.

A FILE has the format of ``ventanilla eval``; docs/evaluation.md defines the format and the numbers. By default it reads
the development and the held-out messages of this folder; the held-out messages were never used for fitting. Prints a
Markdown table for each file, with 95 % bootstrap intervals. Nothing is fitted on a FILE: thresholds come from
publishing the FAQ. ``--diet`` adds stock Rasa, trained on the same utterances: once on all, once on six per entry. The
first training takes many minutes and needs .venv-stock (``make stock-env``).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from diet import Diet, Plan
from material import SETS, markdown
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.agency.model import load_agency
from bot.core.messages import Candidate
from bot.core.settings import ROOT, Settings
from bot.evaluation.asking import Answers, Outcome, Setup, ask_all
from bot.evaluation.intervals import RESAMPLES, SEED, TAILS, Interval, intervals
from bot.evaluation.metrics import ALL, Rate, auroc, confidences
from bot.evaluation.queries import Query, load
from bot.evaluation.report import Report, wrong_lines
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.context import NO_CONTEXT, Context
from bot.faq.answering.decision import Decision
from bot.faq.entries.entry import Entry
from bot.faq.publishing.load import load_answerer
from bot.faq.ranking.calibration import Thresholds

FEW = 6  # utterances per entry of the second DIET model, as in DIET's published results
FLOOR_THRESHOLD = 0.3
CONSIDERED = 5
OURS = "Ventanilla"
PRECISIONS = (0.97, 0.95, 0.9)
WHOLE = "whole question"
VERY_SHORT = 3  # maximum words of a very short message


class Floor:
    """A baseline: character TF-IDF and logistic regression, trained on the same utterances.

    It answers if the confidence is at least 0.3, Rasa's default threshold.
    """

    thresholds = Thresholds(answer=FLOOR_THRESHOLD, offer=1.0)

    def __init__(self, answerer: Answerer) -> None:
        pairs = [(text, entry) for entry in answerer.entries for text in entry.utterances]
        self._letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        self._classifier = LogisticRegression(C=10, max_iter=1000)
        rows = self._letters.fit_transform([text for text, _ in pairs])
        self._classifier.fit(rows, [entry.id for _, entry in pairs])
        self._entries = {entry.id: entry for entry in answerer.entries}

    def answer(self, text: str, *, today: date, context: Context = NO_CONTEXT) -> Decision:
        chances = self._classifier.predict_proba(self._letters.transform([text]))[0]
        best = np.argsort(-chances)[:CONSIDERED]
        names = [(str(self._classifier.classes_[place]), float(chances[place])) for place in best]
        candidates = tuple(Candidate(name, self._entries[name].question, chance) for name, chance in names)
        if candidates[0].confidence < FLOOR_THRESHOLD:
            return Decision("handoff", candidates)
        return Decision("answer", candidates, self._entries[candidates[0].entry])


def measurements(system: Report, groups: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """Formats the measurements of one system, with their intervals, keyed by name.

    ``groups`` maps each group of in-scope messages to the positions of its messages.
    """
    asked = system.outcomes
    found = {name: _within(rate.value, system.intervals[name]) for name, rate in system.rates.items()}
    found |= {
        f"{kind} answered": _within(rate.value, system.outside_intervals[kind]) for kind, rate in system.outside.items()
    }
    for kind, area in system.auroc.items():
        found[f"AUROC {kind}"] = _within(area, _area_interval(asked, kind))
    for share in PRECISIONS:
        found[f"right at precision {share}"] = _shown(right_at(asked, share))
    for name, places in groups.items():
        found[f"{name}: right entry first"] = _within(*_share([asked[place].best_right for place in places]))
        found[f"{name}: answered right"] = _within(*_share([asked[place].right for place in places]))
    return found | {name: _shown(value, name) for name, value in system.numbers.items()}


def right_at(asked: Sequence[Outcome], precision: float) -> float:
    """Returns the share of in-scope messages answered correctly at the best threshold that keeps ``precision``.

    Precision is the share of correct answers among all answers, to messages in and out of scope. Returns 0 if no
    threshold keeps it.
    """
    right = np.array([one.best_right for one in sorted(asked, key=lambda one: (-one.confidence, one.best_right))])
    good = np.flatnonzero(np.cumsum(right) >= precision * np.arange(1, len(right) + 1))
    return float(right[: good[-1] + 1].sum() / sum(one.inside for one in asked)) if len(good) else 0.0


class Nearness:
    """Measures a message's character similarity to the closest utterance of the FAQ; 1 is the same text."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        self._rows = self._letters.fit_transform([text for entry in entries for text in entry.utterances])

    def of(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Returns each text's similarity to its closest utterance."""
        alike: NDArray[np.float64] = (self._letters.transform(texts) @ self._rows.T).toarray().max(axis=1)
        return alike


def grouped(queries: Sequence[Query], nearness: Nearness) -> dict[str, list[int]]:
    """Groups the in-scope messages by form; returns the positions of each group's messages.

    Of the questions of form WHOLE, the third that is least similar to the utterances and the third that is most similar
    are groups, too.
    """
    found: dict[str, list[int]] = {}
    inside = [place for place, query in enumerate(queries) if query.wanted]
    for place in inside:
        found.setdefault(_manner(queries[place]), []).append(place)
    alone = [place for place in inside if _manner(queries[place]) == WHOLE]
    near = nearness.of([queries[place].text for place in alone])
    order = [alone[rank] for rank in np.argsort(near)]
    third = len(order) // 3
    return found | {"third least like an utterance": order[:third], "third most like an utterance": order[-third:]}


def _manner(query: Query) -> str:
    if query.also:
        return "two questions"
    if len(query.turns) > 1:
        return "follow-up"
    if "\n" in query.text:
        return "burst"
    return "very short" if len(query.text.split()) <= VERY_SHORT else WHOLE


def _share(hits: Sequence[bool]) -> tuple[float | None, Interval | None]:
    rate = Rate(np.array(hits, dtype=bool), np.ones(len(hits), dtype=bool))
    return rate.value, intervals({"": rate})[""]


def _area_interval(asked: Sequence[Outcome], kind: str) -> Interval | None:
    """Returns the 95 % bootstrap interval of the AUROC for one kind of messages out of scope."""
    chances = confidences(asked)
    inside = chances[[one.inside for one in asked]]
    outside = chances[[not one.inside and kind in (ALL, one.query.kind) for one in asked]]
    random = np.random.default_rng(SEED)
    areas = [auroc(random.choice(inside, len(inside)), random.choice(outside, len(outside))) for _ in range(RESAMPLES)]
    low, high = np.percentile([area for area in areas if area is not None], TAILS)
    return float(low), float(high)


def table(reports: dict[str, Report], groups: Mapping[str, Sequence[int]]) -> str:
    """Renders a Markdown table with a column per system and a row per number."""
    columns = [measurements(one, groups) for one in reports.values()]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    return markdown(("", *reports), rows)


def _within(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return ""
    return _shown(value) + (f" ({interval[0]:.3f}-{interval[1]:.3f})" if interval else "")


def _shown(value: float | None, name: str = "") -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if name.endswith("_ms") else f"{value:.3f}"


@dataclass(frozen=True)
class Systems:
    """The systems to compare; DIET runs in a separate environment and answers all messages in one call."""

    ours: Answerer
    floor: Floor
    nearness: Nearness
    diets: dict[str, Diet]
    setup: Setup

    @classmethod
    def from_settings(cls, settings: Settings, *, diet_epochs: int) -> Systems:
        agency = load_agency(settings.agency_file)
        answerer = load_answerer(settings, agency)
        diets: dict[str, Diet] = {}
        plans = {"DIET, all utterances": Plan(epochs=diet_epochs), f"DIET, {FEW} utterances": Plan(FEW)}
        for name, plan in plans.items() if diet_epochs else ():
            rasa, folder = settings.project_root / ".venv-stock", settings.home / "benchmarks"
            diets[name] = Diet.trained(answerer.entries, plan, rasa=rasa, folder=folder)
        return cls(
            answerer, Floor(answerer), Nearness(answerer.entries), diets, Setup(date.today(), agency.max_choices)
        )

    def processor_ms(self, queries: Sequence[Query]) -> str:
        """Measures our CPU time per message, which depends little on the machine's load; formats its median and p95."""
        times: list[float] = []
        for query in queries:
            began = time.thread_time()
            self.ours.answer(query.text, today=self.setup.today)
            times.append((time.thread_time() - began) * 1000)
        middle, high = np.percentile(times, (50, 95))
        return f"processor time of ours: p50 {middle:.1f} ms, p95 {high:.1f} ms"

    def reports(self, queries: Sequence[Query]) -> dict[str, Report]:
        """Sends all messages to each system; returns the reports, keyed by the system's name."""
        asked: dict[str, Answers] = {OURS: self.ours, "char TF-IDF + LR": self.floor}
        found = {
            name: Report.from_outcomes(list(ask_all(one, queries, self.setup)), self.ours.thresholds)
            for name, one in asked.items()
        }
        for name, diet in self.diets.items():
            found[name] = Report.from_outcomes(diet.outcomes(queries), self.ours.thresholds)
        return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument(
        "files", nargs="*", type=Path, default=[ROOT / "benchmarks" / name for name in SETS.values()]
    )
    arguments.add_argument("--diet", action="store_true", help="train stock Rasa as well")
    arguments.add_argument(
        "--diet-epochs", type=int, default=100, help="of the DIET with all utterances; default as Rasa's"
    )
    arguments.add_argument("--worst", type=int, default=0, help="list so many wrong answers of ours")
    chosen = arguments.parse_args()
    systems = Systems.from_settings(Settings(), diet_epochs=chosen.diet_epochs if chosen.diet else 0)
    for file in chosen.files:
        read = load(file, {entry.id for entry in systems.ours.entries})
        if read.problems:
            sys.exit("\n".join(problem.words(file.name) for problem in read.problems))
        reports = systems.reports(read.queries)
        heading = f"\n{file.name}: {len(read.queries)} messages; thresholds {systems.ours.thresholds}\n"
        worst = wrong_lines(reports[OURS], chosen.worst)
        lines = [
            heading,
            table(reports, grouped(read.queries, systems.nearness)),
            "",
            systems.processor_ms(read.queries),
        ]
        sys.stdout.write("\n".join([*lines, *worst]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
