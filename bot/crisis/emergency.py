"""Detects emergencies in a citizen's message by phrases, before Rasa gets the message.

No model is used: the phrases of patterns.yml are matched in folded text (bot/text/emergency_fold.py). A message is not
an emergency if it only asks for information ("¿dónde denuncio violencia intrafamiliar?"), or is about another time,
another country or the news ("me asaltaron en Bogotá"). A present danger or a wish to die is always an emergency.
An agency may add phrases (own_phrases.py). Dangers described in another language have phrases of their own
(other_languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.core.logs import log
from bot.core.yaml import read_yaml
from bot.crisis.other_languages import ForeignPhrases, ToldAbroad, find_possible, find_sure
from bot.crisis.own_phrases import OWN, own_phrases
from bot.crisis.phrases import compile_phrases
from bot.text.emergency_fold import fold

PATTERNS = Path(__file__).with_name("patterns.yml")
INFORMATIVE, REPORTED, URGENT = "informativas", "contadas", "urgentes"
LISTS, ABROAD, HARMLESS, ANIMALS = "listas", "otros_idiomas", "nunca_ahi", "animales"
NOW = "ahora"
LISTS_OF_KIND = (NOW, "quizas", "nunca", "nunca_ahi", "palabras", "aun_asi", "de_otro")
CONFIRMS = "/emergency"
CONFIRMATION = re.compile(CONFIRMS + r'\{"kind":"(\w+)"\}')
EVER_PRESENT = {"suicidio"}  # kinds that are an emergency even if the message is about another time or place
GOING_ON = re.compile("[ai]ndo |iendo ")
# By kind: an idiom makes a phrase harmless if fewer than this many characters lie between them; 0 requires an overlap.
NEAR = {"suicidio": 0, "violencia": 0, "incendio": 0, "gas": 0}
NEAR_OTHERS = 12
CUT = " _ "  # in place of an idiom; no phrase contains it
KEPT_TEXTS = 256


@dataclass(frozen=True)
class Kind:
    """A kind of emergency and its phrases, compiled; ``name`` is its key in agency.yml.

    The phrases of ``now`` always count, the weaker ones of ``maybe`` only in some messages (``matches``). The idioms of
    ``never`` make phrases near them harmless; those of ``never_there`` are cut out of the message. ``words`` are the
    danger words of ``guess``. The phrases of ``despite`` always count, even near an idiom of ``never``; those of
    ``of_another`` ("el perro de mi hijo") are cut out before the search for ``despite``.
    """

    name: str
    now: re.Pattern[str]
    maybe: re.Pattern[str]
    never: re.Pattern[str]
    never_there: re.Pattern[str]
    words: re.Pattern[str]
    despite: re.Pattern[str]
    of_another: re.Pattern[str]

    @classmethod
    def from_file(
        cls, name: str, raw: Mapping[str, list[str]], lists: Mapping[str, str], own: Sequence[str] = ()
    ) -> Kind:
        """Builds a kind from its group in patterns.yml; the phrases ``own`` count like those under ``ahora``."""
        grouped = {key: [*raw.get(key, []), *(own if key == NOW else ())] for key in LISTS_OF_KIND}
        return cls(name, *(compile_phrases(phrases, lists) for phrases in grouped.values()))

    def matches(self, folded: str, *, informative: bool, reported: bool) -> bool:
        """Returns whether the folded text describes this kind of danger.

        An idiom ("me muero de pena") makes only the phrases near it harmless, never the whole message. If
        ``informative`` or ``reported``, the weaker phrases (``maybe``) do not count. If ``reported``, the message is
        about another time or place, and only an ongoing danger ("me está siguiendo") or a kind of EVER_PRESENT counts.
        """
        near = NEAR.get(self.name, NEAR_OTHERS)
        folded = self.never_there.sub(CUT, folded)
        exempt = [idiom.span() for idiom in self.never.finditer(folded)]
        past = reported and self.name not in EVER_PRESENT

        def is_exempt(hit: re.Match[str]) -> bool:
            return any(start < hit.end() + near and end > hit.start() - near for start, end in exempt)

        nets = (self.now,) if informative or reported else (self.now, self.maybe)
        hits = [hit for net in nets for hit in net.finditer(folded) if not is_exempt(hit)]
        hits += self.despite.finditer(self.of_another.sub(CUT, folded))
        return any(not past or GOING_ON.search(f"{hit.group()} ") for hit in hits)


@dataclass(frozen=True)
class Animals:
    """Phrases about an animal in ``danger``, and words that name a ``person``.

    The words of ``no_person`` ("mi perro", "me ayudan") are cut out before the search for a person.
    """

    danger: re.Pattern[str]
    person: re.Pattern[str]
    no_person: re.Pattern[str]


@dataclass(frozen=True)
class Net:
    """All kinds of emergencies, in order of precedence, and the phrases that make any message harmless or urgent.

    ``abroad`` contains the phrases in other languages, ``animals`` those about animals.
    """

    kinds: tuple[Kind, ...]
    informative: re.Pattern[str]
    reported: re.Pattern[str]
    urgent: re.Pattern[str]
    abroad: tuple[ForeignPhrases, ...]
    animals: Animals

    def find(self, text: str) -> str | None:
        """Returns the kind of emergency that the text describes in any language, or None."""
        if spanish := self._find_spanish(text):
            return spanish
        found = find_sure(self.abroad, text)
        return found.kind if found else None

    def told_abroad(self, text: str) -> ToldAbroad | None:
        """Returns the danger that the text describes in another language, confirmed or only possible, or None."""
        return find_sure(self.abroad, text) or find_possible(self.abroad, text)

    def _find_spanish(self, text: str) -> str | None:
        folded = fold(text)
        informative = bool(self.informative.search(folded))
        reported = bool(self.reported.search(folded)) and not self.urgent.search(folded)
        matching = (
            kind.name for kind in self.kinds if kind.matches(folded, informative=informative, reported=reported)
        )
        return next(matching, None)

    def guess(self, text: str) -> str | None:
        folded = fold(text)
        return next((kind.name for kind in self.kinds if kind.words.search(folded)), None)


@cache
def _patterns() -> Mapping[str, Any]:
    return MappingProxyType(read_yaml(PATTERNS.read_text(encoding="utf-8")))


def project_kinds() -> frozenset[str]:
    """Returns the kinds of emergencies in patterns.yml, without those that only an agency's own phrases have."""
    return frozenset(_patterns()) - {LISTS, ABROAD, ANIMALS, INFORMATIVE, REPORTED, URGENT}


