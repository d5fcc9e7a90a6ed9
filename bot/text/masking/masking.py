"""Masks personal data in texts that leave a conversation.

``masked`` is for texts that are counted, searched, sampled or sent to Rasa: it masks recognized personal data, but not
folios, amounts and the agency's own numbers. ``masked_contact`` is for a message that may contain contact data without
the citizen's consent: it masks every long number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from bot.text.brief import briefly_cached
from bot.text.masking import addresses, births, emails, houses, identifiers, names, numbers, plates
from bot.text.masking.around.echoes import echoes, with_initials
from bot.text.masking.around.namesakes import is_namesake
from bot.text.masking.around.public_places import is_public
from bot.text.masking.around.reach import widened
from bot.text.masking.found import DOTS, MASK, Found, Kind, Spans
from bot.text.masking.learned.joining import Placed, joined
from bot.text.masking.learned.model import KINDS, Learned, learned

MAX_CHARACTERS = 8000  # longer texts are masked in parts of this size
KEPT_TEXTS = 512
MIN_DIGITS = 6
GONE = "\x00"  # replaces data that were found already, so that adjacent numbers are recognized separately
_UNUSUAL = re.compile(r"[^\t\r\n\x20-\x7eáéíóúüñÁÉÍÓÚÜÑ¿¡°«»]")  # may be written in another way
_BLANKS = re.compile(r"(?<=[\s,]{8})[\s,]+")  # patterns search a run of them from each of its characters
_LONG_NUMBER = re.compile(r"\+?\d[\d\s().\-]{4,}\d")


def _papers(text: str) -> Spans:
    yield from numbers.ruts(text)
    yield from identifiers.miswritten_ruts(text)
    yield from identifiers.documents(text)


# If two overlap, the first one wins.
_NUMBERED = {
    Kind.EMAIL: emails.emails,
    Kind.USER: identifiers.users,
    Kind.BIRTH: births.births,
    Kind.RUT: _papers,
    Kind.RECORD: identifiers.records,
    Kind.CARD: numbers.cards,
    Kind.PHONE: numbers.phones,
    Kind.PLATE: plates.plates,
}


def _names(text: str) -> Spans:
    return (one for one in names.names(text) if not is_namesake(text, one[0], one[1]))


_WORDED = {Kind.ADDRESS: addresses.addresses, Kind.NAME: _names}


@dataclass(frozen=True)
class Public:
    """The agency's published contacts, which are not masked: ``phones`` (digits), ``emails``, ``streets`` (words)."""

    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    streets: frozenset[tuple[str, ...]] = frozenset()

    @classmethod
    def of(cls, *contacts: str) -> Public:
        """Builds the set from contacts as people write them: a phone, an e-mail address, a street with its number."""
        emails_ = {one.strip().lower() for one in contacts if "@" in one}
        others = [one for one in contacts if "@" not in one]
        streets = {houses.street_and_number(one) for one in others}
        phones = {numbers.national(one) for one in others if not one[:1].isalpha()}
        return cls(frozenset(phones - {""}), frozenset(emails_), frozenset(streets - {()}))

    def has(self, found: Found) -> bool:
        written = found.text
        if found.kind is Kind.EMAIL:
            return written.lower() in self.emails
        if found.kind is Kind.ADDRESS:
            return houses.street_and_number(written) in self.streets and not houses.names_a_home(written)
        return found.kind is Kind.PHONE and numbers.national(written) in self.phones


NOBODY = Public()


@briefly_cached(KEPT_TEXTS)
def find(text: str, public: Public = NOBODY) -> tuple[Found, ...]:
    """Returns the personal data in ``text``, in order and without overlaps; positions refer to ``text``."""
    return _find(text, public, _placed)


def _find(text: str, public: Public, finder: Callable[[str, Public], list[Placed]]) -> tuple[Found, ...]:
    found: list[Found] = []
    for start in range(0, len(text), MAX_CHARACTERS):
        plain, place_of = _plain(text[start : start + MAX_CHARACTERS])
        for begin, end, kind, shown in finder(plain, public):
            first, last = start + place_of[begin], start + place_of[end - 1] + 1
            found.append(Found(first, last, kind, shown, plain[begin:end]))
    return tuple(sorted(found, key=lambda one: one.start))


def _placed(plain: str, public: Public) -> list[Placed]:
    """Returns the data in a part of a text by the rules and by the sequence model."""
    rest, ruled = by_rules(plain, public)
    return placed(rest, ruled, learned(rest), public)


def placed(rest: str, ruled: Iterable[Placed], more: Iterable[Learned], public: Public = NOBODY) -> list[Placed]:
    """Returns the data of the rules and of the sequence model together, each with all that goes with it."""
    both = joined(ruled, [one for one in more if not _is_none(rest, one, public)])
    wide = [_whole(rest, one) for one in both]
    known = [one for one in wide if one[2] not in KINDS]
    return joined(known, [*(one[:3] for one in wide if one[2] in KINDS), *_echoed(rest, wide)])


