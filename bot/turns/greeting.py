"""Removes the greeting in front of a question.

Rasa assigns one intent to a message, and an opening such as «hola, buenas tardes» would make that intent a greeting and
hide the question. A message that is only a greeting is not changed.
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
  | compadre | gente | amig[oa]s? | vecin[oa]s? | se[nñ]or(?:es|it)?a?s?
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


def without_greeting(text: str) -> str:
    """Returns the text without its opening greeting; the whole text if it is only a greeting."""
    end = 0
    while found := _OPENING.match(text, end):
        end = found.end()
    rest = text[end:]
    return rest if any(char.isalnum() for char in rest) else text
