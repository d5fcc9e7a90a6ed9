"""Finds what identifies a person elsewhere: passports, visas, medical records, accounts of social networks.

Also finds a RUT that lacks a digit or has one too many, which numbers.py does not know by its form.

Such a number or name has no typical form, so a word before it must say what it is; only «@name» needs none.
"""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.found import DOTS, Spans, before, clause_before, pattern, without_accents, words

FEWEST_DIGITS = 6  # of a document; a record may have fewer
# The number of an identity card after «serie»: «serie B51.223.441».
_SERIES = re.compile(r"(?<!\w)(?i:serie)\W{1,3}(?P<number>[A-Z]\d{2,3}\.?\d{3}\.?\d{3}|\d{3}\.\d{3}\.\d{3})(?![\w-])")
_LETTERED = re.compile(
    r"(?<!\w)(?:[A-Z]{2}-)?[A-Z]{1,3}[ -]?\d(?:[ .-]?\d){4,10}(?!\w)"
)  # capitals only: «por 15000» has none
# A RUT in which one group has a digit too few or too many, or whose dash is missing: «20.338.91-4», «16.503.9448».
_MISWRITTEN = re.compile(
    r"(?<![\w.,$/-])[1-9]\d?\.(?:\d{3}\.(?:\d{2}|\d{4})|(?:\d{2}|\d{4})\.\d{3})(?:(?P<check>\s?[-–]\s?[\dkK])|[kK])?(?![\w/-]|[.,]\d)"
)
_SPACED = re.compile(r"(?<![\w.,$/-])[1-9]\d? \d{3} \d{3} [\dkK](?![\w/-]|[.,]\d)")  # «14 228 907 3»
_RUT_NEAR = re.compile(r"(?<!\w)(?:rut|run|r\.u\.[tn]|carn[eé]t?|c[eé]dula|identidad)s?(?!\w)", re.IGNORECASE)
_RUT_AWAY = 80  # number of characters before a miswritten RUT in which a word for it may stand
_LINK = r"(?:\s?[:=#,]\s?|\s)(?:(?:n[°ºo.]{0,2}|nro\.?|n[uú]mero|es|el|la|de|del)(?:[\s:.]{1,2})){0,4}"
_HANDLE = re.compile(r"(?<![\w.@])@(?P<name>[a-z0-9_][\w.]{2,29})", re.IGNORECASE | re.ASCII)
# «mi ficha? num F-00319-RUR», «ficha en la posta es la HC 20417»; not «ficha social», «ficha 2024».
_FILE = re.compile(
    r"(?<![\w/])(?:ficha|historial|mi\shistoria(?=\s(?:en|del?)\s(?!vida\s)))(?![\w/-]|\s(?:social|(?:de\s)?protecci))(?P<between>(?:[^.;\n\d/]|n[°º]\s?\d{1,3}\s){0,40}?)"
    r"(?P<number>(?<![\w$])(?:(?-i:[A-Z]{1,5})[ -]?)?(?!(?:19|20)\d\d(?![\d./-]))"
    r"\d(?:[\d.]*\d)?(?:[-/]\d+)*(?:-[a-z]{1,3})?)"
    r"(?![\w%]|\s(?:puntos|pesos|lucas|años|mil|personas|p[aá]ginas|hojas))",
    re.IGNORECASE,
)
_NO_FILE = re.compile(
    r"(?<!\w)(?:folio|puntaje|tramo|rut|run|fono|tel\w*|cel\w*|solicitud|postulaci\w+|oficina|ventanilla)(?!\w)",
    re.IGNORECASE,
)
_FOLIO_OF = re.compile(r"(?<!\w)folio\sde\s(?:(?:mi|la|su)\s?)?$", re.IGNORECASE)
FEWEST_OF_FILE = 4
# A number of an office for foreigners, with letters or two groups: «expediente de residencia RT-2023-0881574».
_FILED = re.compile(
    r"(?<!\w)(?:residencia|migra\w+|extranjer[ií]a|visa|refugi\w+|asilo|autodenuncia|permanencia|pasaporte|pasport|passport|dni)(?!\w)"
    r"(?P<between>[^.;\n]{0,50}?)(?<![\w$.-])(?P<number>(?-i:[A-Z]{1,4})[ -]{0,2}\d[\d.-]{4,16}\d(?:-(?-i:[A-Z]{2,3}))?"
    r"|\d{4}-(?-i:[A-Z])-\d{5,8}"
    r"|(?!(?:19|20)\d\d-(?:19|20)\d\d)\d{4,5}-\d{4,8})(?![\w-]|\.\d)",
    re.IGNORECASE,
)
# «visa en trámite, solicitud N° 90417326»; not «certificado de residencia, solicitud 90417326».
_ABROAD = re.compile(
    r"(?<!\w)(?:migra\w+|extranjer[ií]a|visa|refugi\w+|asilo|permanencia|tr[aá]mite(?=\smigra)|(?:tr[aá]mite|solicitud|permiso)\sde\sresidencia|residencia\s(?:temporal|definitiva))(?!\w)"
    r"[^.;\n\d]{0,30}?(?:solicitud|migratori[oa]|tr[aá]mite|expediente|n[°º]|n[uú]mero)\s?(?:n[°º.]?\s?|es\s(?:el\s|la\s)?)?(?P<number>\d{7,9})(?!\w|[.,-]\d)",
    re.IGNORECASE,
)
_NO_FILED = re.compile(
    r"(?<!\w)(?:folio|boleta|factura|comprobante|orden|ley|rol|causa|patente|decreto|tarjeta|cuenta)(?!\w)",
    re.IGNORECASE,
)
_NO_USER = (
    r"(?:ds\d{1,3}|covid\d{0,4}|tramo_[a-e]"
    r"|no_(?:responde|contesta|existe|aparece|encontrad[oa]|registrad[oa]|v[aá]lid[oa]))(?![\w.-])"
)
# «mi usuario del portal es maruca_cerro», «pide usuario y el mío es ana77»; not «un usuario ds49», of a decree.
_USER = re.compile(
    rf"(?<!\w)usuari[oa](?:(?:\s[^\W\d_]{{1,12}}){{0,5}}?(?:\s?:|\s(?:es|era|como))\s(?=[\w.-]*[\d_.-]\w)|\s(?=[\w.]*[\d_]\w)(?!{_NO_USER}))"
    r"(?P<name>[^\W\d_][\w.-]{3,29})(?<![.-])(?![\w@])",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(r"(?<!\w)reclamo\s(?:por|de)\s(?:(?:la|mi|una)\s)?$", re.IGNORECASE)
_FULL_NAME = r"(?-i:[A-ZÁÉÍÓÚÑ])[^\W\d_]+(?:\s(?-i:[A-ZÁÉÍÓÚÑ])[^\W\d_]+){1,3}"


def documents(text: str) -> Spans:
    """Yields passports, visas and serial numbers of identity cards: «pasaporte AB123456», «mi visa es la 3882104»."""
    for one in _LETTERED.finditer(text):
        if before("lettered").search(clause_before(text, one.start())):
            yield one.start(), one.end(), DOTS
    for one in _SERIES.finditer(text):
        yield one.start("number"), one.end("number"), DOTS
    yield from _filed(text)
    for one in _numbered().finditer(text):
        if not _is_a_procedure(text, one.start()) and sum(map(str.isdigit, one["number"])) >= FEWEST_DIGITS:
            yield one.start("number"), one.end("number"), DOTS


def _filed(text: str) -> Spans:
    """Yields numbers of an office for foreigners: «expediente de residencia RT-2023-0881574»."""
    for one in _FILED.finditer(text):
        if not (_NO_FILED.search(one["between"]) or _COMPLAINT.search(clause_before(text, one.start()))):
            yield one.start("number"), one.end("number"), DOTS
    for one in _ABROAD.finditer(text):
        yield one.start("number"), one.end("number"), DOTS


def miswritten_ruts(text: str) -> Spans:
    """Yields RUTs with a digit too few or too many: by dots and dash, or, without a dash, after a word for a RUT."""
    for one in _SPACED.finditer(text):
        if _RUT_NEAR.search(clause_before(text, one.start(), _RUT_AWAY)):
            yield one.start(), one.end(), DOTS
    for one in _MISWRITTEN.finditer(text):
        said = clause_before(text, one.start())
        near = _RUT_NEAR.search(text, max(0, one.start() - _RUT_AWAY), one.start())
        if (one["check"] or near) and not (before("other").search(said) or before("phone").search(said)):
            yield one.start(), one.end(), DOTS


def records(text: str) -> Spans:
    """Yields numbers of medical records and affiliates: «ficha clínica 55214»."""
    for one in _recorded().finditer(text):
        if not _FOLIO_OF.search(clause_before(text, one.start())):
            yield one.start("number"), one.end("number"), DOTS
    for one in _FILE.finditer(text):
        said = clause_before(text, one.start())
        if (
            not (_NO_FILE.search(one["between"] + one["number"]) or _FOLIO_OF.search(said))
            and sum(map(str.isdigit, one["number"])) >= FEWEST_OF_FILE
        ):
            yield one.start("number"), one.end("number"), DOTS


def users(text: str) -> Spans:
    """Yields a person's names on social networks: «@ana.soto», «en facebook salgo como Ana Soto»."""
    for one in _HANDLE.finditer(text):
        name = one["name"].lower()
        if not any(part in name for part in words("public_users")):
            yield one.start(), one.end() - one[0].endswith("."), DOTS
    for one in _USER.finditer(text):
        yield one.start("name"), one.end("name"), DOTS
    for one in _named_users().finditer(text):
        name = one["name"] or one["joined"]
        if not any(part in without_accents(name.lower()) for part in words("public_users")):
            yield one.end() - len(name), one.end(), DOTS


def _is_a_procedure(text: str, at: int) -> bool:
    """Returns whether the number belongs to a procedure, not to a document: «la solicitud de visa n° 3882104»."""
    return before("other").search(clause_before(text, at)) is not None


@cache
def _numbered() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{pattern('document')})(?!\w)(?:\s[^\W\d_]{{2,14}}){{0,4}}?{_LINK}"
        r"(?P<number>(?:(?-i:[A-Z]{1,4}|[a-z])[ .-]{0,2}(?:\d{4}-)?)?\d(?:[ .-]?\d){4,11})(?![\w]|[ -]?\d)",
        re.IGNORECASE,
    )


