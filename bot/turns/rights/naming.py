"""Recognizes the request about own data that a short text names, such as «corregir mi dirección».

A request has a legal deadline, so that a verb and a datum of the citizen are required, or the verb alone: «bloquear mi
tarjeta bip» and «me opongo a la multa» name none. The words are ``empieza_la_solicitud`` of derechos.yml.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from bot.core.texts import area
from bot.turns.buttons import plain

MAX_WORDS = 8  # of a text that names a request
OWN = frozenset({"mi", "mis"})
ARTICLES = frozenset({"el", "la", "los", "las"})
ME = "me"  # with it, also at the end of a verb, an article names the citizen's datum: «corríjanme el nombre»


@dataclass(frozen=True)
class _Kind:
    """The folded words of one kind of request; ``free`` allows any other words beside a datum."""

    verbs: frozenset[str]
    bare: frozenset[str]
    data: frozenset[str]
    around: frozenset[str]
    free: bool

    def is_named(self, verb: str, rest: Sequence[str], *, dative: bool) -> bool:
        """Returns whether ``verb`` and the words after it, ``rest``, name the request."""
        if verb not in self.verbs:
            return False
        if self.around.issuperset(rest):
            return verb in self.bare
        owners = OWN | ARTICLES if dative and not self.free else OWN  # «me opongo a la foto» names no own datum
        named = any(one in owners and datum in self.data for one, datum in pairwise(rest))
        return named and (self.free or (self.around | self.data | OWN | ARTICLES).issuperset(rest))


def names_request(kind: str, text: str) -> bool:
    """Returns whether a short text only names a request of the RequestKind ``kind``, with a verb and a datum."""
    words = plain(text).split()
    known = _kinds().get(kind)
    if known is None or len(words) > MAX_WORDS:
        return False
    words = _without_reason(words)
    before = area("derechos")["empieza_la_solicitud"]["antes"]
    at = next((n for n, word in enumerate(words) if word not in before), len(words))
    verb = words[at] if at < len(words) else ""
    return known.is_named(verb, words[at + 1 :], dative=ME in words[:at] or verb.endswith(ME))


def _without_reason(words: list[str]) -> list[str]:
    """Returns the words before a reason of two words or more, such as «ya no quiero estar»; all if there is none."""
    reasons = [one.split() for one in area("derechos")["empieza_la_solicitud"]["razon"]]
    for at in range(len(words)):
        if any(words[at : at + len(one)] == one and len(words) >= at + len(one) + 2 for one in reasons):
            return words[:at]
    return words


@cache
def _kinds() -> dict[str, _Kind]:
    kinds = area("derechos")["empieza_la_solicitud"].items()
    return {name: _kind(words) for name, words in kinds if name not in ("antes", "razon")}


def _kind(words: dict[str, Collection[str]]) -> _Kind:
    bare, others, data, around = (frozenset(words[key]) for key in ("a_secas", "con_dato", "datos", "alrededor"))
    return _Kind(bare | others, bare, data, around, bool(words["libre"]))
