"""Measures how many variants an entry needs: ``python benchmarks/few_utterances.py [--variants 1 3 6 12]``.

Publishes the FAQ with each number of variants per entry, drawn ``--draws`` times with fixed seeds, and once with all
variants. The messages of both SETS are sent to each published FAQ. The numbers are means over the draws.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from statistics import fmean

from fit_calibration import cut
from material import SETS, Material, markdown

from bot.core.settings import Settings
from bot.evaluation.report import Report
from bot.faq.answering.answerer import Answerer

COLUMNS = (
    ("first", "top1"),
    ("among three", "top3"),
    ("of answers, right", "precision"),
    ("answered right", "right"),
    ("right or offered", "right_or_offered"),
)


def numbers(report: Report) -> list[float]:
    """Returns the numbers of one published FAQ in the order of the table's columns; a missing number is 0."""
    outside = [report.outside["near"].value or 0.0, report.outside["far"].value or 0.0]
    areas = [report.auroc["near"] or 0.0, report.auroc["far"] or 0.0]
    return [*(report.rates[name].value or 0.0 for _, name in COLUMNS), *outside, *areas, report.numbers["ece"] or 0.0]


def rows(material: Material, counts: list[int], draws: int) -> Iterator[list[object]]:
    """Yields a row for each set of messages and number of variants: first those in ``counts``, then all variants."""
    vectorizer = material.vectorizer()
    for count in (*counts, None):
        found: dict[str, list[list[float]]] = {name: [] for name in SETS}
        for seed in range(draws if count is not None else 1):
            entries = [entry if count is None else cut(entry, count, seed) for entry in material.entries]
            answerer = Answerer(entries, vectorizer, material.agency)
            for name in SETS:
                found[name].append(numbers(material.report(answerer, material.messages(name))))
        sys.stderr.write(f"{count or 'all'}\n")
        for name, drawn in found.items():
            yield [name, count or "all", *map(fmean, zip(*drawn, strict=True))]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--variants", type=int, nargs="+", default=[1, 3, 6, 12])
    arguments.add_argument("--draws", type=int, default=3)
    chosen = arguments.parse_args()
    found = sorted(rows(Material.from_settings(Settings()), chosen.variants, chosen.draws), key=lambda row: str(row[0]))
    headings = (*(heading for heading, _ in COLUMNS), "near answered", "far answered", "AUROC near", "far", "ECE")
    sys.stdout.write(markdown(("messages", "variants", *headings), found) + "\n")


if __name__ == "__main__":
    main()
