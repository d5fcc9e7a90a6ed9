"""Decides whether a change of an entry is minor: only phone numbers, hours, dates, amounts, links or addresses.

In both texts, each such fact is replaced by its kind. If the results are equal, nothing else was changed. In case of
doubt, a change is not minor: a second person then reads it before it is published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from bot.desk.editing.form import Form, NotAForm, form_of
from bot.desk.editing.text import EntryText
from bot.faq.entries.schema import DATES, display_fields

LINK_FIELD = "fuente"
MONTHS = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre"
STREETS = r"Calle|Avenida|Av\.|Avda\.|Pasaje|Psje\.|Pje\.|Camino|Alameda|Plaza"
NAME = r"[A-ZÁÉÍÓÚÑ][a-záéíóúüñ]+"


class Fact(StrEnum):
    """A kind of fact that a minor correction may change."""

    LINK = "link"
    ADDRESS = "address"
    DATE = "date"
    HOUR = "hour"
    AMOUNT = "amount"
    PHONE = "phone"


# The order matters: a link may contain digits, an address a number, a date digits like an hour's, and an amount digits
# like a phone number's.
PATTERNS = {
    Fact.LINK: r"(?:https?://|mailto:|tel:)[^\s()<>\[\]*]+|(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w@./-])(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s()<>\[\]*]*",
    Fact.ADDRESS: rf"\b(?:{STREETS}) (?:(?:de|del|la|las|los|el) )*{NAME}"
    rf"(?: (?:(?:de|del|la|las|los|el) )*{NAME}){{0,3}},? (?:N[°º] ?)?\d{{1,5}}\b",
    Fact.DATE: rf"\b\d{{4}}-\d\d-\d\d\b|\b\d{{1,2}}[-/]\d{{1,2}}[-/]\d{{4}}\b"
    rf"|\b\d{{1,2}}° de (?:{MONTHS})\b(?: de \d{{4}}\b)?|\b\d{{1,2}} de (?:{MONTHS})\b(?: de \d{{4}}\b)?",
    Fact.HOUR: r"\b(?:[01]?\d|2[0-3]):[0-5]\d\b",
    Fact.AMOUNT: r"\$ ?\d{1,3}(?:\.\d{3})+\b|\$ ?\d+\b|\b\d+(?:\.\d{3})*(?:,\d+)? (?:pesos|UTM|UF)\b",
    # Only with an area code: without one, the digits could be two years or an account number.
    Fact.PHONE: r"\+56 ?\d{1,2} ?\d{3,4}[ -]?\d{4}\b|(?<![\w$.,-])\(?\d{1,2}\)? \d{3,4}[ -]\d{4}\b"
    r"|\b[68]00 \d{3} \d{3,4}\b",
}
ONE_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
FACTS = re.compile("|".join(f"(?P<{fact}>{pattern})" for fact, pattern in PATTERNS.items()))


def is_minor(before: EntryText, after: EntryText) -> bool:
    """Returns whether ``after`` differs from ``before``, and only in facts of the answer or of the header.

    The utterances, counterexamples, audience and everything else that determines which messages are answered must be
    equal, and links must keep their hosts.
    """
    try:
        old, new = form_of(before), form_of(after)
    except NotAForm:
        return False
    if before == after or before.phrases != after.phrases:
        return False
    return _rest(old) == _rest(new) and _skeleton(old.answer) == _skeleton(new.answer)


def _rest(form: Form) -> tuple[object, ...]:
    """Returns the values of a form, other than the answer, that a minor correction must not change."""
    dates = {*DATES, *(name for name, one in display_fields().items() if one.kind == "date")}
    fields = {name: value for name, value in form.fields.items() if name not in dates}
    fields[LINK_FIELD] = _host(fields[LINK_FIELD])
    present = {name: bool(form.fields[name]) for name in dates}
    return fields, present, form.variants, {**form.audience}


def _skeleton(text: str) -> list[str]:
    """Returns the parts of a text, with each fact replaced by its kind."""
    return list(_parts(text))


def _parts(text: str) -> Iterator[str]:
    end = 0
    for found in FACTS.finditer(text):
        yield text[end : found.start()]
        yield f"<{found.lastgroup}>"
        if found.lastgroup == Fact.LINK:
            yield _host(found[0])
        end = found.end()
    yield text[end:]


def _host(link: str) -> str:
    """Returns the part of a link that must not change: scheme and host, the domain of an e-mail address, or ``tel``.

    Returns the whole link if its kind cannot be told, or if a ``mailto:`` has more than one address or a query, which
    may name further recipients.
    """
    scheme, colon, rest = link.partition(":")
    if not colon or "/" in scheme:
        name, slash, _ = link.partition("/")
        return name if slash else link.rpartition("@")[2]
    if scheme == "mailto":
        return f"mailto:{rest.rpartition('@')[2]}" if ONE_ADDRESS.fullmatch(rest) else link
    if scheme == "tel":
        return scheme
    try:
        return f"{scheme}://{urlsplit(link).netloc.lower()}"
    except ValueError:
        return link
