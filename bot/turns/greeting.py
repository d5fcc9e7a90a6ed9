"""Removes the greeting, the thanks, the «no, eso no» or the «me refería a» in front of a question.

Rasa assigns one intent to a message, and an opening such as «hola, buenas tardes», «muchas gracias» or «no, eso no»
would make that intent a greeting, thanks or a refusal, and hide the question. A message that is only an opening stays.
"""

from __future__ import annotations

import re

_GREETING = r"""
    h?ol+[ai]+s?(?!\s+de\b) | al[oó]+ | wen[ao]s? | saludos | estimad[oa]s? | oiga | oye | [qk](?:u[eé])?\s+tal
  | (?:muy\s+)?buen[ao]s\s+(?:d[ií]as?|tardes?|noches?) | buenas | buen\s+d[ií]a | disculp[ae]n?(?:\s+la\s+molestia)?
"""
_WISHES = r"(?:tengo|(?:qu|k)(?:iero|isiera|er[ií]a)|nec?esito|me\s+gustar[ií]a|puedo|podr[ií]a)"
_ANNOUNCED = (
    rf"(?:(?:{_WISHES}|es)\s+)?(?:(?:h?acer|h?aser)(?:te|les?)?\s+)?(?:una|1)\s+(?:consult|pregunt|dud)(?:it)?a"
)
_PHRASE = rf"""
    (?:c[oó]mo|k?omo)\s+(?:est[aá]n?s?|(?:te|les)\s+va|va\s+todo|andan?s?)(?:\s+(?:usted(?:es)?|todos))?
  | espero\s+que\s+(?:est[eé]n?s?|se\s+encuentren?)\s+(?:muy\s+)?bien
  | {_ANNOUNCED}(?:\s+(?:por\s+favor|porfa(?:vor)?|r[aá]pida|cortita))?
  | {_WISHES}\s+(?:(?:su|tu|una|un\s+poco\s+de)\s+)?(?:ayuda|informaci[oó]n|orientaci[oó]n)(?:\s+con\s+algo)?
  | {_WISHES}\s+(?:saver|saber|preguntar|consultar)(?:te|les?)?\s+(?:algo|una\s+cos(?:it)?a)
  | (?:alguien\s+)?(?:me\s+)?(?:puede[ns]?|podr[ií]an?s?)\s+ayudar(?:me)?
  | hay\s+alguien(?:\s+(?:por\s+)?(?:ah[ií]|ac[aá]))?
  | (?:mi\s+nombre\s+es|me\s+llamo)\s+\w+(?:\s+\w+)?
  | por\s+favor | porfa(?:vor)? | (?:a|para)\s+(?:tod[ao]s|usted(?:es)?|uds?)
  | compa(?:dre|re)? | bro(?:ther)? | herman[oa] | socio | j[oó]ven(?:es)? | caballeros? | gente
  | amig[oa]s? | vecin[oa]s? | se[nñ]or(?:es|it)?a?s?
"""
_END = rf"(?=\s*(?:[\n,.;:!?…]|$)|\s+{_WISHES}\b)"
_ASKING = (
    r"c[oó]mo|k?omo|cu[aá]n\w*|d[oó]nde|cu[aá]l\w*|qu[eé]|q|qui[eé]n\w*|si|sobre|respecto|por|a|en"
    r"|se|me|mi|el|la|los|las|hay"
)
_ASKS = rf"(?=\s+¿?(?:{_ASKING})\b)"
_OPENING = re.compile(
    rf"[\s,.;:!¡…-]*(?:(?:{_GREETING})\b|(?:¿?(?:{_PHRASE})){_END}[?]*|(?:{_ANNOUNCED})\b{_ASKS})[\s,.;:!…-]*",
    re.IGNORECASE | re.VERBOSE,
)
# Possessive quantifiers («++») keep the time proportional to the length of a text.
_BREAK = r"[\s,.;:!…-]++"
_AGREED = r"(?:ok|oka?y|oki|ya|listo|perfecto|bueno|s[uú]per|genial|bac[aá]n|vale|no|entendido|excelente)[\s,.!]++"
_THANKED = rf"""
    (?:{_AGREED})*(?:(?:muchas|much[ií]simas|mil|hartas)\s+)?gra[cs]ias
    (?:\s+(?:por\s+[^\n,.;:!?¿]{{1,40}}(?=[\n,.;:!]) | a\s+(?:ti|usted|todos) | mij(?:it)?[ao] | se[nñ]or(?:it)?a?))?
    (?:{_BREAK}(?:que\s+dios\s+l[aeo]s?\s+bendiga | muy\s+amable | se\s+pas[oó]
        | (?:me|nos)\s+sirvi[oó](?:\s+(?:mucho|harto))?))*+
"""
_MORE = r"y|pero|ahora|entonces|tambi[eé]n|adem[aá]s|oiga|oye|de\s+paso|otra\s+(?:cos|consult|pregunt|dud)(?:it)?a"
_WHAT = r"qu[eé]\s+(?!dios\b|l[aeo]s?\b|te\b|teng|est[eé]|pase|descans|buen|amable|lind|pena|l[aá]stima)"
_QUESTION = rf"""
    [^?\w]*+\w[^?]*+\?
  | (?:(?:{_MORE})[\s,:]++)*¿?(?:(?:c[oó]mo|k?omo|cu[aá]n\w*|d[oó]nde|cu[aá]l\w*|qui[eé]n\w*|{_WISHES})\b|{_WHAT})
  | y\s+(?:el|l[ao]s|mis?|para|la(?!\s+(?:felicit|bendig|quier)))\s+\w{{4}}
"""
_THANKS = re.compile(rf"\s*(?:{_THANKED})(?:{_BREAK})(?={_QUESTION})", re.IGNORECASE | re.VERBOSE)
_REFUSED = r"no|eso\s+no(?:\s+(?:es|era))?|no\s+(?:es|era)\s+es[oae]|es[ae]\s+no|nada\s+que\s+ver"
_MEANT = r"""
    me\s+refer | me\s+refier | qui(?:se|ero)\s+decir | (?:digo|hablo)\b | pregunt
  | (?:el|la|los|las)\s+(?!verdad\b)(?:del?\s+)?\w{4}
"""
_CORRECTION = re.compile(
    rf"""
    \s*no(?:\s+(?:pos?|poh|pues)\b[,.]? | \s*[,.;:\n] | \s+(?={_REFUSED}))\s*
    (?:(?:{_REFUSED})[\s,.;:]+)*(?={_MEANT})
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What precedes the words of «no, me refería a la basura», and would make them the beginning of a story.
_SAID_BEFORE = (
    r"no+(?!\s+(?:me|quise|quer|dec|pregunt|habl))|nop|pos?|ah|oh|ay|perd[oó]n|disculp[ae]|es\s+que|pero|eso|yo"
    r"|esper[ae]|primero|antes|mejor"
)
_MEANS = re.compile(
    rf"""
    \s*(?:(?:{_SAID_BEFORE})[\s,.;:!…]++)*+
    (?: me\s+refer[ií]a(?:mos)?\s+al? | me\s+refiero\s+al? | (?:quise|quer[ií]a)\s+decir(?:te)?
      | (?:d[ií](?:me|game)|cu[eé]nt[ae]me|expl[ií](?:ca|que)me)\s+(?:primero\s+)?(?:lo\s+del?|del?|sobre)
      | me\s+equivoqu[eé][\s,.:]+(?:es|era|quiero|quer[ií]a|necesito)
      | (?:dec[ií]a|preguntaba)(?:\s+(?:del?|por|sobre))? | habl(?:o|aba)\s+(?:del?|sobre)
    )
    [\s,:]++(?=[\w¿])
    """,
    re.IGNORECASE | re.VERBOSE,
)


def without_greeting(text: str) -> str:
    """Returns the text without its opening greeting; the whole text if it is only a greeting."""
    return _rest(text, _after_greeting(text))


def without_opening(text: str) -> str:
    """Returns the text without its greeting, and then without thanks or a refusal; the whole text if nothing is left.

    Thanks are removed only before a question or a wish, a refusal only before words that correct it: «no, la otra».
    The answerer, for which «gracias» is a sign that the matter ends, gets the text with them.
    """
    end = _after_greeting(text)
    if found := _THANKS.match(text, end) or _MEANS.match(text, end) or _CORRECTION.match(text, end):
        end = found.end()
    return _rest(text, end)


def corrected(text: str) -> str:
    """Returns the text without its greeting and without «no, me refería a» and the like, for the answerer."""
    end = _after_greeting(text)
    found = _MEANS.match(text, end)
    return _rest(text, found.end() if found else end)


def is_correction(text: str) -> bool:
    """Returns whether ``corrected`` removes «no, me refería a» and the like from the text."""
    return corrected(text) != without_greeting(text)


def _after_greeting(text: str) -> int:
    end = 0
    while found := _OPENING.match(text, end):
        end = found.end()
    return end


def _rest(text: str, start: int) -> str:
    rest = text[start:]
    return rest if any(char.isalnum() for char in rest) else text


def loses_words(text: str) -> bool:
    """Returns whether ``without_opening`` removes thanks or a refusal from ``text``, not only a greeting."""
    return without_opening(text) != without_greeting(text)