def word_lists() -> Mapping[str, str]:
    """Returns the lists of words that a phrase may name, keyed by name."""
    return MappingProxyType(_patterns()[LISTS])


@cache
def load_net(own: Path = OWN) -> Net:
    """Loads and compiles the phrases of patterns.yml and of the agency's file ``own``; cached.

    Logs and leaves out lines of ``own`` that are not valid.
    """
    raw = dict(_patterns())
    lists = raw.pop(LISTS)
    abroad = tuple(ForeignPhrases.from_file(name, one, one[HARMLESS]) for name, one in raw.pop(ABROAD).items())
    informative, reported, urgent = (compile_phrases(raw.pop(key), lists) for key in (INFORMATIVE, REPORTED, URGENT))
    about_animals = raw.pop(ANIMALS)
    animals = Animals(*(compile_phrases(about_animals[key], lists) for key in ("peligro", "persona", "nadie")))
    added: dict[str, list[str]] = {}
    for one in own_phrases(lists, own):
        if not one.kind:
            log.warning("emergency: own phrase ignored", line=one.line)
            continue
        added.setdefault(one.kind, []).append(one.phrase)
    kinds = tuple(Kind.from_file(name, raw.get(name, {}), lists, added.get(name, ())) for name in {**raw, **added})
    return Net(kinds, informative, reported, urgent, abroad, animals)


@lru_cache(maxsize=KEPT_TEXTS)
def find(text: str) -> str | None:
    """Returns the kind of emergency that ``text`` describes (a key of ``emergencias`` in agency.yml), or None.

    A search takes milliseconds and is repeated within a turn, so the results of the newest texts are cached.
    """
    return load_net().find(text)


@lru_cache(maxsize=KEPT_TEXTS)
def told_abroad(text: str) -> ToldAbroad | None:
    """Returns the danger that ``text`` describes in another language, confirmed or only possible, or None."""
    return load_net().told_abroad(text)


def confirmation(kind: str) -> str:
    """Returns the payload of a button with which the citizen confirms a possible danger."""
    return f'{CONFIRMS}{{"kind":"{kind}"}}'


def confirmed(payload: str) -> str | None:
    """Returns the kind of danger in the payload of a button made by ``confirmation``; None for any other button."""
    found = CONFIRMATION.fullmatch(payload)
    return found[1] if found else None


@lru_cache(maxsize=KEPT_TEXTS)
def guess(text: str) -> str | None:
    """Returns the first kind of emergency with a danger word in ``text``, or None; a weaker test than ``find``."""
    return load_net().guess(text)