def _whole(rest: str, one: Placed) -> Placed:
    start, end, kind, shown = one
    if kind is Kind.ADDRESS:
        return (*widened(rest, start, end), kind, shown)
    return (start, with_initials(rest, start, end), kind, shown) if kind is Kind.NAME else one


def _echoed(rest: str, placed_: Iterable[Placed]) -> Iterator[Learned]:
    found = [(start, end) for start, end, kind, _ in placed_ if kind is Kind.NAME]
    yield from ((start, end, Kind.NAME) for start, end in echoes(rest, found))


def _is_none(rest: str, one: Learned, public: Public) -> bool:
    start, end, kind = one
    if kind is Kind.NAME:
        return is_namesake(rest, start, end)
    return is_public(rest, start, end) or public.has(Found(start, end, kind, DOTS, rest[start:end]))


def by_rules(plain: str, public: Public = NOBODY) -> tuple[str, list[Placed]]:
    """Returns a text as the sequence model reads it, and the data that the rules find in it.

    In the former, GONE stands in place of all data but names and addresses.
    """
    rest, numbered = without_numbers(plain, public)
    _, worded = _hidden(rest, _WORDED, public)
    return rest, [*numbered, *worded]


def without_numbers(plain: str, public: Public = NOBODY) -> tuple[str, list[Placed]]:
    """Returns a text with GONE in place of all data that the rules find but names and addresses, and these data."""
    return _hidden(plain, _NUMBERED, public)


def _hidden(plain: str, finders: Mapping[Kind, Callable[[str], Spans]], public: Public) -> tuple[str, list[Placed]]:
    """Returns the text with GONE in place of the data that ``finders`` find, and these data."""
    taken, found = bytearray(letter == GONE for letter in plain), list[Placed]()
    for kind, finder in finders.items():
        before = len(found)
        for begin, end, shown in finder(plain):
            one = Found(begin, end, kind, shown, plain[begin:end])
            if not any(taken[begin:end]) and not public.has(one):
                taken[begin:end] = b"\1" * (end - begin)
                found.append((begin, end, kind, shown))
        if len(found) > before:
            plain = "".join(GONE if gone else letter for letter, gone in zip(plain, taken, strict=True))
    return plain, found


def masked(text: str, public: Public = NOBODY) -> str:
    """Masks a text: ``soy Ana Soto, rut 12.345.678-5`` -> ``soy ••••, rut ••••``."""
    found = find(text) if public is NOBODY else find(text, public)  # one key in the cache for both calls
    return _shown(text, found)


def masked_log(text: str) -> str:
    """Masks a text of the logs by the rules alone: the sequence model knows messages of people, not tracebacks."""
    return _shown(text, _find(text, NOBODY, lambda plain, public: by_rules(plain, public)[1]))


def _shown(text: str, found: Iterable[Found]) -> str:
    shown, at = "", 0
    for one in found:
        shown += text[at : one.start] + one.shown
        at = one.end
    return shown + text[at:]


def masked_contact(text: str) -> str:
    """Masks e-mail addresses, and numbers of at least MIN_DIGITS digits: ``9 8765 4321`` -> ``+56 9 •••• 4321``."""
    hidden = emails.EMAIL_LIKE.sub(lambda found: emails.shown_email(found[0]), text) if "@" in text else text
    return _LONG_NUMBER.sub(_hide_number, hidden)


def _hide_number(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return found[0] if len(digits) < MIN_DIGITS else numbers.shown_phone(digits)


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Returns the text normalized for searching, and the index in ``text`` of each of its characters.

    Full-width and superscript digits become plain digits, invisible characters are removed, and accents are combined
    with their letter. Of many spaces, line ends and commas in a row, eight remain.
    """
    plain, at = _usual(text) if _UNUSUAL.search(text) else (text, range(len(text)))
    if not _BLANKS.search(plain):
        return plain, at
    kept = bytearray(b"\1" * len(plain))
    for run in _BLANKS.finditer(plain):
        kept[run.start() : run.end()] = bytes(run.end() - run.start())
    return "".join(compress(plain, kept)), list(compress(at, kept))


def _usual(text: str) -> tuple[str, Sequence[int]]:
    letters: list[str] = []
    at: list[int] = []
    for place, letter in enumerate(text):
        category = unicodedata.category(letter)
        if category == "Mn" and letters and len(joined := unicodedata.normalize("NFC", letters[-1] + letter)) == 1:
            letters[-1] = joined
        elif category not in {"Cf", "Mn"}:
            plain = unicodedata.normalize("NFKC", letter)
            letters.append(plain if len(plain) == 1 else letter)
            at.append(place)
    return "".join(letters), at


__all__ = ["DOTS", "MASK", "NOBODY", "Found", "Kind", "Public", "by_rules", "find", "masked", "masked_contact"]
