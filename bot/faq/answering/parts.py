"""Finds dangers in the parts of a message, since the classifier may miss a danger that stands beside another matter.

For example: «mi mamá tiene media cara dormida, ¿cómo renuevo el carnet?». The parts of a long message are windows of
words, which overlap by half, since many people write without punctuation. A clause by itself tells less than a window:
«ya volvió» resembles a danger, «se fue la luz y ya volvió» does not. Embedding takes most of the time, so only those
parts are embedded whose words alone may tell a danger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from math import ceil

from bot.faq.answering.decision import MOST_PARTS
from bot.faq.answering.follow_up import BREAK
from bot.faq.ranking.classifier import Classifier
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.commands import command_in
from bot.faq.ranking.risk import Danger
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.scoring.matrix import FeatureMatrix

ASK_HUMAN = "ask_human"
PART_WORDS = 5  # minimum number of words of a part that may describe a danger beside another matter
WINDOW_WORDS = 12  # of a window; longer, if more than MOST_PARTS windows would be needed
LOOSE_WORDS = 3
MARKS = frozenset("?.;!,")
SHORT_WINDOW_WORDS = 8  # of a window of a message of at most WINDOW_WORDS words


def parts_of(text: str) -> list[str]:
    """Returns the parts of ``text`` that are judged by themselves, at most MOST_PARTS; [] if it is a single part.

    The parts of a text of at most WINDOW_WORDS words are those between its punctuation marks, if there are any.
    """
    words = text.split()
    if len(words) > WINDOW_WORDS:
        return windows(words, max(WINDOW_WORDS, 2 * ceil(len(words) / (MOST_PARTS + 1))))
    parts = [part for part in map(str.strip, BREAK.split(text)) if part]
    if len(parts) > 1:
        return [part for part in parts[:MOST_PARTS] if len(part.split()) >= PART_WORDS]
    return windows(words, SHORT_WINDOW_WORDS) if len(words) > SHORT_WINDOW_WORDS else []


def windows(words: Sequence[str], size: int) -> list[str]:
    """Returns the windows of ``size`` words, each beginning half a window after the one before; the last ends the text.

    ``words`` must be more than ``size``. Up to LOOSE_WORDS words at an end of a window that punctuation cuts off from
    the rest are left out.
    """
    last = len(words) - size
    starts = [*range(0, last, size // 2), last]
    return list(dict.fromkeys(" ".join(_without_loose(words[start : start + size])) for start in starts))


def _without_loose(words: Sequence[str]) -> Sequence[str]:
    marked = [place + 1 for place, word in enumerate(words[:-1]) if word[-1] in MARKS]
    start = max((place for place in marked if place <= LOOSE_WORDS), default=0)
    end = min((place for place in marked if place >= len(words) - LOOSE_WORDS), default=len(words))
    return words[start:end]


def promising(parts: Sequence[Sequence[str]], vectorizer: Vectorizer) -> list[list[str]]:
    """Returns, of the ``parts`` of each message, those whose words may tell a danger; the others need no vector."""
    texts = tuple(chain.from_iterable(parts))
    if not texts:
        return [[] for _ in parts]
    scores, least = vectorizer.dangers.word_scores(vectorizer.words(texts)), tuned().risk.words_in_part
    likely = (scores[:, -1] >= least.any_kind) | (scores[:, :-1].max(axis=1, initial=-1.0) >= least.own_kind)
    one = iter(likely)
    return [[part for part in some if next(one)] for some in parts]


def dangers_of_parts(
    parts: Sequence[Sequence[str]], dangers: Sequence[Danger | None], wants_person: Callable[[int], float]
) -> Iterator[Danger | None]:
    """Yields, for each message, the danger of the likeliest of its ``parts`` that describes a danger, or None.

    ``dangers`` has an item for each part of each message. Part k describes no danger if ``wants_person(k)``, the score
    of a request for a person, is higher than the scores of its danger.
    """
    start = 0
    for some in parts:
        places = range(start, start := start + len(some))
        found = [(place, one) for place in places if (one := dangers[place]) and one.possible_in_part]
        likeliest = sorted(found, key=lambda each: -each[1].of_kind)
        yield next((one for place, one in likeliest if wants_person(place) <= max(one.score, one.of_kind)), None)


def wants_person(part: FeatureMatrix, commands: Classifier) -> float:
    """Returns the score of the request for a person in a part of a message, a single row; 0 unless it surely is one."""
    command = command_in(part, commands)
    return command.score if command is not None and command.sure and command.name == ASK_HUMAN else 0.0
