"""Finds e-mail addresses, RUT, cards and phone numbers in a text.

A number is recognized by its check digit or its form, unless a word before or after it says that the number is a folio,
an amount or a date. If the form is ambiguous, a word before the number must say what the number is.
"""

from __future__ import annotations

import re
from functools import cache

from stdnum import luhn
from stdnum.cl import rut

from bot.text.masking.found import DOTS, MASK, Span, Spans, before, clause_before, pattern

VISIBLE_DIGITS = 4
NATIONAL_DIGITS = 9
OLD_DIGITS = 8
MAX_DIGITS = 19
COUNTRY_CODE = "56"
ONE_DIGIT_AREAS = "29"  # area codes of Santiago and of mobiles; all others in Chile have two digits
PUBLIC_LINES = ("600", "800")
AREAS = frozenset("32 33 34 35 41 42 43 45 51 52 53 55 57 58 61 63 64 65 67 68 71 72 73 75".split())
FOREIGN = range(8, 16)
CARD_DIGITS = frozenset({13, 14, 15, 16, 19})
EMAIL_LIKE = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
_DASH = r"\-‐‑‒–—−"
_EMAIL = re.compile(r"[\w.+%-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)
# Possessive words, a left boundary and separators that no word contains: repeated tokens take linear time.
_SPOKEN_EMAIL = re.compile(
    r"(?<![\w+-])[\w+-]{1,64}+"
    r"(?:(?:\.|\s?\(punto\)\s?|\spunto\s|\s?\(gui[oó]n(?:\s?bajo)?\)\s?|\sgui[oó]n(?:\s?bajo)?\s)[\w+-]{1,64}+){0,3}"
    r"\s?(?:[(\[]?\s?(?:arroba|arrova|@)\s?[)\]]?|[(\[]\s?at\s?[)\]])\s?"
    r"[a-z0-9-]{2,40}(?:\s?[.(]?\s?(?:punto\s?\)?\s?)?(?:cl|com|net|org|es|gob|edu))(?:\s?(?:punto|\.)\s?(?:cl|ar|pe|ve))?(?!\w)",
    re.IGNORECASE,
)
_SPACED_EMAIL = re.compile(
    r"[\w.+%-]{1,64}\s?@\s?[\w-]{1,63}\s?\.\s?(?:com|cl|net|org|es|edu)(?:\s?\.\s?(?:cl|ar|pe|ve))?(?!\w)",
    re.ASCII | re.IGNORECASE,
)
_ACCOUNT_NAME = re.compile(
    r"(?<!\w)(?:gmail|hotmail|outlook|correo|mail|e-mail)\s(?:es|:)\s(?P<name>(?=[a-z._-]*\d)(?=[\d._-]*[a-z])[a-z0-9._-]{5,40})(?![\w@])",
    re.IGNORECASE,
)
_DIGIT = "cero|uno|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve"
_SAID = (
    rf"(?:{_DIGIT}|diez|once|doce|trece|catorce|quince|dieci\w{{3,6}}|veint[ei]\w{{0,8}}|treinta|cuarenta|cincuenta|"
    r"sesenta|setenta|ochenta|noventa|cien|ciento|\w{3,7}cientos|quinientos|mil|mill[oó]n(?:es)?|\d{1,4})"
)
# A number of at least four words: «nueve ocho siete...», «13 millones 356 mil 820 guion 4».
_SPELLED = re.compile(
    rf"(?<![\w$]){_SAID}(?:(?:[\s,\-]+|\sy\s){_SAID}){{2,30}}(?P<check>\s(?:gui[oó]n|raya)\s(?:{_DIGIT}|k|\d))?(?!\w)",
    re.IGNORECASE,
)
_LETTERED = re.compile(r"(?<!\w)[A-Z]{1,3}[ -]?\d{5,10}(?!\w)")  # capitals only: «por 15000» has none
_NUMBER = re.compile(rf"(?<![\w$])\(?\+?\(?\d(?:[\s.,()/·{_DASH}]{{0,3}}\d){{5,24}}(?!\d)")
_MOBILE = re.compile(
    rf"(?<![\w$])(?:\(?\+?\(?0?56\)?[\s{_DASH}]{{0,2}})?\(?0?9\)?(?:[\s.{_DASH}]{{0,2}}\d){{8}}(?![\w])"
)
_CHECKED = re.compile(
    rf"(?:(?<![\w])|(?<=\brut)|(?<=\brun))(?<!\d[.{_DASH}])\d{{1,3}}\s?[.,·' {_DASH}]?\s?\d{{3}}"
    rf"\s?[.,·' {_DASH}]?\s?\d{{3}}\s?"
    rf"(?:[{_DASH}_/.]|gui[oó]n|raya|d[ií]gito|dv|,)?\s?(?:[{_DASH}])?\s?[\dkK](?:a|á)?(?!\w|[{_DASH}]\d)",
    re.IGNORECASE,
)
_BEFORE_CHECK = re.compile(rf"(?:[{_DASH}./_]|gui[oó]n|raya|dv)\s?[{_DASH}]?\s?[\dk]$|k[aá]?$", re.IGNORECASE)
_SHAPED = re.compile(rf"(?<![\w.])\d{{1,3}}[.,]\d{{3}}[.,]\d{{3}}\s?[{_DASH}]\s?[\dkK](?!\w)")
_MONEY = re.compile(r"(?:\$|US\$|CLP)\s?$", re.IGNORECASE)
_DATE = re.compile(
    rf"\d{{1,2}}[{_DASH}/.]\d{{1,2}}[{_DASH}/.]\d{{2,4}}|\d{{4}}[{_DASH}/.]\d{{1,2}}[{_DASH}/.]\d{{1,2}}"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_LOOSE_RUT = re.compile(
    r"(?<!\w)(?:rut|run|dni|carnet|c[eé]dula|identidad)(?:\s[^\W\d]+){1,3}\s?(?:es|:)\s?(?:el\s|la\s)?$"
    r"|(?<!\w)(?:dni|c[eé]dula|pasaporte|carnet)\s(?:de\s)?[^\W\d]{4,12}\s$",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(?:serie|documento)\W{0,4}(?:n[°º.]?\W{0,2}|n[uú]mero\s)?(?:y\s)?(?:es\s)?$", re.IGNORECASE)


def emails(text: str) -> Spans:
    """Yields e-mail addresses, including those spelled with «arroba»."""
    if "@" in text:
        yield from (_email(one) for one in _EMAIL.finditer(text))
        yield from ((one.start(), one.end(), DOTS) for one in _SPACED_EMAIL.finditer(text))
    for one in _ACCOUNT_NAME.finditer(text):
        yield one.start("name"), one.end("name"), DOTS
    if re.search(r"arro[bv]a|[\[(]\s?(?:@|at\s?[\])])", text, re.IGNORECASE):
        yield from ((one.start(), one.end(), DOTS) for one in _SPOKEN_EMAIL.finditer(text))


def ruts(text: str) -> Spans:
    """Yields RUTs with a valid check digit in any spelling, and other numbers that a word or the form marks as RUTs."""
    for one in _SHAPED.finditer(text):
        if not _other(text, one) or before("rut").search(clause_before(text, one.start())):
            yield one.start(), one.end(), DOTS
    yield from _documents(text)
    yield from _spelled(text)
    for one in _CHECKED.finditer(text):
        if _is_rut(text, one):
            yield one.start(), one.end(), DOTS
    for one in _NUMBER.finditer(text):
        digits = _digits(one[0])
        said = clause_before(text, one.start())
        named = before("rut").search(said) or _SERIAL.search(said) or _LOOSE_RUT.search(said)
        if named and len(digits) in range(7, 11) and not _MONEY.search(said):
            yield one.start(), one.end(), DOTS


def _documents(text: str) -> Spans:
    """Yields passports and serial numbers of identity cards, which have letters: «pasaporte AB123456»."""
    for one in _LETTERED.finditer(text):
        if before("lettered").search(clause_before(text, one.start())):
            yield one.start(), one.end(), DOTS


def _spelled(text: str) -> Spans:
    """Yields RUTs and phone numbers that are written in words, unless they are an amount."""
    for one in _SPELLED.finditer(text):
        said = clause_before(text, one.start())
        spoken = re.search(r"[a-záéíóú]{2,}", one[0], re.IGNORECASE)
        named = before("rut").search(said) or before("phone").search(said) or one["check"]
        if spoken and (named or _is_spelled_mobile(one[0])) and not _other(text, one):
            yield one.start(), one.end(), DOTS


def _is_spelled_mobile(written: str) -> bool:
    """Returns whether these are the nine digits of a mobile, not an amount: «nueve ocho siete seis 54 32 1»."""
    parts = re.findall(r"\w+", written.lower())
    digits = "".join("9" if re.fullmatch(_DIGIT, part) else part for part in parts)  # the digit itself does not matter
    return parts[0] in {"nueve", "9"} and digits.isdecimal() and len(digits) == NATIONAL_DIGITS


def cards(text: str) -> Spans:
    """Yields numbers of bank accounts, and card numbers with a valid check digit (Luhn) or after a word for cards."""
    for one in _NUMBER.finditer(text):
        digits, said = _digits(one[0]), clause_before(text, one.start(), 48)
        if re.search(pattern("account"), said, re.IGNORECASE) and not _utility().search(said):
            yield one.start(), one.end(), f"{DOTS} {digits[-VISIBLE_DIGITS:]}"
        elif len(digits) in CARD_DIGITS:
            called = re.search(rf"(?<!\w)(?:{pattern('card')})(?!\w)", said, re.IGNORECASE)
            if called or (luhn.is_valid(digits) and not _other(text, one)):
                yield one.start(), one.end(), f"{DOTS} {digits[-VISIBLE_DIGITS:]}"


@cache
def _utility() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern('utility')})(?!\w)", re.IGNORECASE)


def phones(text: str) -> Spans:
    """Yields phone numbers, except 600 and 800 lines.

    Mobiles and landlines are recognized by their form, others by a word for phones before them.
    """
    end = 0
    for one in sorted([*_NUMBER.finditer(text), *_MOBILE.finditer(text)], key=lambda one: (one.start(), -one.end())):
        if one.start() >= end and (span := _phone(text, one)):  # two adjacent numbers match as one first
            end = one.end()
            yield span


def national(text: str) -> str:
    """Returns the nine national digits of a Chilean number, or all digits of another."""
    digits = _digits(text).lstrip("0")
    return digits.removeprefix(COUNTRY_CODE).lstrip("0") if len(digits) > NATIONAL_DIGITS else digits


def shown_email(text: str) -> str:
    name, _, domain = text.partition("@")
    return f"{name[:1]}{MASK * 3}@{domain}"


def shown_phone(digits: str) -> str:
    """Returns the number with only its area code (if Chilean) and last digits visible: ``+56 9 •••• 4321``."""
    last, local = digits[-VISIBLE_DIGITS:], digits.removeprefix(COUNTRY_CODE)
    if len(local) != NATIONAL_DIGITS:
        return f"{DOTS} {last}"
    area = local[:1] if local[0] in ONE_DIGIT_AREAS else local[:2]
    return f"+{COUNTRY_CODE} {area} {DOTS} {last}"


def _email(one: re.Match[str]) -> Span:
    written = one[0].rstrip(".-_")
    return one.start(), one.start() + len(written), shown_email(re.sub(r"\s", "", written))


def _is_rut(text: str, one: re.Match[str]) -> bool:
    """Returns whether the number has a valid check digit, and its form or a word marks it as a RUT."""
    spoken = re.sub(r"gui[oó]n|raya|d[ií]gito|dv|[\s.,·'_/]", "", one[0].lower().replace("ká", "k").replace("ka", "k"))
    plain = re.sub(rf"[{_DASH}]", "", spoken)
    if not rut.is_valid(plain) or _DATE.fullmatch(one[0]):
        return False
    said = clause_before(text, one.start())
    if before("rut").search(said) or re.match(rf"\W{{0,4}}{pattern('rut_after')}", text[one.end() :], re.IGNORECASE):
        return True
    if _other(text, one) or before("phone").search(said):
        return False
    formed = _BEFORE_CHECK.search(one[0]) or re.match(r"\d{1,2}[.\s]\d{3}[.\s]\d{3}(?!\d)", one[0])
    alone = len(text.strip(" .,;:")) - len(one[0].strip()) < 2
    return bool(formed or alone) and not _looks_mobile(plain, one[0])


def _looks_mobile(digits: str, written: str) -> bool:
    return len(digits) == NATIONAL_DIGITS and digits[0] == "9" and "." not in written and "-" not in written


def _phone(text: str, one: re.Match[str]) -> Span | None:
    written, said = one[0], clause_before(text, one.start())
    all_digits = _digits(written)
    local = national(written)
    named = bool(before("phone").search(said))
    if local.startswith(PUBLIC_LINES) and len(local) in {9, 10}:
        return None
    if not _may_be_phone(written, all_digits, local, named=named):
        return None
    if (_other(text, one) and not named) or _MONEY.search(said) or _dates(written):
        return None
    start = one.start()
    return start, one.end(), shown_phone(local if len(local) == NATIONAL_DIGITS else all_digits)


def _may_be_phone(written: str, digits: str, local: str, *, named: bool) -> bool:
    if written.lstrip("(").startswith("+"):
        return len(digits) in FOREIGN
    if _THOUSANDS.fullmatch(written) and not named:
        return False
    if named:
        return len(digits) in range(7, 14)
    if len(local) != NATIONAL_DIGITS:
        return False
    if local[0] == "9":
        return True
    separated = re.search(r"[\s()\-]", written.strip("()")) or digits.startswith(("56", "0"))
    return bool(separated) and (local[0] == "2" or local[:2] in AREAS) and written.count("/") == 0


def _dates(written: str) -> bool:
    """Returns whether the number begins with a date or consists of years: «12-03-2024 15:30», «2019 2020 2021»."""
    if _DATE.match(written):
        return True
    parts = re.split(r"\D+", written.strip("()"))
    return len(parts) > 1 and all(re.fullmatch(r"(?:19|20)\d\d", part) for part in parts)


def _other(text: str, one: re.Match[str]) -> bool:
    """Returns whether the number is not personal data: after a word such as «folio» or a currency, or before a unit."""
    said = clause_before(text, one.start())
    if before("other").search(said) or _MONEY.search(said):
        return True
    return re.match(rf"\s?\.?-?\s?(?:{pattern('unit')})(?!\w)", text[one.end() :], re.IGNORECASE) is not None


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
