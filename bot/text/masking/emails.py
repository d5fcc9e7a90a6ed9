"""Finds e-mail addresses in a text, even those spelled out in words: «ana punto soto arroba gmail punto com»."""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.found import DOTS, MASK, Span, Spans, pattern, words

EMAIL_LIKE = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
_EMAIL = re.compile(r"[\w.+%-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)
_ENDING = r"(?:com|cl|net|org|es|edu|gob|gov)"
_COUNTRY = r"(?:cl|ar|pe|ve|co|br|bo|ht|mx)"
_DOT = r"(?:\s?[.,]\s?|\s?[(\[]\s?(?:punto|dot)\s?[)\]]\s?|\s(?:punto|dot|pto)\s|punto)"
_WHOLE = rf"{_ENDING}(?:{_DOT}{_COUNTRY})?"
_DOMAIN_END = rf"(?:\.(?:{_ENDING}|{_COUNTRY})(?!\w)){{0,2}}(?!\w)"  # a sentence may follow: «gmail.com.Saludos»
_PROVIDER = r"(?:gmail|hotmail|outlook|yahoo|live|icloud)"  # may have no ending: «ana arroba gmail»
_AT = r"(?:[(\[]\s?)?(?:arro[bv]as?|@)(?:\s?[)\]])?|[(\[]\s?(?:at?|en)\s?[)\]]"
# Possessive words, a left boundary and separators that no word contains: repeated tokens take linear time.
_SPOKEN_EMAIL = re.compile(
    r"(?<![\w+-])[\w+-]{1,64}+"
    rf"(?:(?:\.|\s?[(\[]\s?punto\s?[)\]]\s?|\spunto\s|\s?\(gui[oó]n(?:\s?bajo)?\)\s?|\s(?:gui[oó]n(?:\s?bajo)?|underscore)\s)[\w+-]{{1,64}}+){{0,4}}"
    rf"\s?(?:{_AT})\s?"
    rf"[a-z0-9-]{{2,40}}(?:(?:{_DOT}|\s){_WHOLE}{_DOMAIN_END}|{_WHOLE}(?!\w|\.\w))"
    rf"|(?<![\w+-])[\w.+-]{{1,64}}+\s?(?:{_AT})\s?{_PROVIDER}{_DOMAIN_END}",
    re.IGNORECASE,
)
_SPACED_EMAIL = re.compile(
    rf"[\w.+%-]{{1,64}}\s?@\s?[\w-]{{1,63}}{_DOT}{_ENDING}(?:{_DOT}{_COUNTRY})?(?!\w)",
    re.ASCII | re.IGNORECASE,
)
_ACCOUNT_NAME = re.compile(
    r"(?<!\w)(?:gmail|hotmail|outlook|correo|mail|e-mail)\s(?:es|:)\s(?P<name>(?=[a-z._-]*\d)(?=[\d._-]*[a-z])[a-z0-9._-]{5,40})(?![\w@])",
    re.IGNORECASE,
)


MOST_SPOKEN = 80  # number of characters before «arroba» in which a mailbox begins
_JOINING = frozenset({"bajo", "guion", "guión", "punto", "y"})
_COUNTED = re.compile(
    r"(?:cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci\w{3,6}|veint[ei]\w{0,8}"
    r"|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|mil|dos\smil|y|bajo|guion|guión|punto)(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
# «escríbame a toño barría guion bajo 71 arroba ...»: a mailbox may have a name of two words.
_FIRST_WORD = re.compile(r"(?:\b(?:a|al|es)|correo|mail|[:,])\s(?P<first>[^\W\d_]{3,14})\s$", re.IGNORECASE)


def emails(text: str) -> Spans:
    """Yields e-mail addresses, including those spelled with «arroba»."""
    if "@" in text:
        yield from ((one.start(), one.end(), DOTS) for one in _SPACED_EMAIL.finditer(text) if _is_longer(text, one))
        yield from (_email(one) for one in _EMAIL.finditer(text) if _is_a_persons(one[0]) and _is_whole(one[0]))
    if re.search(r"arro[bv]a|@|[\[(]\s?(?:@|(?:at?|en)\s?[\])])", text, re.IGNORECASE):
        for one in _SPOKEN_EMAIL.finditer(text):
            if _is_a_persons(one[0]):
                yield _dictated_start(text, one), one.end(), DOTS
    for one in _ACCOUNT_NAME.finditer(text):
        yield one.start("name"), one.end("name"), DOTS


def _dictated_start(text: str, one: re.Match[str]) -> int:
    """Returns where a spoken mailbox of several words begins: «ele muñoz ochenta y dos arroba yahoo punto cl»."""
    start, counted = one.start(), _COUNTED.match(one[0]) is not None
    for word in reversed(list(_WORD.finditer(text, max(0, start - MOST_SPOKEN), start))):
        if text[word.end() : start].strip():
            break
        number, letter = _COUNTED.fullmatch(word[0]), _letter().fullmatch(word[0])
        if not (number or letter or counted):
            break
        start, counted = word.start(), bool(number) or word[0].lower() in _JOINING
    first = _FIRST_WORD.search(text, max(0, start - MOST_SPOKEN), start) if "gui" in one[0].lower() else None
    return first.start("first") if first else start


@cache
def _letter() -> re.Pattern[str]:
    return re.compile(rf"(?!(?:a|e|o|de|y|te)$)(?:{pattern('letter_name')})", re.IGNORECASE)


def _is_whole(email: str) -> bool:
    """Returns whether an address with a space before the sign ends like an e-mail address: «ana @gmail.com».

    In «es @la.pao», the sign begins the name of a user.
    """
    return " @" not in email or re.search(rf"\.(?:{_ENDING}|{_COUNTRY})$", email, re.IGNORECASE) is not None


def _is_longer(text: str, one: re.Match[str]) -> bool:
    """Returns whether the address has a space, comma or word that the plain form does not cover: «ana@gmail,com»."""
    plain = _EMAIL.match(text, one.start())
    return _is_a_persons(one[0]) and (plain is None or plain.end() < one.end())


def shown_email(text: str) -> str:
    name, _, domain = text.partition("@")
    return f"{name[:1]}{MASK * 3}@{domain}"


def _is_a_persons(email: str) -> bool:
    """Returns whether the mailbox is a person's, and not an office's such as «oirs@...»."""
    mailbox = re.split(_AT, email, maxsplit=1, flags=re.IGNORECASE)[0]
    return mailbox.strip().lower() not in words("mailboxes")


def _email(one: re.Match[str]) -> Span:
    written = one[0].rstrip(".-_")
    return one.start(), one.start() + len(written), shown_email(re.sub(r"\s", "", written))
