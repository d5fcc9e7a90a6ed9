"""Finds RUTs, bank cards and accounts, and phone numbers in a text.

A number is recognized by its check digit or its form, unless a word before or after it says that the number is a folio,
an amount or a date. If the form is ambiguous, a word before the number must say what the number is.
"""

from __future__ import annotations

import re
from functools import cache

from stdnum import luhn
from stdnum.cl import rut

from bot.text.masking.found import DOTS, NEAR, Span, Spans, before, clause_before, item, pattern

VISIBLE_DIGITS = 4
NATIONAL_DIGITS, OLD_DIGITS = 9, 8  # of a phone
COMPANIES = range(50_000_000, 100_000_000)  # people have lower numbers, and provisional ones higher
NEXT_NUMBERS = 30_000_000  # no person has this number yet
COUNTRY_CODE = "56"
ONE_DIGIT_AREAS = "29"  # area codes of Santiago and of mobiles; all others in Chile have two digits
PUBLIC_LINES = ("600", "800")
AREAS = frozenset("32 33 34 35 41 42 43 45 51 52 53 55 57 58 61 63 64 65 67 68 71 72 73 75".split())
FOREIGN = range(8, 16)
ABROAD = range(11, 18)  # number of digits with 00 before the country
CARD_DIGITS = frozenset({13, 14, 15, 16, 19})
_DASH = r"\-‐‑‒–—−"
_DIGIT = "cero|uno|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve"
_SAID = (
    rf"(?:{_DIGIT}|diez|once|doce|trece|catorce|quince|dieci\w{{3,6}}|veint[ei]\w{{0,8}}|treinta|cuarenta|cincuenta|"
    r"sesenta|setenta|ochenta|noventa|cien|ciento|\w{3,7}cientos|quinientos|mil|mill[oó]n(?:es)?|\d{1,4})"
)
# A number of at least four words: «nueve ocho siete...», «13 millones 356 mil 820 guion 4».
_SPELLED = re.compile(
    rf"(?<![\w$]){_SAID}(?:(?:[\s,\-]+|\sy\s){_SAID}){{2,30}}(?P<check>\s(?:gui[oó]n|raya|d[ií]gito)\s(?:{_DIGIT}|k[aá]?|\d))?(?!\w)",
    re.IGNORECASE,
)
_SINGLE = re.compile(rf"(?:(?:{_DIGIT}|\d)[\s,-]*){{8,9}}", re.IGNORECASE)  # the digits of a phone, one by one
_NUMBER = re.compile(rf"(?<![\w$])\(?\+?\(?\d(?:[\s.,()/·{_DASH}]{{0,3}}\d){{5,24}}(?!\d)")
_LISTED = re.compile(_NUMBER.pattern.replace(r"(?<![\w$])", r"(?<=\d,\s)", 1))  # «Prat 340, 55 231 7064»
_MOBILE = re.compile(
    rf"(?<![\w$])(?:\(?\+?\(?0?56\)?[\s{_DASH}]{{0,2}})?\(?0?9\)?(?:[\s.{_DASH}]{{0,2}}\d){{8}}(?![\w])"
)
_CHECKED = re.compile(
    rf"(?:(?<![\w])|(?<=\brut)|(?<=\brun))(?<!\d[.{_DASH}])\d{{1,3}}\s?[.,·' {_DASH}]?\s?\d{{3}}"
    rf"\s?[.,·' {_DASH}]?\s?\d{{3}}\s?"
    rf"(?:[{_DASH}_/.]|gui[oó]n|raya|d[ií]gito|dv|,)?\s?(?:[{_DASH}])?\s?[\dkK](?:a|á)?(?!\w|[{_DASH}]\d)",
    re.IGNORECASE,
)
_BEFORE_CHECK = re.compile(rf"(?:[{_DASH}./_]|gui[oó]n|raya|d[ií]gito|dv)\s?[{_DASH}]?\s?[\dk]$|k[aá]?$", re.IGNORECASE)
# The last digits of another phone number, with a slash or a conjunction after them.
_OR_AT = re.compile(
    r"\d{3}(?:\s?/{1,2}\s?|,?\s(?:o|u|y)\s(?:(?:al?|en)\s)?(?:el\s|mi\s)?(?:fijo\s|otro\s)?)$", re.IGNORECASE
)
_EXTENSION = re.compile(r"\s?,?\s?(?:anexo|anx\.?|ext\.?|extensi[oó]n)\s?:?\s?\d{1,6}(?!\w)", re.IGNORECASE)
# What may follow the digits of a RUT: «-k», «guion 9», «dv 9», «(9)».
_CHECK_SAID = (
    rf"\s?(?:[{_DASH}/_]|,?\s?(?:gui[oó]n|raya|d[ií]gito(?:\sverificador)?|dv)\s?[:{_DASH}]?)\s?[\dk][aá]?"
    r"|\s?\(\s?[\dk]\s?\)|\s?k"
)
_ISSUED = r"\s(?-i:LP|LPZ|CB|CBBA|SC|SCZ|OR|PT|CH|TJ|BE|BN|PD|PA)"  # where a Bolivian card was issued: «7845122 LP»
_CHECK_K = re.compile(rf"(?:{_CHECK_SAID}|{_ISSUED})(?!\w)", re.IGNORECASE)
# A RUT by its form, whatever its check digit: «15420111-9», «15 420 111 guion 9», «15420111k».
_FORMED = re.compile(
    rf"(?<![\w.,$/{_DASH}])[1-9]\d?[.,·'_’]?\s?\d{{3}}[.,·'_’]?\s?\d{{3}}(?:{_CHECK_SAID})(?!\w|[.,/{_DASH}]\d)",
    re.IGNORECASE,
)
_GROUPED = re.compile(rf"[3-6]\d{{3}}(?:[ {_DASH}]\d{{4}}){{3}}")  # a card, whatever its check digit
_CODE = re.compile(r"c[oó]digo|autorizaci|operaci|barras|orden|serie|comprobante|tarjeta bip", re.IGNORECASE)
_SHAPED = re.compile(rf"(?<![\w.])\d{{1,3}}[.,]\d{{3}}[.,]\d{{3}}\s?[{_DASH}]\s?[\dkK](?!\w)")
_MONEY = re.compile(r"(?:\$|US\$|CLP)\s?$", re.IGNORECASE)
_DATE = re.compile(
    rf"\d{{1,2}}[{_DASH}/.]\d{{1,2}}[{_DASH}/.]\d{{2,4}}|\d{{4}}[{_DASH}/.]\d{{1,2}}[{_DASH}/.]\d{{1,2}}"
)
_ACCOUNT = re.compile(r"(?:[^\d.]*\d){8,19}[^\d.]*")  # not an amount: «banco estado 128900»
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_LOOSE_RUT = re.compile(
    r"(?<!\w)(?:rut|run|dni|carnet|c[eé]dula|identidad)(?:\s[^\W\d]+){1,5}\s?(?:es|:)\s?(?:el\s|la\s)?$"
    r"|(?<!\w)(?:rut|run)(?:\s(?!folio|rol|boleta|orden)[^\W\d]{2,10}){1,3}\s$"
    r"|(?<!\w)(?:dni|c[eé]dula|pasaporte|carnet)\s(?:de\s)?[^\W\d]{4,12}\s$",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(?:serie|documento)\W{0,4}(?:n[°º.]?\W{0,2}|n[uú]mero\s)?(?:y\s)?(?:es\s)?$", re.IGNORECASE)


def ruts(text: str) -> Spans:
    """Yields RUTs with a valid check digit in any spelling, and other numbers that a word or the form marks as RUTs."""
    for one in _SHAPED.finditer(text):
        if not _other(text, one) or before("rut").search(clause_before(text, one.start())):
            yield from _persons(one)
    yield from _formed(text)
    yield from _spelled(text)
    for one in _CHECKED.finditer(text):
        if _is_rut(text, one):
            yield from _persons(one)
    for one in _NUMBER.finditer(text):
        said = clause_before(text, one.start())
        named = before("rut").search(said) or _SERIAL.search(said) or _LOOSE_RUT.search(said)
        is_line = (digits := _digits(one[0])).startswith(PUBLIC_LINES) and len(digits) > 8
        if named and len(digits) in range(7, 11) and not (is_line or _MONEY.search(said)):
            check = _CHECK_K.match(text, one.end()) or one
            plain = [(one.start(), check.end(), DOTS)]
            yield from _persons(one) if _BEFORE_CHECK.search(one[0]) else plain


def _is_public_line(written: str) -> bool:
    """Returns whether the number is a 600 or 800 line; a RUT that begins like one has dots."""
    return written.startswith(PUBLIC_LINES) and "." not in written


def _formed(text: str) -> Spans:
    """Yields RUTs of people by their form alone, whatever their check digit: «15420111-9», «15.420.111 guion 9»."""
    for one in _FORMED.finditer(text):
        said = clause_before(text, one.start())
        ambiguous = re.fullmatch(rf"[\d {_DASH}]+", one[0]) and before("phone").search(said)
        given = _number_of(one) < NEXT_NUMBERS
        if given and not (ambiguous or _other(text, one) or _DATE.fullmatch(one[0])):
            yield from _persons(one)


def _number_of(one: re.Match[str]) -> int:
    """Returns the number of a RUT without its check digit."""
    digits = _digits(one[0]) + "0" * one[0].strip(" )").lower().endswith(("k", "ka", "ká"))
    return int(digits[:-1])


def _persons(one: re.Match[str]) -> Spans:
    """Yields the span of a RUT, unless it is that of a company or public body, which is not personal data."""
    if _number_of(one) not in COMPANIES:
        yield one.start(), one.end(), DOTS


def _spelled(text: str) -> Spans:
    """Yields RUTs and phone numbers that are written in words, unless they are an amount."""
    for one in _SPELLED.finditer(text):
        said = clause_before(text, one.start())
        spoken = re.search(r"[a-záéíóú]{2,}", one[0], re.IGNORECASE)
        named = before("rut").search(said) or before("phone").search(said) or one["check"]
        named = named or (_SINGLE.fullmatch(one[0]) and item("phone").search(said))
        if spoken and (named or _is_spelled_mobile(one[0])) and not _other(text, one):
            yield one.start(), one.end(), DOTS


def _is_spelled_mobile(written: str) -> bool:
    """Returns whether these are the nine digits of a mobile, not an amount: «nueve ocho siete seis 54 32 1»."""
    parts = re.findall(r"\w+", written.lower())
    digits = "".join("9" if re.fullmatch(_DIGIT, part) else part for part in parts)  # the digit itself does not matter
    return parts[0] in {"nueve", "9"} and digits.isdecimal() and len(digits) == NATIONAL_DIGITS


def cards(text: str) -> Spans:
    """Yields numbers of bank accounts, and of cards: valid (Luhn), in groups of four, or after a word for cards."""
    for one in _NUMBER.finditer(text):
        digits, said = _digits(one[0]), clause_before(text, one.start(), 48)
        banked = re.search(pattern("account"), said, re.IGNORECASE) or _is_at_bank(text, one)
        if banked and not item("utility").search(said):
            yield one.start(), one.end(), f"{DOTS} {digits[-VISIBLE_DIGITS:]}"
        elif len(digits) in CARD_DIGITS:
            called = item("card").search(said)
            grouped = _GROUPED.fullmatch(one[0]) and not (_other(text, one) or _CODE.search(said))
            if called or grouped or (luhn.is_valid(digits) and not _other(text, one)):
                yield one.start(), one.end(), f"{DOTS} {digits[-VISIBLE_DIGITS:]}"


def _is_at_bank(text: str, one: re.Match[str]) -> bool:
    """Returns whether «cuenta» stands before the number, and the name of a bank near it."""
    said, after = clause_before(text, one.start(), 80), text[one.end() : one.end() + NEAR]
    paid = r"(?<!\w)(?:cuenta|cta\.?|deposit\w+|transfi?e?r\w+|abon\w+)(?!\w)"
    near = re.search(rf"{paid}\D{{0,60}}$", said, re.IGNORECASE) and item("banks").search(said + after)
    bank = rf"(?:{pattern('banks')})(?:\sde)?(?:\s[^\W\d_]{{2,12}})?[\s:,]{{1,2}}$"
    beside = rf"^(?!.*(?:operaci[oó]n|comprobante|folio)).*{paid}.*(?<!\w){bank}"
    return bool(near or (_ACCOUNT.fullmatch(one[0]) and re.search(beside, said, re.IGNORECASE)))


def phones(text: str) -> Spans:
    """Yields phone numbers, except 600 and 800 lines.

    Mobiles, landlines and numbers with a country code are recognized by their form, others by a word for phones or
    another phone number beside them.
    """
    end = 0
    every = [*_NUMBER.finditer(text), *_MOBILE.finditer(text), *_LISTED.finditer(text)]
    for one in sorted(every, key=lambda one: (one.start(), -one.end())):
        if one.start() >= end and (span := _phone(text, one)):  # two adjacent numbers match as one first
            end = one.end()
            yield span


def national(text: str) -> str:
    """Returns the nine national digits of a Chilean number, or all digits of another."""
    digits = _digits(text).lstrip("0")
    return digits.removeprefix(COUNTRY_CODE).lstrip("0") if len(digits) > NATIONAL_DIGITS else digits


def shown_phone(digits: str) -> str:
    """Returns the number with only its area code (if Chilean) and last digits visible: ``+56 9 •••• 4321``."""
    last, local = digits[-VISIBLE_DIGITS:], digits.removeprefix(COUNTRY_CODE)
    if len(local) != NATIONAL_DIGITS:
        return f"{DOTS} {last}"
    area = local[:1] if local[0] in ONE_DIGIT_AREAS else local[:2]
    return f"+{COUNTRY_CODE} {area} {DOTS} {last}"


def _is_rut(text: str, one: re.Match[str]) -> bool:
    """Returns whether the number has a valid check digit, and its form or a word marks it as a RUT."""
    spoken = re.sub(r"gui[oó]n|raya|d[ií]gito|dv|[\s.,·'_/]", "", one[0].lower().replace("ká", "k").replace("ka", "k"))
    plain = re.sub(rf"[{_DASH}]", "", spoken)
    if not rut.is_valid(plain) or _DATE.fullmatch(one[0]) or _is_public_line(one[0]):
        return False
    said = clause_before(text, one.start())
    if before("rut").search(said) or _follows(text, one, "rut_after"):
        return True
    if _other(text, one) or before("phone").search(said):
        return False
    formed = _BEFORE_CHECK.search(one[0]) or re.match(r"\d{1,2}[.\s]\d{3}[.\s]\d{3}(?!\d)", one[0])
    mentioned = (
        len(one[0]) >= OLD_DIGITS
        and one[0].isalnum()
        and re.search(r"(?<!\w)(?:ruts?|runs?)(?!\w)", text, re.IGNORECASE)
    )
    plain_form = len(plain) == NATIONAL_DIGITS and plain.isdigit() and plain[0] in "12" and one[0].isdigit()
    alone = len(text.strip(" .,;:")) - len(one[0].strip()) < 2
    return bool(formed or alone or mentioned or plain_form) and not _looks_mobile(plain, one[0])


def _follows(text: str, one: re.Match[str], key: str) -> bool:
    """Returns whether an item of the list ``key`` follows the number: «12345678-5 es mi rut»."""
    return re.match(rf"\W{{0,4}}(?:{pattern(key)})", text[one.end() :], re.IGNORECASE) is not None


def _looks_mobile(digits: str, written: str) -> bool:
    return len(digits) == NATIONAL_DIGITS and digits[0] == "9" and "." not in written and "-" not in written


def _after_number(text: str, at: int) -> bool:
    """Returns whether a number and a conjunction or slash end at ``at``, as in «9 8812 4431 o al » before a number."""
    said = text[max(0, at - NEAR) : at]
    return bool(_OR_AT.search(said) and (item("phone").search(said) or not item("other").search(said)))


def _phone(text: str, one: re.Match[str]) -> Span | None:
    written, said = one[0], clause_before(text, one.start())
    all_digits, local = _digits(written), national(written)
    named = bool(before("phone").search(said) or _follows(text, one, "phone_after") or _after_number(text, one.start()))
    if local.startswith(PUBLIC_LINES) and len(local) in {9, 10}:
        return None
    if not _may_be_phone(written, all_digits, local, named=named):
        return None
    if (
        (before("office_phone").search(said) or _follows(text, one, "office_after"))
        or (_other(text, one) and not named)
        or _MONEY.search(said)
        or (_dates(written) and not (named and local[:2] in AREAS))
    ):
        return None
    end = extension.end() if (extension := _EXTENSION.match(text, one.end())) else one.end()
    return one.start(), end, shown_phone(local if len(local) == NATIONAL_DIGITS else all_digits)


@cache
def _abroad() -> re.Pattern[str]:
    return re.compile(rf"00\s?(?:{pattern('country')})[\s\d()-]+")


def _may_be_phone(written: str, digits: str, local: str, *, named: bool) -> bool:
    if _abroad().fullmatch(written) and len(digits) in ABROAD:
        return True
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
    separated = re.search(r"[\s()\-]|\d\.\d{3}\.\d{4}$", written.strip("()")) or digits.startswith(("56", "0"))
    return bool(separated) and (local[0] == "2" or local[:2] in AREAS) and written.count("/") == 0


def _dates(written: str) -> bool:
    """Returns whether the number begins with a date or consists of years: «12-03-2024 15:30», «2019 2020 2021»."""
    if re.match(rf"(?:{_DATE.pattern})(?![\d{_DASH}])", written):
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
