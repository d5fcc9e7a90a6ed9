"""Detects emergencies in a citizen's message by phrases, before Rasa gets the message.

No model is used: the phrases of phrases.yml are matched in folded text (bot/text/emergency_fold.py). A message is not
an emergency if it only asks for information ("¿dónde denuncio violencia intrafamiliar?"), or is about another time,
another country or the news ("me asaltaron en Bogotá"). A present danger or a wish to die is always an emergency.
An agency may add phrases (own_phrases.py). Dangers described in another language have phrases of their own
(other_languages.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.core.logs import log
from bot.core.yaml import read_yaml_file
from bot.crisis.cries import Cries
from bot.crisis.minors import Minors
from bot.crisis.other_languages import ForeignDanger, ForeignPhrases, find_alone, find_possible, find_sure
from bot.crisis.own_phrases import OWN, own_phrases
from bot.crisis.phrases import CUT, compile_phrases, fold_text
from bot.crisis.unharmed import Unharmed
from bot.text.brief import briefly_cached

PHRASES = Path(__file__).with_name("phrases.yml")
INFORMATIVE, REPORTED, URGENT = "informativas", "contadas", "urgentes"
LISTS, ABROAD, HARMLESS, ANIMALS, CRIES = "listas", "otros_idiomas", "nunca_ahi", "animales", "clamores"
NOT_ALONE = "solas_no"
MINORS, UNHARMED = "menores", "sin_dano"
NOW = "ahora"
LISTS_OF_KIND = (NOW, "quizas", "nunca", "nunca_ahi", "palabras", "aun_asi", "de_otro")
CONFIRMS = "/emergency"
CONFIRMATION = re.compile(CONFIRMS + r'\{"kind":"(\w+)"\}')
EVER_PRESENT = {"suicidio"}  # kinds that are an emergency even if the message is about another time or place
GOING_ON = re.compile("[ai]ndo |iendo ")
# By kind: an idiom makes a phrase harmless if fewer than this many characters lie between them; 0 requires an overlap.
NEAR = {"suicidio": 0, "violencia": 0, "incendio": 0, "gas": 0}
NEAR_OTHERS = 12
KEPT_TEXTS = 256


@dataclass(frozen=True)
class Kind:
    """A kind of emergency and its phrases, compiled; ``name`` is its key in agency.yml.

    The phrases of ``now`` always count, the weaker phrases of ``maybe`` only in some messages (``matches``). The idioms
    of ``never`` make phrases near them harmless; the idioms of ``never_there`` are cut out of the message. ``words``
    are the danger words of ``guess``. The phrases of ``despite`` always count, even near an idiom of ``never``; the
    phrases of ``of_another`` ("el perro de mi hijo") are cut out before the search for ``despite``. The phrases of
    ``own`` are the agency's, which are in ``now``, too.
    """

    name: str
    now: re.Pattern[str]
    maybe: re.Pattern[str]
    never: re.Pattern[str]
    never_there: re.Pattern[str]
    words: re.Pattern[str]
    despite: re.Pattern[str]
    of_another: re.Pattern[str]
    own: re.Pattern[str]

    @classmethod
    def from_file(
        cls, name: str, raw: Mapping[str, list[str]], lists: Mapping[str, str], own: Sequence[str] = ()
    ) -> Kind:
        """Builds a kind from its group in phrases.yml; the phrases ``own`` count like those under ``ahora``."""
        grouped = {key: [*raw.get(key, []), *(own if key == NOW else ())] for key in LISTS_OF_KIND}
        return cls(name, *(compile_phrases(phrases, lists) for phrases in (*grouped.values(), own)))

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

    ``abroad`` contains the phrases in other languages, ``animals`` those about animals, ``minors`` those about
    children, ``cries`` the words with which people cry for help, ``unharmed`` those that deny harm or only fear it.
    """

    kinds: tuple[Kind, ...]
    informative: re.Pattern[str]
    reported: re.Pattern[str]
    urgent: re.Pattern[str]
    abroad: tuple[ForeignPhrases, ...]
    animals: Animals
    minors: Minors
    cries: Cries
    unharmed: Unharmed

    def find(self, text: str) -> str | None:
        """Returns the kind of emergency that the text describes in any language, or None."""
        if spanish := self._find_spanish(text):
            return spanish
        found = find_sure(self.abroad, text)
        return found.kind if found else None

    def find_doubtful(self, text: str) -> str | None:
        """Returns the kind that the text describes in Spanish; None if the text has one of the agency's own phrases."""
        kind = self._find_spanish(text)
        return kind if kind and not any(one.own.search(fold_text(text)) for one in self.kinds) else None

    def foreign_danger(self, text: str) -> ForeignDanger | None:
        """Returns the danger that the text describes in another language, confirmed or only possible, or None."""
        return find_sure(self.abroad, text) or find_possible(self.abroad, text)

    def _find_spanish(self, text: str) -> str | None:
        folded = fold_text(text)
        informative = bool(self.informative.search(folded))
        reported = bool(self.reported.search(folded)) and not self.urgent.search(folded)
        matching = (
            kind.name for kind in self.kinds if kind.matches(folded, informative=informative, reported=reported)
        )
        return self.minors.kind(next(matching, None), folded)

    def guess(self, text: str) -> str | None:
        folded = fold_text(text)
        return next((one.name for one in self.kinds if one.words.search(one.never_there.sub(CUT, folded))), None)


