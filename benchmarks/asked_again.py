"""Asks the message sets of docs/accuracy.md again, of today's answers: ``python benchmarks/asked_again.py [PART ...]``.

The parts are ``demo``, ``reread``, ``offices``, ``unverified``, ``suggested`` and ``dangers``; all of them by default.
``reread`` has the sets whose writers saw only the entries' questions, with the labels that a second reader, who read
the answers and not the results, surely judged otherwise (benchmarks/unseen/second_reading.jsonl). Each office of
benchmarks/unseen is imported from its file, with three utterances an entry; ``unverified`` asks it without the
verifier, and ``suggested`` adds to each entry all counterexamples that its page suggests, as an editor would who ticks
«Las leí: no contesta ninguna de estas». Nothing may be tuned on what this prints, since most of these sets are tests.
The authors of the sets with * also wrote sentences of data/requests, which are left out for these sets.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from emergencies import recognised_by
from fit_calibration import ASPECT_AUTHORS
from material import Material, markdown
from unseen import queries

from bot.core.settings import ROOT, Settings
from bot.desk.editing.form import Form
from bot.desk.editing.marking.unsaid import unsaid
from bot.evaluation.report import Report
from bot.faq.answering.answerer import Answerer
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.faq.entries.writing import save
from bot.faq.imports.plan import Target, plan
from bot.faq.ranking.vectorizer import Vectorizer

FOLDER = ROOT / "benchmarks"
UNSEEN = FOLDER / "unseen"
OWN = (
    "ember/messages",
    "gale/messages",
    "thaw/messages",
    "frost/messages",
    "harvest/messages",
    "equinox/messages",
    "solstice/messages",
    "twilight/messages",
    "midnight/messages",
    "night/messages",
    "evening/messages",
    "november/messages",
    "run_ons",
    "aspects",
)
FOLLOW_UPS = (
    "ember/follow_ups",
    "gale/follow_ups",
    "thaw/follow_ups",
    "frost/follow_ups",
    "harvest/follow_ups",
    "equinox/follow_ups",
    "solstice/follow_ups",
    "twilight/follow_ups",
    "dawn/follow_ups",
    "night/follow_ups",
    "follow_ups",
)
LEFT_OUT = ("fresh", "test", "held_out", "dev")
RATES = ("top1", "right", "right_or_offered", "precision")
HEADINGS = ("messages", "in scope", "first", "right", "or offered", "answers", "of answers, right", "answered", "AUROC")
SURE = {"phrases", "out_of_scope_topic", "sure"}
Row = tuple[object, ...]


def row(name: str, report: Report) -> Row:
    """Returns a table row; the last cells have the share answered and the AUROC of each kind out of scope."""
    first, right, offered, precise = (report.rates[rate].value for rate in RATES)
    answers = sum(one.answered for one in report.outcomes)
    outside = ", ".join(f"{kind} {rate.value:.3f}" for kind, rate in report.outside.items())
    areas = ", ".join(f"{kind} {area:.3f}" for kind, area in report.auroc.items() if area is not None)
    return name, report.inside, first, right, offered, answers, precise, outside, areas


def demo(material: Material, vectorizer: Vectorizer) -> Iterator[Row]:
    ids = {entry.id for entry in material.entries}
    answerer = Answerer(material.entries, vectorizer, material.agency)
    for name in (*OWN, *FOLLOW_UPS):
        yield row(name, material.report(answerer, queries(UNSEEN / f"{name}.jsonl", ids)))
    answerer = Answerer(material.entries, vectorizer.without_authors(ASPECT_AUTHORS), material.agency)
    for name in LEFT_OUT:
        yield row(f"{name} *", material.report(answerer, queries(FOLDER / f"{name}_messages.jsonl", ids)))


def reread(material: Material, vectorizer: Vectorizer) -> Iterator[Row]:
    ids = {entry.id for entry in material.entries}
    answerer = Answerer(material.entries, vectorizer, material.agency)
    labels: dict[str, dict[str, str | None]] = {}
    for line in map(json.loads, (UNSEEN / "second_reading.jsonl").read_text(encoding="utf-8").splitlines()):
        labels.setdefault(line["set"], {})[line["text"]] = line["faq"]
    for name, of in labels.items():
        asked = queries(UNSEEN / f"{name}.jsonl", ids)
        asked = tuple(replace(one, faq=of.get(one.text, one.faq)) for one in asked)
        yield row(name, material.report(answerer, asked))


def suggested(entry: Entry) -> Entry:
    """Returns the entry with all suggested counterexamples."""
    form = Form({"pregunta": entry.question}, entry.variants, (), entry.body)
    return replace(entry, counterexamples=(*entry.counterexamples, *unsaid(form)))


def offices(material: Material, vectorizer: Vectorizer, *, ticked: bool = False) -> Iterator[Row]:
    for path in sorted(UNSEEN.glob("*/*.json")):
        with TemporaryDirectory() as folder:
            target = Target(Path(folder), material.agency, material.agency.today())
            made = plan(path, target, {"fuente": material.agency.site})
            save(made.files, Path(folder))
            entries = load_folder(Path(folder), None).entries
        entries = tuple(map(suggested, entries)) if ticked else entries
        asked = queries(path.with_name(f"{path.stem}_messages.jsonl"), {entry.id for entry in entries})
        yield row(path.stem, material.report(Answerer(entries, vectorizer, material.agency), asked))


def unverified(material: Material, vectorizer: Vectorizer) -> Iterator[Row]:
    yield from offices(material, vectorizer.without_verifier())


def dangers(material: Material, vectorizer: Vectorizer) -> Iterator[Row]:
    """Yields, for each set and kind, the numbers of texts, of those taken for a danger, and of those surely so."""
    answerer = Answerer(material.entries, vectorizer, material.agency)
    for path in sorted(UNSEEN.glob("*/dangers.jsonl")):
        asked, found, sure = Counter[str](), Counter[str](), Counter[str]()
        for line in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            step = recognised_by(answerer, line["text"])
            danger = "dangers" if line["danger"] else "look-alikes"
            for kind in (danger, f"{danger}: {line.get('kind', '')}"):
                asked[kind] += 1
                found[kind] += step != "nobody"
                sure[kind] += step in SURE
        yield from ((path.parent.name, kind, asked[kind], found[kind], sure[kind]) for kind in sorted(asked))


PARTS: dict[str, tuple[Callable[[Material, Vectorizer], Iterator[Row]], tuple[str, ...]]] = {
    "demo": (demo, HEADINGS),
    "reread": (reread, HEADINGS),
    "offices": (offices, HEADINGS),
    "unverified": (unverified, HEADINGS),
    "suggested": (partial(offices, ticked=True), HEADINGS),
    "dangers": (dangers, ("set", "kind", "texts", "found", "sure")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Asks the message sets of docs/accuracy.md again.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}")
    material = Material.from_settings(Settings())
    vectorizer = material.vectorizer()
    for part in parser.parse_args().parts or PARTS:
        rows, headings = PARTS[part]
        sys.stdout.write(markdown(headings, list(rows(material, vectorizer))) + "\n\n")


if __name__ == "__main__":
    main()
