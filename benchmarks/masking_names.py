"""Measures the masking of names, weighted by how many people have each: ``python -m benchmarks.masking_names FILE``.

FILE has a line ``name,people`` for each given name of a country, such as the sums of the data of the package guaguas
(Chile, 1920 to 2021). In the written messages of PARTS, each common given name is replaced, DRAWS times, by a name that
is drawn as often as people have it. The result shows how many names the lists know, but not how well names in new
messages are found: the sentences are those by which the masking was corrected.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.masking import LINES, PUBLIC, Message, covered, marked
from bot.core.yaml import read_yaml
from bot.text.masking.masking import find

PARTS = "lines asked asked_again asked_sixth asked_seventh asked_ninth voices voices_again voices_third".split()
PARTS += ["voices_fourth", "voices_fifth"]
DRAWS, COMMON, SEED = 5, 1500, 7
NAMED = re.compile(r"\[name:([^\]]*)\]")
WORD = re.compile(r"[^\W\d_]{3,}")


class Names:
    """The given names in the file, each drawn as often as people have it; the COMMON most frequent are replaced."""

    def __init__(self, file: Path) -> None:
        rows = csv.reader(file.open(encoding="utf-8"))
        people = {name: float(count) for name, count in rows if WORD.fullmatch(name)}
        self._names, self._people = list(people), list(people.values())
        self._common = {name.lower() for name in sorted(people, key=lambda one: -people[one])[:COMMON]}
        self._dice = random.Random(SEED)  # noqa: S311  (test data)

    def replaced(self, line: str) -> str:
        """Returns a marked line with its common given names replaced by others, drawn at random, in the same case."""
        return NAMED.sub(lambda one: f"[name:{self._other(one[1])}]", line)

    def _other(self, name: str) -> str:
        first, *others = name.split(" ")
        if re.sub(r"\W", "", first.lower()) not in self._common:
            return name
        (drawn,) = self._dice.choices(self._names, self._people)
        alike = drawn.lower() if first.islower() else drawn.upper() if first.isupper() else drawn
        return " ".join([alike, *others])


def messages(names: Names) -> Iterator[Message]:
    lines = read_yaml(LINES.read_text(encoding="utf-8"))
    for part in PARTS:
        for line in lines[part]:
            if NAMED.search(line):
                yield from (marked(names.replaced(line)) for _ in range(DRAWS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--misses", action="store_true")
    given = parser.parse_args()
    count, missed = 0, list[str]()
    for message in messages(Names(given.file)):
        found = find(message.text, PUBLIC)
        data = [one for one in message.data if one[2] == "name"]
        count += len(data)
        missed += [message.text for one in data if not covered(message.text, one, found)]
    summary = f"{count} names, {len(missed)} missed; recall {100 - 100 * len(missed) / count:.1f} %"
    sys.stdout.write("\n".join([summary, *(missed if given.misses else [])]) + "\n")


if __name__ == "__main__":
    main()
