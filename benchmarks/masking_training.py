"""Makes the messages from which fit_masking.py fits the sequence model of the masking.

They are the marked messages of masking.yml and masking_lines.yml, each also with other names, streets and numbers and
in small or capital letters; messages put together from the frames of masking_frames.yml; and ordinary texts of the
project, which have no data but those that the rules find. What is drawn is the same at every run.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmarks.masking import PARTS, PUBLIC, WRITTEN, Message, marked, messages
from bot.core.settings import ROOT
from bot.core.yaml import read_yaml
from bot.text.masking.found import Kind, pattern, without_accents, words
from bot.text.masking.known_names import MORE, is_given, is_surname
from bot.text.masking.learned.word_classes import lists_of
from bot.text.masking.masking import by_rules

FRAMES = Path(__file__).with_name("masking_frames.yml")
LISTS = Path(ROOT, "bot", "text", "masking")
NEVER = frozenset(
    (
        "asked_eighth",
        "asked_tenth",
        "asked_twelfth",
        "asked_fourteenth",
        "asked_nineteenth",
        "asked_twentyfourth",
        "ordinary",
    )
)  # never used
LEARNED = frozenset((Kind.NAME.value, Kind.ADDRESS.value))
SLOTS = {"name": "name", "family": "name", "nickname": "name", "address": "address"}  # of frames, with their kinds
COPIES = 2  # how often a marked message is repeated with other names
MADE = 3  # how often each frame is filled
ORDINARY = 8_000  # number of ordinary texts
MOST_CHARACTERS = 400  # of an ordinary text
HIDDEN = 0.6  # share of the names in copies that count as unknown, as those of new messages do
SEED = 2026
_WORD = re.compile(r"[^\W\d_]{3,}")
_PLACE_WORD = re.compile(r"[^\W\d_]{4,}|\d{2,5}")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Example:
    """A message, and the positions in its text at which words begin that count as unknown."""

    message: Message
    hidden: frozenset[int] = frozenset()


@dataclass
class Draft:
    """A text that is being put together, with its data and its unknown words."""

    text: str = ""
    data: list[tuple[int, int, str]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)

    def example(self) -> Example:
        return Example(Message(self.text, tuple(self.data)), frozenset(self.hidden))


def examples(without: Iterable[str] = (), *, more: Iterable[Message] = ()) -> Iterator[Example]:
    """Yields the training messages, but none of the parts ``without``; ``more`` are further marked messages."""
    dice = random.Random(SEED)  # noqa: S311  (no secret)
    left = NEVER | set(without)
    for message in [*(one for part in WRITTEN if part not in left for one in messages(part)), *more]:
        yield Example(message)
        for _ in range(COPIES):
            yield _in_another_case(_with_others(message, dice), dice)
        if placed := _with_other_places(message, dice):
            yield _in_another_case(placed, dice)
    for part in PARTS:
        for message in messages(part)[::2]:
            yield _in_another_case(_with_others(message, dice), dice)
    yield from _framed(dice)
    for text in dice.sample(ordinary_texts(), ORDINARY):
        yield Example(_found(text[:MOST_CHARACTERS]))


def _found(text: str) -> Message:
    return Message(text, tuple((start, end, kind.value) for start, end, kind, _ in by_rules(text, PUBLIC)[1]))


def ordinary_texts() -> list[str]:
    """Returns the texts of the project in which hardly anybody tells a datum; none of the sets that measure it."""
    texts: set[str] = set()
    files = [file for folder in ("danger", "commands", "requests") for file in Path(ROOT, "data", folder).glob("*.txt")]
    for file in [*files, Path(ROOT, "data", "background.txt")]:
        texts |= {line for line in _lines(file) if line[0] not in "#;"}
    for file in Path(ROOT, "data", "nlu").glob("*.yml"):
        texts |= {line.removeprefix("- ") for line in _lines(file) if line.startswith("- ")}
    for folder in ("faq", "por-completar"):
        for file in Path(ROOT, "data", folder).rglob("*.md"):
            texts |= {line.strip(" -*#>") for line in _lines(file) if len(line) > 20}
    names = ("dev_messages", "aspect_messages", "complaint_messages", "run_on_messages", "agencies")
    for name in names:
        for line in _lines(Path(__file__).with_name(f"{name}.jsonl")):
            texts |= set(_said(json.loads(line)))
    return sorted(texts - {""})


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _said(one: dict[str, object]) -> Iterator[str]:
    for key in ("text", "question", "answer", "turns", "variants", "messages", "near", "aspect"):
        value = one.get(key, ())
        yield from [value] if isinstance(value, str) else map(str, value if isinstance(value, list) else ())


@cache
def _names() -> dict[str, list[str]]:
    lists = {key: sorted(words(key)) for key in MORE}
    more = {key: (LISTS / file).read_text(encoding="utf-8").split() for key, file in MORE.items()}
    return {"given": lists["given"] + more["given"], "surname": lists["surnames"] + more["surnames"]}


@cache
def _frames() -> dict[str, list[str]]:
    raw = read_yaml(FRAMES.read_text(encoding="utf-8"))
    lists = {key: [str(one) for one in value] for key, value in raw.items() if key != "slots"}
    return lists | {key: [str(one) for one in value] for key, value in raw["slots"].items()}


def _framed(dice: random.Random) -> Iterator[Example]:
    frames = _frames()
    for message in map(marked, frames["marked"]):
        yield Example(message)
        yield from (_in_another_case(Example(message), dice) for _ in range(MADE))
    for kind, times in (("with_address", 4 * MADE), ("with_name", 3 * MADE), ("without", 2 * MADE)):
        for frame in frames[kind]:
            for _ in range(times):
                yield _in_another_case(_filled(frame, dice), dice)


def _filled(frame: str, dice: random.Random) -> Example:
    draft, at = Draft(), 0
    hide = dice.random() < HIDDEN
    for slot in _SLOT.finditer(frame):
        draft.text += frame[at : slot.start()]
        start, at = len(draft.text), slot.end()
        _fill(slot[1], draft, dice, hide=hide)
        if slot[1] in SLOTS:
            draft.data.append((start, len(draft.text), SLOTS[slot[1]]))
    draft.text += frame[at:]
    return draft.example()


def _fill(slot: str, draft: Draft, dice: random.Random, *, hide: bool) -> None:
    """Appends what fills a slot; slots within it are filled, too."""
    if slot in {"given", "surname"}:
        if hide:
            draft.hidden.add(len(draft.text))
        draft.text += dice.choice(_names()[slot]).title()
        return
    value = dice.choice(_frames()[{"address": "addresses", "name": "names"}.get(slot, slot)])
    if slot == "toponym" and dice.random() < HIDDEN:
        value = dice.choice(_names()["surname"]).title()
        draft.hidden.add(len(draft.text))
    if slot == "pet" and hide:
        draft.hidden.add(len(draft.text))
    at = 0
    for inner in _SLOT.finditer(value):
        draft.text += value[at : inner.start()]
        at = inner.end()
        _fill(inner[1], draft, dice, hide=hide)
    draft.text += value[at:]


def _with_others(message: Message, dice: random.Random) -> Example:
    """Replaces the words of names and addresses by others, in the same case."""
    draft, at = Draft(), 0
    for start, end, kind in sorted(message.data):
        if start < at:  # a datum within another
            return Example(message)
        draft.text += message.text[at:start]
        begins, at = len(draft.text), end
        _replace(message.text[start:end], kind, draft, dice)
        draft.data.append((begins, len(draft.text), kind))
    draft.text += message.text[at:]
    return draft.example()


def _with_other_places(message: Message, dice: random.Random) -> Example | None:
    """Replaces the names that streets, schools and the like bear in a message; None if it has none of them."""
    draft, at, kept = Draft(), 0, [(start, end) for start, end, _ in message.data]
    for one in _bearer().finditer(message.text):
        start, end = one.span("name")
        if start >= at and not any(start < stop and begin < end for begin, stop in kept):
            _move(message, at, start, draft)
            _replace(one["name"], "name", draft, dice)
            at = end
    if not at:
        return None
    _move(message, at, len(message.text), draft)
    return draft.example()


def _move(message: Message, start: int, end: int, draft: Draft) -> None:
    """Appends a part of a message, with the data in it."""
    shift = len(draft.text) - start
    draft.data += [(first + shift, last + shift, kind) for first, last, kind in message.data if start <= first < end]
    draft.text += message.text[start:end]


@cache
def _bearer() -> re.Pattern[str]:
    """Returns a pattern of a place or thing and the name that it bears: «liceo Ignacio Carrera Pinto»."""
    things = "|".join(pattern(key) for key in ("namesakes", "places_of", "schools", "street"))
    name = r"(?P<name>(?-i:[A-ZÁÉÍÓÚÑ])[^\W\d_]{3,}(?:\s(?-i:[A-ZÁÉÍÓÚÑ])[^\W\d_]{3,}){0,3})(?!\w)"
    return re.compile(rf"(?<!\w)(?:{things})\s(?:(?:de|del|la|el|los|las)\s){{0,2}}{name}", re.IGNORECASE)


def _replace(datum: str, kind: str, draft: Draft, dice: random.Random) -> None:
    at, hide = 0, dice.random() < HIDDEN
    pattern = {"name": _WORD, "address": _PLACE_WORD}.get(kind)
    for word in pattern.finditer(datum) if pattern else ():
        other = _other_name(word[0], dice) if kind == "name" else _other_place(word[0], dice)
        draft.text += datum[at : word.start()]
        if hide and other != word[0] and other.isalpha():
            draft.hidden.add(len(draft.text))
        draft.text, at = draft.text + other, word.end()
    draft.text += datum[at:]


def _other_name(word: str, dice: random.Random) -> str:
    plain = without_accents(word.lower())
    if plain in words("particles") or dice.random() < 0.15:
        return word
    given = is_given(word) if is_given(word) != is_surname(word) else dice.random() < 0.5
    return _like(dice.choice(_names()["given" if given else "surname"]), word)


def _other_place(word: str, dice: random.Random) -> str:
    if word.isdecimal():
        return str(dice.randint(10 ** (len(word) - 1), 10 ** len(word) - 1))
    if not word[0].isupper() or without_accents(word.lower()) in lists_of() or dice.random() < 0.4:
        return word
    return _like(dice.choice(_frames()["toponym"] if dice.random() < 0.3 else _names()["surname"]).split()[0], word)


def _like(other: str, word: str) -> str:
    """Returns a name in the case of another word."""
    return other.upper() if word.isupper() else other.lower() if word.islower() else other.capitalize()


def _in_another_case(example: Example, dice: random.Random) -> Example:
    """Returns the message in small letters, with or without accents, in capitals, or most often as it is."""
    text, drawn = example.message.text, dice.random()
    if drawn < 0.25:
        text = text.lower()
    elif drawn < 0.35:
        text = without_accents(text.lower())
    elif drawn < 0.45:
        text = text.upper()
    if len(text) != len(example.message.text):
        return example
    return Example(Message(text, example.message.data), example.hidden)
