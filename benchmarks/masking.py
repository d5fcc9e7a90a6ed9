"""Measures the masking of personal data in test messages.

Run ``python -m benchmarks.masking``; ``--misses`` prints the data missed and the spans masked wrongly. The messages of
PARTS are generated from the sentences of masking.yml, always the same ones; those of WRITTEN are in masking_lines.yml,
where a comment names those that were used to correct the masking. A datum counts as found if all its letters and digits
lie in spans that were found, of which the mask may keep a part; a span that touches no datum counts as wrong.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stdnum import luhn
from stdnum.cl import rut

from bot.core.yaml import read_yaml
from bot.text.masking.masking import Found, Public, find

FILE = Path(__file__).with_name("masking.yml")
LINES = Path(__file__).with_name("masking_lines.yml")
EACH = 500
PARTS = ["development", "second", "third", "fourth", "held_out"]
SEED = 2026
AGENCY = ("+56 2 2555 0100", "oirs@losaromos.example", "Calle El Boldo 340", "Avenida Los Aromos 1250")
PUBLIC = Public.of(*AGENCY)
# The parts of whole messages.
WRITTEN = [
    "lines",
    "asked",
    "asked_again",
    "reviewed",
    "asked_third",
    "asked_fourth",
    "asked_fifth",
    "asked_sixth",
    "asked_seventh",
    "asked_eighth",
    "asked_ninth",
    "asked_tenth",
    "asked_eleventh",
    "asked_twelfth",
    "voices",
    "voices_again",
    "voices_third",
    "voices_fourth",
    "voices_fifth",
    "voices_sixth",
    "asked_thirteenth",
    "asked_fourteenth",
    "asked_fifteenth",
    "asked_sixteenth",
    "asked_seventeenth",
    "asked_eighteenth",
    "asked_nineteenth",
    "asked_twentieth",
    "asked_twentyfirst",
    "asked_twentysecond",
    "asked_twentythird",
    "asked_twentyfourth",
    "ordinary",
]
SLOT = re.compile(r"\{(\w+)\}")
MARKED = re.compile(r"\[(\w+):([^\]]*)\]")
DATA = frozenset(
    "rut rut_bare document account phone foreign landline email email_spoken card plate address name birth".split()
)
PERCENT = 100.0


@dataclass(frozen=True)
class Message:
    """A message and its personal data: spans of ``text`` (start, end) with the kind of each datum."""

    text: str
    data: tuple[tuple[int, int, str], ...]


@dataclass
class Score:
    """The numbers of data found, of data missed, and of spans masked without any datum."""

    found: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def recall(self) -> float:
        return PERCENT * self.found / max(1, self.found + self.missed)

    @property
    def precision(self) -> float:
        return PERCENT * self.found / max(1, self.found + self.wrong)


def messages(part: str) -> list[Message]:
    """Returns the messages of a part: hand-written ones if it is in WRITTEN, generated ones if it is in PARTS."""
    if part in WRITTEN:
        return [marked(line) for line in _read(LINES)[part]]
    texts = _read(FILE)[part]
    dice = random.Random(f"{SEED} {part}")  # noqa: S311  (test data)
    sentences = texts["sentences"]
    return [_filled(sentences[n % len(sentences)], texts, dice) for n in range(EACH)]


@cache
def _read(file: Path) -> Any:
    return read_yaml(file.read_text(encoding="utf-8"))


def score(part: str) -> tuple[Score, Counter[str], list[str]]:
    """Returns the score of a part, the number of data missed of each kind, and a line for each mistake."""
    total, by_slot, shown = Score(), Counter[str](), []
    for message in messages(part):
        found = find(message.text, PUBLIC)
        missed = [one for one in message.data if not covered(message.text, one, found)]
        wrong = [one for one in found if not any(one.start < end and start < one.end for start, end, _ in message.data)]
        total.found += len(message.data) - len(missed)
        total.missed += len(missed)
        total.wrong += len(wrong)
        by_slot.update(slot for _, _, slot in missed)
        shown += [f"missed {slot}: {message.text}" for _, _, slot in missed]
        shown += [f"wrong {one.kind}: {message.text} [{one.text}]" for one in wrong]
    return total, by_slot, shown


def covered(text: str, datum: tuple[int, int, str], found: tuple[Found, ...]) -> bool:
    masked_places = {place for one in found for place in range(one.start, one.end)}
    return not any(text[place].isalnum() and place not in masked_places for place in range(datum[0], datum[1]))


def marked(line: str) -> Message:
    """Parses a line whose data are in brackets, as in ``soy [name:Ana]``."""
    text, data, at = "", [], 0
    for one in MARKED.finditer(line):
        text += line[at : one.start()]
        data.append((len(text), len(text) + len(one[2]), one[1]))
        text, at = text + one[2], one.end()
    return Message(text + line[at:], tuple(data))


def _filled(sentence: str, texts: dict[str, Any], dice: random.Random) -> Message:
    text, data, at = "", [], 0
    for slot in SLOT.finditer(sentence):
        text += sentence[at : slot.start()]
        value, at = VALUES[slot[1]](texts, dice), slot.end()
        if slot[1] in DATA:
            data.append((len(text), len(text) + len(value), slot[1]))
        text += value
    return Message(text + sentence[at:], tuple(data))


def _rut(texts: dict[str, Any], dice: random.Random) -> str:
    number = f"{dice.randint(4_000_000, 27_999_999)}"
    a, b, c, d = number[:-6], number[-6:-3], number[-3:], rut.calc_check_digit(number)
    return str(dice.choice(texts["ruts"])).format(a=a, b=b, c=c, d=d.lower() if dice.random() < 0.5 else d)


def _phone(texts: dict[str, Any], dice: random.Random) -> str:
    x, y = f"{dice.randint(2000, 9999)}", f"{dice.randint(0, 9999):04}"
    parts = {"x": x, "y": y, "x1": x[:2], "x2": x[2:], "y1": y[:2], "y2": y[2:], "nine": "9"}
    return str(dice.choice(texts["phones"])).format(**parts)


def _landline(_: dict[str, Any], dice: random.Random) -> str:
    area = dice.choice(["2 2{n} {y}", "+56 2 2{n} {y}", "32 2{m} {y}", "(41) 2{m}{y}", "45-2{m}{y}", "71 2 {m} {y}"])
    return area.format(n=dice.randint(200, 999), m=dice.randint(20, 99), y=f"{dice.randint(0, 9999):04}")


def _card(_: dict[str, Any], dice: random.Random) -> str:
    start = f"{dice.choice('45')}{dice.randint(0, 10**14 - 1):014}"
    number = start + luhn.calc_check_digit(start)
    gap = dice.choice(["", " ", "-"])
    return gap.join(number[n : n + 4] for n in range(0, 16, 4))


def _folio(_: dict[str, Any], dice: random.Random) -> str:
    return f"{dice.randint(10**5, 10 ** dice.randint(6, 12))}"


def _amount(_: dict[str, Any], dice: random.Random) -> str:
    number = f"{dice.randint(5, 9_999) * 1000:,}".replace(",", ".")
    return dice.choice(["$", "$ "]) + number


def _date(_: dict[str, Any], dice: random.Random) -> str:
    day, month, year = dice.randint(1, 28), dice.randint(1, 12), dice.randint(1950, 2027)
    forms = ["{d:02}-{m:02}-{y}", "{d}/{m}/{y}", "{d:02}.{m:02}.{y}", "{y}-{m:02}-{d:02}", "{d} de marzo de {y}"]
    return dice.choice(forms).format(d=day, m=month, y=year)


def _listed(key: str) -> Callable[[dict[str, Any], random.Random], str]:
    return lambda texts, dice: str(dice.choice(texts[key]))


def _one_of(*values: str) -> Callable[[dict[str, Any], random.Random], str]:
    return lambda _, dice: dice.choice(values)


VALUES: dict[str, Callable[[dict[str, Any], random.Random], str]] = {
    "rut": _rut,
    "rut_bare": lambda texts, dice: f"{dice.randint(4_000_000, 27_999_999)}",
    "document": lambda _, dice: f"{dice.randint(500_000_000, 539_999_999)}",
    "account": _one_of("00-123-45678-09", "12345678", "000 456 7890"),
    "phone": _phone,
    "foreign": lambda _, dice: f"+51 9{dice.randint(10, 99)} {dice.randint(100, 999)} {dice.randint(100, 999)}",
    "landline": _landline,
    "email": _listed("emails"),
    "email_spoken": _listed("emails_spoken"),
    "card": _card,
    "plate": _listed("plates"),
    "address": _listed("addresses"),
    "name": _listed("names"),
    "folio": _folio,
    "amount": _amount,
    "date": _date,
    "birth": _date,
    "clock": lambda _, dice: f"{dice.randint(8, 17)}:{dice.choice(['00', '15', '30', '45'])}",
    "year": lambda _, dice: f"{dice.randint(1960, 2027)}",
    "count": lambda _, dice: f"{dice.randint(3, 90)}",
    "agency_phone": _one_of("+56 2 2555 0100", "22555 0100", "2 2555 0100", "225550100", "56225550100"),
    "agency_email": _one_of("oirs@losaromos.example", "OIRS@losaromos.example"),
    "short": _one_of("133", "131", "1455", "149"),
    "public_line": _one_of("600 360 7777", "800 123 456", "600 400 0101"),
    "law": _one_of("21.719", "19.628", "18.695", "20.285"),
    "office": _one_of("Calle El Boldo 340", "Avenida Los Aromos 1250", "Los Peumos con Las Acacias"),
}


def _lines(part: str, *, misses: bool) -> Iterator[str]:
    total, by_slot, shown = score(part)
    wanted = Counter(slot for message in messages(part) for _, _, slot in message.data)
    counted = f"recall {total.recall:.1f} %, precision {total.precision:.1f} %"
    data = f"{total.found + total.missed} data: {total.missed} missed, {total.wrong} masked wrongly"
    by_kind = ", ".join(f"{slot} {count - by_slot[slot]}/{count}" for slot, count in sorted(wanted.items()))
    yield f"{part:<12} {len(messages(part))} messages, {data}; {counted}"
    yield f"{'':<12} {by_kind}"
    yield from shown if misses else ()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--part", choices=PARTS + WRITTEN, nargs="*", default=PARTS + WRITTEN)
    asked.add_argument("--misses", action="store_true")
    chosen = asked.parse_args()
    for part in chosen.part:
        print("\n".join(_lines(part, misses=chosen.misses)))  # noqa: T201


if __name__ == "__main__":
    main()
