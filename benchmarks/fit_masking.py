"""Fits the sequence model of the masking: ``python -m benchmarks.fit_masking [--write] [--without PART ...]``.

The model is a linear-chain conditional random field (python-crfsuite) over tokens. It is fitted on the messages of
masking_training.py. Prints how many names and addresses it finds without the rules in the parts ``--without``, from
which it does not learn then; ``--write`` saves the model and the list of ordinary words.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pycrfsuite

from benchmarks.masking import PUBLIC, Message, messages
from benchmarks.masking_training import LEARNED, Example, examples, ordinary_texts
from bot.text.masking.learned import model
from bot.text.masking.learned.features import features
from bot.text.masking.learned.model import FIRST, NEXT, OTHER
from bot.text.masking.learned.tokens import Token, tokens
from bot.text.masking.learned.word_classes import ORDINARY
from bot.text.masking.masking import without_numbers
from bot.text.normalize import phonetic

PARAMETERS = {"c1": 0.3, "c2": 0.05, "max_iterations": 60, "feature.minfreq": 3, "feature.possible_transitions": False}
SEEN = 2  # how often a word must stand in small letters in ordinary texts to be ordinary
_WORD = re.compile(r"[^\W\d_]+")
Line = tuple[list[list[str]], list[str]]


def line(example: Example) -> Line:
    """Returns the features and labels of a message's tokens."""
    message = example.message
    text = without_numbers(message.text, PUBLIC)[0]
    found = tokens(text)
    hidden = {at for at, one in enumerate(found) if one.start in example.hidden}
    return features(text, found, hidden), labelled(found, message)


def labelled(found: Iterable[Token], message: Message) -> list[str]:
    """Returns the label of each token: FIRST or NEXT with the kind of its datum, or OTHER."""
    labels, last = list[str](), (0, 0, "")
    data = [one for one in message.data if one[2] in LEARNED]
    for token in found:
        datum = next((one for one in data if token.start < one[1] and one[0] < token.end), None)
        if datum is None or token.is_datum:
            labels.append(OTHER)
            last = (0, 0, "")
            continue
        labels.append((NEXT if datum == last else FIRST) + datum[2])
        last = datum
    return labels


def fit(lines: Iterable[Line], file: Path) -> None:
    """Fits a model and saves it in a file, with its digest beside it."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params(PARAMETERS)
    for seen, labels in lines:
        if labels:
            trainer.append(seen, labels)
    trainer.train(str(file))
    file.with_suffix(model.DIGEST).write_text(model.digest(file) + "\n", encoding="ascii")


def ordinary() -> list[str]:
    """Returns the words, by their sound, that ordinary texts write in small letters SEEN times or more."""
    counted = Counter(
        phonetic(word) for text in ordinary_texts() for word in _WORD.findall(text) if word.islower() and len(word) > 1
    )
    return sorted(word for word, count in counted.items() if count >= SEEN and " " not in word)


def alone(part: str) -> Iterator[str]:
    """Yields how many names and addresses of a part the model finds without the rules, and how many masks are wrong."""
    for kind in model.KINDS:
        found = missed = wrong = 0
        for message in messages(part):
            spans = model.learned(without_numbers(message.text, PUBLIC)[0])
            places = {place for start, end, _ in spans for place in range(start, end)}
            for start, end, of in message.data:
                if of == kind:
                    whole = all(at in places for at in range(start, end) if message.text[at].isalnum())
                    found, missed = found + whole, missed + (not whole)
            wrong += sum(
                of == kind and not any(start < two and one < end for one, two, _ in message.data)
                for start, end, of in spans
            )
        yield f"{part} {kind.value}: {found} of {found + missed} found, {wrong} wrong"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", action="store_true")
    asked.add_argument("--without", nargs="*", default=[])
    asked.add_argument("--to", type=Path, help="where to save the model without --write")
    chosen = asked.parse_args()
    if chosen.write:
        ORDINARY.write_text("\n".join(ordinary()) + "\n", encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        file = model.FILE if chosen.write else chosen.to or Path(folder, model.FILE.name)
        fit(map(line, examples(chosen.without)), file)
        model.FILE = file
        for part in chosen.without:
            sys.stdout.write("\n".join(alone(part)) + "\n")


if __name__ == "__main__":
    main()