@cache
def _recorded() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{pattern('record')})(?!\w){_LINK}"
        r"(?:(?:es|la|el|n[°º.])\s){0,2}"
        r"(?P<number>(?:(?-i:[A-Z]{1,3})[ -]?)?\d[\d.]{1,10}(?:[-/](?:\d{1,6}|[a-z]{1,3}))?)(?!\w)",
        re.IGNORECASE,
    )


@cache
def _named_users() -> re.Pattern[str]:
    of = r"(?:\s(?:de|del)\s(?:(?:mi|la|el|una?)\s)?[^\W\d_]{2,14})?"  # «el facebook de mi mamá es»
    as_ = (
        r"(?:\s?:\s?|(?:,?\smi\susuario)?\s"
        r"(?:es|soy|como|salgo como|aparezco como|estoy como|me llamo|me encuentran como)\s)"
    )
    name = rf"(?:{_FULL_NAME}(?:\s\d{{1,4}})?|(?-i:[A-ZÑ][a-záéíóúñ]+){{2,4}}|(?=[\w.]*[\d_.]\w)[a-z][\w.]{{3,29}})"
    # «mi instagram por si acaso tejidos_de_ana»; no page such as «muni.cl».
    joined = r"[a-z]\w*(?:_|\.(?!(?:cl|com|org)(?!\w)))\w[\w.]*"
    return re.compile(
        rf"(?<!\w)(?:{pattern('network')})(?!\w)(?:{of}{as_}(?P<name>{name})|(?:,?\s[^\W\d_]{{2,8}}){{0,3}},?\s(?P<joined>{joined}))(?![\w@])",
        re.IGNORECASE,
    )