@cache
def _patterns() -> Mapping[str, Any]:
    return MappingProxyType(read_yaml_file(PHRASES))


def project_kinds() -> frozenset[str]:
    """Returns the kinds of emergencies in phrases.yml, without kinds that only an agency's own phrases have."""
    return frozenset(_patterns()) - {LISTS, ABROAD, ANIMALS, MINORS, CRIES, UNHARMED, INFORMATIVE, REPORTED, URGENT}


def word_lists() -> Mapping[str, str]:
    """Returns the lists of words that a phrase may name, keyed by name."""
    return MappingProxyType(_patterns()[LISTS])


@cache
def load_net(own: Path = OWN) -> Net:
    """Loads and compiles the phrases of phrases.yml and of the agency's file ``own``; cached.

    Logs and leaves out lines of ``own`` that are not valid.
    """
    raw = dict(_patterns())
    lists = raw.pop(LISTS)
    abroad = tuple(
        ForeignPhrases.from_file(name, one, one[HARMLESS], one[NOT_ALONE]) for name, one in raw.pop(ABROAD).items()
    )
    informative, reported, urgent = (compile_phrases(raw.pop(key), lists) for key in (INFORMATIVE, REPORTED, URGENT))
    about_animals = raw.pop(ANIMALS)
    animals = Animals(*(compile_phrases(about_animals[key], lists) for key in ("peligro", "persona", "nadie")))
    minors = Minors.from_file(raw.pop(MINORS), lists)
    cries, unharmed = Cries.from_file(raw.pop(CRIES)), Unharmed.from_file(raw.pop(UNHARMED), lists)
    added: dict[str, list[str]] = {}
    for one in own_phrases(lists, own):
        if not one.kind:
            log.warning("emergency: own phrase ignored", line=one.line)
            continue
        added.setdefault(one.kind, []).append(one.phrase)
    kinds = tuple(Kind.from_file(name, raw.get(name, {}), lists, added.get(name, ())) for name in {**raw, **added})
    return Net(kinds, informative, reported, urgent, abroad, animals, minors, cries, unharmed)


@briefly_cached(KEPT_TEXTS)
def find(text: str) -> str | None:
    """Returns the kind of emergency that ``text`` describes (a key of ``emergencias`` in agency.yml), or None.

    A search takes milliseconds and is repeated within a turn, so the results of the newest texts are cached.
    """
    return load_net().find(text)


def find_doubtful(text: str) -> str | None:
    """Returns the kind of a phrase in ``text`` that the danger classifier may doubt, or None.

    The classifier may doubt neither phrases in other languages, for which it is not trained, nor the agency's own
    phrases.
    """
    return load_net().find_doubtful(text)


def kind_for_victims(kind: str, text: str) -> str:
    """Returns the kind of danger whose numbers fit: that of children for violence to children or a minor who writes."""
    return load_net().minors.kind(kind, fold_text(text)) or kind


def kind_of_others(kind: str, text: str) -> str | None:
    """Returns the kind to add to ``kind`` if ``text`` describes violence to a child and to an adult; else None."""
    return load_net().minors.beside(kind, fold_text(text))


def cries_for_help(text: str) -> bool:
    """Returns whether ``text`` only cries for help and names no matter («auxilio», «ayúdenme rápido»)."""
    return load_net().cries.has(text)


def tells_no_harm(kind: str, text: str) -> bool:
    """Returns whether ``text`` denies harm of this kind, or only fears it, and has no sign of present harm."""
    return load_net().unharmed.tells(kind, fold_text(text))


@briefly_cached(KEPT_TEXTS)
def foreign_danger(text: str) -> ForeignDanger | None:
    """Returns the danger that ``text`` describes in another language, confirmed or only possible, or None."""
    return load_net().foreign_danger(text)


def danger_word(text: str, language: str) -> str:
    """Returns the kind of danger that a word of a short text may name («blood»), if the citizen writes ``language``.

    Returns '' if there is none. Only a possible danger, since the word says so little.
    """
    return find_alone(load_net().abroad, text, language)


def confirmation(kind: str) -> str:
    """Returns the payload of a button with which the citizen confirms a possible danger."""
    return f'{CONFIRMS}{{"kind":"{kind}"}}'


def confirmed(payload: str) -> str | None:
    """Returns the kind of danger in the payload of a button made by ``confirmation``; None for any other button."""
    found = CONFIRMATION.fullmatch(payload)
    return found[1] if found else None


@briefly_cached(KEPT_TEXTS)
def guess(text: str) -> str | None:
    """Returns the first kind of emergency with a danger word in ``text``, or None; a weaker test than ``find``."""
    return load_net().guess(text)
